"""Edits spread over characters that a document holds, with gaps that it does not."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from textfix.edits import Edit, Edits
from textfix.formats.spreading import spread

from .samples import solid

#: ``|`` is the end of a word with nothing behind, ``_`` a blank that the document does not hold, ``/`` a line end.
CASES = [
    ("two words become one character", "重|要|彳|壬|务", "彳壬", "任", "重|要|任||务"),
    ("over a line end", "实|扌/L|做", "扌\nL", "扎", "实|扎/|做"),
    ("the second stays where it is", "科|所|院|硏", "所院硏", "研院所", "科|研|院|所"),
    ("one character becomes two", "强|省|会", "省", "少目", "强|少目|会"),
    ("a lost character goes to the word before", "组|织|实|。", "实。", "实施。", "组|织|实施|。"),
    ("a lost opening mark goes to the word behind", "印|发|通|知", "发通", "发《通", "印|发|《通|知"),
    ("at the start of a line", "甲/乙", "乙", "、乙", "甲/、乙"),
    ("a blank between words stays", "ab_cd", "b c", "bc", "ab_cd"),
    ("a line end stays", "部/门", "部\n门", "部门", "部/门"),
    ("a blank read for a mark", "ab_cd", " ", "，", "ab，_cd"),
    ("a word that is gone", "甲|乙|丙", "乙", "", "甲||丙"),
    ("all gone", "甲|乙", "甲乙", "", "|"),
    ("more than there was", "甲/乙", "甲\n乙", "甲丙丁\n戊乙", "甲丙丁/戊乙"),
]


def laid_out(drawn: str) -> tuple[str, frozenset[int], frozenset[int]]:
    """Text, held indices and heads of words of a drawing."""
    text: list[str] = []
    held: set[int] = set()
    heads = {0}
    for char in drawn:
        if char in "_/":
            text.append(" \n"["_/".index(char)])
        elif char != "|":
            held.add(len(text))
            text.append(char)
        if char in "|_/":
            heads.add(len(text))
    return "".join(text), frozenset(held), frozenset(heads)


def drawing(text: str, drawn: str, held: frozenset[int], edits: list[Edit]) -> str:
    """The drawing after the edits."""
    result = spread(text, held, edits, laid_out(drawn)[2])
    out: list[str] = []
    i = 0
    ends = [*drawn, ""]
    for mark in ends:
        new, behind = result.inserted.get(i, ("", False))
        if behind and new:
            out.append(new)
            del result.inserted[i]
        if mark == "|":
            out.append("|")
            continue
        if not behind:
            out.append(new)
        out.append(mark if i not in held else result.new.get(i, text[i]))
        i += 1
    return "".join(out)


@pytest.mark.parametrize(
    ("drawn", "observed", "replacement", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_where_it_goes(drawn: str, observed: str, replacement: str, expected: str) -> None:
    text, held, _ = laid_out(drawn)
    at = text.index(observed)
    edit = Edit(at, at + len(observed), observed, replacement, "glyph")
    assert drawing(text, drawn, held, [edit]) == expected
    made = spread(text, held, [edit]).made
    assert made.apply(text) == laid_out(expected)[0]


@st.composite
def tasks(draw: st.DrawFn) -> tuple[str, frozenset[int], Edits]:
    """A text with gaps, and edits each of which holds or touches a character that the document holds."""
    drawn = draw(st.text(alphabet="甲乙丙丁ab12_/|", min_size=1, max_size=30))
    text, held, _ = laid_out(drawn)
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True))
    edits = []
    for start, end in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False):
        new = draw(st.text(alphabet="甲乙戊a1 \n", max_size=4))
        touches = held & set(range(start - 1, end + 1))
        if new != text[start:end] and touches:
            edits.append(Edit(start, end, text[start:end], new, "glyph"))
    return text, held, Edits(edits)


@given(tasks())
def test_all_that_is_no_white_space_arrives_and_every_gap_stays(task: tuple[str, frozenset[int], Edits]) -> None:
    text, held, edits = task
    result = spread(text, held, edits)
    after = result.made.apply(text)
    assert solid(after) == solid(edits.apply(text))
    gaps = [c for i, c in enumerate(text) if i not in held]
    assert sum(after.count(c) for c in " \n") >= len(gaps)
    assert after.count("\n") == text.count("\n")


@given(tasks())
def test_what_was_made_is_what_is_written(task: tuple[str, frozenset[int], Edits]) -> None:
    text, held, edits = task
    result = spread(text, held, edits)
    out = []
    for i in range(len(text) + 1):
        out.append(result.inserted.get(i, ("", True))[0])
        out += [] if i == len(text) else [result.new.get(i, text[i])]
    assert "".join(out) == result.made.apply(text)
    assert set(result.new) <= held


@given(tasks())
@example(("2 ", frozenset({0}), Edits([Edit(0, 2, "2 ", "  1", "glyph")])))
@example(("2 ", frozenset({0}), Edits([Edit(1, 2, " ", "  1", "glyph")])))
def test_once_made_they_can_be_made_again(task: tuple[str, frozenset[int], Edits]) -> None:
    text, held, edits = task
    assume(edits)
    made = spread(text, held, edits).made
    assert spread(text, held, made).made.apply(text) == made.apply(text)
