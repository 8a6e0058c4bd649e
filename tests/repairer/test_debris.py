"""Debris of glyphs: what is put together again, what stays, and where the spots are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import textfix
from textfix.errors import TableError
from textfix.lm import load_default
from textfix.pipeline import default_repairer
from textfix.repairer.debris import Debris
from textfix.repairer.debris_judge import DOCUMENT, FEATURES, Judge
from textfix.repairer.debris_spots import QUICK, THOROUGH, Bounds, find_spots
from textfix.repairer.guard import Guard
from textfix.repairer.pieces import GROUPS
from textfix.repairer.view import View, look, view

SEED = Path(__file__).resolve().parents[2] / "corpora" / "seed"
NOTICE = (SEED / "authoritative-notice.txt").read_text("utf-8")


# made up: kinds of the seed's debris in other words


@pytest.mark.parametrize(
    ("garbled", "clean"),
    [
        ("坚持稳中求进工作总基调，女口期完成各项任务。", "坚持稳中求进工作总基调，如期完成各项任务。"),
        ("加弓虽基层治理体系建设。", "加强基层治理体系建设。"),
        ("加强生态环境亻呆护和修复。", "加强生态环境保护和修复。"),
        ("推进教育、医疗?口养老服务均衡发展。", "推进教育、医疗和养老服务均衡发展。"),
        ("严格落实安全生产责亻壬制。", "严格落实安全生产责任制。"),
        ("应急管理音阝门会同有关单位组织实施。", "应急管理部门会同有关单位组织实施。"),
        ("各级人民府政应当加强组织领导。", "各级人民政府应当加强组织领导。"),
        ("加快展发现代服务业和先进制造业。", "加快发展现代服务业和先进制造业。"),
        ("全面贯彻党的二十大神精，坚持新发展理念。", "全面贯彻党的二十大精神，坚持新发展理念。"),
        ("加强硏究，岀台政策，改進作风。", "加强研究，出台政策，改进作风。"),
    ],
)
def test_debris_is_put_together_again(garbled: str, clean: str) -> None:
    repair = textfix.repair(garbled)
    assert repair.text == clean
    assert textfix.clean(clean) == clean
    assert repair.edits.inverse().apply(repair.text) == garbled


@pytest.mark.parametrize(("debris", "looks"), [("", [QUICK]), ("严格落实安全生产责亻壬制。", [QUICK, THOROUGH])])
def test_a_long_text_is_weighed_thoroughly_only_if_a_quick_look_is_sure(
    debris: str, looks: list[Bounds]
) -> None:
    asked: list[Bounds] = []

    class Counting(Debris):
        def evidence(self, v: View, log_probs: np.ndarray, bounds: Bounds = THOROUGH) -> Any:
            asked.append(bounds)
            return super().evidence(v, log_probs, bounds)

    own = default_repairer()._debris
    counting = Counting(own.lm, own.components, own.variants, own.channel, own.unigrams, own.judge)
    text = NOTICE * (2000 // len(NOTICE) + 1) + debris
    seen = look(text, own.lm)
    edits = counting.edits(seen.view, seen.log_probs, Guard(text, (), None))
    assert asked == looks
    assert [e.replacement for e in edits if e.confidence > 0.9] == ["任"] * bool(debris)
    asked.clear()
    seen = look(NOTICE[:300], own.lm)
    counting.edits(seen.view, seen.log_probs, Guard(NOTICE[:300], (), None))
    assert asked == [THOROUGH]


# negative: parts that are words, words that can be turned round, rare characters that are names


@pytest.mark.parametrize(
    "text",
    [
        "女子足球队和男子篮球队。",
        "日月潭和阿里山。",
        "本法自公布之日起施行。",
        "建立健全工作机制，健全建立档案制度。",
        "计算机和会计、审计、统计人员。",
        "推广长汀水土流失治理经验。",
        "瀍河、嵩县、洛阳市。",
        "A类和B类企业，C级以上。",
        "他问：为什么?因为不知道。",
        "美国政府?日宣布向乌克兰提供援助。",
        "该机构? 日发表声明称，经济增长低于预期。",
        "清乾隆年间。",
    ],
)
def test_what_only_looks_like_debris_stays(text: str) -> None:
    assert not textfix.repair(text, only="content", skip="mark").edits


@pytest.mark.parametrize(
    ("text", "split"),
    [("社会高展质量发，推动产业升级。", "社会高展\n质量发，推动产业升级。"),
     ("社会高展质量发，推动产业升级。", "社会高展5质量发，推动产业升级。")],
)  # fmt: skip
def test_a_displaced_glyph_never_crosses_a_line_end_or_a_digit(text: str, split: str) -> None:
    assert textfix.clean(text, only="shift") == "社会高质量发展，推动产业升级。"
    assert textfix.clean(split, only="shift") == split


def test_spots_are_few_in_good_text_and_stand_where_debris_is() -> None:
    repairer = default_repairer()
    lm, debris = load_default(), repairer._debris

    def spots(text: str, bounds=THOROUGH):
        v = view(text, lm)
        log_probs = lm.log_prob(v.stream, context=np.empty(0, dtype=np.uint16))
        return find_spots(v, log_probs, debris.unigrams, debris.components, debris.variants, bounds), v

    good, v = spots(NOTICE)
    quick, _ = spots(NOTICE, QUICK)
    assert len(good.pairs) < 0.03 * len(v)
    assert set(quick.pairs.tolist()) <= set(good.pairs.tolist())
    assert quick.moved.size <= good.moved.size
    bad, v = spots("确保各项重点彳壬务落到实处，深入究平硏台。")
    assert 6 in bad.pairs
    assert (bad.moved == 15).any()
    for short in ("", "一", "彳", "彳壬", "?"):
        assert spots(short)[0].pairs.size <= 1


def test_nothing_depends_on_the_next_paragraph() -> None:
    one, other = "各级人民府政应当", "重点彳壬务，女口期完成。"
    whole = textfix.clean(f"{one}\n\n{other}", error_rate=0.02)
    assert whole == "\n\n".join(textfix.clean(part, error_rate=0.02) for part in (one, other))


def test_the_weights_are_complete_and_malformed_ones_are_told(tmp_path: Path) -> None:
    judge = Judge.load()
    assert judge.first.shape == (len(GROUPS), 1 + len(FEATURES))
    assert judge.second.shape == (len(GROUPS), 1 + len(FEATURES) + len(DOCUMENT))
    assert (np.abs(judge.second).sum(axis=1) > 0).all()
    bad = tmp_path / "debris.tsv"
    bad.write_text("opinion\tgroup\tfeature\tweight\nfirst\tsplit\tno-such\t1\n", "utf-8")
    with pytest.raises(TableError, match=r"debris\.tsv:2"):
        Judge.load(bad)


def test_more_debris_elsewhere_makes_bolder() -> None:
    judge, groups = Judge.load(), np.arange(len(GROUPS))
    x = np.zeros((len(GROUPS), len(FEATURES)), dtype=np.float32)
    x[:, FEATURES.index("gain")] = 12
    few = judge.confidence(groups, x, np.full(len(GROUPS), 1e-4), 0.02)
    many = judge.confidence(groups, x, np.full(len(GROUPS), 1e-2), 0.02)
    assert (many >= few).sum() >= 3
