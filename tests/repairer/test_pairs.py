"""Two wrong characters side by side, and what the mark model is asked, against slow walks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.channel import Channel
from textfix.lm import load_default
from textfix.lm.marks import ANSWERS, ELSE, NONE, Marks, answer_of
from textfix.repairer.detector import phrased
from textfix.repairer.features import FEATURES, features
from textfix.repairer.models import Models
from textfix.repairer.places import Places, neighbours
from textfix.repairer.proposals import PAIR, Proposals
from textfix.repairer.scoring import proposals
from textfix.repairer.view import Look, look
from textfix.text.classes import HAN, MARK, OTHER, classify

from .made import everywhere, proposed

LM = load_default()
MODELS = Models.shipped(LM, Channel.load())
WRONG = "改造。提高过旧分类和资源化利用水平，完善共享机制。"
PIECES = st.sampled_from(["加快解决工矿", "提高过旧分类和资源化", "，", "\n", "\n\n", "2022年", "|", "人", "。", "“"])
TEXTS = st.lists(PIECES, min_size=1, max_size=8).map("".join).filter(lambda text: text.strip() != "")
some = settings(max_examples=30, deadline=None)


def read(text: str) -> tuple[Look, Places, Proposals]:
    seen = look(text, LM)
    at = everywhere(seen, MODELS)
    return seen, at, proposals(seen.view, MODELS, seen.log_probs, at)[0]


def test_two_that_make_a_phrase_are_proposed_though_neither_does_alone() -> None:
    seen, _, p = read(WRONG)
    at = WRONG.index("过旧")
    rows = np.flatnonzero((p.kind == PAIR) & (p.start == at))
    assert p.text(int(rows[0])) == "垃圾"
    alone = np.flatnonzero((p.length == 1) & (p.size == 1))
    assert "垃" not in {p.text(int(row)) for row in alone[p.start[alone] == at]}
    assert len(seen.view) == len(WRONG)


@some
@given(TEXTS)
def test_the_cloze_model_is_asked_about_each_beside_the_other(text: str) -> None:
    seen, _, p = read(text)
    v = seen.view
    edges = np.append(np.flatnonzero(v.breaks[:-1] == 2), len(v))
    for row in np.flatnonzero(p.kind == PAIR).tolist():
        start = int(p.start[row])
        said = []
        for k in range(2):
            codes = v.codes.copy()
            codes[start + 1 - k] = p.codes[row, 1 - k]
            ids, place = MODELS.cloze.id_of(codes), np.array([start + k])
            of = v.paragraph[place]
            around = MODELS.cloze.surroundings(ids, place - 1, place + 1, edges[of], edges[of + 1])
            said.append(MODELS.cloze.log_probs(around)[0])
        answers = MODELS.cloze.id_of(p.codes[row])
        # Where the two lie in different paragraphs, each sees only its own.
        if v.paragraph[start] == v.paragraph[start + 1]:
            assert p.said[row] == pytest.approx(np.mean([said[k][answers[k]] for k in range(2)]), abs=1e-5)
            assert p.best[row] == pytest.approx(np.mean([s.max() for s in said]), abs=1e-5)


@some
@given(TEXTS)
def test_pairs_are_two_other_han_characters_in_a_row(text: str) -> None:
    seen, at, p = read(text)
    v = seen.view
    rows = np.flatnonzero((p.kind == PAIR) & (p.codes[:, 0] != ord("—")))
    assert (classify(p.codes[rows].ravel()) == HAN).all()
    assert ((p.length[rows] == 2) & (p.size[rows] == 2)).all()
    firsts = neighbours(v, at.spots)
    expected = [
        i for i, spot in enumerate(at.spots.tolist()[:-1])
        if at.spots[i + 1] == spot + 1 and v.classes[spot] == v.classes[spot + 1] == HAN and v.breaks[spot + 1] < 2
    ]  # fmt: skip
    assert firsts.tolist() == expected
    assert set(p.start[rows].tolist()) <= set(at.spots[firsts].tolist())
    for k in range(2):
        assert (v.codes[p.start[rows] + k] != p.codes[rows, k]).all()


def test_a_dash_that_was_read_as_numerals() -> None:
    text = "取得显著成效。一一经济实力实现新跨越。"
    seen, _, p = read(text)
    rows = np.flatnonzero((p.kind == PAIR) & (p.start == text.index("一一")))
    assert "——" in {p.text(int(row)) for row in rows}
    assert len(seen.view) == len(text)


def test_no_neighbours_no_pairs() -> None:
    seen, at, p = read("人，人")
    assert not neighbours(seen.view, at.spots).size
    assert PAIR not in p.kind


@some
@given(TEXTS)
def test_marks_are_judged_from_further_away(text: str) -> None:
    seen, p, d = proposed(text, MODELS)
    v = seen.view
    none = np.zeros(len(v), dtype=np.float32)
    x = features(v, MODELS, seen.log_probs, none, none > 0, phrased(v, MODELS), p, d)
    said, stood, lead = (x[:, FEATURES.index(f"mark_{name}")] for name in ("said", "stood", "lead"))
    edges = np.append(np.flatnonzero(v.breaks[:-1] == 2), len(v))
    ids = MODELS.marks.id_of(v.codes)
    for row in range(0, len(p), 5):
        start, length, size = int(p.start[row]), int(p.length[row]), int(p.size[row])
        kinds = {int(c) for c in v.classes[start : start + length]} & {MARK, OTHER}
        if size:
            kinds |= {int(classify(p.codes[row, :1])[0])} & {MARK}
        if (length and not kinds) or length > 1 or size > 1:
            assert (said[row], stood[row], lead[row]) == (1, 1, 0)
            continue
        of = v.paragraph[start if length else max(start - 1, 0)]
        where = np.array([start - 1]), np.array([start + length]), edges[[of]], edges[[of + 1]]
        answers = MODELS.marks.log_probs(ids, *where)[0]
        new = int(answer_of(p.codes[row, :1])[0]) if size else NONE
        old = int(answer_of(v.codes[[start]])[0]) if length else NONE
        assert (said[row], stood[row]) == (answers[new], answers[old])
        assert lead[row] == pytest.approx(answers[new] - max(np.delete(answers, new)), abs=1e-5)


def test_answers_of_the_mark_model() -> None:
    codes = np.array([ord(c) for c in ANSWERS + "人,·A"] + [0x20000], dtype=np.uint32)
    assert answer_of(codes).tolist() == [*range(len(ANSWERS)), *[ELSE] * 5]


@pytest.mark.parametrize(
    ("before", "behind", "mark"),
    [
        ("各族人民要紧密团结在党中央周围，高举中国特色社会主义伟大旗帜", "为全面建设社会主义现代化国家奋斗", "，"),
        ("扎实推进乡村振兴，加快建设农业强国，大力实施“千村示范", "万村整治”工程，", "、"),
        ("深入学习贯彻党的二十大精神，坚持稳中求进工作总基调，坚持“两个毫不动摇", "，优化民营企业发展环境。", "”"),
    ],
)
def test_the_shipped_model_knows_its_marks(before: str, behind: str, mark: str) -> None:
    model = Marks.load()
    ids = model.id_of(np.array([ord(c) for c in before + behind], dtype=np.uint32))
    at, zero, end = np.array([len(before)]), np.array([0]), np.array([len(ids)])
    scores = model.log_probs(ids, at - 1, at, zero, end)[0]
    assert (ANSWERS + "∅#")[scores[:NONE].argmax()] == mark
