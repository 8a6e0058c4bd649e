"""Candidates for the suspicious places: what could stand there instead, from everything that may know.

The channel knows what is misread as what, n-grams and cloze model what the surroundings expect, the phrase table what
would make a known phrase of them. All candidates of a place are ranked by a look-up each; the few best are then scored
in full (`scoring`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..lm import CONTEXT, Ids
from ..lm.cloze import NOTHING
from ..lm.phrases import SIDE
from ..text.arrays import first_of_each
from ..text.classes import HAN, MARK, OTHER, classify
from ..text.codepoints import CodePoints
from .models import Models
from .proposable import LOST_MARKS, MARK_TARGETS, proposable, replaceable
from .proposals import Floats, Ints, best_by_key, places
from .view import View

__all__ = ["ATTESTED", "JOINED", "Candidates", "Opinion", "Places", "Pool", "beside", "candidates"]

#: What the cloze model thinks likelier than this is a candidate, and so is what n-grams name first.
_NAMED, _EXPECTED, _EXPECTED_LOST = math.log(0.02), 8, 4
#: Candidates that are scored in full at a character, at a gap, for two in one, and of each of two neighbours.
_SCORED, _SCORED_LOST, _SCORED_WHOLE, JOINED = 8, 5, 3, 6
#: What attested windows count for, by how many there are, in nats; the forests weigh them anew.
ATTESTED = np.array([0.0, 3.0, 6.0, 10.0, 13.0, 15.0], dtype=np.float32)
#: Two characters are asked about as one glyph if the likelier wrong one has these log-odds, and both together these.
_JOINT_ODDS = -0.5, -3.5
#: Log-odds of a spot and of a gap from which on the phrase table is asked: further down it names hardly any truth.
_DOUBTED, _DOUBTED_GAP = -2.5, -3.5
#: Log-prior of something lost, of which no channel tells, and of something read beside what is misread.
_LOST, _BESIDE = -8.0, -4.0


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places of a text that are looked at.

    ``spots`` (s,) kept characters; ``gaps`` (g,) the kept characters that gaps stand in front of (up to n);
    ``joints`` (j,) which spots, by number, and the next may be one glyph: two characters side by side in a line
    ``stands`` (s + g,) what stands at spots and gaps, as answers of the cloze model: in gaps nothing
    ``around`` (s + g + j, 2 * reach) the answers around each place, nearest first on either side
    ``doubtful`` (s + g + j,) where the phrase table is asked for candidates
    """

    spots: Ints
    gaps: Ints
    joints: Ints
    stands: Ints
    around: Ids
    doubtful: NDArray[np.bool_]

    @classmethod
    def of(cls, v: View, models: Models, spots: Ints, gaps: Ints, odds: Floats, gap_odds: Floats) -> Places:
        """`spots` and `gaps` of `v`; `odds` (n,) are the log-odds that each kept character is wrong, `gap_odds`
        (n + 1,) that something is lost before it."""
        answers = models.cloze.id_of(v.codes)
        edges = np.append(np.flatnonzero(v.breaks[:-1] == 2), len(v))
        joints = np.flatnonzero((np.diff(spots) == 1) & (v.breaks[spots[1:]] == 0))
        one, two = spots[joints], spots[joints] + 1
        joints = joints[
            ((v.classes[one] == HAN) | (v.classes[two] == HAN))
            & (np.maximum(odds[one], odds[two]) > _JOINT_ODDS[0])
            & (odds[one] + odds[two] > _JOINT_ODDS[1])
        ]
        paragraph = v.paragraph[np.concatenate([spots, gaps - 1, spots[joints]])]
        left = np.concatenate([spots, gaps, spots[joints]]) - 1
        right = np.concatenate([spots + 1, gaps, spots[joints] + 2])
        stands = np.concatenate([answers[spots], np.full(gaps.size, NOTHING)]).astype(np.int64)
        around = models.cloze.surroundings(answers, left, right, edges[paragraph], edges[paragraph + 1])
        doubtful = odds[spots] > _DOUBTED, gap_odds[gaps] > _DOUBTED_GAP, np.ones(joints.size, dtype=bool)
        return cls(spots, gaps, joints, stands, around, np.concatenate(doubtful))

    @property
    def of_spots(self) -> slice:
        """The rows of `around` that are of spots."""
        return slice(0, self.spots.size)

    @property
    def of_gaps(self) -> slice:
        """Those of gaps."""
        return slice(self.spots.size, self.stands.size)

    @property
    def of_joints(self) -> slice:
        """Those of joints."""
        return slice(self.stands.size, len(self.around))

    def sides(self, rows: slice | NDArray[np.intp]) -> tuple[Ids, Ids]:
        """What a window of the phrase table sees on either side of places, both (m, SIDE)."""
        reach = self.around.shape[1] // 2
        return self.around[rows, :SIDE], self.around[rows, reach : reach + SIDE]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Candidates at slots: numbers of the slots (ascending), code points, log-priors, what the cloze model says, and
    how many windows they make attested."""

    slot: Ints
    codes: CodePoints
    prior: Floats
    said: Floats
    windows: Ints

    def take(self, rows: NDArray[np.intp]) -> Pool:
        """The candidates at the indices `rows`."""
        return Pool(*(getattr(self, f.name)[rows] for f in fields(self)))

    def best(self, limit: int) -> tuple[Pool, Ints]:
        """The `limit` likeliest of each slot, and their ranks."""
        rows, _, rank = best_by_key(self.prior + self.said + ATTESTED[self.windows], self.slot, limit)
        return self.take(rows), rank


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """The cloze model on the places: the largest two log-probabilities, (2, s + g + j), those of what stands there,
    (s + g,), and of nothing at the spots, (s,)."""

    best: Floats
    stood: Floats
    nothing: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What is worth scoring in full: in place of the spots, in place of two neighbours, in the gaps, and in place of
    both characters of the joints."""

    substitutions: Pool
    several: Pool
    losses: Pool
    whole: Pool
    opinion: Opinion


