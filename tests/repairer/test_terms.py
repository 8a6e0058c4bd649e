"""Authority terms: what is repaired to them, what they protect, and what must not be forced."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import textfix
from textfix.edits import Edits
from textfix.lm import load_default
from textfix.pipeline import Options, Repairer
from textfix.repairer.terms import Terms

AUTHORITY = (
    "重庆市科学技术局", "重庆市", "川渝", "张建国", "矸石山", "人力资源社会保障部", "万盛经济技术开发区", "全国运动会",
    "全国人民代表大会常务委员会", "湖南省国民经济和社会发展第十五个五年规划纲要", "第十五个五年规划", "北京大学",
    "ＡＢ１２公司",
)  # fmt: skip


def only_terms(text: str, **words: object) -> textfix.Repair:
    return textfix.repair(text, terms=AUTHORITY, only="term", **words)


@pytest.mark.parametrize(
    ("garbled", "clean"),
    [
        ("重庆市科学枝术局发布通知", "重庆市科学技术局发布通知"),
        ("重庆 市科学\n枝术局发布通知", "重庆 市科学\n技术局发布通知"),
        ("由人力资源杜会保障部负责", "由人力资源社会保障部负责"),
        ("由人力资源社会保部负责", "由人力资源社会保障部负责"),
        ("加快解决歼石山等问题", "加快解决矸石山等问题"),
        ("位于万盛经济枝术开发区", "位于万盛经济技术开发区"),
        ("由全国人民代表大会常务委贝会解释", "由全国人民代表大会常务委员会解释"),
    ],
)
def test_near_misses_are_repaired(garbled: str, clean: str) -> None:
    repair = only_terms(garbled)
    assert repair.text == clean
    assert {e.kind for e in repair.edits} == {"term"}
    assert all(e.evidence["term"] in AUTHORITY and 0.8 <= e.confidence < 1 for e in repair.edits)
    assert only_terms(repair.text).edits == Edits()


@pytest.mark.parametrize(
    "text",
    [
        "川城科技协作",  # people put 城 there
        "推进城市科技协作",
        "重庆是直辖市，重庆的发展",  # a shorter form of a term
        "北京市科学技术局与四川省科学技术厅",  # other names of the same build
        "张健国同志、张建华同志",  # another person
        "河南省国民经济和社会发展第十五个五年规划纲要",
        "云南省国民经济和社会发展第十五个五年规划纲要",
        "全区运动会",
        "第十四个五年规划、第十三个五年规划",  # numbers are what people change
        "东京大学、南京大学",
        "AB13公司",
        "重庆市\n\n科学枝术局",  # two paragraphs
        "全国人民代表大会",
        "人力资源部社会保障局",
        "",
        "重",
    ],
)
def test_what_resembles_a_term_is_not_forced(text: str) -> None:
    assert only_terms(text).text == text


def test_two_characters_need_the_document_and_a_look_alike() -> None:
    assert only_terms("推进川俞合作。").text == "推进川俞合作。"
    assert only_terms("川渝两地推进川渝合作，深化川俞协作。川城协作", min_confidence=0.5).edits == Edits()
    twice = textfix.repair("重庆说，重庆的发展。童庆市", terms=["重庆"], only="term")
    assert twice.text == "重庆说，重庆的发展。重庆市"
    assert textfix.repair("童庆市", terms=["重庆"], only="term").text == "童庆市"


def test_a_term_that_stands_is_protected() -> None:
    assert textfix.clean("加强硏究工作") == "加强研究工作"
    assert textfix.clean("加强硏究工作", terms=["硏究"]) == "加强硏究工作"
    assert textfix.clean("加强硏\n究工作", terms=["加强硏究"]) == "加强硏\n究工作"


def test_of_two_terms_that_fit_the_likelier_is_taken_and_certainty_shared() -> None:
    alone = textfix.repair("由人力资源杜会保障部负责", terms=["人力资源社会保障部"], only="term").edits[0]
    rival = textfix.repair(
        "由人力资源杜会保障部负责", terms=["人力资源社会保障部", "人力资源壮会保障部"], only="term"
    ).edits[0]
    assert alone.replacement == rival.replacement == "社"
    assert rival.confidence <= alone.confidence


def test_terms_can_be_skipped_and_still_protect() -> None:
    text = "由人力资源杜会保障部负责"
    assert textfix.repair(text, terms=AUTHORITY, only="width").text == text
    assert textfix.clean("加强硏究工作", terms=["硏究"], skip="term") == "加强硏究工作"


PIECES = st.sampled_from(
    [*AUTHORITY, "重庆市科学枝术局", "童庆市", "川俞", "张健国", "２０２２年", "5.1%", "，", "\n", "\n\n", " ", "的"]
)


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=8).map("".join))
def test_laws(text: str) -> None:
    repair = only_terms(text)
    assert repair.edits.apply(text) == repair.text
    assert repair.edits.inverse().apply(repair.text) == text
    assert [c for c in repair.text if c.isdigit()] == [c for c in text if c.isdigit()]
    assert only_terms(repair.text).text == repair.text


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(PIECES, max_size=6).map("".join), st.integers(0, 30), st.integers(0, 3))
def test_stands_agrees_with_a_slow_search(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    kept = [i for i, char in enumerate(text) if not char.isspace()]
    flat = "".join(text[i] for i in kept)
    expected = False
    for term in AUTHORITY:
        at = flat.find(term)
        while at >= 0:
            first, last = kept[at], kept[at + len(term) - 1] + 1
            expected |= first < end and start < last if start < end else first < start < last
            at = flat.find(term, at + 1)
    assert Terms.of(AUTHORITY, load_default()).stands(text, start, end) == expected


def test_a_repairer_keeps_its_index_and_takes_it_along() -> None:
    repairer = Repairer(Options.of(terms=AUTHORITY))
    held = repairer.terms_of(repairer.options)
    assert held is not None
    assert repairer.terms_of(repairer.options) is held
    copy = pickle.loads(pickle.dumps(repairer))
    assert [listed for listed, _ in copy._terms] == [repairer.options.terms]
    assert copy.repair("重庆市科学枝术局") == repairer.repair("重庆市科学枝术局")


def test_locality_at_a_fixed_error_rate() -> None:
    near, far = "童庆市", "重庆说，重庆的发展。"
    words = {"terms": ["重庆"], "only": "term", "error_rate": 0.02}
    assert textfix.clean(far + "\n\n" + near, **words) == far + "\n\n" + textfix.clean(near, **words)
