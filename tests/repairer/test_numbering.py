"""Numbering sequences: what they prove, and what they leave open; numerals there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import textfix
from textfix.repairer.guard import Guard
from textfix.repairer.numbering import numbering
from textfix.text.numerals import numeral, value


def articles(*numbers: str, name: str = "条") -> str:
    return "".join(f"第{number}{name} 本级人民政府应当加强领导。\n" for number in numbers)


def listed(*numbers: str) -> str:
    return "".join(f"（{number}）加强组织领导；\n" for number in numbers)


def repaired(text: str) -> str:
    from textfix.edits import Edits

    return Edits(numbering(text, Guard(text))).apply(text)


@pytest.mark.parametrize(
    ("garbled", "clean"),
    [
        (articles("五", "六", "八", "八", "九", name="章"), articles("五", "六", "八", "八", "九", name="章")),
        (articles("二十", "二十一", "二十三", "二十三", "二十四"), articles(*map(numeral, range(20, 25)))),
        (articles("九", "十", "十二", "十二", "十三"), articles("九", "十", "十一", "十二", "十三")),
        (articles("十九", "二十", "二+一", "二十二"), articles("十九", "二十", "二十一", "二十二")),
        (articles("三十", "三十—", "三十二"), articles("三十", "三十一", "三十二")),
        (articles("九十九", "百", "一百零一", "一百零二"), articles("九十九", "百", "一百零一", "一百零二")),
        (articles("三十", "三一", "三十二", "三十三"), articles("三十", "三十一", "三十二", "三十三")),
        (listed("—", "二", "三"), listed("一", "二", "三")),
        (listed("九", "+", "十一", "十二"), listed("九", "十", "十一", "十二")),
        ("一、总体要求\n二、任务\n三、保障\n".replace("一", "-"), "一、总体要求\n二、任务\n三、保障\n"),
        ("说明：（—）甲；（二）乙；（三）丙。", "说明：（一）甲；（二）乙；（三）丙。"),
        (listed("一", "三", "三"), listed("一", "二", "三")),
        tuple(listed(*numbers).replace("\n", " \n\n\u3000") for numbers in ("一三三", "一二三")),
        (listed("一", "二", "二", "四", "五"), listed("一", "二", "三", "四", "五")),
        ("说明：（一）甲；（三）乙；（三）丙。", "说明：（一）甲；（二）乙；（三）丙。"),
        (articles("二十", "二十一", "三十三", "二十三", "二十四"), articles(*map(numeral, range(20, 25)))),
        (articles("二十二", "二二四", "二十六"), articles("二十二", "二十四", "二十六")),
        (articles("二二五", "二十六", "三十"), articles("二十五", "二十六", "三十")),
    ],
)
def test_what_the_sequence_proves(garbled: str, clean: str) -> None:
    assert repaired(garbled) == clean
    assert repaired(clean) == clean
    edits = textfix.repair(garbled, only="number").edits
    assert {e.kind for e in edits} <= {"number"}
    assert edits.apply(garbled) == clean


@pytest.mark.parametrize(
    "text",
    [
        articles("三十", "三十三", "三十三"),  # the last item: nothing behind it
        articles("三十一", "三十三"),
        articles("一", "三", "五", "七", "九"),  # no sequence
        articles("三十", "三十一", "三十八", "三十三", "三十四"),  # 八 does not look like 二
        articles("三十", "三十一", "九十五", "三十三", "三十四"),  # a reference at the start of a line
        articles("三十", "三十一", "三十三", "三十四"),  # one is missing: nothing to repair
        "第一百三十三条 甲。\n第一百三十三条之一 乙。\n第一百三十四条 丙。\n第一百三十五条 丁。\n",
        "甲：\n（一）子；\n（二）丑。\n第八条 乙：\n（二）寅；\n（四）卯；\n（五）辰；\n",  # two lists
        "甲：\n（一）子；\n（二）丑。\n（二）寅；\n（四）卯；\n（五）辰；\n",  # perhaps two lists
        "判决如下：一、子；三、丑；三、寅；四、卯。",  # a list of its own is as likely there
        listed("一", "三"),  # nothing behind it
        listed("一", "五", "三"),  # 五 does not look like 二
        articles("二十二", "二二六"),  # too far from what stands beside it
        articles("一百二十二", "一二三二四"),  # no single character makes it a number
        articles("二二三", "二二四", "二二五"),  # figure by figure
        listed("一", "二", "一", "二", "一", "二", "三"),
        "1. 甲\n2. 乙\n4. 丙\n4. 丁\n5. 戊\n",  # figures are never touched
        "第30条 甲。\n第33条 乙。\n第32条 丙。\n第33条 丁。\n",
        "（-）减号。\n",
    ],
)
def test_what_is_left_open(text: str) -> None:
    assert repaired(text) == text


def test_a_fixed_error_rate_leaves_sequences_alone() -> None:
    text = articles("三十", "三十一", "三十三", "三十三", "三十四")
    assert textfix.clean(text, only="number", error_rate=0.01) == text
    assert textfix.clean(text, only="number", protect=("第三十三条",)) == text


@given(st.integers(1, 9999))
def test_numerals_there_and_back(number: int) -> None:
    assert value(numeral(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("十", 10), ("二十", 20), ("一百一十", 110), ("一百〇五", 105), ("一千零一", 1001), ("二〇", 20), ("两百", 200)],
)
def test_usual_ways_to_say_a_number(text: str, number: int) -> None:
    assert value(text) == number


@pytest.mark.parametrize("text", ["", "十十", "零", "一二十", "十百", "三零", "甲", "一百五", "百千"])
def test_no_number(text: str) -> None:
    assert value(text) is None


@given(st.integers(3, 60), st.integers(4, 9), st.data())
def test_one_misread_article_is_repaired_and_the_rest_stays(first: int, count: int, data: st.DataObject) -> None:
    numbers = [numeral(n) for n in range(first, first + count)]
    clean = articles(*numbers)
    assert repaired(clean) == clean
    at = data.draw(st.integers(1, count - 2))
    if "一" in numbers[at]:
        garbled = articles(*numbers[:at], numbers[at].replace("一", "—", 1), *numbers[at + 1 :])
        assert repaired(garbled) == clean
