"""Which proposals of a round are made, and the edits that they become."""

from __future__ import annotations

import numpy as np
import pytest

from textfix.repairer.decoder import Decoder

from .made import DELETE, INSERT, PAIR, SPLIT, SUBSTITUTE, Given, reading

DECODER = Decoder.__new__(Decoder)  # what chooses needs no model
TEXT = "加快解决工矿废弃地歼石山等历史遗留问题推进生态修复"


def rows(text: str, given: list[Given], confidence: list[float], threshold: float = 0.5, **more: object) -> list[int]:
    found = DECODER.chosen(reading(text, given), np.array(confidence), threshold, more.get("allowed"))  # type: ignore[arg-type]
    return [row for row, _ in found]


def glyphs(*starts: int) -> list[Given]:
    return [(start, 1, "国", SUBSTITUTE) for start in starts]


def test_the_most_certain_first_and_none_below_the_threshold() -> None:
    assert rows(TEXT, glyphs(0, 8, 16), [0.6, 0.9, 0.5]) == [1, 0, 2]
    assert rows(TEXT, glyphs(0, 8, 16), [0.6, 0.9, 0.49]) == [1, 0]
    assert rows(TEXT, glyphs(0), [0.4]) == []


@pytest.mark.parametrize(
    ("confidence", "threshold", "made"),
    [
        ([0.991, 0.98, 0.979], 0.9, [0, 8]),
        ([0.979, 0.95, 0.949], 0.9, [0, 8]),
        ([0.949, 0.91, 0.89], 0.9, [0, 8]),
        ([0.99, 0.985, 0.96], 0.97, [0, 8]),
        ([0.979, 0.975, 0.96], 0.97, [0, 8]),
        ([0.99, 0.985, 0.979], 0.985, [0, 8]),
        ([0.89, 0.5, 0.2], 0.9, []),
    ],
)
def test_a_round_makes_the_surest_only(confidence: list[float], threshold: float, made: list[int]) -> None:
    """What stands beside them is judged again with them made; a higher threshold has fewer steps."""
    edits = DECODER._surest(reading(TEXT, glyphs(0, 8, 16)), np.array(confidence), threshold, None)
    assert [edit.start for edit in edits] == made


def test_of_equals_the_first_place_then_the_kind_then_the_character() -> None:
    same = [(9, 1, "岩", SUBSTITUTE), (9, 1, "", DELETE), (9, 1, "中", SUBSTITUTE), (2, 1, "国", SUBSTITUTE)]
    assert rows(TEXT, same, [0.9] * 4) == [3, 2]


@pytest.mark.parametrize(("distance", "both"), [(1, False), (5, False), (6, False), (7, True), (8, True)])
def test_edits_of_one_round_keep_apart(distance: int, both: bool) -> None:
    """More than five characters lie between an edit and the next, whichever is the surer."""
    for confidence in ([0.9, 0.8], [0.8, 0.9]):
        assert len(rows(TEXT, glyphs(6, 6 + distance), confidence)) == 1 + both


def test_the_length_of_an_edit_counts_for_the_distance() -> None:
    for first, next_one in (((6, 2, "岩石", PAIR), 14), ((6, 0, "、", INSERT), 12)):
        assert rows(TEXT, [first, *glyphs(next_one)], [0.9, 0.8]) == [0, 1]
        assert rows(TEXT, [first, *glyphs(next_one)], [0.8, 0.9]) == [1, 0]
        assert rows(TEXT, [first, *glyphs(next_one - 1)], [0.9, 0.8]) == [0]
        assert rows(TEXT, [first, *glyphs(next_one - 1)], [0.8, 0.9]) == [1]


def test_paragraphs_do_not_crowd_each_other() -> None:
    text = "加快解决工矿\n\n废弃地歼石山"
    assert rows(text, glyphs(5, 6), [0.9, 0.8]) == [0, 1]
    assert rows(text.replace("\n\n", "\n"), glyphs(5, 6), [0.9, 0.8]) == [0]
    ends = [(6, 0, "。", INSERT), (6, 1, "国", SUBSTITUTE)]  # one clings to the end of the first paragraph
    assert rows(text, ends, [0.9, 0.8]) == [0, 1]


def test_what_is_not_allowed_makes_room_for_others() -> None:
    asked = []

    def allowed(text: str, kind: str, start: int, end: int) -> bool:
        asked.append((text, kind, start, end))
        return start != 9

    assert rows(TEXT, glyphs(9, 10), [0.9, 0.8], allowed=allowed) == [1]
    assert asked == [(TEXT, "glyph", 9, 10), (TEXT, "glyph", 10, 11)]


@pytest.mark.parametrize(
    ("text", "given", "edits"),
    [
        ("歼石山", (0, 1, "矸", SUBSTITUTE), [(0, 1, "歼", "矸", "glyph")]),
        ("工作.好", (2, 1, "。", SUBSTITUTE), [(2, 3, ".", "。", "mark")]),
        ("一 丨 二", (1, 1, "", DELETE), [(2, 3, "丨", "", "noise")]),
        ("一 二", (1, 0, "、", INSERT), [(1, 1, "", "、", "drop")]),
        ("一二", (0, 0, "、", INSERT), [(0, 0, "", "、", "drop")]),
        ("和 人民", (0, 2, "入", SPLIT), [(0, 3, "和 人", "入", "split")]),
        ("丨 丨二", (0, 2, "", DELETE), [(0, 3, "丨 丨", "", "noise")]),
        ("硏究", (0, 2, "研究", PAIR), [(0, 1, "硏", "研", "glyph")]),
        ("究 硏", (0, 2, "研究", PAIR), [(0, 1, "究", "研", "glyph"), (2, 3, "硏", "究", "glyph")]),
        ("究.", (0, 2, "空。", PAIR), [(0, 1, "究", "空", "glyph"), (1, 2, ".", "。", "mark")]),
        ("甲究 .乙", (1, 2, "空。", PAIR), [(1, 2, "究", "空", "glyph"), (3, 4, ".", "。", "mark")]),
    ],
)
def test_the_edits_of_a_proposal(text: str, given: Given, edits: list[tuple[int, int, str, str, str]]) -> None:
    seen = reading(text, [given], [1.2345])
    seen.proposals.prior[:] = -6.789
    ((row, made),) = DECODER.chosen(seen, np.array([0.75]), 0.5, None)
    assert row == 0
    assert [(e.start, e.end, e.observed, e.replacement, e.kind) for e in made] == edits
    assert {e.confidence for e in made} == {0.75}
    assert all(e.evidence == {"lm_gain": 1.23, "channel": -6.79} for e in made)


def test_which_proposals_concern_marks() -> None:
    from textfix.repairer.features import FEATURES

    seen = reading("工作.好", glyphs(0, 1, 2, 3))
    seen.features[1, FEATURES.index("mark_observed")] = 1
    seen.features[2, FEATURES.index("mark_replacement")] = 2
    assert seen.marks.tolist() == [False, True, True, False]
