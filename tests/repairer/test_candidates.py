"""Where is looked and what is proposed: arrays against a slow oracle that edits the text and scores it anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.channel import Channel
from textfix.lm import CONTEXT, load_default
from textfix.repairer.candidates import Places
from textfix.repairer.decoder import phrased
from textfix.repairer.detector import BINS, Detector, describe_gaps, describe_spots
from textfix.repairer.forest import Decider
from textfix.repairer.models import Models
from textfix.repairer.proposals import DELETE, INSERT, PAIR, SPLIT, SUBSTITUTE, places
from textfix.repairer.scoring import proposals
from textfix.repairer.view import Look, look
from textfix.text.classes import DIGIT

LM = load_default()
MODELS = Models.shipped(LM, Channel.load())
PIECES = st.sampled_from(["加快解决工矿", "歼石山", "，", "\n", "\n\n", "2022年", "ABC", "任务", "|", "人", "。"])
TEXTS = st.lists(PIECES, min_size=1, max_size=8).map("".join).filter(lambda text: text.strip() != "")
some = settings(max_examples=40, deadline=None)


def everywhere(seen: Look) -> Places:
    v = seen.view
    spots = np.flatnonzero(v.classes != DIGIT)
    return Places.of(v, MODELS, spots, np.arange(1, len(v) + 1), *np.zeros((2, len(v) + 1)))


@some
@given(TEXTS)
def test_every_proposal_is_scored_as_the_edited_stream(text: str) -> None:
    seen = look(text, LM)
    v = seen.view
    p, d = proposals(v, MODELS, seen.log_probs, everywhere(seen))
    begin = places(v, p.start, p.length)
    for row in range(0, len(p), 7):
        at, length, size = int(begin[row]), int(p.length[row]), int(p.size[row])
        edited = np.concatenate([v.stream[:at], p.ids[row, :size], v.stream[at + length :]])
        after = LM.log_prob(edited, context=np.empty(0, dtype=np.uint16))[at : at + size + CONTEXT]
        before = seen.log_probs[at : at + length + CONTEXT]
        assert d.gain[row] == pytest.approx(after.sum() - before.sum(), abs=0.01)
        assert d.low_after[row] == pytest.approx(after.min(), abs=0.01)
        assert d.low_before[row] == pytest.approx(before.min(), abs=0.01)
        assert d.right[row] == pytest.approx(after[size:].sum(), abs=0.01)


@some
@given(TEXTS)
def test_proposals_stay_in_their_paragraph_and_leave_digits_alone(text: str) -> None:
    seen = look(text, LM)
    v = seen.view
    p, _ = proposals(v, MODELS, seen.log_probs, everywhere(seen))
    for row in range(len(p)):
        start, length, kind = int(p.start[row]), int(p.length[row]), int(p.kind[row])
        assert (length, int(p.size[row])) in {
            SUBSTITUTE: [(1, 1)], INSERT: [(0, 1)], PAIR: [(2, 2)], SPLIT: [(2, 1)], DELETE: [(1, 0), (2, 0)],
        }[kind]  # fmt: skip
        if length == 2:
            assert v.breaks[start + 1] < 2
        assert not any(char.isdigit() and char.isascii() for char in p.text(row))
        assert (v.classes[start : start + length] != DIGIT).all()


def test_the_detector_is_a_sum_of_tables() -> None:
    seen = look("加快解决歼石山\n问题。\n\n第二段|人 ABC", LM)
    v, chance = seen.view, np.random.default_rng(1)
    given = v, seen.log_probs, MODELS, phrased(v, MODELS)
    spots, gaps = describe_spots(*given), describe_gaps(*given)
    tables = [chance.normal(size=(len(bins), 3 * BINS)).astype(np.float32) for bins, _ in (spots, gaps)]
    detector = Detector(*tables, (-4.0, -4.0), (0.0, 0.0))
    for (bins, group), table, score in zip((spots, gaps), tables, detector.scores(*given), strict=True):
        for place in (k for k in range(1, len(score)) if score[k] > -90):
            assert all(int(column[place]) < BINS for column in bins)
            expected = sum(float(t[int(group[place]) * BINS + int(c[place])]) for t, c in zip(table, bins, strict=True))
            assert score[place] == pytest.approx(expected, abs=1e-4)


def test_it_looks_at_the_wrong_character_and_hardly_at_right_ones() -> None:
    detector = Decider.load().detector
    right = "加快解决工矿废弃地、矸石山等历史遗留问题，推进资源型城市可持续发展，保障和改善民生。"
    wrong = right.replace("废弃", "废奔")
    seen = look(right, LM), look(wrong, LM)
    scores = [detector.scores(s.view, s.log_probs, MODELS, phrased(s.view, MODELS))[0] for s in seen]
    assert scores[1][wrong.index("奔")] > detector.thorough[0]
    assert (scores[0] > detector.thorough[0]).mean() < 0.15
