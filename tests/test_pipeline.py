"""The repairer as its users see it: what it repairs, what it must not touch, and the laws of its edits."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import textfix
from textfix.edits import CONTENT_KINDS, FORMAT_KINDS, KINDS
from textfix.errors import OptionError
from textfix.pipeline import PRESETS, Options
from textfix.repairer.debris import Debris
from textfix.repairer.decoder import Decoder
from textfix.tables.confusable import Row, Table

SEED = Path(__file__).resolve().parent.parent / "corpora" / "seed"
NOTICE = (SEED / "authoritative-notice.txt").read_text("utf-8")
EXTRACT = (SEED / "garbled-extract.txt").read_text("utf-8")

slowly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_CHINESE = ["加快解决工矿废弃地、", "歼石山", "推进教育公平，", "渝发改规范〔2022〕5号", "扎实做好"]
_MIXED = ["2022年5月31日", "GDP增长5.1%", "3.14", "（一）", "“十四五”", '"两地"', "https://a.cn/b?c=1"]
_BROKEN = ["扌L 实", "重点彳壬务", "硏究", "岀台", "共涉及22 个区县", "ABC"]
_DEBRIS = ["\n", "\n\n", " ", ",", "。", "?", "|", "一一", "·", "和", "城市,", "１２", "人"]
PIECES = st.sampled_from([*_CHINESE, *_MIXED, *_BROKEN, *_DEBRIS])
TEXTS = st.lists(PIECES, max_size=8).map("".join)


# wild: from the seed extract and real OCR output

WILD = [
    ("补齐短板，扎实推进", "补齐短板，扎实推进"),
    ("扌L 实做好常态化疫情防控,", "扎实做好常态化疫情防控，"),
    ("确保各项重点彳壬务落到实处", "确保各项重点任务落到实处"),
    ("积极打造应用究平硏台", "积极打造应用研究平台"),
    ("构建产学深度融硏合的技术创新体系", "构建产学研深度融合的技术创新体系"),
    ("支持建设一扌青少岀年课外活动中心", "支持建设一批青少年课外活动中心"),
    ("资源型城市,是国民经济", "资源型城市，是国民经济"),
    ("共涉及22 个区县", "共涉及22个区县"),
    ('积极参与“一带一路"倡议', "积极参与“一带一路”倡议"),
    ("⻓江经济带⻔户", "长江经济带门户"),
]


@pytest.mark.parametrize(("garbled", "clean"), WILD)
def test_wild(garbled: str, clean: str) -> None:
    assert textfix.clean(garbled) == clean


# negative: what must come back as it is


@pytest.mark.parametrize(
    "text",
    [
        "会议提出，“積極探索、勇於實踐，以科技創新引領產業創新，以產業升級促進高質量發展”。有组织开展工作。",
        "要求“今後五年，政府將着力提升科技成果轉化效能，加大關鍵要素供給，培育優質開源項目”，切实抓好落实。",
        NOTICE,
        "第一条 为了规范行政行为，制定本办法。\n第二条 本办法自公布之日起施行。\n",
        "1.1 总体要求\n",
        "图 1 产业布局\n附件 2\n",
        "中国-北欧经贸合作论坛",
        "见 https://www.gov.cn/a,b?c=(d) 。",
        "《“健康中国2030”规划纲要》",
        "李明 张华 王芳",
        "　　特此通知。\n\n　　　　　　　　2022年5月31日\n",
        "",
        " \n\n",
        'plain English text, with (brackets) and "quotes".',
        "発展は、すべての人のために",
        "😀👍",
        "<p>加快发展</p>",
        "一，“a”\r\n二",
        "共有A、B、C三类项目",
        "维生素A, B, C, D等",
        "\x00\x01",
        "\ud800",
    ],
)
def test_untouched(text: str) -> None:
    assert textfix.repair(text).edits == textfix.edits.Edits()


# laws


def test_the_seed_extract_keeps_its_digits_and_edits() -> None:
    repair = textfix.repair(EXTRACT)
    assert [c for c in repair.text if c.isdigit()] == [c for c in EXTRACT if c.isdigit()]
    assert repair.edits.apply(EXTRACT) == repair.text
    assert repair.edits.inverse().apply(repair.text) == EXTRACT
    assert textfix.repair(repair.text).text == repair.text
    assert all(0 < e.confidence <= 1 and e.evidence for e in repair.edits)


@slowly
@given(TEXTS)
def test_replay_inverse_idempotence_digits(text: str) -> None:
    repair = textfix.repair(text)
    assert repair.edits.apply(text) == repair.text
    assert repair.edits.inverse().apply(repair.text) == text
    assert [c for c in repair.text if c.isdigit()] == [c for c in text if c.isdigit()]
    assert textfix.clean(repair.text) == repair.text


@slowly
@given(st.text(max_size=60))
def test_any_text_is_taken(text: str) -> None:
    repair = textfix.repair(text)
    assert repair.edits.apply(text) == repair.text
    assert [c for c in repair.text if c.isdigit()] == [c for c in text if c.isdigit()]


@slowly
@given(st.lists(TEXTS.map(lambda t: t.replace("\n", "")).filter(str.strip), min_size=2, max_size=3))
def test_paragraphs_are_independent_at_a_fixed_error_rate(paragraphs: list[str]) -> None:
    whole = textfix.clean("\n\n".join(paragraphs), error_rate=0.02)
    assert whole == "\n\n".join(textfix.clean(p, error_rate=0.02) for p in paragraphs)


def test_a_hopeless_page_is_left_alone_with_a_warning() -> None:
    page = "".join(sorted(EXTRACT[:900], key=lambda char: hashlib.md5(char.encode()).hexdigest())) + "硏,究"
    repair = textfix.repair(page)
    assert not repair.edits
    assert "noise" in str(repair.report["warning"])
    assert "warning" not in textfix.repair(EXTRACT).report
    assert "warning" not in textfix.repair(NOTICE).report


@pytest.mark.parametrize("text", [EXTRACT, *(garbled for garbled, _ in WILD)])
def test_a_lower_threshold_makes_the_same_edits_and_more(text: str) -> None:
    """An edit may become part of a longer one. On real pages that holds of nearly all edits (docs/limits.md)."""
    repairs = [textfix.repair(text, min_confidence=threshold) for threshold in (0.98, 0.97, 0.9, 0.8, 0.7, 0.5)]
    for higher, lower in pairwise(repairs):
        for edit in higher.edits:
            assert any(other.start <= edit.start and edit.end <= other.end for other in lower.edits)
    assert len(repairs[-1].edits) >= len(repairs[0].edits)


def test_what_the_setting_suggests_is_said_once_whatever_else_is_made() -> None:
    """The setting is looked at three times a pass, and there are several passes."""
    garbled = "加快解决工矿废弃地、歼石山等历史遗留问题,我们要加快发 展\n"
    repair = textfix.repair(garbled, min_confidence=0.98)
    assert repair.text.count("，") == 1
    assert [(s.kind, s.start) for s in repair.suggestions if s.kind == "space"] == [("space", garbled.index(" "))]
    assert not [s for s in textfix.repair(garbled).suggestions if s.kind == "space"]


def test_suggestions_are_edits_of_the_input() -> None:
    repair = textfix.repair(EXTRACT, min_confidence=1.0, only="content")
    assert not repair.edits
    assert repair.suggestions
    mixed = textfix.repair(EXTRACT, min_confidence=0.97)
    assert mixed.edits
    for suggestion in (*repair.suggestions, *mixed.suggestions):
        assert EXTRACT[suggestion.start : suggestion.end] == suggestion.observed


def test_protected_terms() -> None:
    assert "硏究" in textfix.clean("加强硏究工作", protect=("硏究",))
    assert "研究" in textfix.clean("加强硏究工作")


def test_kinds_are_selectable() -> None:
    text = "加强硏究,扌L 实推进"
    assert textfix.clean(text, only="width") == "加强硏究，扌L 实推进"
    assert textfix.clean(text, skip=("width", "split")) == "加强研究,扌L 实推进"
    assert textfix.clean(text, only="format") == "加强硏究，扌L 实推进"
    assert textfix.clean(text, skip="all") == text


def test_words_depart_from_the_options_of_a_repairer() -> None:
    own = Options.of(
        only="content", protect=("硏究",), terms=("科学技术局",), reflow=True, min_confidence=0.9, error_rate=0.01
    )
    assert own.but() == own
    assert own.but(only="width") == replace(own, kinds=frozenset({"width"}))
    assert own.but(skip="glyph,width") == replace(own, kinds=CONTENT_KINDS - {"glyph"})
    assert own.but(only="format", skip="width").kinds == FORMAT_KINDS - {"width"}
    assert own.but(preset="eager") == replace(own, min_confidence=PRESETS["eager"])
    assert own.but(min_confidence=0.0, error_rate=None) == replace(own, min_confidence=0.0, error_rate=None)
    assert own.but(protect=(), terms="土家族", reflow=False) == replace(
        own, protect=(), terms=("土家族",), reflow=False
    )
    with pytest.raises(OptionError):
        own.but(preset="bold")
    text = "加强硏究,彳壬务"
    repairer = textfix.Repairer(Options.of(protect=("硏究",), skip="width"))
    assert repairer.clean(text, only="variant,glyph") == text
    assert repairer.clean(text, preset="eager") == repairer.but(preset="eager").clean(text) == "加强硏究,任务"
    assert repairer.but(protect=()).clean(text) == "加强研究,任务"


@pytest.mark.parametrize(
    "words",
    [{"only": "nothing"}, {"skip": "glyhp"}, {"preset": "bold"}, {"min_confidence": 1.5}, {"error_rate": -1.0}],
)
def test_words_that_mean_nothing(words: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        textfix.repair("文", **words)


def test_the_kinds_are_all_in_one_group() -> None:
    assert set(KINDS) == CONTENT_KINDS | FORMAT_KINDS
    assert not CONTENT_KINDS & FORMAT_KINDS


def test_what_a_table_rejects_never_comes_back() -> None:
    text = "确保各项重点彳壬务落到实处，加强硏究工作。"
    assert textfix.clean(text) == "确保各项重点任务落到实处，加强研究工作。"
    table = Table([Row("彳壬", "任", "split", 7, 2, "rejected"), Row("硏", "研", "variant", 3, 1)])
    repairer = textfix.Repairer(Options.of(preset="eager"), table=table)
    repair = repairer.repair(text)
    assert repair.text == "确保各项重点彳壬务落到实处，加强研究工作。"
    assert repair.edits.apply(text) == repair.text
    assert not [s for s in repair.suggestions if (s.observed, s.replacement) == ("彳壬", "任")]
    assert repairer.clean(repair.text) == repair.text
    assert repairer.clean(text, terms=["研究院"]) == repair.text
    assert repairer.but(skip="width").repair(text) == repair
    assert pickle.loads(pickle.dumps(repairer)).repair(text) == repair
    rejected = textfix.Repairer(table=table.reject("硏", "研"))
    assert "硏究" in rejected.clean(text)
    assert "硏究" in rejected.clean(text, preset="eager", error_rate=0.05)


def test_threads_and_pickles_agree() -> None:
    repairer = textfix.Repairer()
    texts = [EXTRACT[i : i + 300] for i in range(0, 1800, 300)]
    expected = [repairer.repair(t) for t in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(repairer.repair, texts)) == expected
    copy = pickle.loads(pickle.dumps(repairer))
    assert copy.repair(texts[0]) == expected[0]


def test_nothing_depends_on_the_hash_seed() -> None:
    code = (
        "import textfix,sys; sys.stdout.buffer.write(repr(textfix.repair(sys.stdin.buffer.read().decode())).encode())"
    )
    outs = {
        subprocess.run(
            [sys.executable, "-c", code], input=EXTRACT[600:1300].encode(), capture_output=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        ).stdout
        for seed in ("0", "1", "4711")
    }  # fmt: skip
    assert len(outs) == 1


@pytest.mark.parametrize(
    ("kind", "span", "allowed"),
    [("noise", (3, 5), False), ("noise", (3, 4), True), ("noise", (6, 8), True), ("glyph", (3, 5), True)],
)
def test_two_characters_are_a_word_and_no_noise(kind: str, span: tuple[int, int], allowed: bool) -> None:
    asked = textfix.pipeline._allowed(frozenset({"noise", "glyph"}), (), None)
    assert asked("特点\n文档\n｜人加快发展\n", kind, *span) is allowed


@pytest.mark.parametrize(
    ("text", "place", "allowed"),
    [
        ("说明\n二\n本市", 3, False),
        ("说明\r\n  二 \r\n本市", 6, False),
        ("二", 0, False),
        ("说明\n二本市", 3, True),
        ("说明二\n本市", 2, True),
        ("说明\n人\n本市", 3, True),
    ],
)
def test_a_numeral_with_a_line_to_itself_is_no_noise(text: str, place: int, allowed: bool) -> None:
    asked = textfix.pipeline._allowed(frozenset({"noise"}), (), None)
    assert asked(text, "noise", place, place + 1) is allowed


def test_the_next_pass_does_not_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is repaired makes a second pass, on a text that debris and decoder have seen in the first."""
    asked: list[tuple[str, str]] = []

    def counted(kind: type, name: str, text_of: Callable[[Any], str]) -> None:
        real = getattr(kind, name)

        def call(self: object, first: Any, *rest: Any, **words: Any) -> Any:
            asked.append((name, text_of(first)))
            return real(self, first, *rest, **words)

        monkeypatch.setattr(kind, name, call)

    counted(Decoder, "decode", str)
    counted(Debris, "edits", lambda view: str(view.text))
    before, after = "确保各项重点彳壬务落到实处。", "确保各项重点任务落到实处。"
    assert textfix.clean(before) == after
    assert asked == [("edits", before), ("edits", after), ("decode", after)]
