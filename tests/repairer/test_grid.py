"""What the lines of a page say of a proposal, against counting by hand."""

from __future__ import annotations

from collections import Counter
from math import log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.lm import load_default
from textfix.repairer.grid import GRID, Lines, grid
from textfix.repairer.view import View, view

from .made import DELETE, INSERT, SUBSTITUTE, Given, made

UNKNOWN = -13
ROWS = "国" * 12, "人" * 12, "国家" * 5 + "3%", "国" * 13, "人，" * 5, "国家", "2022年国"


def width(line: str) -> int:
    return sum(1 if char.isascii() and (char.isalnum() or char in ".%") else 2 for char in line)


def column(values: np.ndarray, name: str) -> list[float]:
    return list(values[:, GRID.index(name)].tolist())


def page(*rows: str) -> View:
    return view("\n".join(rows), load_default())


@given(st.lists(st.sampled_from(ROWS), min_size=1), st.data())
def test_lines_on_a_grid(rows: list[str], data: st.DataObject) -> None:
    v = page(*rows)
    wide = [width(row) for row in rows]
    line = data.draw(st.integers(0, len(rows) - 1))
    start = sum(map(len, rows[:line])) + data.draw(st.integers(1, len(rows[line]) - 1))
    out = grid(v, made((start, 1, "", DELETE), (start, 0, "，", INSERT)), np.zeros(2))
    full = Counter(w for w in wide if w >= 20)
    most = max(full.values(), default=0)
    if most < 2:
        np.testing.assert_allclose(out[:, :9], [[0, log1p(8), 0, 0, 0, log1p(20), 0, 0, 1]] * 2)
        return
    usual = max(w for w in full if full[w] == most)
    later = wide[line + 1] if line + 1 < len(rows) else 0
    expected = {
        "line_beyond": max(-12, min(12, wide[line] - usual)),
        "line_like": log1p(wide.count(wide[line]) - 1),
        "line_like_longer": log1p(wide.count(wide[line] + 2)),
        "line_like_shorter": log1p(wide.count(wide[line] - 2)),
        "line_half_wide": sum(char.isascii() for char in rows[line]),
        "line_count": log1p(len(rows)),
        "next_beyond": max(-20, min(12, later - usual)),
    }
    for name, value in expected.items():
        assert column(out, name) == pytest.approx([value] * 2), name


FULL = "国家人民" * 4  # 32 halves


def lacking(*rows: str) -> tuple[list[int], list[int]]:
    v = page(*rows)
    lines = Lines.of(v)
    assert lines.usual == 32
    lacks, slack = lines.lacking(v)
    return lacks.tolist(), slack.tolist()


def test_a_line_that_is_a_character_short_lacks_one() -> None:
    assert lacking(FULL, FULL[:-1], FULL, FULL)[0] == [0, 2, 0, UNKNOWN]
    assert lacking(FULL, FULL[:-2], FULL, FULL)[0] == [0, 4, 0, UNKNOWN]
    assert lacking(FULL, FULL + "，", FULL, FULL)[0] == [0, -2, 0, UNKNOWN]  # in the margin


def test_first_lines_are_indented_where_most_of_them_are() -> None:
    indented = FULL[:-2]
    page_ = (indented, FULL, "国家。", indented, FULL, "国家。", FULL[:-3], FULL, FULL)
    assert lacking(*page_)[0] == [0, 0, UNKNOWN, 0, 0, UNKNOWN, 2, 0, UNKNOWN]
    page_ = (FULL, FULL, "国家。", FULL, FULL, "国家。", FULL[:-3], FULL, FULL)
    assert lacking(*page_)[0] == [0, 0, UNKNOWN, 0, 0, UNKNOWN, 6, 0, UNKNOWN]
    # A paragraph behind a full line that ends with a stop; without the stop, two are lost.
    page_ = (indented, FULL, FULL[:-1] + "。", indented, FULL, FULL[:-1] + "国", indented, FULL, FULL)
    assert lacking(*page_)[0] == [0, 0, 0, 0, 0, 0, 4, 0, UNKNOWN]


