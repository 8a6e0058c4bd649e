"""Classes of differences: the plain ones by rule, the hard ones by evidence; numbers are never OCR's."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import DIFFERENCE_KINDS, Difference, align
from textfix.alignment.evidence import Evidence
from textfix.alignment.numbers import take_numbers
from textfix.alignment.refine import refine
from textfix.alignment.shifts import take_shifts
from textfix.text.codepoints import encode

LEFT, RIGHT = "加快推进资源型地区生态修复和", "整治，促进区域经济协调发展。"


def found(observed: str, intended: str) -> list[tuple[str, str, str]]:
    """The differences of a sentence that reads `observed` in its middle, where the authority has `intended`."""
    alignment = align(LEFT + observed + RIGHT, LEFT + intended + RIGHT)
    return [(d.observed, d.intended, d.kind) for d in alignment.differences]


@pytest.mark.parametrize(
    ("observed", "intended", "kinds"),
    [
        ("环境", "环境", []),
        ("环境,", "环境，", [(",", "，", "width")]),
        ('"环境"', "“环境”", [('"', "“", "quote"), ('"', "”", "quote")]),
        ("环境", "“环境”", [("", "“", "quote"), ("", "”", "quote")]),
        ("环 境", "环境", [(" ", "", "space")]),
        ("环\n境", "环境", [("\n", "", "layout")]),
        ("环境。", "环境；", [("。", "；", "mark")]),
        ("水土", "水、土", [("", "、", "drop")]),
        ("环境~·", "环境", [("~·", "", "noise")]),
        ("坏境", "环境", [("坏", "环", "glyph")]),
        ("扌L实环境", "扎实环境", [("扌L", "扎", "split")]),
        ("彳壬务环境", "任务环境", [("彳壬", "任", "split")]),
        ("岀台", "出台", [("岀", "出", "variant")]),
        ("院所硏企业", "研院所企业", [("院所硏", "研院所", "shift")]),
        ("一扌青少岀年", "一批青少年", [("扌青少岀", "批青少", "shift")]),
        ("22个项目", "21个项目", [("22", "21", "number")]),
        ("32万亩", "35.6万亩", [("32", "35.6", "number")]),
        ("25%的项目", "25.3%的项目", [("25%", "25.3%", "number")]),
        ("第三章", "第二章", [("三", "二", "number")]),
        ("l个项目", "1个项目", [("l", "1", "number")]),
        ("环境", "武陵山片区环境", [("", "武陵山片区", "omission")]),
        ("重庆环境", "环境", [("重庆", "", "insertion")]),
        ("城市环境", "鲁渝环境", [("城市", "鲁渝", "substitution")]),
        ("地区对接", "与京津冀、长三角等区域战略对接", [("地区", "与京津冀、长三角等区域战略", "substitution")]),
        ("猛产业", "秀山县锰产业", [("", "秀山县", "omission"), ("猛", "锰", "glyph")]),
        ("GDP水平", "生产总值水平", [("GDP", "生产总值", "substitution")]),
    ],
)
def test_kinds(observed: str, intended: str, kinds: list[tuple[str, str, str]]) -> None:
    assert found(observed, intended) == kinds


def test_likeness_and_not_length_decides() -> None:
    """The same place, the same length, both unlikely to be meant: 环 is printed like 坏, and unlike 美 and 法."""
    assert [kind for *_, kind in found("坏境", "环境")] == ["glyph"]
    assert [kind for *_, kind in found("美境", "环境")] == ["substitution"]
    assert [kind for *_, kind in found("法境", "环境")] == ["substitution"]


def test_doubtful_differences_carry_their_evidence() -> None:
    (difference,) = align(LEFT + "坏境" + RIGHT, LEFT + "环境" + RIGHT).differences
    assert difference.ocr
    assert not difference.editorial
    assert 0.5 < difference.confidence <= 1
    assert {"odds", "likeness", "gain"} <= set(difference.evidence)


def test_a_mark_lost_at_the_edge_of_a_cut_is_told_from_the_cut() -> None:
    whole = LEFT + "治理。创新监管方式，完善评估机制，提升能力。积极" + RIGHT
    extract = whole.replace("。创新监管方式，完善评估机制，提升能力。", "")
    assert [(d.intended, d.kind) for d in align(extract, whole).differences] == [
        ("。", "drop"),
        ("创新监管方式，完善评估机制，提升能力。", "omission"),
    ]
    extract = whole.replace("创新监管方式，完善评估机制，提升能力。", "")
    assert [d.kind for d in align(extract, whole).differences] == ["omission"]


few = st.text(st.sampled_from("1 2.９环坏，,。“\n"), max_size=12)


@given(few, few)
def test_digits_are_never_ocr_errors(observed: str, intended: str) -> None:
    def digits(text: str) -> str:
        return "".join(c for c in text.replace("９", "9") if c.isdigit())

    differences = align(LEFT + observed + RIGHT, LEFT + intended + RIGHT).differences
    assert {d.kind for d in differences} <= set(DIFFERENCE_KINDS)
    for d in differences:
        if not d.editorial:
            assert digits(d.observed) == digits(d.intended), d


@pytest.mark.parametrize(
    ("x", "y", "blocks", "numbers"),
    [
        ("共22个", "共21个", [(2, 3, 2, 3)], [(1, 3, 1, 3)]),
        ("约140万", "约164.69万", [(2, 2, 2, 3), (3, 4, 4, 7)], [(1, 4, 1, 7)]),
        ("增长5%", "增长5.4%", [(3, 3, 3, 5)], [(2, 4, 2, 6)]),
        ("第二条", "第三条", [(1, 2, 1, 2)], [(1, 2, 1, 2)]),
        ("第条", "第二条", [(1, 1, 1, 2)], []),
        ("甲乙", "甲丙", [(1, 2, 1, 2)], []),
    ],
)
def test_numbers_are_taken_whole(
    x: str, y: str, blocks: list[tuple[int, int, int, int]], numbers: list[tuple[int, int, int, int]]
) -> None:
    taken, rest = take_numbers(x, y, blocks)
    assert taken == numbers
    assert rest == ([] if numbers else blocks)


def test_an_extract_that_ends_inside_a_sentence_lost_no_mark() -> None:
    authority = f"加强领导，{LEFT}环境，{RIGHT}加强领导。"
    for extract in (f"加强领导，{LEFT}环境", f"环境，{RIGHT}加强领导。", "环境"):
        assert not [d for d in align(extract, authority).differences if d.kind == "drop"], extract
    (lost, cut) = align(f"加强领导。{LEFT}环境", f"加强领导。{LEFT}环境。{RIGHT}").differences
    assert (lost.kind, lost.intended, cut.kind) == ("drop", "。", "omission")


@pytest.mark.parametrize(
    ("observed", "intended", "parts"),
    [
        ("猛", "秀山县锰", [("", "秀山县"), ("猛", "锰")]),
        ("?口", "和", [("?口", "和")]),
        ("研", "石开", [("研", "石开")]),
        ("坏境", "环境", [("坏", "环"), ("境", "境")]),
        ("地区", "与京津冀等区域战略", [("地区", ""), ("", "与京津冀等区域战略")]),
    ],
)
def test_refine(observed: str, intended: str, parts: list[tuple[str, str]]) -> None:
    block = (0, len(observed), 0, len(intended))
    refined = refine(encode(observed), encode(intended), block, Evidence.shipped())
    assert [(observed[a:b], intended[c:d]) for a, b, c, d in refined] == parts


@given(st.text("甲乙丙。，环坏", min_size=1, max_size=30), st.text("甲乙丙。，环坏", min_size=1, max_size=70))
def test_refined_blocks_cover_their_block(observed: str, intended: str) -> None:
    refined = refine(encode(observed), encode(intended), (0, len(observed), 0, len(intended)), Evidence.shipped())
    assert "".join(observed[a:b] for a, b, _, _ in refined) == observed
    assert "".join(intended[c:d] for _, _, c, d in refined) == intended
    assert all(one[1] == two[0] and one[3] == two[2] for one, two in pairwise(refined))


def test_what_only_the_shorter_side_has_is_found_behind_the_hidden_middle_of_a_cut() -> None:
    observed = "依据《血液制品管理条例》第三十四条的有关规定予以处罚:(一)未取得《单采血浆许可证》开展采供血浆活动的;(二)《单采血浆许可证》已被注销或者吊销仍开展采供血浆活动的;(三)租用、借用、出租、出借、变造、伪造《单采血浆许可证》开展采供血浆"  # noqa: E501
    intended = "予以取缔,没收违法所得和从事违法"
    refined = refine(encode(observed), encode(intended), (0, len(observed), 0, len(intended)), Evidence.shipped())
    assert "".join(observed[a:b] for a, b, _, _ in refined) == observed
    assert "".join(intended[c:d] for _, _, c, d in refined) == intended


def test_displaced_glyphs_are_paired() -> None:
    x, y = encode("高校科院所硏企业甲"), encode("高校科研院所企业甲")
    shifts, rest = take_shifts(x, y, [(3, 3, 3, 4), (5, 6, 6, 6)], [], Evidence.shipped())
    assert rest == []
    assert [(s.kind, s.evidence["displaced"], s.evidence["reads"], s.evidence["by"]) for s in shifts] == [
        ("shift", "硏", "研", 2)
    ]


def test_no_glyph_is_displaced_across_a_number() -> None:
    observed, intended = "管理局第28号令公布的", "管理局令第86号公布的"
    x, y = encode(observed), encode(intended)
    blocks, numbers = [(3, 3, 3, 4), (7, 8, 8, 8)], [(4, 6, 5, 7)]
    assert take_shifts(x, y, blocks, numbers, Evidence.shipped()) == ([], blocks)
    assert ("28", "86", "number") in found(observed, intended)


def test_unlike_glyphs_are_not_paired() -> None:
    x, y = encode("高校科院所城企业"), encode("高校科研院所企业")
    shifts, rest = take_shifts(x, y, [(3, 3, 3, 4), (5, 6, 6, 6)], [], Evidence.shipped())
    assert shifts == []
    assert len(rest) == 2


def test_a_difference_knows_its_party() -> None:
    kinds = {kind: Difference(0, 0, 0, 1, "", "x", kind) for kind in DIFFERENCE_KINDS}
    assert {k for k, d in kinds.items() if d.editorial} == {"number", "omission", "insertion", "substitution", "move"}
    assert {k for k, d in kinds.items() if d.formatting} == {"width", "quote", "space", "layout"}
    assert all(d.ocr + d.editorial + d.formatting == 1 for d in kinds.values())
