"""Candidates for the suspicious places: what could stand there instead, from everything that may know.

The channel knows what is misread as what, n-grams and cloze model what the surroundings expect, the phrase table what
would make a known phrase of them. All candidates of all places are scored by the language model in one call, and ranked
by that and by what the others say of them; the few best become proposals (`scoring`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..lm import Ids
from ..lm.cloze import NOTHING
from ..text.arrays import first_of_each
from ..text.classes import HAN, MARK, OTHER, classify
from ..text.codepoints import CodePoints
from .models import Models
from .places import Places, beside
from .proposable import LOST_MARKS, MARK_TARGETS, proposable, replaceable
from .proposals import Floats, Ints, best_by_key
from .view import View

__all__ = [
    "AGREED",
    "ATTESTED",
    "JOINED",
    "KEPT",
    "KEPT_LOST",
    "KEPT_MARK",
    "KEPT_WHOLE",
    "SAID",
    "Candidates",
    "Opinion",
    "Pool",
    "candidates",
]

#: What the cloze model thinks likelier than this is a candidate, and so is what n-grams name first.
_NAMED, _EXPECTED, _EXPECTED_LOST = math.log(0.02), 16, 12
#: Candidates that are kept at a character, at a mark, at a gap, for two in one, and of each of two neighbours.
KEPT, KEPT_MARK, KEPT_LOST, KEPT_WHOLE, JOINED = 3, 5, 5, 1, 8
#: Share of the cloze model's opinion in what is kept, and in how that is ranked.
SAID, AGREED = np.float32(0.15), np.float32(0.5)
#: What attested windows count for in the ranking, by how many there are, in nats; the forests weigh them anew.
ATTESTED = np.array([0.0, 1.5, 3.0, 5.0, 6.5, 7.5], dtype=np.float32)
#: Log-prior of something read beside what is misread.
_BESIDE = -4.0


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """`m` candidates at slots.

    ``slot``     (m,) numbers of the slots, ascending
    ``codes``    (m,) code points
    ``ids``      (m,) their model ids
    ``prior``    (m,) log-priors
    ``said``     (m,) what the cloze model says
    ``windows``  (m,) how many windows they make attested
    ``after``    (m, 5) log-probabilities of the candidate and of the four characters behind it
    """

    slot: Ints
    codes: CodePoints
    ids: Ids
    prior: Floats
    said: Floats
    windows: Ints
    after: Floats

    def take(self, rows: NDArray[np.intp]) -> Pool:
        """The candidates at the indices `rows`."""
        return Pool(*(getattr(self, f.name)[rows] for f in fields(self)))

    def of(self, places: slice) -> Pool:
        """The candidates of the slots `places`, these counted from 0."""
        first, last = np.searchsorted(self.slot, (places.start, places.stop))
        found = Pool(*(getattr(self, f.name)[first:last] for f in fields(self)))
        return replace(found, slot=found.slot - places.start)

    def best(self, limit: int | Ints) -> tuple[Pool, Floats, Ints]:
        """The likeliest of each slot, with margin and rank as of `best_by_key`: `limit` by what n-grams and channel
        say, so that a network that is sure of something wrong, among rare words, does not push the truth out; and the
        one that all together favour. Margin and rank are those of all together."""
        found = self.prior + self.after.sum(axis=1) + ATTESTED.take(self.windows)
        every, margin, rank = best_by_key(found + AGREED * self.said, self.slot, self.slot.size)
        kept = rank == 0
        kept[_inverse(every)[best_by_key(found + SAID * self.said, self.slot, limit)[0]]] = True
        return self.take(every[kept]), margin[kept], rank[kept]


def _inverse(order: NDArray[np.intp]) -> NDArray[np.intp]:
    out = np.empty(order.size, dtype=np.intp)
    out[order] = np.arange(order.size)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """The cloze model on the places: the largest two log-probabilities, (2, s + g + j), those of what stands there,
    (s + g,), and of nothing at the spots, (s,)."""

    best: Floats
    stood: Floats
    nothing: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What may stand in place of the spots, in the gaps, and in place of both characters of the joints."""

    substitutions: Pool
    losses: Pool
    whole: Pool
    opinion: Opinion

    def several(self) -> tuple[Pool, Pool]:
        """Of the Han characters for spots `JOINED` each that fit best what stands before, and behind: the neighbour on
        the other side is thought wrong, too."""
        han = self.substitutions.take(np.flatnonzero(classify(self.substitutions.codes) == HAN))
        before, behind = han.after[:, 0], han.after[:, 1:].sum(axis=1)
        one, two = (han.take(best_by_key(han.prior + side, han.slot, JOINED)[0]) for side in (before, behind))
        return one, two


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
    firsts = at.spots[at.joints]
    left, right = _along(beside(v, at.spots, 1), beside(v, at.gaps, 0), beside(v, firsts, 2))
    parts = []
    for part, pairs, value, may in zip(rows, known, values, good, strict=True):
        own = np.flatnonzero((said.slot >= part.start) & (said.slot < part.stop))
        slot, codes = _together(pairs, (said.slot[own] - part.start, named[own]))
        which = _first(slot, codes, may)
        parts.append((slot[which] + part.start, codes[which], np.concatenate([value, said.value[own]])[which]))
    slot, codes, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    ids = models.lm.id_of(codes)
    sides = at.sides(slot)
    pool = Pool(
        slot, codes, ids, _priors(v, models.channel, at, slot, codes), value,
        models.phrases.around(sides[0], models.cloze.id_of(codes)[:, None], sides[1]),
        models.lm.slot_columns(left, right, slot, ids),
    )  # fmt: skip
    spots, gaps, joints = (pool.of(part) for part in rows)
    return Candidates(spots, gaps, joints, Opinion(said.best, stood, nothing))


