"""Candidates for the suspicious places, from the channel, the cloze model and both sides of the language model.

Two stages: all candidates of a place are ranked by channel and cloze model, a look-up each; the few best are scored in
full by the language model, those of all places in one call; the best of these become proposals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..lm import CONTEXT, Ids, LanguageModel
from ..lm.cloze import NOTHING, Cloze
from ..text.arrays import first_of_each
from ..text.classes import DIGIT, HAN, LATIN, MARK, OTHER, RADICAL, classify
from ..text.codepoints import CodePoints
from .proposals import (
    DELETE,
    INSERT,
    PAIR,
    SUBSTITUTE,
    Detail,
    Floats,
    Ints,
    Proposals,
    best_by_key,
    places,
)
from .view import View

__all__ = ["MARKS", "Places", "proposals"]


def _codes(chars: str) -> CodePoints:
    return np.array([ord(c) for c in chars], dtype=np.uint32)


#: Marks that an engine confuses or loses.
MARKS = _codes("，。、；：“”（）《》")
_MARK_TARGETS = np.concatenate([MARKS, _codes("—·%")])
_LOST_MARKS = _codes("，。、；")
_NUMERAL = np.zeros(0x10000, dtype=bool)
_NUMERAL[_codes("一二三四五六七八九十百千万亿两〇零")] = True
#: What the cloze model thinks likelier than this is a candidate, and so is what n-grams name first.
_NAMED, _EXPECTED, _EXPECTED_LOST = math.log(0.02), 8, 4
#: Candidates that are scored in full at a character, at a gap, and of each of two neighbours.
_SCORED, _SCORED_LOST, _JOINED = 8, 5, 6
#: Proposals that a place makes.
_KEPT, _KEPT_PAIRS = 3, 2
#: Share of the cloze model's opinion in the ranking (the forests weigh it anew).
_WEIGHT = np.float32(0.5)
#: Log-priors of what no channel tells: something lost, something invented, one mark twice.
_LOST, _INVENTED, _TWICE = -8.0, -9.0, -5.0
_CLASSES = np.zeros(256, dtype=bool)  # what is never proposed
_CLASSES[[DIGIT, LATIN, OTHER, RADICAL]] = True

#: Forms of one mark: which of them stands is a matter of setting, not of content.
_FORM = np.arange(0x10000, dtype=np.uint32)
for _forms in ("“”\"‘’'＂＇〝〞„", "—-－–―─"):
    _FORM[_codes(_forms)] = ord(_forms[0])


def _fold(codes: CodePoints) -> CodePoints:
    """`codes` with the forms of one mark made equal."""
    return np.where(codes < 0x10000, _FORM.take(codes, mode="clip"), codes)


def _is_numeral(codes: CodePoints) -> NDArray[np.bool_]:
    return _NUMERAL.take(codes, mode="clip") & (codes < 0x10000)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places of a text that are looked at.

    ``spots`` (s,) kept characters; ``gaps`` (g,) the kept characters that gaps stand in front of (up to n);
    ``stands`` (s + g,) what stands there, as answers of the cloze model: in gaps nothing
    ``around`` (s + g, 2 * reach) the answers around each place
    """

    spots: Ints
    gaps: Ints
    stands: Ints
    around: Ids

    @classmethod
    def of(cls, v: View, cloze: Cloze, spots: Ints, gaps: Ints) -> Places:
        """`spots` and `gaps` of `v`."""
        answers = cloze.id_of(v.codes)
        edges = np.append(np.flatnonzero(v.breaks[:-1] == 2), len(v))
        paragraph = v.paragraph[np.concatenate([spots, gaps - 1])]
        left = np.concatenate([spots, gaps]) - 1
        right = np.concatenate([spots + 1, gaps])
        stands = np.concatenate([answers[spots], np.full(gaps.size, NOTHING)]).astype(np.int64)
        around = cloze.surroundings(answers, left, right, edges[paragraph], edges[paragraph + 1])
        return cls(spots, gaps, stands, around)


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """Candidates at slots: numbers of the slots (ascending), code points, log-priors, and what the cloze model says."""

    slot: Ints
    codes: CodePoints
    prior: Floats
    said: Floats

    def take(self, rows: NDArray[np.intp]) -> _Pool:
        return _Pool(self.slot[rows], self.codes[rows], self.prior[rows], self.said[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Opinion:
    """The cloze model on the places: the largest two log-probabilities, (2, s + g), those of what stands there,
    (s + g,), and of nothing at the spots, (s,)."""

    best: Floats
    stood: Floats
    nothing: Floats


def proposals(
    v: View, lm: LanguageModel, channel: Channel, cloze: Cloze, log_probs: Floats, at: Places
) -> tuple[Proposals, Detail]:
    """Every proposal for the places `at`, scored in full."""
    size = at.spots.size
    slot, codes, prior = _substitutions(v, lm, channel, at)
    gap, lost = _lost(v, lm, at)
    every = np.arange(at.stands.size)
    said = cloze.ask(
        at.around,
        np.concatenate([slot, gap + size, every, every[:size]]),
        np.concatenate([cloze.id_of(codes), cloze.id_of(lost), at.stands, np.full(size, NOTHING)]).astype(np.int64),
        _NAMED,
    )
    ends = np.cumsum([slot.size, gap.size, every.size])
    of_codes, of_lost, stood, nothing = np.split(said.values, ends)
    opinion = _Opinion(said.best, stood, nothing)
    named = cloze.vocabulary.code_of.take(said.answer)
    here = said.slot < size

    rows = np.flatnonzero(here)
    rows = rows[_good(v, lm, at.spots[said.slot[rows]], named[rows])]
    more = channel.log_prob(v.codes[at.spots[said.slot[rows]]], named[rows])
    pool = _joined(_Pool(slot, codes, prior, of_codes), _Pool(said.slot[rows], named[rows], more, said.value[rows]))
    best, _, rank = best_by_key(pool.prior + pool.said, pool.slot, _SCORED)
    substitutions, several = pool.take(best), pool.take(best[rank < _JOINED])

    rows = np.flatnonzero(~here)
    rows = rows[_proposable(named[rows])]
    priors = np.full(gap.size + rows.size, _LOST, dtype=np.float32)
    pool = _joined(
        _Pool(gap, lost, priors[: gap.size], of_lost),
        _Pool(said.slot[rows] - size, named[rows], priors[gap.size :], said.value[rows]),
    )
    losses = pool.take(best_by_key(pool.said, pool.slot, _SCORED_LOST)[0])

    singles = _singles(v, lm, log_probs, at, opinion, substitutions, losses)
    parts = [singles, _deletions(v, lm, log_probs, at, opinion)]
    firsts = np.flatnonzero(np.diff(at.spots) == 1) if size > 1 else np.empty(0, np.int64)
    one, two = at.spots[firsts], at.spots[firsts + 1] if size > 1 else at.spots[firsts]
    firsts = firsts[(v.classes[one] == HAN) & (v.classes[two] == HAN) & (v.breaks[two] < 2)]
    if firsts.size:
        parts.append(_pairs(v, lm, log_probs, at, opinion, several, firsts))
    return Proposals.concatenate([p for p, _ in parts]), Detail.concatenate([d for _, d in parts])


def _joined(one: _Pool, other: _Pool) -> _Pool:
    """The candidates of both, each once, in the order of slots and code points."""
    both = _Pool(*(np.concatenate([getattr(one, f.name), getattr(other, f.name)]) for f in fields(_Pool)))
    return both.take(_distinct(both.slot, both.codes))


def _distinct(slot: Ints, codes: CodePoints) -> NDArray[np.intp]:
    """Indices of the first of each (slot, code), in order of both."""
    return first_of_each(slot.astype(np.uint64) << np.uint64(32) | codes.astype(np.uint64))


def _proposable(codes: CodePoints) -> NDArray[np.bool_]:
    """Digits, Latin letters, symbols and radicals are never proposed."""
    return np.asarray((codes != 0) & ~_CLASSES.take(classify(codes)))


def _good(v: View, lm: LanguageModel, spots: Ints, codes: CodePoints) -> NDArray[np.bool_]:
    """Whether each of `codes` may be proposed for the character of `spots` beside it: another one, and not one numeral
    for another."""
    stood = v.codes[spots]
    good = _proposable(codes) & (_fold(codes) != _fold(stood)) & (lm.id_of(codes) != v.ids[spots])
    return np.asarray(good & ~(_is_numeral(stood) & _is_numeral(codes)))


def _substitutions(v: View, lm: LanguageModel, channel: Channel, at: Places) -> tuple[Ints, CodePoints, Floats]:
    """What channel and n-grams would have at each spot, and marks for marks: slots, characters, log-priors."""
    spots, size = at.spots, at.spots.size
    classes = v.classes[spots]
    known, likely = channel.intended(v.codes[spots])
    expected, _ = lm.propose(*_around(v, spots, 1), _EXPECTED)
    marks = np.flatnonzero((classes == MARK) | (classes == OTHER))
    slot = np.concatenate([
        np.repeat(np.arange(size), known.shape[1]), np.repeat(np.arange(size), _EXPECTED),
        np.repeat(marks, _MARK_TARGETS.size),
    ])  # fmt: skip
    codes = np.concatenate([
        known.ravel(), lm.code_of.take(expected.ravel(), mode="clip"), np.tile(_MARK_TARGETS, marks.size),
    ])  # fmt: skip
    prior = np.full(codes.size, np.nan, dtype=np.float32)
    prior[: likely.size] = likely.ravel()
    rows = np.flatnonzero(_good(v, lm, spots[slot], codes))
    rows = rows[_distinct(slot[rows], codes[rows])]
    slot, codes, prior = slot[rows], codes[rows], prior[rows]
    unknown = np.flatnonzero(np.isnan(prior))
    prior[unknown] = channel.log_prob(v.codes[spots[slot[unknown]]], codes[unknown])
    return slot, codes, prior


def _lost(v: View, lm: LanguageModel, at: Places) -> tuple[Ints, CodePoints]:
    """What n-grams expect in each gap, and the commonest marks: slots and characters."""
    gaps = at.gaps
    expected, _ = lm.propose(*_around(v, gaps, 0), _EXPECTED_LOST)
    slot = np.concatenate([
        np.repeat(np.arange(gaps.size), _EXPECTED_LOST), np.repeat(np.arange(gaps.size), _LOST_MARKS.size),
    ])  # fmt: skip
    codes = np.concatenate([lm.code_of.take(expected.ravel(), mode="clip"), np.tile(_LOST_MARKS, gaps.size)])
    rows = np.flatnonzero(_proposable(codes))
    rows = rows[_distinct(slot[rows], codes[rows])]
    return slot[rows], codes[rows]


def _around(v: View, start: Ints, length: int) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """The four ids before each place and the four behind what is replaced, both (m, 4)."""
    s = places(v, start, length)[:, None]
    right = np.minimum(s + (length + np.arange(CONTEXT)), v.stream.size - 1)
    return v.stream[s + np.arange(-CONTEXT, 0)], v.stream[right]


def _singles(
    v: View, lm: LanguageModel, log_probs: Floats, at: Places, opinion: _Opinion, substitutions: _Pool, lost: _Pool
) -> tuple[Proposals, Detail]:
    """Substitutions and insertions, scored together; the best few of each place."""
    size = at.spots.size
    slot = np.concatenate([substitutions.slot, lost.slot + size])
    codes = np.concatenate([substitutions.codes, lost.codes])
    prior = np.concatenate([substitutions.prior, lost.prior])
    said = np.concatenate([substitutions.said, lost.said])
    sides = _around(v, at.spots, 1), _around(v, at.gaps, 0)
    left, right = (np.concatenate(side) for side in zip(*sides, strict=True))
    ids = lm.id_of(codes)
    after = lm.slot_columns(left, right, slot, ids)
    begin = np.concatenate([places(v, at.spots, 1), places(v, at.gaps, 0)])
    last = log_probs.size - 1
    before = log_probs[np.minimum(begin[:, None] + np.arange(CONTEXT + 1), last)]
    before[size:, CONTEXT] = 0  # a gap disturbs the four behind it only
    was = before.sum(axis=1)
    stood = opinion.stood
    gain = after.sum(axis=1) - was[slot]
    rows, margin, rank = best_by_key(gain + prior + _WEIGHT * (said - stood[slot]), slot, _KEPT)
    slot, after, before = slot[rows], after[rows], before[slot[rows]]
    inserted = slot >= size
    start = np.concatenate([at.spots, at.gaps])[slot]
    length = np.where(inserted, 0, 1)
    p = Proposals.make(
        np.where(inserted, INSERT, SUBSTITUTE), start, length, ids[rows, None], codes[rows, None], prior[rows],
        said[rows], stood[slot], opinion.best[:, slot],
    )  # fmt: skip
    p.margin[:] = margin
    p.rank[:] = rank
    low = np.where(inserted, before[:, :CONTEXT].min(axis=1), before.min(axis=1))
    d = Detail(
        gain[rows], low, after.min(axis=1), after[:, 0], after[:, 0], after[:, 1:].sum(axis=1), before[:, 0],
    )  # fmt: skip
    return p, d


def _deletions(
    v: View, lm: LanguageModel, log_probs: Floats, at: Places, opinion: _Opinion
) -> tuple[Proposals, Detail]:
    """Nothing in place of one suspicious character, or of two side by side."""
    spots = at.spots
    nothing, stood, best = opinion.nothing, opinion.stood[: spots.size], opinion.best[:, : spots.size]
    beside = (np.diff(spots) == 1) & (v.breaks[spots[1:]] == 0)  # what is taken out must not take a line end along
    two = np.flatnonzero(beside)
    start = np.concatenate([spots, spots[two]])
    length = np.repeat([1, 2], [spots.size, two.size])

    def both(values: Floats) -> Floats:
        return np.concatenate([values, np.minimum(values[..., two], values[..., two + 1])], axis=-1)

    none = np.empty((start.size, 0))
    p = Proposals.make(
        np.full(start.size, DELETE), start, length, none.astype(np.uint16), none.astype(np.uint32),
        np.full(start.size, _INVENTED, dtype=np.float32), both(nothing), both(stood), both(best),
    )  # fmt: skip
    s = places(v, start, length)[:, None]
    last = v.stream.size - 1
    window = np.concatenate([s + np.arange(-CONTEXT, 0), s + length[:, None] + np.arange(CONTEXT)], axis=1)
    after = lm.score_columns(v.stream[np.minimum(window, last)], CONTEXT)
    before = log_probs[np.minimum(s + np.arange(CONTEXT + 2), last)]
    long = length == 2
    before[~long, CONTEXT + 1] = 0
    observed = np.where(long, 0.5 * (before[:, 0] + before[:, 1]), before[:, 0]).astype(np.float32)
    total = after.sum(axis=1)
    return p, Detail(
        total - before.sum(axis=1), before.min(axis=1), after.min(axis=1), after[:, 0], after[:, 0], total, observed,
    )  # fmt: skip


def _pairs(
    v: View, lm: LanguageModel, log_probs: Floats, at: Places, opinion: _Opinion, several: _Pool, firsts: Ints
) -> tuple[Proposals, Detail]:
    """Two wrong characters side by side, for each of `firsts` (numbers of spots) and the spot behind it."""
    size, k = at.spots.size, _JOINED
    table = np.zeros((3, size, k), dtype=np.float64)
    rank = np.arange(several.slot.size) - np.searchsorted(several.slot, several.slot)
    han = classify(several.codes) == HAN
    for i, values in enumerate((several.codes, several.prior, several.said)):
        table[i, several.slot[han], rank[han]] = values[han]
    one, two = np.repeat(table[:, firsts], k, axis=2), np.tile(table[:, firsts + 1], (1, 1, k))
    codes = np.stack([one[0], two[0]], axis=2).reshape(-1, 2).astype(np.uint32)
    prior = (one[1] + two[1]).ravel().astype(np.float32)
    said = (0.5 * (one[2] + two[2])).ravel().astype(np.float32)
    slot = np.repeat(np.arange(firsts.size), k * k)
    rows = np.flatnonzero((codes != 0).all(axis=1))
    codes, prior, said, slot = codes[rows], prior[rows], said[rows], slot[rows]
    ids = lm.id_of(codes)
    start = at.spots[firsts]
    left, right = _around(v, start, 2)
    after = lm.score_columns(np.concatenate([left[slot], ids, right[slot]], axis=1), CONTEXT)
    total = after.sum(axis=1)
    rows, margin, rank = best_by_key(total + prior + 2 * _WEIGHT * said, slot, _KEPT_PAIRS)
    slot, after = slot[rows], after[rows]
    stood, best = opinion.stood[:size], opinion.best[:, :size]
    p = Proposals.make(
        np.full(rows.size, PAIR), start[slot], np.full(rows.size, 2), ids[rows], codes[rows], prior[rows], said[rows],
        0.5 * (stood[firsts] + stood[firsts + 1])[slot], 0.5 * (best[:, firsts] + best[:, firsts + 1])[:, slot],
    )  # fmt: skip
    p.margin[:] = margin
    p.rank[:] = rank
    s = places(v, p.start, p.length)[:, None]
    before = log_probs[np.minimum(s + np.arange(CONTEXT + 2), log_probs.size - 1)]
    return p, Detail(
        total[rows] - before.sum(axis=1), before.min(axis=1), after.min(axis=1), after[:, :2].mean(axis=1), after[:, 0],
        after[:, 2:].sum(axis=1), before[:, :2].mean(axis=1),
    )  # fmt: skip
