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
