"""Texts in traditional script: recognised, repaired through a simplified view, in their own script."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textfix
from textfix.edits import Edit, Edits
from textfix.text.scripts import SimplifiedView, simplify

CLEAN = (
    "各級人民政府應當加強組織領導，建立健全工作機制，推動經濟社會高質量發展。\n"
    "國務院辦公廳關於印發實施方案的通知，請認真貫徹執行，確保各項任務落到實處。\n"
)


def test_a_clean_text_comes_back_byte_for_byte() -> None:
    repair = textfix.repair(CLEAN)
    assert repair.text == CLEAN
    assert not repair.edits
    assert repair.report["script"] == "traditional"


@pytest.mark.parametrize(
    ("right", "garbled"),
    [
        ("任務落到", "彳壬務落到"),
        ("機制，推動", "機制,推動"),
        ("社會高質量發展", "社會高展質量發"),
        ("組織領導", "糹且織領導"),
    ],
)
def test_repaired_in_its_own_script(right: str, garbled: str) -> None:
    text = CLEAN.replace(right, garbled)
    assert text != CLEAN
    repair = textfix.repair(text)
    assert repair.edits.apply(text) == repair.text
    assert simplify(repair.text) == textfix.clean(simplify(text))
    assert textfix.clean(repair.text) == repair.text
    if garbled[0] != "糹":  # traditional components are not in the table: left as they are
        assert repair.text == CLEAN


@pytest.mark.parametrize("text", ["國務院辦公廳", "臺灣地區", "中華人民共和國國務院令"])
def test_a_short_title_stays_traditional(text: str) -> None:
    assert textfix.clean(text) == text


def test_a_quotation_in_a_simplified_text_stays_and_a_lone_form_does_not() -> None:
    text = "碑文写道：『國家興亡，匹夫有責』，这是当地百姓世代相传的家训。\n加强基层治理体系建设，推进乡村全面振兴。\n"
    assert textfix.clean(text) == text
    repair = textfix.repair("完善政策措施，推动高质量發展，加强组织领导。")
    assert repair.text == "完善政策措施，推动高质量发展，加强组织领导。"
    assert [edit.kind for edit in repair.edits] == ["variant"]


def test_japanese_names_stay() -> None:
    text = "他在東京国際大学和関西国際空港担任顾问，与日本国際協力機構开展合作。"
    assert textfix.clean(text) == text


MIXED = (
    "各级人民政府應当加强组織领導，建立健全工作机制，推動經济社会高质量發展，完善政策措施，加强基层治理體系建设。\n"
    "国务院办公厅關于印发实施方案的通知，请认真贯徹执行，确保各项任务落到實处，推进鄉村全面振兴，维护國家安全。\n"
)


def test_simplified_text_that_an_engine_read_as_traditional_here_and_there_is_repaired_in_simplified_script() -> None:
    repair = textfix.repair(MIXED)
    assert "script" not in repair.report
    assert repair.text == simplify(MIXED)
    assert {edit.kind for edit in repair.edits} == {"variant"}
    assert textfix.clean(repair.text) == repair.text


@given(st.text(alphabet="國务院發展发髮台臺里裏乾干后後abc1，\n\U00020000", max_size=40))
@settings(deadline=None)
def test_the_view_is_one_to_one(text: str) -> None:
    glass = SimplifiedView(text)
    assert len(glass.view) == len(text)
    assert simplify(glass.view) == glass.view


def test_the_way_back_asks_for_the_context_and_for_what_the_text_uses() -> None:
    glass = SimplifiedView("理髮店的頭X型，經濟X展，臺北和臺中，X灣")
    edits = [Edit(5, 6, "X", "发", "glyph"), Edit(10, 11, "X", "发", "glyph"), Edit(19, 20, "X", "台", "glyph")]
    back, left = glass.back(edits)
    assert left == 0
    assert [edit.replacement for edit in back] == ["髮", "發", "臺"]
    glass = SimplifiedView("裡面，為民，這X")
    back, _ = glass.back([Edit(7, 8, "X", "里", "glyph")])
    assert [edit.replacement for edit in back] == ["裡"]


def test_protected_terms_in_either_script() -> None:
    text = CLEAN.replace("任務落到", "彳壬務落到")
    assert textfix.clean(text, protect=("彳壬務",)) == text


@pytest.mark.parametrize("terms", [("重慶市科學技術局", "綦江區"), ("重庆市科学技术局", "綦江区")])
def test_authority_terms_in_either_script(terms: tuple[str, ...]) -> None:
    text = CLEAN + "重慶市科學枝術局印發通知。\n"
    repairer = textfix.Repairer(textfix.Options.of(only="term", terms=terms))
    assert repairer.clean(text) == CLEAN + "重慶市科學技術局印發通知。\n"
    assert repairer.repair(CLEAN + "\n綦江區\n").edits == Edits()
    assert repairer.clean(text) == repairer.but(terms=terms).clean(text)
    assert len(repairer._terms) <= 2
