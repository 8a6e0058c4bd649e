"""The page with both texts side by side, read without a browser: nothing lost, every difference in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import html

from textfix.alignment import Alignment, Difference, align
from textfix.alignment.facing import facing_page, rows_of
from textfix.alignment.model import DIFFERENCE_KINDS, Move
from textfix.pages import kind_class

OBSERVED = "一、加快<推进>。\n共22个 区县，歼石山、尾矿库。地区环境；"
INTENDED = "一、加快<推进>。\n共21个区县，矸石山、尾矿库，综合治理。美好环境；"


def parsed(page: str) -> Any:
    return html.document_fromstring(page)


def sides(tree: Any) -> tuple[str, str]:
    """What the page shows of both texts, put together from the cells."""
    out = []
    for name in ("a", "b"):
        cells = tree.xpath(f'//main//div[@role="cell"][@class="{name}"]')
        out.append("".join(cell.text_content() for cell in cells))
    return out[0], out[1]


def data(tree: Any, key: str) -> Any:
    (element,) = tree.xpath(f'//script[@id="{key}"]')
    return json.loads(element.text)


def test_both_texts_are_there_with_every_difference_marked() -> None:
    alignment = align(OBSERVED, INTENDED)
    tree = parsed(facing_page(alignment, "extract <1>", "notice & more"))
    assert sides(tree) == (OBSERVED, INTENDED)
    assert tree.xpath("string(//title)") == "extract <1> beside notice & more"
    assert tree.xpath("//h1//span/text()") == ["extract <1>", "beside", "notice & more"]
    assert tree.xpath('//div[@role="columnheader"]/text()') == ["extract <1>", "notice & more"]
    for n, d in enumerate(alignment.differences):
        marks = tree.xpath(f'//mark[@data-d="{n}"]')
        assert [mark.text_content() for mark in marks] == [d.observed, d.intended]
        assert [mark.get("class") for mark in marks] == [
            kind_class(d.kind) + ("" if text else " gap") for text in (d.observed, d.intended)
        ]
    assert data(tree, "differences") == [
        [d.kind, round(d.confidence, 3), [d.start, d.end, d.other_start, d.other_end], d.observed, d.intended,
         {key: round(v, 3) if isinstance(v, float) else v for key, v in d.evidence.items()}]
        for d in alignment.differences
    ]  # fmt: skip
    assert set(data(tree, "meanings")) == set(DIFFERENCE_KINDS)


def test_rows_tell_which_kinds_are_in_them() -> None:
    alignment = align("甲甲甲。\n乙乙\n丙歼丙\n共22个", "甲甲甲。\n乙乙\n丙矸丙\n共21个")
    tree = parsed(facing_page(alignment, "a", "b"))
    rows = tree.xpath('//main//div[@role="row"][not(contains(@class, "head"))]')
    kinds = {d.observed: d.kind for d in alignment.differences}
    assert [(row.get("class"), row.get("data-kinds"), row[0].text_content()) for row in rows] == [
        ("row quiet", "", "甲甲甲。\n"), ("row quiet", "", "乙乙\n"), ("row", kinds["歼"], "丙歼丙\n"),
        ("row", "number", "共22个"),
    ]  # fmt: skip
    assert all(cell.get("lang") == "zh" for row in rows for cell in row)


def chips(tree: Any) -> dict[str, list[tuple[str, str]]]:
    """Group → its buttons, with what they are for and what they count."""
    return {
        group.get("aria-label"): [
            (button.get("data-kind") or button.get("data-group"), button.xpath("string(b)")) for button in group
        ]
        for group in tree.xpath('//nav//div[@role="group"]')
    }


def made(*kinds: str) -> Alignment:
    """An alignment with differences of these kinds, one behind the other."""
    a, b = "甲一" * len(kinds), "乙一" * len(kinds)
    return Alignment(
        a, b, tuple(Difference(2 * n, 2 * n + 1, 2 * n, 2 * n + 1, "甲", "乙", kind) for n, kind in enumerate(kinds))
    )


def test_filters_count_kinds_by_who_did_it() -> None:
    tree = parsed(facing_page(made("glyph", "glyph", "drop", "number", "space"), "a", "b"))
    assert chips(tree) == {
        "OCR": [("ocr", "3"), ("glyph", "2"), ("drop", "1")],
        "Edited by people": [("editorial", "1"), ("number", "1")],
        "Setting": [("format", "1"), ("space", "1")],
    }
    assert chips(parsed(facing_page(made(), "a", "b"))) == {}
    assert "The texts are equal." in facing_page(made(), "a", "b")
    assert "The texts are equal." not in facing_page(made("space"), "a", "b")
    titles = {b.get("data-kind"): b.get("title") for b in tree.xpath('//nav//button[@data-kind]')}
    assert titles["number"] == "another number: a digit or numeral differs"
    assert "looks like it" in titles["glyph"]


@pytest.mark.parametrize(
    ("kinds", "chosen", "off"),
    [
        (("glyph", "number", "space"), None, ["space"]),
        (("space", "width"), None, []),
        (("glyph", "number", "space"), {"number"}, ["glyph", "space"]),
        (("glyph", "number", "space"), {"glyph", "number", "space", "width"}, ["space"]),
        (("glyph", "space"), {"space"}, ["glyph"]),
    ],
)
def test_which_kinds_are_shown_at_first(kinds: tuple[str, ...], chosen: set[str] | None, off: list[str]) -> None:
    """Those that were asked for; without a choice, and where all were chosen, all but the setting."""
    tree = parsed(facing_page(made(*kinds), "a", "b", kinds=None if chosen is None else frozenset(chosen)))
    assert data(tree, "off") == off


def test_the_head_says_how_much_differs() -> None:
    alignment = align("歼石山" + "治理" * 600, "矸石山" + "治理" * 600)
    text = parsed(facing_page(alignment, "a", "b")).text_content()
    assert "1,203 and 1,203 characters, 1 differences" in text
    assert "Error rates: 0.08% plain, 0.08% OCR alone" in text
    assert "unexamined" not in text
    assert "left unexamined" in facing_page(Alignment("甲", "乙", (), complete=False), "a", "b")
    assert "undefined plain" in facing_page(align("甲", ""), "a", "b")


def test_what_is_long_is_folded_and_has_a_row_of_its_own() -> None:
    for size, folded in ((400, False), (401, True)):
        cut = "国" * size
        a, b = "甲乙丙。丁戊", f"甲乙丙。{cut}丁戊"
        alignment = align(a, b)
        tree = parsed(facing_page(alignment, "a", "b"))
        details = tree.xpath("//details[@class='long']")
        assert len(details) == folded
        assert len(list(rows_of(alignment))) == (3 if folded else 1)
        if folded:
            (summary, mark) = details[0]
            assert "(401 characters)" in summary.text_content()
            assert summary.xpath("mark/@data-d") == mark.xpath("@data-of") == ["0"]
            assert mark.text_content() == cut


def test_a_row_ends_behind_a_sentence_when_it_is_long_enough() -> None:
    """At the first end of a sentence beyond 240 characters, of either side; line ends always."""
    sentence = "国" * 99 + "。"
    text = sentence * 7 + "国国\n" + sentence
    ends = [row.end for row in rows_of(align(text, text))]
    assert ends == [300, 600, 703, 803]
    short = "国" * 79 + "；"
    text = short * 4
    assert [(row.start, row.end) for row in rows_of(align(text, text))] == [(0, 320)]


def test_the_longer_side_counts_for_the_length_of_a_row() -> None:
    sentence = "国" * 99 + "。"
    added = Difference(50, 50, 50, 200, "", "家" * 150, "omission")
    alignment = Alignment(sentence * 3, sentence[:50] + "家" * 150 + sentence[50:] + sentence * 2, (added,))
    assert [(row.start, row.end, row.other_start, row.other_end) for row in rows_of(alignment)] == [
        (0, 100, 0, 250), (100, 300, 250, 450)
    ]  # fmt: skip


def test_no_row_holds_more_than_a_thousand_equal_characters() -> None:
    text = "国" * 2500
    assert [(row.start, row.end) for row in rows_of(align(text, text))] == [(0, 1000), (1000, 2000), (2000, 2500)]


def test_what_stands_out_in_a_difference_is_what_only_one_side_has() -> None:
    alignment = Alignment("院所硏", "研院所", (Difference(0, 3, 0, 3, "院所硏", "研院所", "shift"),))
    tree = parsed(facing_page(alignment, "a", "b"))
    assert tree.xpath("//main//mark//b/text()") == ["硏", "研"]
    whole = Alignment("22", "21", (Difference(0, 2, 0, 2, "22", "21", "number"),))
    assert parsed(facing_page(whole, "a", "b")).xpath("//main//mark//b") == []


def test_line_ends_inside_a_difference_are_shown() -> None:
    alignment = Alignment("甲\n乙", "甲乙", (Difference(1, 2, 1, 1, "\n", "", "layout"),))
    tree = parsed(facing_page(alignment, "a", "b"))
    (mark, gap) = tree.xpath('//mark[@data-d="0"]')
    assert [child.get("class") for child in mark] == ["nl"]
    assert (mark.text_content(), gap.text_content()) == ("\n", "")


def test_differences_inside_a_moved_passage_are_numbered_behind_the_others() -> None:
    passage, rest = "加快推进资源型地区环境修复", "甲乙丙丁"
    a, b = passage.replace("环", "坏") + rest, rest + passage
    size = len(passage)
    at = passage.index("环")
    inside = Difference(at, at + 1, 4 + at, 5 + at, "坏", "环", "glyph", 0.9876)
    alignment = Alignment(
        a, b,
        (
            Difference(0, size, 0, 0, a[:size], "", "move"),
            Difference(size + 4, size + 4, 4, 4 + size, "", passage, "move"),
        ),
        (Move(0, size, 4, 4 + size, (inside,)),),
    )  # fmt: skip
    tree = parsed(facing_page(alignment, "a", "b"))
    assert sides(tree) == (a, b)
    marks = tree.xpath('//mark[@data-d="2"]')
    assert [mark.text_content() for mark in marks] == ["坏", "环"]
    assert [mark.getparent().get("data-d") for mark in marks] == ["0", "1"]
    assert [row[0] for row in data(tree, "differences")] == ["move", "move", "glyph"]
    assert data(tree, "differences")[2][1] == 0.988


def test_a_moved_passage_with_more_around_it_shows_all_of_it() -> None:
    """What is left over beside a passage goes with it."""
    alignment = Alignment(
        "甲乙丙丁戊", "戊乙丙丁",
        (Difference(0, 4, 0, 0, "甲乙丙丁", "", "move"), Difference(5, 5, 1, 4, "", "乙丙丁", "move")),
        (Move(1, 4, 1, 4),),
    )  # fmt: skip
    assert sides(parsed(facing_page(alignment, "a", "b"))) == ("甲乙丙丁戊", "戊乙丙丁")


def test_a_kind_that_is_switched_off_looks_like_text() -> None:
    (style,) = parsed(facing_page(made("glyph"), "a", "b")).xpath("//style/text()")
    for kind in DIFFERENCE_KINDS:
        assert f".off-{kind} .k-{kind}{{background:none;box-shadow:none}}" in style
        assert f".off-{kind} .k-{kind}.gap,.off-{kind} .k-{kind} .nl{{display:none}}" in style
