"""Views of an alignment show what is there: no character lost, none invented, nothing cut in two."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import Alignment, Difference, align
from textfix.alignment.facing import rows_of
from textfix.alignment.views import elided, spans, word_diff

CHARS = st.text("歼矸石山研究，。 \n1[-+]{}", max_size=40)
SHORT = st.text("歼矸石山研究平台", max_size=12)


@pytest.fixture(scope="module")
def pair(seed: Path) -> Alignment:
    return align(
        (seed / "garbled-extract.txt").read_text("utf-8"), (seed / "authoritative-notice.txt").read_text("utf-8")
    )


def difference(observed: str, intended: str, kind: str = "substitution") -> Difference:
    return Difference(0, len(observed), 0, len(intended), observed, intended, kind)


@given(SHORT, SHORT)
def test_spans_are_both_readings(observed: str, intended: str) -> None:
    parts = spans(difference(observed, intended))
    assert "".join(text for sign, text in parts if sign <= 0) == observed
    assert "".join(text for sign, text in parts if sign >= 0) == intended
    assert all(text for _, text in parts)


def test_spans_are_readable() -> None:
    assert spans(difference("院所硏", "研院所", "shift")) == [(1, "研"), (0, "院所"), (-1, "硏")]
    assert spans(difference("22", "21", "number")) == [(-1, "22"), (1, "21")]
    long = difference("甲" * 1000, "甲" * 999 + "乙")
    assert spans(long) == [(-1, long.observed), (1, long.intended)]


def undone(line: str, side: str) -> str:
    """One text of a line of the diff; in these tests the texts have none of the brackets."""
    keep, drop = (r"\[-(.*?)-\]", r"\{\+.*?\+\}") if side == "a" else (r"\{\+(.*?)\+\}", r"\[-.*?-\]")
    return re.sub(keep, r"\1", re.sub(drop, "", line))


@given(st.lists(st.sampled_from(["歼石山", "矿区，", "研究平台", "一\n", "综合治理。"]), max_size=40), st.data())
def test_the_diff_shows_every_difference_in_its_place(parts: list[str], data: st.DataObject) -> None:
    b = "".join(parts)
    a = "".join(data.draw(st.sampled_from(["", part, "硏" + part, part[:-1]])) for part in parts)
    alignment = align(a, b)
    lines = "".join(word_diff(alignment, "a", "b")).split("\n")
    if not alignment.differences:
        assert lines == [""]
        return
    assert lines[:2] == ["--- a", "+++ b"]
    heads, bodies = lines[2:-1:2], lines[3:-1:2]
    assert "×" in "".join(heads) or len(heads) == len(alignment.differences) or "," in "".join(heads)
    last = 0
    for head, body in zip(heads, bodies, strict=True):
        start, end, other_start, other_end = map(int, re.findall(r"(\d+)", head)[:4])
        assert start >= last
        last = end
        one, two = undone(body[1:], "a").replace("↵", "\n"), undone(body[1:], "b").replace("↵", "\n")
        assert one in a
        assert a[start:end] in one
        assert b[other_start:other_end] in two


def test_kinds_can_be_chosen(pair: Alignment) -> None:
    lines = list(word_diff(pair, "a", "b", kinds=frozenset({"glyph"})))
    shown = pair.a[1793 - 12 : 1816 + 12].replace("歼", "[-歼-]{+矸+}").replace("猛", "[-猛-]{+锰+}")
    assert lines[2:] == ["@@ 1793:1816 5886:5912 @@ glyph ×2\n", f" {shown}\n"]
    assert list(word_diff(pair, "a", "b", kinds=frozenset())) == []
    marked = "".join(word_diff(pair, "a", "b", kinds=frozenset({"glyph"}), mark=lambda part, sign: f"<{sign}{part}>"))
    assert "<-[-歼-]><+{+矸+}>" in marked


def test_lines_stay_short_where_differences_are_dense(pair: Alignment) -> None:
    lines = [line for line in word_diff(pair, "a", "b") if line.startswith(" ")]
    assert max(map(len, lines)) < 600
    assert all(line.count("\n") == 1 for line in lines)


def test_elided() -> None:
    assert elided("一\n二\t") == "一↵二⇥"
    shown = elided("甲" * 5000)
    assert len(shown) < 100
    assert "(5,000 characters)" in shown


@given(CHARS, CHARS)
def test_rows_are_both_texts_and_cut_no_difference(a: str, b: str) -> None:
    alignment = align(a, b)
    rows = list(rows_of(alignment))
    assert "".join(a[r.start : r.end] for r in rows) == a
    assert "".join(b[r.other_start : r.other_end] for r in rows) == b
    assert all((x.end, x.other_end, x.last) == (y.start, y.other_start, y.first) for x, y in pairwise(rows))
    for row in rows:
        for d in alignment.differences[row.first : row.last]:
            assert row.start <= d.start <= d.end <= row.end
            assert row.other_start <= d.other_start <= d.other_end <= row.other_end
    if rows:
        assert (rows[0].first, rows[-1].last) == (0, len(alignment.differences))


def test_rows_stay_short() -> None:
    text = "规定" * 20_000
    assert max(row.end - row.start for row in rows_of(align(text, text))) <= 1000
    lines = "第一条　本规定由有关部门负责解释。\n" * 50
    assert {row.end - row.start for row in rows_of(align(lines, lines))} == {18}
