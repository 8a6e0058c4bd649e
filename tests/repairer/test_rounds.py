"""How a text is decoded, by scripts instead of models: in rounds; what is looked at, remembered, taken for certain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from textfix.channel import Channel
from textfix.edits import Edits
from textfix.lm import load_default
from textfix.repairer.decoder import Decoder, Depth, Outcome, Reading, _disturbance
from textfix.repairer.detector import Detector
from textfix.repairer.estimates import DOCUMENT_FEATURES, Estimates
from textfix.repairer.features import FEATURES
from textfix.repairer.forest import Decider, Forest
from textfix.repairer.models import Models
from textfix.repairer.proposals import DELETE
from textfix.repairer.proposals import INSERT as LOST
from textfix.repairer.view import View, look

from .made import INSERT, SUBSTITUTE, Given, reading

TEXT = "加快解决工矿废弃地歼石山等历史遗留问题推进生态修复"
CLEAN, WORSE = "加快解决工矿废弃地矸石山等历史遗留问题推进生态修复", "加快解决工矿废弃地矸石山等历史问题推进生态修复"

#: What is proposed for a text, with the first opinion of each, and how sure the second is given the estimates.
Line = tuple[list[Given], list[float], Callable[[Estimates], list[float]]]


class Scripted(Decoder):
    """Reads in a script what it would see in a text."""

    def __init__(self, script: dict[str, Line]) -> None:
        self.script, self.read, self.asked = script, list[tuple[str, Depth]](), list[Estimates]()

    def _read(self, text: str, _memory: object, depth: Depth, *_: object, **__: object) -> Reading:
        self.read.append((text, depth))
        given, opinion, _confidence = self.script[text]
        return replace(reading(text, given), opinion=np.array(opinion), depth=depth)

    def _confidence(self, reading: Reading, estimates: Estimates) -> np.ndarray:
        self.asked.append(estimates)
        return np.array(self.script[reading.view.text][2](estimates))


def say(*sure: float) -> Callable[[Estimates], list[float]]:
    return lambda _: list(sure)


def spans(outcome: Outcome) -> list[tuple[int, int, str, str]]:
    return [(e.start, e.end, e.observed, e.replacement) for e in outcome.edits]


def test_the_surest_first_and_the_rest_in_the_next_round() -> None:
    """Two edits crowd each other; the second has better neighbours when its turn comes. What is left is suggested."""
    half = CLEAN.replace("问题", "问趣")
    decoder = Scripted({
        TEXT.replace("问题", "问趣"): (
            [(9, 1, "矸", SUBSTITUTE), (13, 1, "厉", SUBSTITUTE), (18, 1, "题", SUBSTITUTE)], [0.9, 0.8, 0.7],
            say(0.9, 0.8, 0.6),
        ),
        half: ([(18, 1, "题", SUBSTITUTE), (0, 1, "如", SUBSTITUTE)], [0.9, 0.4], say(0.85, 0.3)),
        CLEAN: ([(0, 1, "如", SUBSTITUTE), (24, 1, "夏", SUBSTITUTE)], [0.4, 0.1], say(0.3, 0.19)),
    })  # fmt: skip
    outcome = decoder.decode(TEXT.replace("问题", "问趣"), 0.8)
    assert outcome.text == CLEAN
    assert spans(outcome) == [(9, 10, "歼", "矸"), (18, 19, "趣", "题")]
    assert [(e.start, e.observed, e.replacement, e.confidence) for e in outcome.suggestions] == [(0, "加", "如", 0.3)]
    assert outcome.edits.apply(TEXT.replace("问题", "问趣")) == CLEAN
    assert outcome.estimates.error_rate == pytest.approx((0.9 + 0.8 + 0.7 + 0.5) / (len(TEXT) + 500))
    assert outcome.estimates == decoder.asked[0]
    assert [text for text, _ in decoder.read] == [TEXT.replace("问题", "问趣"), half, CLEAN]


def test_offsets_are_of_the_input_also_when_rounds_lengthen_the_text() -> None:
    middle, end = "、" + TEXT, "、" + TEXT[:15] + TEXT[16:]
    decoder = Scripted({
        TEXT: ([(0, 0, "、", INSERT)], [0.9], say(0.9)),
        middle: ([(16, 1, "", 2)], [0.9], say(0.9)),
        end: ([], [], say()),
    })  # fmt: skip
    outcome = decoder.decode(TEXT, 0.8)
    assert outcome.text == end
    assert spans(outcome) == [(0, 0, "", "、"), (15, 16, TEXT[15], "")]


def doubtful(line: Estimates) -> list[float]:
    """Sure where the document seems to err rarely."""
    return [0.9 if line.error_rate < 2e-3 else 0.5]


SETTLING: dict[str, Line] = {
    TEXT: ([(9, 1, "矸", SUBSTITUTE)], [0.9], say(0.9)),
    CLEAN: ([(15, 1, "问", SUBSTITUTE)], [0.1], doubtful),
    CLEAN[:15] + "问" + CLEAN[16:]: ([], [], say()),
}


def test_what_was_estimated_is_estimated_again_from_the_result() -> None:
    """So that a second repair, which starts from the result, finds nothing to do either."""
    decoder = Scripted(SETTLING)
    outcome = decoder.decode(TEXT, 0.8)
    assert len(outcome.edits) == 2
    assert outcome.estimates.error_rate > 2e-3  # what is reported is of the input
    again = Scripted(SETTLING).decode(outcome.text, 0.8)
    assert (again.text, again.edits) == (outcome.text, Edits())
    assert len({estimates.error_rate for estimates in decoder.asked}) == 2


def test_known_errors_count_in_every_estimate() -> None:
    decoder = Scripted(SETTLING)
    outcome = decoder.decode(TEXT, 0.8, known=3)
    assert outcome.text == CLEAN
    rates = [estimates.error_rate * (len(TEXT) + 500) for estimates in decoder.asked]
    assert rates == pytest.approx([0.9 + 3.5, 0.9 + 3.5, 3.5])


def test_fixed_estimates_are_not_made_again() -> None:
    fixed = Estimates.fixed(0.01)
    decoder = Scripted(SETTLING)
    outcome = decoder.decode(TEXT, 0.8, estimates=fixed)
    assert outcome.text == CLEAN
    assert outcome.estimates is fixed
    assert set(decoder.asked) == {fixed}
    assert [(e.observed, e.confidence) for e in outcome.suggestions] == [(CLEAN[15], 0.5)]


def test_rounds_end_also_where_edits_undo_each_other() -> None:
    """Twenty-four rounds lead from one text to the other and back, and to where they began."""
    decoder = Scripted({
        TEXT: ([(9, 1, "矸", SUBSTITUTE)], [0.9], say(0.9)), CLEAN: ([(9, 1, "歼", SUBSTITUTE)], [0.9], say(0.9)),
    })  # fmt: skip
    outcome = decoder.decode(TEXT, 0.8)
    assert [text for text, _ in decoder.read] == [TEXT, CLEAN] * 12 + [TEXT]
    assert (outcome.text, outcome.edits) == (TEXT, Edits())


def test_what_is_not_allowed_is_neither_made_nor_suggested() -> None:
    decoder = Scripted(SETTLING)
    outcome = decoder.decode(TEXT, 0.8, allowed=lambda _text, _kind, start, _end: start != 9)
    assert (outcome.text, outcome.edits, outcome.suggestions) == (TEXT, Edits(), ())


@pytest.mark.parametrize(
    ("size", "estimates", "look"),
    [
        (999, None, Depth.THOROUGH),
        (1000, None, Depth.CLOSER),
        (2999, None, Depth.CLOSER),
        (3000, None, Depth.QUICK),
        (3000, Estimates.fixed(1e-2), Depth.THOROUGH),
        (999, Estimates.fixed(1e-4), Depth.QUICK),
        (2999, Estimates.fixed(1e-4), Depth.QUICK),
        (2999, Estimates.fixed(5e-4), Depth.THOROUGH),
        (3000, Estimates.fixed(1e-4), Depth.QUICK),
    ],
)
def test_what_seems_clean_is_not_looked_at_thoroughly(
    size: int, estimates: Estimates | None, look: Depth
) -> None:
    text = "国" * size
    decoder = Scripted({text: ([], [], say())})
    decoder.decode(text, 0.8, estimates=estimates)
    assert [depth for _, depth in decoder.read] == [look]


@pytest.mark.parametrize(
    ("size", "opinion", "known"), [(3000, 0.9, 0), (3000, 0.0, 2), (4500, 0.0, 2), (1000, 0.31, 0), (2000, 0.0, 1)]
)
def test_what_errs_at_a_quick_look_is_looked_at_again(size: int, opinion: float, known: int) -> None:
    """3,000 characters and the 500 before them may have less than 1.75 errors, half of one from the start, without."""
    text = "国" * size
    decoder = Scripted({text: ([(9, 1, "家", SUBSTITUTE)] * 2, [opinion] * 2, say(0.1, 0.1))})
    decoder.decode(text, 0.8, known=known)
    first = Depth.QUICK if size >= 3000 else Depth.CLOSER
    assert [depth for _, depth in decoder.read] == [first, Depth.THOROUGH]


# what is certain


def random_forest(seed: int, columns: int) -> Forest:
    chance = np.random.default_rng(seed)
    feature, threshold = chance.integers(0, columns, (9, 7)), chance.normal(size=(9, 7))
    value = chance.normal(size=(9, 8))
    return Forest(feature.astype(np.int16), threshold.astype(np.float32), value.astype(np.float32), 0.25)


def test_the_second_forest_is_asked_about_what_the_first_does_not_rule_out() -> None:
    second = random_forest(3, len(FEATURES) + len(DOCUMENT_FEATURES))
    calibration = np.array([[2.0, 1.0], [0.5, -1.0], [1.0, 0.5], [3.0, -2.0]], dtype=np.float32)
    decoder = Decoder.__new__(Decoder)
    decoder.decider = Decider(Decider.load().detector, random_forest(4, len(FEATURES)), second, calibration)
    given: list[Given] = [(at, 1, "国", SUBSTITUTE) for at in range(10)]
    given += [(10, 1, "", DELETE), (11, 0, "国", LOST)]
    chance = np.random.default_rng(5)
    opinion = np.array([0.0, 0.02, 0.021, 0.3, 0.5, 0.9] * 2)
    features = chance.normal(size=(12, len(FEATURES))).astype(np.float32)
    seen = replace(reading(TEXT, given), features=features, opinion=opinion)
    estimates = Estimates(0.02, 0.01, 0.001, 0.002)
    found = decoder._confidence(seen, estimates)
    columns = estimates.columns(seen.view, seen.proposals, opinion, seen.lean)
    assert 0 < seen.marks.sum() < 12
    assert seen.group.tolist() == [*seen.marks[:10].astype(int), 2, 3]
    for row in range(12):
        if opinion[row] <= 0.02:
            assert found[row] == 0.0
            continue
        odds = float(second.log_odds(np.concatenate([features[row], columns[row]])[None])[0])
        scale, shift = calibration[seen.group[row]]
        assert found[row] == pytest.approx(1 / (1 + np.exp(-(odds * scale + shift))))


# what is looked at

DECODER = Decoder(Models.shipped(load_default(), Channel.load()), Decider.load())


def pointed(spots: dict[int, float], gaps: dict[int, float]) -> Decoder:
    """A decoder whose detector points where it is told to: thoroughly from -1 (spots) and -2, quickly from 1 and 2,
    closer from -0.5 and 0.5."""

    class Pointed(Detector):
        def scores(self, v: View, *_: object) -> tuple[np.ndarray, np.ndarray]:
            spot_odds, gap_odds = np.full(len(v), -9.0), np.full(len(v) + 1, -9.0)
            spot_odds[list(spots)], gap_odds[list(gaps)] = list(spots.values()), list(gaps.values())
            return spot_odds, gap_odds

        def above(self, v: View, *given: Any) -> tuple[np.ndarray, ...]:
            return tuple(np.flatnonzero(o > bound) for o, bound in zip(self.scores(v), given[-1], strict=True))

    real = Decider.load()
    detector = Pointed(real.detector.spots, real.detector.gaps, (-1.0, -2.0), (1.0, 2.0))
    return Decoder(DECODER.models, replace(real, detector=detector))


#: 歼 stands for 矸; between 民 and 关, the 府 of 人民政府 is lost.
GARBLED = "工矿废弃地歼石山等历史遗留问题，市人民政关于加快解决的意见"


@pytest.mark.parametrize(
    ("spots", "gaps", "thorough", "closer", "quick"),
    [
        ({}, {}, None, None, None),
        ({5: 0.0}, {}, {5}, {5}, None),
        ({5: -0.6}, {}, {5}, None, None),
        ({5: 1.5}, {}, {5}, {5}, {5}),
        ({5: -1.5}, {}, None, None, None),
        ({}, {20: 0.0}, {20}, None, None),
        ({}, {20: 2.5}, {20}, {20}, {20}),
        ({}, {20: 1.5}, {20}, {20}, None),
        ({5: 0.0}, {20: -1.5}, {5, 20}, {5}, None),
        ({5: 1.5}, {20: 1.5}, {5, 20}, {5, 20}, {5}),
    ],
)
def test_proposals_are_made_where_the_detector_points(
    spots: dict[int, float], gaps: dict[int, float], thorough: set[int] | None, closer: set[int] | None,
    quick: set[int] | None,
) -> None:
    decoder = pointed(spots, gaps)
    for wanted, depth in ((thorough, Depth.THOROUGH), (closer, Depth.CLOSER), (quick, Depth.QUICK)):
        found = decoder.evidence(look(GARBLED, decoder.models.lm), depth=depth)
        if wanted is None:
            assert found is None
            continue
        assert found is not None
        lost = found.proposals.kind == LOST
        assert set(found.proposals.start[lost].tolist()) == wanted & {20}
        around = set(found.proposals.start[~lost].tolist())
        assert around <= {4, 5, 6} if 5 in wanted else not around
        assert (found.detail.gain > 1.0).all()
        assert found.features.shape == (len(found.proposals), len(FEATURES))


def test_a_disturbance_is_of_a_character_and_the_four_behind_it() -> None:
    seen = look(GARBLED + "\n\n" + TEXT, DECODER.models.lm)
    slow = [
        sum(weight * float(seen.log_probs[at + k]) for k, weight in enumerate((1.0, 0.8, 0.6, 0.5, 0.4)))
        for at in seen.view.at.tolist()
    ]
    np.testing.assert_allclose(_disturbance(seen.view, seen.log_probs), slow, rtol=1e-5)


# what is remembered


class Counting(Decoder):
    """Counts looks, and finds nothing."""

    looks: list[tuple[str, Depth, object]]

    def evidence(self, seen: object, *, depth: Depth = Depth.THOROUGH, after: object = None) -> None:
        self.looks.append((seen.view.text, depth, after))  # type: ignore[attr-defined]


@pytest.fixture
def counting() -> Counting:
    decoder = Counting(DECODER.models, DECODER.decider)
    decoder.looks = []
    return decoder


def test_a_text_is_read_once_as_long_as_it_is_the_same(counting: Counting) -> None:
    memory: dict[tuple[str, Depth], Reading] = {}
    first = counting._read(TEXT, memory, Depth.THOROUGH)
    assert len(first.proposals) == len(first.opinion) == len(first.features) == 0
    assert first.depth is Depth.THOROUGH
    assert counting._read(TEXT, memory, Depth.THOROUGH) is first
    quick = counting._read(TEXT, memory, Depth.QUICK)
    assert quick.depth is Depth.QUICK
    assert [look[:2] for look in counting.looks] == [(TEXT, Depth.THOROUGH), (TEXT, Depth.QUICK)]
    assert set(memory) == {(TEXT, Depth.THOROUGH), (TEXT, Depth.QUICK)}
    counting._read(CLEAN, memory, Depth.THOROUGH)
    assert set(memory) == {(CLEAN, Depth.THOROUGH)}
    assert len(counting.looks) == 3


def test_a_reading_is_told_which_one_it_comes_after(counting: Counting) -> None:
    memory: dict[tuple[str, Depth], Reading] = {}
    counting._read(TEXT, memory, Depth.QUICK)
    counting._read(TEXT, memory, Depth.THOROUGH)
    assert counting.looks[1][2] is None
    old = counting._read(CLEAN, {}, Depth.THOROUGH)
    counting._read(TEXT, {}, Depth.THOROUGH, after=(old, Edits()))
    assert counting.looks[-1][2] == (old, Edits())


def test_in_white_space_there_is_nothing_to_look_at(counting: Counting) -> None:
    assert len(counting._read(" \n", {}, Depth.THOROUGH).proposals) == 0
    assert counting.looks == []


# all of it

#: Errors that nobody who reads the sentence could doubt.
PLAIN = [
    ("加快解决工矿废弃地、歼石山等历史遗留问题", "矸石山"),
    ("市人民政府关干印发《重庆市科技创新规划》的通知", "关于印发"),
    ("坚持以习近平新时代中国特色社会主恩想为指导", "社会主义"),
    ("进一步加强对困难群众的基木生活保障工作", "基本生活"),
    ("各区县（自冶县）人民政府，市政府各部门", "自治县"),
    ("推动经济高质量发屐，深化供给侧结构性改革", "高质量发展"),
    ("全面建成小康杜会，实现中华民族伟大复兴", "小康社会"),
    ("切实加强组织领导，明确责任分工，抓好贯砌落实", "贯彻落实"),
]


def test_plain_errors_are_repaired() -> None:
    """Nearly all of them; which ones is not this test's business."""
    repaired = [wanted in DECODER.decode(text, 0.5, estimates=Estimates.fixed(0.03)).text for text, wanted in PLAIN]
    assert sum(repaired) >= len(PLAIN) - 3
