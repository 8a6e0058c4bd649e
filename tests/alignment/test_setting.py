"""White space and widths, which the skeletons leave out, come back; and what an alignment says of itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.alignment import Alignment, Difference, align, attach
from textfix.alignment.aligner import line_starts
from textfix.alignment.attach import _chunks, _split
from textfix.alignment.folding import skeleton
from textfix.alignment.model import Move
from textfix.text.codepoints import encode

MIXED = st.text("甲乙，,“\" \n\u3000", max_size=24)


def shown(a: str, b: str) -> list[tuple[int, str, str, str]]:
    """Where what differs; of content no matter why."""
    return [(d.start, d.observed, d.intended, d.kind if d.formatting else "content") for d in align(a, b).differences]


@pytest.mark.parametrize(
    ("a", "b", "differences"),
    [
        ("甲 乙", "甲乙", [(1, " ", "", "space")]),
        ("甲乙", "甲\u3000乙", [(1, "", "\u3000", "space")]),
        ("甲 乙", "甲\n乙", [(1, " ", "\n", "layout")]),
        ("甲\u2028乙", "甲乙", [(1, "\u2028", "", "layout")]),
        (" 甲", "甲", [(0, " ", "", "space")]),
        ("甲", "甲\n", [(1, "", "\n", "layout")]),
        (" ", "\n", [(0, " ", "\n", "layout")]),
        ("甲,乙", "甲，乙", [(1, ",", "，", "width")]),
        ('甲"乙', "甲“乙", [(1, '"', "“", "quote")]),
        ("甲 ,乙", "甲，乙", [(1, " ", "", "space"), (2, ",", "，", "width")]),
        ("甲， 乙", "甲,\n乙", [(1, "，", ",", "width"), (2, " ", "\n", "layout")]),
        # white space beside what only one text has stays on the side where both have it
        ("甲 乙", "甲 丙丁乙", [(2, "", "丙丁", "content")]),
        ("甲 乙", "甲丙丁 乙", [(1, "", "丙丁", "content")]),
        ("甲 \n乙", "甲 丙丁\n乙", [(2, "", "丙丁", "content")]),
        ("甲乙", "甲 丙丁 乙", [(1, "", " 丙丁", "content"), (1, "", " ", "space")]),
        ("甲 丙丁 乙", "甲乙", [(1, " 丙丁", "", "content"), (4, " ", "", "space")]),
        ("甲乙", "甲 丙丁乙", [(1, "", " 丙丁", "content")]),
        ("甲丙丁 乙", "甲乙", [(1, "丙丁", "", "content"), (3, " ", "", "space")]),
        ("甲 丙丁乙", "甲 乙", [(2, "丙丁", "", "content")]),
        ("甲 丙乙", "甲 丁乙", [(2, "丙", "丁", "content")]),
    ],
)
def test_the_setting_comes_back(
    a: str, b: str, differences: list[tuple[int, str, str, str]]
) -> None:
    assert shown(a, b) == differences
    assert align(a, b).rebuilt() == (a, b)


@pytest.mark.parametrize(
    ("blank", "before", "after", "at"),
    [
        ("", "", "", 0),
        (" ", " ", "", 1),
        (" ", "", " ", 0),
        (" ", " ", " ", 1),
        (" \n", " ", "\n", 1),
        (" \n", " ", "", 1),
        (" \n", "", "\n", 1),
        ("\n ", "\n", " ", 1),
        (" ", "\n", "", 1),
        (" ", "", "\n", 0),
        ("  ", "\n", " ", 1),
        ("  ", "\n", "\n", 2),
        ("  ", "", "", 0),
        ("", " ", "", 0),
    ],
)
def test_how_much_white_space_stands_before_what_is_missing(blank: str, before: str, after: str, at: int) -> None:
    assert _split(blank, before, after) == at


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 30)), max_size=6), st.integers(1, 12))
def test_runs_are_cut_into_shares(runs: list[tuple[int, int, int]], chunk: int) -> None:
    """Every character of every run once, in order, and never many more than a share at once."""
    table = np.array(runs, dtype=np.int64).reshape(-1, 3)
    whole = attach._CHUNK
    attach._CHUNK = chunk
    try:
        shares = list(_chunks(table[:, 0], table[:, 1], table[:, 2]))
    finally:
        attach._CHUNK = whole
    cells = [
        (i + n, j + n)
        for share in shares
        for i, j, size in zip(*(column.tolist() for column in share), strict=True)
        for n in range(size)
    ]
    assert cells == [(i + n, j + n) for i, j, size in runs for n in range(size)]
    assert all(int(size.sum()) <= 2 * chunk for _, _, size in shares)
    assert len(shares) <= len(cells) // chunk + 2


@given(MIXED, MIXED, st.integers(1, 5))
def test_shares_change_nothing(a: str, b: str, chunk: int) -> None:
    whole = align(a + b, b + a)
    kept = attach._CHUNK
    attach._CHUNK = chunk
    try:
        assert align(a + b, b + a) == whole
    finally:
        attach._CHUNK = kept


@given(st.text("甲 \n\r", max_size=12))
def test_before_which_characters_a_line_starts(text: str) -> None:
    codes = encode(text)
    _, places = skeleton(codes)
    ends = [-1, *places.tolist(), len(text)]
    slow = [
        n == 0 or n == len(places) or any(char in "\n\r" for char in text[ends[n] : ends[n + 1]])
        for n in range(len(places) + 1)
    ]
    assert line_starts(codes, places).tolist() == slow


# what an alignment says


PAIR = Alignment(
    "甲,乙丙己", "甲，乙丁戊己",
    (
        Difference(1, 2, 1, 2, ",", "，", "width"),
        Difference(3, 4, 3, 5, "丙", "丁戊", "substitution", 0.123456, {"odds": -1.5}),
    ),
    (Move(0, 1, 2, 3, (Difference(0, 1, 2, 3, "甲", "乙", "glyph"),)),),
    complete=False,
)  # fmt: skip


def test_an_alignment_as_json() -> None:
    row = json.loads(json.dumps(PAIR.to_dict(), ensure_ascii=False))
    assert row.pop("error_rates") == PAIR.error_rates().to_dict()
    assert row == {
        "lengths": [5, 6],
        "complete": False,
        "counts": {"width": 1, "substitution": 1},
        "differences": [
            {"start": 1, "end": 2, "other_start": 1, "other_end": 2, "observed": ",", "intended": "，", "kind": "width",
             "confidence": 1.0, "evidence": {}},
            {"start": 3, "end": 4, "other_start": 3, "other_end": 5, "observed": "丙", "intended": "丁戊",
             "kind": "substitution", "confidence": 0.1235, "evidence": {"odds": -1.5}},
        ],
        "moves": [
            {"start": 0, "end": 1, "other_start": 2, "other_end": 3, "differences": [
                {"start": 0, "end": 1, "other_start": 2, "other_end": 3, "observed": "甲", "intended": "乙",
                 "kind": "glyph", "confidence": 1.0, "evidence": {}}]},
        ],
    }  # fmt: skip


def test_rates_as_json_and_in_a_line() -> None:
    rates = PAIR.error_rates()
    assert (rates.errors, rates.characters, rates.ocr_errors, rates.ocr_characters) == (2, 6, 1, 5)
    assert rates.to_dict() == {
        "plain": {"rate": 0.333333, "errors": 2, "characters": 6},
        "ocr_only": {"rate": 0.2, "errors": 1, "characters": 5},
    }
    assert rates.summary() == "character error rate 33.33% (2/6), of OCR alone 20.00% (1/5)"


def test_what_is_equal_lies_between_the_differences() -> None:
    assert list(PAIR.equal_runs()) == [(0, 0, 1), (2, 2, 1), (4, 5, 1)]
    assert list(align("甲乙", "甲乙").equal_runs()) == [(0, 0, 2)]
    assert list(align("甲", "乙").equal_runs()) == []
    assert [d.kind for d in PAIR.content] == ["substitution"]
    assert "甲" not in repr(PAIR).replace("observed='甲'", "")  # the texts may be long


def test_a_move_may_be_moved() -> None:
    (move,) = PAIR.moves
    assert move.shifted(10, 20) == Move(10, 11, 22, 23, (Difference(10, 11, 22, 23, "甲", "乙", "glyph"),))


@pytest.mark.parametrize(
    ("kind", "party"),
    [("glyph", "ocr"), ("variant", "ocr"), ("width", "formatting"), ("layout", "formatting"), ("number", "editorial"),
     ("move", "editorial"), ("omission", "editorial")],
)  # fmt: skip
def test_every_kind_is_somebodys(kind: str, party: str) -> None:
    d = Difference(0, 1, 0, 1, "甲", "乙", kind)
    assert [name for name in ("ocr", "formatting", "editorial") if getattr(d, name)] == [party]


# ends of moved passages


def test_what_is_left_over_beside_an_end_of_a_moved_passage_goes_with_it() -> None:
    from textfix.alignment.aligner import _with_ends
    from textfix.alignment.attach import Piece

    ends = [(5, 30, 5, 5), (60, 60, 35, 60)]
    pieces = [
        Piece(3, 5, 5, 5, "noise", 0.5), Piece(30, 31, 5, 5, "noise", 0.5), Piece(40, 41, 15, 16, "glyph", 0.5),
        Piece(50, 50, 25, 26, "drop", 0.5), Piece(60, 60, 34, 35, "drop", 0.5), Piece(60, 61, 60, 61, "glyph", 0.5),
    ]  # fmt: skip
    assert [(p.i0, p.i1, p.j0, p.j1, p.kind, p.confidence) for p in _with_ends(pieces, ends)] == [
        (3, 5, 5, 5, "insertion", 1.0), (5, 30, 5, 5, "move", 1.0), (30, 31, 5, 5, "insertion", 1.0),
        (40, 41, 15, 16, "glyph", 0.5), (50, 50, 25, 26, "drop", 0.5), (60, 60, 34, 35, "omission", 1.0),
        (60, 60, 35, 60, "move", 1.0), (60, 61, 60, 61, "glyph", 0.5),
    ]  # fmt: skip


def test_differences_in_a_moved_passage_have_their_places_in_the_whole_texts() -> None:
    passage = "".join(chr(0x4E00 + 37 * n % 3000) for n in range(80))
    rest = "".join(chr(0x6000 + 41 * n % 3000) for n in range(120))
    a, b = " \n" + passage[:40] + "\n" + passage[40:] + rest, rest + " " + passage
    alignment = align(a, b)
    (move,) = alignment.moves
    assert (a[move.start], a[move.end - 1], b[move.other_start], b[move.other_end - 1]) == (
        passage[0], passage[-1], passage[0], passage[-1]
    )  # fmt: skip
    (inside,) = move.differences
    assert (inside.start, inside.end, inside.other_start, inside.other_end) == (42, 43, 161, 161)
    assert (inside.observed, inside.kind) == ("\n", "layout")
    assert [d.kind for d in alignment.content] == ["move", "move"]
    assert alignment.rebuilt() == (a, b)
