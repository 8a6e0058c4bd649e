"""Verdicts on edits, against a slow oracle and cases that can be checked by eye."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment.ops import operations
from textfix.edits import Edit
from textfix.evaluate.verdicts import _distance, verdicts_of
from textfix.text.content import content

SHORT = st.text("甲乙丙，。", max_size=14)


def slow_distance(x: str, y: str) -> int:
    """Edit distance, by the definition."""
    if not x or not y:
        return len(x) + len(y)
    return min(
        slow_distance(x[1:], y) + 1, slow_distance(x, y[1:]) + 1, slow_distance(x[1:], y[1:]) + (x[0] != y[0])
    )


@given(st.text("甲乙丙", max_size=4), st.text("甲乙丙", max_size=5))
def test_the_distance_is_that_of_the_best_part(piece: str, text: str) -> None:
    parts = [text[i:j] for i in range(len(text) + 1) for j in range(i, len(text) + 1)]
    assert _distance(piece, text) == min(slow_distance(piece, part) for part in parts)


def gain(ocr: str, truth: str, start: int, end: int, replacement: str) -> int | None:
    edit = Edit(start, end, ocr[start:end], replacement, "glyph")
    found = verdicts_of(ocr, truth, [edit], operations(content(ocr), content(truth)))
    return found[0].gain if found else None


TRUTH = "加快解决工矿废弃地、矸石山、尾矿库等历史遗留问题，\n推进锰产业生态修复和环境整治。"


@pytest.mark.parametrize(
    ("ocr", "place", "replacement", "expected"),
    [
        (TRUTH.replace("矸", "歼"), "歼", "矸", 1),
        (TRUTH.replace("矸", "歼"), "歼", "杆", 0),
        (TRUTH, "矸", "歼", -1),
        (TRUTH.replace("锰", "钅 孟"), "钅 孟", "锰", 2),
        (TRUTH.replace("、尾", "尾"), "山", "山、", 1),
        (TRUTH.replace("题", "题题题"), "题题题", "题", 2),
        (TRUTH.replace("，", ","), ",", "，", None),  # only the width
        (TRUTH.replace("锰", " 锰"), " 锰", "锰", None),  # only a blank
        (TRUTH.replace("。", ""), "治", "治。", 0),  # both ends are free, so what is lost at the very end is not seen
    ],
)
def test_verdicts(ocr: str, place: str, replacement: str, expected: int | None) -> None:
    start = ocr.index(place)
    assert gain(ocr, TRUTH, start, start + len(place), replacement) == expected


@given(SHORT, SHORT, SHORT, st.sampled_from("丁戊"))
def test_undoing_the_only_error_gains_what_it_cost(left: str, right: str, filler: str, wrong: str) -> None:
    truth = filler + left + "己" + right
    ocr = filler + left + wrong + right
    place = len(filler + left)
    assert gain(ocr, truth, place, place + 1, "己") == 1
    assert gain(truth, truth, place, place + 1, wrong) == -1


@given(st.text("甲乙 \n", min_size=1, max_size=12), st.text("甲乙", max_size=12), st.data())
def test_any_edit_can_be_judged(ocr: str, truth: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(ocr)))
    end = data.draw(st.integers(start, len(ocr)))
    found = gain(ocr, truth, start, end, "丙")
    assert found is not None
    assert found <= max(1, len(content(ocr[start:end])))
