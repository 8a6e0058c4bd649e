"""Quotation marks and blanks, case by case; what documents really have is in tests/test_pipeline.py."""

from __future__ import annotations

import pytest

from textfix.edits import Edits
from textfix.text.classes import classify
from textfix.text.codepoints import encode
from textfix.text.formatting import quotes, spaces, widths


def turned(text: str) -> str:
    return Edits(quotes(text)).apply(text)


def closed_up(text: str) -> str:
    codes = encode(text)
    return Edits(spaces(text, classify(codes), codes)).apply(text)


def widened(text: str) -> str:
    codes = encode(text)
    return Edits(widths(text, codes, classify(codes))).apply(text)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("推进产业发展,共22项;时间:8:30", "推进产业发展，共22项；时间：8:30"),
        ("见https://a.cn/重庆?id=1,下同", "见https://a.cn/重庆?id=1，下同"),
        ("&nbsp;请 &#160;看 &lt;b&gt;,后", "&nbsp;请 &#160;看 &lt;b&gt;，后"),
        ("投入R&D;研发", "投入R&D；研发"),  # no reference: too short
        ("网址 https://a.cn 与重庆:A类", "网址 https://a.cn 与重庆：A类"),  # the address ended before
    ],
)
def test_marks_beside_chinese_become_wide(given: str, wanted: str) -> None:
    assert widened(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ('坚持"两点"定位', "坚持“两点”定位"),
        ('他说"OK"。', "他说“OK”。"),
        ('等软件；"Hello, world"\n', "等软件；“Hello, world”\n"),  # only the first stands beside Chinese
        ('"ISO" 标准', "“ISO” 标准"),  # only the last does
    ],
)
def test_marks_are_turned_by_pairs(given: str, wanted: str) -> None:
    assert turned(given) == wanted


ENGLISH = ['issued "Opinions on R&D", 2022', '尺寸为5" x 6"的板材', '共3块5" x 6"。', 'print("a", b)  # 打印']


@pytest.mark.parametrize("text", ENGLISH)
def test_inches_code_and_english_keep_their_marks(text: str) -> None:
    assert turned(text) == text


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("共涉及 22 个区县", "共涉及22个区县"),
        ("网址：https://a.cn/1，共 22 个", "网址：https://a.cn/1，共22个"),  # the address ended before
        ("详见https://a.cn/1 ，下同", "详见https://a.cn/1，下同"),
    ],
)
def test_blanks_around_digits_go(given: str, wanted: str) -> None:
    assert closed_up(given) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "详见 https://www.cq.gov.cn/zwgk/?id=123&page=2 或来信",
        "详见www.cq.gov.cn/2022 或来信",
        "致信 office@a.example1 或来电",
        "页码 https://a.cn/1 2 3",
    ],
)
def test_a_blank_keeps_an_address_apart(text: str) -> None:
    assert closed_up(text) == text


@pytest.mark.parametrize("text", ["附件：1. 指标表 2. 任务分工 3. 名单", "一是监管 2、服务 3）评估"])
def test_a_blank_stands_before_the_next_item(text: str) -> None:
    assert closed_up(text) == text


def test_a_decimal_is_no_item() -> None:
    assert closed_up("增长 2.5 个百分点") == "增长2.5个百分点"
