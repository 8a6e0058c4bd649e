"""Likeness of glyphs: what must be close, what must not, and the file that holds it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import TableError
from textfix.tables.shapes import Shapes
from textfix.text.codepoints import encode


def alike(left: str, right: str) -> float:
    return float(Shapes.load().similarity(encode(left), encode(right))[0])


@pytest.mark.parametrize("pair", ["歼矸", "猛锰", "硏研", "人入", "高商", "子予", "城域", "岀出", "未末", "己已"])
def test_what_engines_confuse_is_closer_than_what_people_change(pair: str) -> None:
    assert alike(*pair) > 0.5
    assert max(alike("城", "渝"), alike("区", "对"), alike("中", "西")) < 0.3


@pytest.mark.parametrize("pair", ["歼矸", "矸歼", "城域", "高商", "子予", "最量", "硏研", "0口"])
def test_the_truth_is_among_the_neighbours(pair: str) -> None:
    observed, intended = pair
    assert intended in [char for char, _ in Shapes.load().nearest(observed, 20)]


@given(st.lists(st.sampled_from("研硏矸歼AB1，口\U0010ffff\ud800"), min_size=1, max_size=12))
def test_likeness_is_symmetric_bounded_and_one_for_the_same(chars: list[str]) -> None:
    codes = encode("".join(chars))
    matrix = Shapes.load().similarity(codes[:, None], codes[None, :])
    assert matrix.dtype == np.float32
    assert matrix.shape == (len(chars), len(chars))
    assert np.array_equal(matrix, matrix.T)
    assert ((matrix >= 0) & (matrix <= 1)).all()
    assert (matrix[codes[:, None] == codes[None, :]] == 1).all()


def test_neighbours_agree_with_likeness_and_descend() -> None:
    shapes = Shapes.load()
    codes = encode("研矸城高的")
    pairs = shapes.similarity(codes[:, None], codes[None, :])
    np.testing.assert_allclose(shapes.matrix(codes, codes), pairs, atol=1e-5)
    found, scores = shapes.neighbours(codes, 24)
    assert found.shape == scores.shape == (5, 24)
    assert (np.diff(scores, axis=1) <= 0).all()
    assert not (found == codes[:, None]).any()
    np.testing.assert_allclose(scores, shapes.similarity(codes[:, None], found), atol=0.01)


def test_stored_neighbours_are_the_best_of_all() -> None:
    shapes = Shapes.load()
    among = shapes.codes[shapes._among]
    for char in "研硏矸，":
        likeness = shapes.matrix(encode(char), among)[0]
        best = np.sort(likeness[among != ord(char)])[::-1][:20]
        np.testing.assert_allclose([score for _, score in shapes.nearest(char, 20)], best, atol=0.01)


def test_what_has_no_shape() -> None:
    shapes = Shapes.load()
    assert shapes.nearest("\U0010ffff") == []
    found, scores = shapes.neighbours(encode("\U0010ffff研"), 4)
    assert found[0].tolist() == [0] * 4
    assert scores[0].tolist() == [0.0] * 4
    assert found[1].all()
    assert shapes.rows(np.empty(0, dtype=np.uint32)).size == 0


@pytest.mark.parametrize("data", [b"", b"TFSHAPE2", b"no" * 40, b"TFSHAPE2" + struct.pack("<IIIIf", 9, 9, 9, 9, 1)])
def test_a_foreign_or_truncated_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "shapes.bin"
    path.write_bytes(data)
    with pytest.raises(TableError, match=r"shapes\.bin"):
        Shapes.load(path)


#: A file small enough to work out by hand: a digit, and four characters of which the last looks like nothing else.
GLYPHS, VECTORS = "1一二人入", [(10, 0), (8, 6), (6, 8), (0, 14), (-10, 0)]
SCALE = 0.01
#: The rows that have neighbours, and for each its two best, as stored: not what the vectors say, so that it shows.
AMONG = [1, 2, 3, 4]
NEIGHBOURS, SCORES = [(3, 2), (1, 3), (2, 1), (1, 2)], [(204, 102), (204, 51), (153, 51), (51, 0)]
#: Without a shape: below, between and above those that have one.
SHAPELESS = "0七\U0010ffff"


def packed(glyphs: str = GLYPHS, among: list[int] = AMONG, neighbours: list[tuple[int, int]] = NEIGHBOURS) -> bytes:
    header = struct.pack("<8sIIIIf", b"TFSHAPE2", len(glyphs), 2, len(among), 2, SCALE)
    blocks = (
        np.array([ord(char) for char in glyphs], "<u4"), np.array(VECTORS[: len(glyphs)], "i1"),
        np.array(among, "<u2"), np.array(neighbours, "<u2"), np.array(SCORES, "u1"),
    )  # fmt: skip
    return header + b"".join(block.tobytes() for block in blocks)


def made(folder: Path, data: bytes) -> Shapes:
    path = folder / "shapes.bin"
    path.write_bytes(data)
    return Shapes.load(path)


def slow_likeness(left: str, right: str) -> float:
    if left == right:
        return 1.0
    if left not in GLYPHS or right not in GLYPHS:
        return 0.0
    a, b = VECTORS[GLYPHS.index(left)], VECTORS[GLYPHS.index(right)]
    return min(max((a[0] * b[0] + a[1] * b[1]) * SCALE, 0.0), 1.0)


def test_likeness_is_the_cosine_from_none_to_one(tmp_path: Path) -> None:
    shapes, chars = made(tmp_path, packed()), GLYPHS + SHAPELESS
    slow = np.array([[slow_likeness(a, b) for b in chars] for a in chars])
    codes = encode(chars)
    np.testing.assert_allclose(shapes.similarity(codes[:, None], codes[None, :]), slow, atol=1e-6)
    np.testing.assert_allclose(shapes.matrix(codes, codes), slow, atol=1e-6)
    assert shapes.rows(codes).tolist() == [0, 1, 2, 3, 4, -1, -1, -1]
    assert shapes.codes.tolist() == [ord(char) for char in GLYPHS]


def test_neighbours_are_those_of_the_file_or_worked_out(tmp_path: Path) -> None:
    shapes = made(tmp_path, packed())
    for row, place in enumerate(AMONG):
        (a, b), (x, y) = NEIGHBOURS[row], SCORES[row]
        wanted = [(GLYPHS[a], pytest.approx(x / 255)), (GLYPHS[b], pytest.approx(y / 255))]
        assert shapes.nearest(GLYPHS[place]) == wanted
        assert shapes.nearest(GLYPHS[place], 1) == wanted[:1]
    assert shapes.nearest("1") == [("一", pytest.approx(0.8)), ("二", pytest.approx(0.6))]
    assert [shapes.nearest(char) for char in SHAPELESS] == [[], [], []]
    found, scores = shapes.neighbours(encode("七1一"))
    assert ["".join(map(chr, row)) for row in found.tolist()] == ["\0\0", "一二", "人二"]
    np.testing.assert_allclose(scores, [[0, 0], [0.8, 0.6], [0.8, 0.4]], atol=1e-6)
    assert shapes.neighbours(encode("一1"), 1)[1].shape == (2, 1)


def test_what_is_like_nothing_has_neighbours_of_no_likeness(tmp_path: Path) -> None:
    shapes = made(tmp_path, packed(among=[3, 4], neighbours=[(4, 4), (3, 3)])[:-4])
    assert shapes.nearest("1") == [("人", 0.0), ("入", 0.0)]  # clipped, not less


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (packed(GLYPHS[::-1]), "not in order"),
        (packed("1一一人入"), "not in order"),
        (packed("1一二入人"), "not in order"),
        (packed(among=[1, 2, 3, 5]), "does not hold"),
        (packed(neighbours=[(3, 2), (1, 3), (2, 5), (1, 2)]), "does not hold"),
        (packed()[:-1], "truncated: 89 bytes where its header asks for 90"),
        (packed() + b"\0", "truncated: 91 bytes"),
        (packed()[:27], "not a shape file of this version"),
        (b"TFSHAPE2" + bytes(20), "truncated: 28 bytes"),
        (packed().replace(b"SHAPE2", b"SHAPE1"), "not a shape file of this version"),
        (packed()[:44] + struct.pack("<I", 0x110000) + packed()[48:], "not in order"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(TableError) as caught:
        made(tmp_path, data)
    assert message in str(caught.value)


def test_the_last_code_point_of_all_may_have_a_shape(tmp_path: Path) -> None:
    shapes = made(tmp_path, packed("1一二人\U0010ffff"))
    assert shapes.nearest("\U0010ffff") == [("一", pytest.approx(0.2)), ("二", 0.0)]
    assert float(shapes.similarity(encode("\U0010ffff"), encode("人"))[0]) == 0.0
