"""Passages in another place are found, reported as moves, and their own differences are looked into."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import align
from textfix.alignment.moves import without_moves
from textfix.reconciler import reconcile


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