def _priors(v: View, channel: Channel, at: Places, slot: Ints, codes: CodePoints) -> Floats:
    """The log-prior of candidates at places: of the confusion at spots, of the loss at gaps, of the likelier of both
    at joints."""
    prior = channel.strays.log_lost(codes)
    single = np.flatnonzero(slot < at.of_spots.stop)
    prior[single] = channel.log_prob(v.codes[at.spots[slot[single]]], codes[single])
    whole = np.flatnonzero(slot >= at.of_joints.start)
    if not whole.size:
        return prior
    one = at.spots[at.joints[slot[whole] - at.of_joints.start]]
    either = (channel.log_prob(v.codes[one + k], codes[whole]) for k in range(2))
    learned = channel.wholes.log_prob(v.codes[one], v.codes[one + 1], codes[whole])
    prior[whole] = np.maximum(np.maximum(*either) + np.float32(_BESIDE), learned)
    return prior


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
    """What both characters of a joint were read for, what either may have been alone, and what n-grams and phrases
    expect for both."""
    firsts = at.spots[at.joints]
    known = np.concatenate([models.channel.intended(v.codes[firsts + k])[0] for k in range(2)], axis=1)
    return _together(
        models.channel.wholes.of_pairs(v.codes[firsts], v.codes[firsts + 1]),
        (np.repeat(np.arange(firsts.size), known.shape[1]), known.ravel()),
        _expected(models, beside(v, firsts, 2), _EXPECTED),
        _phrased(models, at, at.of_joints),
    )


def _along(*sides: tuple[Ids, Ids]) -> tuple[Ids, Ids]:
    left, right = zip(*sides, strict=True)
    return np.concatenate(left), np.concatenate(right)


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


_May = Callable[[Ints, CodePoints], NDArray[np.bool_]]


def _distinct(slot: Ints, codes: CodePoints, may: _May) -> _Pairs:
    """The candidates that may be, each once, in the order of slots and code points."""
    rows = _first(slot, codes, may)
    return slot[rows], codes[rows]


def _first(slot: Ints, codes: CodePoints, may: _May) -> NDArray[np.intp]:
    """Indices of the first of each (slot, code) that may be, in order of both."""
    rows = np.flatnonzero(may(slot, codes))
    return rows[first_of_each(slot[rows].astype(np.uint64) << np.uint64(32) | codes[rows].astype(np.uint64))]