#: Candidates as slots and code points.
_Pairs = tuple[Ints, CodePoints]


def candidates(v: View, models: Models, at: Places) -> Candidates:
    """The candidates for the places `at`, and the cloze model's opinion of these."""

    def for_spots(slot: Ints, codes: CodePoints) -> NDArray[np.bool_]:
        return replaceable(v, models.lm, at.spots[slot], codes)

    def for_gaps(_: Ints, codes: CodePoints) -> NDArray[np.bool_]:
        return proposable(codes)

    def for_joints(slot: Ints, codes: CodePoints) -> NDArray[np.bool_]:
        one = at.spots[at.joints[slot]]
        return np.asarray((classify(codes) == HAN) & (codes != v.codes[one]) & (codes != v.codes[one + 1]))

    rows, good = (at.of_spots, at.of_gaps, at.of_joints), (for_spots, for_gaps, for_joints)
    sources = _for_spots(v, models, at), _for_gaps(v, models, at), _for_joints(v, models, at)
    known = [_distinct(*pairs, may) for pairs, may in zip(sources, good, strict=True)]
    # Beside the candidates, what stands at each place, and nothing at the spots.
    size, every = at.spots.size, np.arange(at.stands.size)
    slots = [slot + part.start for (slot, _), part in zip(known, rows, strict=True)]
    answers = models.cloze.id_of(np.concatenate([codes for _, codes in known])).astype(np.int64)
    said = models.cloze.ask(
        at.around,
        np.concatenate([*slots, every, every[:size]]),
        np.concatenate([answers, at.stands, np.full(size, NOTHING)]),
        _NAMED,
    )
    *values, stood, nothing = np.split(said.values, np.cumsum([*(slot.size for slot in slots), every.size]))
    named = models.cloze.vocabulary.code_of.take(said.answer)
    pools = []
    for part, pairs, value, may in zip(rows, known, values, good, strict=True):
        own = np.flatnonzero((said.slot >= part.start) & (said.slot < part.stop))
        slot, codes = _together(pairs, (said.slot[own] - part.start, named[own]))
        which = _first(slot, codes, may)
        slot, codes = slot[which], codes[which]
        left, right = at.sides(part)
        windows = models.phrases.around(left[slot], models.cloze.id_of(codes)[:, None], right[slot])
        prior = np.full(slot.size, _LOST, dtype=np.float32)
        pools.append(Pool(slot, codes, prior, np.concatenate([value, said.value[own]])[which], windows))
    single, missing, whole = pools
    single.prior[:] = models.channel.log_prob(v.codes[at.spots[single.slot]], single.codes)
    one = at.spots[at.joints[whole.slot]]
    either = (models.channel.log_prob(v.codes[one + k], whole.codes) for k in range(2))
    whole.prior[:] = np.maximum(*either) + np.float32(_BESIDE)
    substitutions, rank = single.best(_SCORED)
    return Candidates(
        substitutions,
        substitutions.take(np.flatnonzero(rank < JOINED)),
        missing.best(_SCORED_LOST)[0],
        whole.best(_SCORED_WHOLE)[0],
        Opinion(said.best, stood, nothing),
    )


