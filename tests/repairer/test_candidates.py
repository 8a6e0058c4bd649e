"""Where is looked and what is proposed: arrays against a slow oracle that edits the text and scores it anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from textfix.channel import Channel
from textfix.lm import CONTEXT, load_default
from textfix.repairer.candidates import AGREED, ATTESTED, JOINED, SAID, Pool, candidates
from textfix.repairer.detector import BINS, Detector, describe_gaps, describe_spots, phrased
from textfix.repairer.features import FEATURES, features
from textfix.repairer.forest import Decider
from textfix.repairer.models import Models
from textfix.repairer.places import Places
from textfix.repairer.proposals import DELETE, INSERT, PAIR, SPLIT, SUBSTITUTE, Proposals, places
from textfix.repairer.scoring import proposals
from textfix.repairer.view import View, look
from textfix.tables.confusable import Row, Table
from textfix.text.classes import DIGIT, HAN, classify

from .made import everywhere, proposed

LM = load_default()
MODELS = Models.shipped(LM, Channel.load())
PIECES = st.sampled_from(["加快解决工矿", "歼石山", "，", "\n", "\n\n", "2022年", "ABC", "任务", "|", "人", "。"])
TEXTS = st.lists(PIECES, min_size=1, max_size=8).map("".join).filter(lambda text: text.strip() != "")
some = settings(max_examples=40, deadline=None)


@some
@given(TEXTS)
def test_every_proposal_is_scored_as_the_edited_stream(text: str) -> None:
    seen, p, d = proposed(text, MODELS)
    v = seen.view
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


def ranked(pool: Pool, score: np.ndarray, limit: int) -> list[tuple[int, int]]:
    """The `limit` best of each slot, by sorting."""
    rows = sorted(range(len(pool.slot)), key=lambda row: (pool.slot[row], -score[row], row))
    seen: dict[int, int] = {}
    kept = []
    for row in rows:
        slot = int(pool.slot[row])
        seen[slot] = seen.get(slot, 0) + 1
        if seen[slot] <= limit:
            kept.append((slot, int(pool.codes[row])))
    return kept


def listed(pool: Pool) -> list[tuple[int, int]]:
    return list(zip(pool.slot.tolist(), pool.codes.tolist(), strict=True))


@some
@given(TEXTS)
def test_every_candidate_is_scored_before_the_best_are_kept(text: str) -> None:
    """Each is what the text with it would be; the ranking weighs the four sources, and keeps the favourite."""
    seen = look(text, LM)
    v, at = seen.view, everywhere(seen, MODELS)
    found = candidates(v, MODELS, at)
    places_of = (at.spots, 1), (at.gaps, 0), (at.spots[at.joints], 2)
    for pool, (starts, length) in zip((found.substitutions, found.losses, found.whole), places_of, strict=True):
        assert (np.diff(pool.slot) >= 0).all()
        assert len(set(listed(pool))) == len(pool.slot)
        begin = places(v, starts, np.full(starts.size, length))
        for row in range(0, len(pool.slot), 11):
            where = int(begin[pool.slot[row]])
            edited = np.concatenate([v.stream[:where], pool.ids[row : row + 1], v.stream[where + length :]])
            after = LM.log_prob(edited, context=np.empty(0, dtype=np.uint16))[where : where + 1 + CONTEXT]
            np.testing.assert_allclose(pool.after[row, : len(after)], after, atol=0.01)
        score = pool.prior + pool.after.sum(axis=1) + ATTESTED[pool.windows]
        agreed = score + AGREED * pool.said
        kept = {*ranked(pool, score + SAID * pool.said, 2), *ranked(pool, agreed, 1)}
        order = ranked(pool, agreed, len(pool.slot))
        best, margin, rank = pool.best(2)
        assert listed(best) == [both for both in order if both in kept]
        points = dict(zip(listed(pool), agreed.tolist(), strict=True))
        for both, lead, place in zip(listed(best), margin.tolist(), rank.tolist(), strict=True):
            mine = [points[other] for other in order if other[0] == both[0]]
            assert points[both] == mine[place]
            rival = mine[0] if place else mine[1] if len(mine) > 1 else points[both] - 20
            assert lead == pytest.approx(points[both] - rival, abs=1e-4)


@some
@given(TEXTS)
def test_of_two_wrong_neighbours_each_must_fit_the_other_side(text: str) -> None:
    seen = look(text, LM)
    found = candidates(seen.view, MODELS, everywhere(seen, MODELS))
    pool = found.substitutions
    han = pool.take(np.flatnonzero(classify(pool.codes) == HAN))
    one, two = found.several()
    assert listed(one) == ranked(han, han.prior + han.after[:, 0], JOINED)
    assert listed(two) == ranked(han, han.prior + han.after[:, 1:].sum(axis=1), JOINED)


def test_a_learned_pair_is_asked_about_and_its_count_is_the_prior() -> None:
    """Also where nothing looks suspicious."""
    text = "推进由木请工作。"
    table = Table([Row("由木", "申", "split", 30, 3)])
    seen = look(text, LM)
    v, n = seen.view, len(seen.view)
    found = {}
    for name, channel in (("shipped", Channel.load()), ("own", Channel.load(table))):
        models = Models.shipped(LM, channel)
        odds = np.full(n + 1, -4.0, dtype=np.float32)
        at = Places.of(v, models, np.arange(n), np.arange(1, n + 1), odds, odds)
        assert at.joints.tolist() == ([2] if name == "own" else [])
        p, _ = proposals(v, models, seen.log_probs, at)
        found[name] = [(int(p.start[k]), p.text(k), float(p.prior[k])) for k in np.flatnonzero(p.kind == SPLIT)]
    assert found["shipped"] == []
    prior = float(Channel.load(table).wholes.log_prob(*(np.array([ord(c)], dtype=np.uint32) for c in "由木申"))[0])
    assert (2, "申", pytest.approx(prior)) in found["own"]
    read = MODELS.channel._totals[(MODELS.channel._keys & 0xFFFFFFFF) == ord("申")][0]
    assert prior == pytest.approx(np.log(30 / (read + 20)), abs=1e-4)


def test_what_n_grams_know_is_not_pushed_out_by_a_cloze_model_that_is_sure_of_something_else() -> None:
    """Rare words: 亲密融洽 is in the n-grams, the network would have 融合."""
    seen = look("各民族关系更加亲密融拾，群众生活更加富足。", LM)
    at = seen.view.text.index("拾")
    p, _ = proposals(seen.view, MODELS, seen.log_probs, everywhere(seen, MODELS))
    assert "洽" in {p.text(row) for row in np.flatnonzero((p.start == at) & (p.length == 1))}


@some
@given(TEXTS)
def test_proposals_stay_in_their_paragraph_and_leave_digits_alone(text: str) -> None:
    seen = look(text, LM)
    v = seen.view
    p, _ = proposals(v, MODELS, seen.log_probs, everywhere(seen, MODELS))
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


DETECTED = st.lists(
    st.sampled_from(["加快解决歼石山问题", "，", "。", "\n", "\n\n", "|", "3", "A", "推进城市可持续发展", "人民政府"]),
    max_size=24,
).map(lambda parts: "提高" + "".join(parts))  # fmt: skip


@settings(max_examples=60)
@given(DETECTED, st.integers(0, 99), st.floats(-3, 6), st.floats(-3, 6))
def test_what_is_above_bounds_is_found_without_scoring_all(text: str, seed: int, least: float, lost: float) -> None:
    """With the shipped weights, and with such as one or two features do not decide alone."""
    seen, shipped, chance = look(text, LM), Decider.load().detector, np.random.default_rng(seed)
    any_weights = [chance.normal(size=table.shape).astype(np.float32) for table in (shipped.spots, shipped.gaps)]
    for detector in (shipped, Detector(*any_weights, (0.0, 0.0), (0.0, 0.0))):
        scores = detector.scores(seen.view, seen.log_probs, MODELS, phrased(seen.view, MODELS))
        found = detector.above(seen.view, seen.log_probs, MODELS, (least, lost))
        for score, bound, places_ in zip(scores, (least, lost), found, strict=True):
            np.testing.assert_array_equal(places_, np.flatnonzero(score > bound))


@settings(max_examples=60)
@given(DETECTED, st.data())
def test_near_some_places_all_is_known_that_is_known_of_the_whole(text: str, data: st.DataObject) -> None:
    seen, detector = look(text, LM), Decider.load().detector
    v, given_ = seen.view, (seen.view, seen.log_probs, MODELS)
    size = len(v)
    near = np.array(sorted(data.draw(st.sets(st.integers(0, size - 1)))), dtype=np.int64)
    whole, part = phrased(v, MODELS), phrased(v, MODELS, near)
    over = {int(at) - back for at in near for back in range(5)}
    assert part.tolist() == [bool(whole[at]) and at in over for at in range(size)]
    every, some = detector.scores(*given_, whole), detector.scores(*given_, part, near)
    for score, alone, asked in zip(every, some, (set(near), set(near) | set(near + 1)), strict=True):
        assert alone.tolist() == [score[at] if at in asked else -99.0 for at in range(len(score))]


def test_it_looks_at_the_wrong_character_and_hardly_at_right_ones() -> None:
    detector = Decider.load().detector
    right = "加快解决工矿废弃地、矸石山等历史遗留问题，推进资源型城市可持续发展，保障和改善民生。"
    wrong = right.replace("废弃", "废奔")
    seen = look(right, LM), look(wrong, LM)
    scores = [detector.scores(s.view, s.log_probs, MODELS, phrased(s.view, MODELS))[0] for s in seen]
    assert scores[1][wrong.index("奔")] > detector.thorough[0]
    assert (scores[0] > detector.thorough[0]).mean() < 0.15


def columns(text: str, models: Models) -> tuple[View, Proposals, dict[str, NDArray[np.float32]]]:
    """The proposals everywhere in `text`, and their features by name."""
    seen, p, d = proposed(text, models)
    v = seen.view
    none = np.zeros(len(v), dtype=bool)
    x = features(v, models, seen.log_probs, np.zeros(len(v), dtype=np.float32), none, phrased(v, models), p, d)
    return v, p, dict(zip(FEATURES, x.T, strict=True))


def test_what_engines_invent_and_lose_is_the_prior_and_evidence() -> None:
    channel = Channel.load()
    v, p, x = columns("请了予审议，人民政府和", MODELS)
    strays, one, lost = channel.strays, (p.kind == DELETE) & (p.length == 1), p.kind == INSERT
    two = (p.kind == DELETE) & (p.length == 2)
    assert one.sum() == len(v)
    assert two.any()
    assert lost.any()
    here = v.codes[p.start[one]]
    np.testing.assert_array_equal(p.prior[one], strays.log_invented(here))
    np.testing.assert_array_equal(x["seen"][one], np.log1p(strays.invented(here)))
    np.testing.assert_array_equal(x["lean"][one], strays.lean_invented(here))
    both = strays.log_invented(v.codes[p.start[two]]) + strays.log_invented(v.codes[p.start[two] + 1])
    np.testing.assert_allclose(p.prior[two], both, rtol=1e-6)
    assert not x["seen"][two].any()
    new = p.codes[lost, 0]
    np.testing.assert_array_equal(p.prior[lost], strays.log_lost(new))
    np.testing.assert_array_equal(x["seen"][lost], np.log1p(strays.lost(new)))
    np.testing.assert_array_equal(x["lean"][lost], strays.lean_lost(new))


def test_a_glyph_printed_twice_echoes_its_neighbour_within_its_paragraph() -> None:
    text = "请了予审\n\n议请"
    v, p, x = columns(text, MODELS)
    one = np.flatnonzero((p.kind == DELETE) & (p.length == 1))
    assert p.start[one].tolist() == list(range(len(v)))
    for row, at in zip(one.tolist(), p.start[one].tolist(), strict=True):
        beside = [k for k in (at - 1, at + 1) if 0 <= k < len(v) and v.paragraph[k] == v.paragraph[at]]
        prices = [float(MODELS.channel.log_prob(v.codes[at : at + 1], v.codes[k : k + 1])[0]) for k in beside]
        assert float(x["echo"][row]) == pytest.approx(max(prices), abs=1e-6)
    others = np.setdiff1d(np.arange(len(p)), one)
    assert (x["echo"][others] == -20).all()
