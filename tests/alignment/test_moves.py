"""Passages in another place are found, reported as moves, and their own differences are looked into."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import align
from textfix.alignment.moves import find_moves, without_moves
from textfix.alignment.ops import Block
from textfix.reconciler import reconcile
from textfix.text.codepoints import encode


@pytest.fixture(scope="module")
def paragraphs(seed: Path) -> list[str]:
    text = (seed / "authoritative-notice.txt").read_text("utf-8")
    return [p for p in text.split("\n") if len(p) > 80][:12]


def test_a_paragraph_in_another_place_is_one_move(paragraphs: list[str]) -> None:
    b = "\n".join(paragraphs)
    a = "\n".join([*paragraphs[:2], *paragraphs[3:8], paragraphs[2], *paragraphs[8:]])
    alignment = align(a, b)
    assert alignment.rebuilt() == (a, b)
    (move,) = alignment.moves
    assert a[move.start : move.end] == paragraphs[2] == b[move.other_start : move.other_end]
    assert alignment.counts()["move"] == 2
    assert {d.kind for d in alignment.content} == {"move"}


def test_errors_inside_a_moved_passage_are_repaired_and_its_place_is_kept(paragraphs: list[str]) -> None:
    b = "\n".join(paragraphs)
    broken = paragraphs[2].replace("资源", "贷源", 1)
    assert broken != paragraphs[2]
    a = "\n".join([*paragraphs[:2], *paragraphs[3:8], broken, *paragraphs[8:]])
    result = reconcile(a, b)
    assert result.text == a.replace(broken, paragraphs[2])
    assert [(d.observed, d.intended) for d in result.differences if d.ocr] == [("贷", "资")]
    assert [d.kind for d in result.editorial] == ["move", "move"]


def test_shuffled_paragraphs(paragraphs: list[str]) -> None:
    b, a = "\n".join(paragraphs), "\n".join(paragraphs[::-1])
    alignment = align(a, b)
    assert alignment.rebuilt() == (a, b)
    moved = sum(m.end - m.start for m in alignment.moves)
    kept = sum(n for _, _, n in alignment.equal_runs())
    assert moved + kept > 0.97 * len(a)
    assert not any(d.ocr for d in alignment.differences)
    exact = [m for m in alignment.moves if a[m.start : m.end] == b[m.other_start : m.other_end]]
    assert sum(m.end - m.start for m in exact) > 0.8 * moved  # lists of districts recur, and pair across paragraphs


def prose(size: int, seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chr(0x4E00 + chance.randrange(3000)) for _ in range(size))


def found(x: str, y: str, blocks: list[Block]) -> list[Block]:
    return find_moves(encode(x), encode(y), blocks)


@pytest.mark.parametrize(("size", "is_move"), [(23, False), (24, True), (300, True)])
def test_a_passage_is_a_move_from_24_characters_on(size: int, is_move: bool) -> None:
    passage, around = prose(size, 1), prose(60, 2)
    x, y = passage + around, around + passage
    blocks = [(0, size, 0, 0), (60 + size, 60 + size, 60, 60 + size)]
    assert found(x, y, blocks) == ([(0, size, 60, 60 + size)] if is_move else [])
    assert found(x, y, blocks[:1]) == []


@pytest.mark.parametrize(("kept", "is_move"), [(0.55, True), (0.45, False)])
def test_half_of_a_moved_passage_has_to_match(kept: float, is_move: bool) -> None:
    """Stretches of it that are the same, and as long ones that are not, within 40 characters of each other."""
    one, other = prose(400, 1), prose(400, 2)
    same = round(40 * kept)
    read = "".join(one[n : n + same] + other[n + same : n + 40] for n in range(0, 400, 40))
    moves = found(read, one, [(0, 400, 0, 0), (400, 400, 0, 400)])
    end = 360 + same
    assert moves == ([(0, end, 0, end)] if is_move else [])


@pytest.mark.parametrize(("hole", "parts"), [(40, 1), (41, 2)])
def test_a_passage_has_no_long_hole(hole: int, parts: int) -> None:
    """On either side; what lies behind the hole is found in the next round."""
    first, second, other = prose(200, 1), prose(100, 2), prose(hole, 3)
    for x, y in ((first + other + second, first + second), (first + second, first + other + second)):
        moves = found(x, y, [(0, len(x), 0, 0), (len(x), len(x), 0, len(y))])
        assert len(moves) == parts
        assert "".join(x[i0:i1].replace(other, "") for i0, i1, _, _ in moves) == first + second
        assert "".join(y[j0:j1].replace(other, "") for _, _, j0, j1 in moves) == first + second


@pytest.mark.parametrize(
    ("before", "behind", "wide"), [((3, 3), (2, 5), (3, 2)), ((4, 4), (0, 3), (0, 0)), ((2, 9), (4, 4), (2, 0)),
     ((5, 2), (6, 1), (2, 1))]
)
def test_a_few_characters_at_the_rim_go_with_a_passage(
    before: tuple[int, int], behind: tuple[int, int], wide: tuple[int, int]
) -> None:
    """Up to three, as many on both sides, from where the passage was left over."""
    passage = prose(100, 1)
    left, right = ([prose(n, seed + k) for k, n in enumerate(sizes)] for seed, sizes in ((10, before), (20, behind)))
    x = "甲" * 50 + left[0] + passage + right[0]
    y = "乙" * 40 + left[1] + passage + right[1] + "甲" * 50
    blocks = [(0, 0, 40, len(y) - 50), (50, len(x), len(y), len(y))]
    i0, j0 = 50 + before[0], 40 + before[1]
    assert found(x, y, blocks) == [(i0 - wide[0], i0 + 100 + wide[1], j0 - wide[0], j0 + 100 + wide[1])]


def test_several_passages_are_found_each_once() -> None:
    """What two leftovers share counts once: of passages that overlap on either side the longest is taken."""
    one, two, rest = prose(100, 1), prose(80, 2), prose(50, 3)
    x, y = one + two + rest, rest + two + one
    blocks = [(0, 180, 0, 0), (230, 230, 50, 230)]
    assert found(x, y, blocks) == [(0, 100, 130, 230), (100, 180, 50, 130)]
    copies = rest + one + "甲" * 30 + one[:60]
    moves = found(one + rest, copies, [(0, 100, 0, 0), (150, 150, 50, 240)])
    assert moves == [(0, 100, 50, 150)]
    moves = found(copies, one + rest, [(50, 240, 0, 0), (240, 240, 0, 100)])
    assert moves == [(50, 150, 0, 100)]
    apart = found(copies, one + rest, [(50, 150, 0, 0), (180, 240, 0, 100)])  # each copy a leftover of its own
    assert apart == [(50, 150, 0, 100)]


def test_no_passage_crosses_from_one_leftover_to_the_next() -> None:
    passage, rest = prose(40, 1), prose(30, 2)
    x = passage[:20] + rest + passage[20:]
    y = rest + passage
    assert found(x, y, [(0, 20, 0, 0), (50, 70, 30, 70)]) == []


def test_two_long_leftovers_are_searched_by_samples() -> None:
    passage, rest = prose(150_000, 1), prose(1_000, 2)
    x, y = passage + rest, rest + passage
    (move,) = found(x, y, [(0, 150_000, 0, 0), (151_000, 151_000, 1_000, 151_000)])
    i0, i1, j0, j1 = move
    assert (i0, j0, i1 - i0, x[i0:i1]) == (j0 - 1_000, i0 + 1_000, j1 - j0, y[j0:j1])
    assert i1 - i0 > 149_000


@pytest.mark.parametrize(
    ("block", "moves", "rest", "ends"),
    [
        ((0, 9, 0, 9), [], [(0, 9, 0, 9)], []),
        ((0, 9, 0, 9), [(2, 5, 90, 93)], [(0, 2, 0, 0), (5, 9, 0, 9)], [(2, 5, 0, 0)]),
        ((0, 9, 0, 9), [(90, 93, 2, 5)], [(0, 0, 0, 2), (0, 9, 5, 9)], [(0, 0, 2, 5)]),
        ((0, 9, 0, 9), [(0, 9, 90, 99)], [(9, 9, 0, 9)], [(0, 9, 0, 0)]),
        ((0, 9, 4, 4), [(0, 9, 90, 99)], [], [(0, 9, 4, 4)]),
        ((0, 9, 0, 9), [(1, 2, 91, 92), (4, 5, 94, 95)], [(0, 1, 0, 0), (2, 4, 0, 0), (5, 9, 0, 9)],
         [(1, 2, 0, 0), (4, 5, 0, 0)]),
        ((0, 9, 0, 9), [(10, 13, 10, 13), (8, 12, 8, 12)], [(0, 9, 0, 9)], []),
        ((0, 9, 0, 9), [(1, 3, 5, 8)], [(0, 1, 0, 0), (3, 3, 0, 5), (3, 9, 8, 9)], [(1, 3, 0, 0), (3, 3, 5, 8)]),
    ],
)  # fmt: skip
def test_moves_are_cut_out_of_a_block(block: Block, moves: list[Block], rest: list[Block], ends: list[Block]) -> None:
    assert without_moves([block], moves) == (rest, ends)


spans = st.lists(st.integers(0, 40), min_size=4, max_size=12, unique=True).map(sorted)


@given(spans, spans)
def test_blocks_are_cut_at_moves_without_losing_anything(at_x: list[int], at_y: list[int]) -> None:
    blocks = [
        (at_x[n], at_x[n + 1], at_y[n], at_y[n + 1]) for n in range(0, min(len(at_x), len(at_y)) - 1, 2)
    ]
    first, last = blocks[0], blocks[-1]
    moves = [(first[0], first[1], last[2], last[3])] if len(blocks) > 1 else []
    rest, ends = without_moves(blocks, moves)
    pieces = sorted([*rest, *ends], key=lambda p: (p[0], p[2], p[1], p[3]))
    assert {i for i0, i1, _, _ in pieces for i in range(i0, i1)} == {
        i for i0, i1, _, _ in blocks for i in range(i0, i1)
    }
    assert {j for _, _, j0, j1 in pieces for j in range(j0, j1)} == {
        j for _, _, j0, j1 in blocks for j in range(j0, j1)
    }
    for left, right in pairwise(pieces):
        assert left[1] <= right[0]
        assert left[3] <= right[2]
    assert len(ends) == 2 * len(moves)