def test_blank_lines_part_paragraphs() -> None:
    assert lacking(FULL, FULL[:-1] + "\n", FULL, FULL[:-1], FULL)[0] == [0, UNKNOWN, 0, 2, UNKNOWN]


@pytest.mark.parametrize(
    ("opens", "room"),
    [("国家", 1), ("国，", 2), ("“国", 2), ("（国", 2), ("2026年", 4), ("GDP增", 3), ("国家，", 1), ("，国", 1)],
)
def test_what_cannot_be_parted_needs_room(opens: str, room: int) -> None:
    after = opens + FULL
    assert lacking(FULL, FULL[:-1], after, FULL, FULL)[1][1] == room


def test_widths_that_are_not_certain_give_room() -> None:
    assert lacking(FULL, FULL[:-2] + "3.5%", FULL, FULL)[1][1] == 1 + 2
    assert lacking(FULL, "第十二条" + FULL[5:], FULL, FULL)[1][1] == 1 + 2  # the space behind it is not read
    assert lacking(FULL, "第十二次" + FULL[5:], FULL, FULL)[1][1] == 1


@st.composite
def losses(draw: st.DrawFn) -> tuple[View, list[Given], list[float], list[int]]:
    """A page, proposals on it, opinions of them, and their lines."""
    rows = draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=5))
    ends = np.cumsum([len(row) for row in rows]).tolist()
    given_, line = [], []
    for _ in range(draw(st.integers(0, 10))):
        kind = draw(st.sampled_from([INSERT, INSERT, SUBSTITUTE]))
        start = draw(st.integers(1, ends[-1] - 1))
        given_.append((start, int(kind == SUBSTITUTE), draw(st.sampled_from("，。国")), kind))
        # What is lost between two lines is of the first.
        line.append(sum(end < start for end in ends) if kind == INSERT else sum(end <= start for end in ends))
    opinion = draw(st.lists(st.sampled_from([0.0, 0.125, 0.5, 0.75]), min_size=len(given_), max_size=len(given_)))
    return page(*rows), given_, opinion, line


@given(losses())
def test_what_is_lost_in_a_line_is_shared_out_among_its_gaps(
    case: tuple[View, list[Given], list[float], list[int]],
) -> None:
    v, proposals, opinion, line = case
    out = grid(v, made(*proposals), np.array(opinion))
    for row, (start, _, _, kind) in enumerate(proposals):
        got = [float(x) for x in out[row, 9:12]]
        if kind != INSERT:
            assert got == [0, 0, 0]
            continue
        best: dict[int, float] = {}
        for n, (other, _, _, other_kind) in enumerate(proposals):
            if other_kind == INSERT and line[n] == line[row]:
                best[other] = max(best.get(other, 0.0), opinion[n])
        total = sum(best.values())
        assert got[0] == pytest.approx(opinion[row] / (total + 1e-6))
        assert got[2] == pytest.approx(total)
        likelier = sum(value > best[start] for value in best.values())
        alike = sum(value == best[start] for value in best.values())
        assert likelier <= got[1] < likelier + alike


def test_what_ends_with_something_lost_and_how_others_of_its_kind_end() -> None:
    rows = FULL, "国家。", FULL, FULL, "国家", FULL, "人民。", "国家", "人民。", FULL, FULL[:-1] + "。"
    v = page(*rows)
    ends = np.cumsum([len(row) for row in rows]).tolist()
    out = grid(v, made(*[(end, 0, "。", INSERT) for end in ends], (3, 0, "。", INSERT), (3, 1, "。", SUBSTITUTE)),
               np.zeros(len(rows) + 2))  # fmt: skip
    kinds = [1, 3, 1, 1, 3, 1, 3, 2, 2, 1, 3, 0, 0]
    assert column(out, "line_ends") == kinds
    closed = [row.endswith("。") for row in rows]
    for n, share in enumerate(column(out, "others_closed")):
        others = [closed[m] for m in range(len(rows)) if kinds[m] == kinds[n] and m != n]
        assert share == pytest.approx((sum(others) + 0.5) / (len(others) + 1) if kinds[n] else 0.5)


def test_nothing_of_nothing() -> None:
    assert grid(page("国家"), made(), np.zeros(0)).shape == (0, len(GRID))