def _for_spots(v: View, models: Models, at: Places) -> _Pairs:
    """What channel, n-grams and phrases would have at each spot, and marks for marks."""
    spots, size = at.spots, at.spots.size
    known = models.channel.intended(v.codes[spots])[0]
    marks = np.flatnonzero((v.classes[spots] == MARK) | (v.classes[spots] == OTHER))
    return _together(
        (np.repeat(np.arange(size), known.shape[1]), known.ravel()),
        _expected(models, beside(v, spots, 1), _EXPECTED),
        (np.repeat(marks, MARK_TARGETS.size), np.tile(MARK_TARGETS, marks.size)),
        _phrased(models, at, at.of_spots),
    )


def _for_gaps(v: View, models: Models, at: Places) -> _Pairs:
    """What n-grams and phrases expect in each gap, and the commonest marks."""
    size = at.gaps.size
    return _together(
        _expected(models, beside(v, at.gaps, 0), _EXPECTED_LOST),
        (np.repeat(np.arange(size), LOST_MARKS.size), np.tile(LOST_MARKS, size)),
        _phrased(models, at, at.of_gaps),
    )


def _for_joints(v: View, models: Models, at: Places) -> _Pairs:
    """What either character of a joint may have been alone, and what n-grams and phrases expect for both."""
    firsts = at.spots[at.joints]
    known = np.concatenate([models.channel.intended(v.codes[firsts + k])[0] for k in range(2)], axis=1)
    return _together(
        (np.repeat(np.arange(firsts.size), known.shape[1]), known.ravel()),
        _expected(models, beside(v, firsts, 2), _EXPECTED),
        _phrased(models, at, at.of_joints),
    )


def _together(*pairs: _Pairs) -> _Pairs:
    slot, codes = zip(*pairs, strict=True)
    return np.concatenate(slot), np.concatenate(codes)


def _expected(models: Models, sides: tuple[Ids, Ids], top: int) -> _Pairs:
    """What n-grams name first between the two sides of places."""
    found, _ = models.lm.propose(*sides, top)
    return np.repeat(np.arange(len(found)), top), models.lm.code_of.take(found.ravel(), mode="clip")


def _phrased(models: Models, at: Places, rows: slice) -> _Pairs:
    """What would make a phrase of the surroundings of the places `rows`."""
    asked = np.flatnonzero(at.doubtful[rows])
    found = models.phrases.fillers(*at.sides(asked + rows.start))
    return asked[found.slot], models.phrases.vocabulary.code_of.take(found.ids)


def beside(v: View, start: Ints, length: int) -> tuple[Ids, Ids]:
    """The four ids before each place and the four behind what is replaced, both (m, 4)."""
    s = places(v, start, length)[:, None]
    right = np.minimum(s + (length + np.arange(CONTEXT)), v.stream.size - 1)
    return v.stream[s + np.arange(-CONTEXT, 0)], v.stream[right]


_May = Callable[[Ints, CodePoints], NDArray[np.bool_]]


def _distinct(slot: Ints, codes: CodePoints, may: _May) -> _Pairs:
    """The candidates that may be, each once, in the order of slots and code points."""
    rows = _first(slot, codes, may)
    return slot[rows], codes[rows]


def _first(slot: Ints, codes: CodePoints, may: _May) -> NDArray[np.intp]:
    """Indices of the first of each (slot, code) that may be, in order of both."""
    rows = np.flatnonzero(may(slot, codes))
    return rows[first_of_each(slot[rows].astype(np.uint64) << np.uint64(32) | codes[rows].astype(np.uint64))]
