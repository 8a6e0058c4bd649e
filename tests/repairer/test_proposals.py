"""The best rivals of each place, and where proposals begin, against slow searches."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.lm import load_default
from textfix.repairer.proposals import Proposals, best_by_key, places
from textfix.repairer.view import view

from .made import DELETE, INSERT, PAIR, SUBSTITUTE, made

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3)), max_size=14)


@given(ROWS, st.integers(1, 4))
def test_the_best_of_each_key(rows: list[tuple[int, int]], limit: int) -> None:
    score = np.array([float(s) for _, s in rows], dtype=np.float32)
    key = np.array([k for k, _ in rows], dtype=np.int64)
    kept, margins, ranks = best_by_key(score, key, limit)
    expected = []
    for wanted in sorted({k for k, _ in rows}):
        group = sorted((row for row in range(len(rows)) if rows[row][0] == wanted), key=lambda row: -rows[row][1])
        for rank, row in enumerate(group[:limit]):
            if rank:
                margin = rows[row][1] - rows[group[0]][1]
            else:
                margin = rows[row][1] - rows[group[1]][1] if len(group) > 1 else 20
            expected.append((row, float(margin), rank))
    assert list(zip(kept.tolist(), margins.tolist(), ranks.tolist(), strict=True)) == expected
    assert margins.dtype == np.float32


def test_places_in_the_stream() -> None:
    """An insertion stands behind the character before it, also at the end of a paragraph."""
    v = view("加快\n\n解决", load_default())
    start, length = np.array([0, 1, 2, 3, 0, 1, 2, 4]), np.array([1, 1, 1, 1, 0, 0, 0, 0])
    at = v.at.tolist()
    expected = [at[0], at[1], at[2], at[3], at[0], at[0] + 1, at[1] + 1, at[3] + 1]
    assert places(v, start, length).tolist() == expected
    assert places(v, start[:4], 1).tolist() == expected[:4]


def test_an_insertion_behind_a_paragraph_of_one_character() -> None:
    v = view("加\n\n快", load_default())
    assert places(v, np.array([0, 1, 2]), 0).tolist() == [int(v.at[0]), int(v.at[0]) + 1, int(v.at[1]) + 1]
    assert places(v, np.array([0, 1]), 1).tolist() == v.at.tolist()


@pytest.mark.parametrize("size", [1, 2])
def test_proposals_of_one_size_are_as_wide_as_all(size: int) -> None:
    columns = {name: np.arange(3, dtype=np.float32) + n for n, name in enumerate(("prior", "said", "stood"))}
    start, kind = np.array([4, 5, 6]), np.array([PAIR, PAIR, SUBSTITUTE])
    ids, best = np.arange(1, 3 * size + 1).reshape(3, size), np.array([[7, 8, 9], [1, 2, 3]], dtype=np.float32)
    p = Proposals.make(kind, start, start - 3, ids.astype(np.uint16), ids.astype(np.uint32) * 10, best=best, **columns)
    assert p.start.tolist() == [4, 5, 6]
    assert p.length.tolist() == [1, 2, 3]
    assert p.ids.tolist() == [[*row, 0][:2] for row in ids.tolist()]
    assert p.codes.tolist() == [[*row, 0][:2] for row in (ids * 10).tolist()]
    assert p.size.tolist() == [size] * 3
    assert (p.kind.tolist(), p.kind.dtype) == ([PAIR, PAIR, SUBSTITUTE], np.uint8)
    assert (p.margin.tolist(), p.rank.tolist()) == ([20.0] * 3, [0] * 3)
    assert (p.best.tolist(), p.second.tolist()) == ([7, 8, 9], [1, 2, 3])
    for name, column in columns.items():
        assert getattr(p, name).tolist() == column.tolist()


def test_rows_are_taken_and_put_together() -> None:
    p = made((0, 1, "矸", SUBSTITUTE), (3, 2, "研究", PAIR), (5, 1, "", DELETE), (6, 0, "。", INSERT))
    assert [p.text(row) for row in range(len(p))] == ["矸", "研究", "", "。"]
    part = p.take(np.array([3, 1]))
    assert (part.start.tolist(), part.text(1)) == ([6, 3], "研究")
    assert len(p.take(np.zeros(4, dtype=bool))) == 0
    both = Proposals.concatenate([part, Proposals.none(), p])
    assert both.start.tolist() == [6, 3, 0, 3, 5, 6]
    assert both.codes.shape == (6, p.codes.shape[1])
    assert {len(getattr(both, f.name)) for f in fields(both)} == {6}


@pytest.mark.parametrize("score", [[], [1.0]])
def test_none_and_one(score: list[float]) -> None:
    n = len(score)
    kept, margins, ranks = best_by_key(np.array(score, dtype=np.float32), np.zeros(n, dtype=np.int64), 3)
    assert (kept.tolist(), margins.tolist(), ranks.tolist()) == ([0] * n, [20.0] * n, [0] * n)
