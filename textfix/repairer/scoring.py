"""Proposals: the candidates of all places scored in full by the language model, in one call for each kind of edit."""

from __future__ import annotations

import numpy as np

from ..lm import CONTEXT
from ..text.classes import HAN, classify
from .candidates import ATTESTED, JOINED, Opinion, Places, Pool, beside, candidates
from .models import Models
from .proposals import DELETE, INSERT, PAIR, SPLIT, SUBSTITUTE, Detail, Floats, Ints, Proposals, best_by_key, places
from .view import View

__all__ = ["proposals"]

#: Proposals that a place makes.
_KEPT, _KEPT_PAIRS, _KEPT_SPLITS = 3, 2, 1
#: Share of the opinions of cloze model and phrase table in the ranking (the forests weigh them anew).
_WEIGHT = np.float32(0.5)
#: Log-prior of something invented, of which no channel tells.
_INVENTED = -9.0

_Scored = tuple[Proposals, Detail]


def proposals(v: View, models: Models, log_probs: Floats, at: Places) -> _Scored:
    """Every proposal for the places `at`, scored in full."""
    found = candidates(v, models, at)
    opinion = found.opinion
    parts = [
        _singles(v, models, log_probs, at, opinion, found.substitutions, found.losses),
        _deletions(v, models, log_probs, at, opinion),
    ]
    firsts = _neighbours(v, at)
    if firsts.size:
        parts.append(_pairs(v, models, log_probs, at, opinion, found.several, firsts))
    if at.joints.size:
        parts.append(_splits(v, models, log_probs, at, opinion, found.whole))
    return Proposals.concatenate([p for p, _ in parts]), Detail.concatenate([d for _, d in parts])


def _neighbours(v: View, at: Places) -> Ints:
    """Which spots (by number) and the next are two Han characters side by side."""
    firsts = np.flatnonzero(np.diff(at.spots) == 1)
    one, two = at.spots[firsts], at.spots[firsts] + 1
    return np.asarray(firsts[(v.classes[one] == HAN) & (v.classes[two] == HAN) & (v.breaks[two] < 2)])


def _singles(
    v: View, models: Models, log_probs: Floats, at: Places, opinion: Opinion, substitutions: Pool, lost: Pool
) -> _Scored:
    """Substitutions and insertions, scored together; the best few of each place."""
    size = at.spots.size
    slot = np.concatenate([substitutions.slot, lost.slot + size])
    codes = np.concatenate([substitutions.codes, lost.codes])
    prior = np.concatenate([substitutions.prior, lost.prior])
    said = np.concatenate([substitutions.said, lost.said])
    attested = ATTESTED[np.concatenate([substitutions.windows, lost.windows])]
    sides = beside(v, at.spots, 1), beside(v, at.gaps, 0)
    left, right = (np.concatenate(side) for side in zip(*sides, strict=True))
    ids = models.lm.id_of(codes)
    after = models.lm.slot_columns(left, right, slot, ids)
    begin = np.concatenate([places(v, at.spots, 1), places(v, at.gaps, 0)])
    last = log_probs.size - 1
    before = log_probs[np.minimum(begin[:, None] + np.arange(CONTEXT + 1), last)]
    before[size:, CONTEXT] = 0  # a gap disturbs the four behind it only
    was = before.sum(axis=1)
    stood = opinion.stood
    gain = after.sum(axis=1) - was[slot]
    score = gain + prior + _WEIGHT * (said - stood[slot] + attested)
    rows, margin, rank = best_by_key(score, slot, _KEPT)
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


def _deletions(v: View, models: Models, log_probs: Floats, at: Places, opinion: Opinion) -> _Scored:
    """Nothing in place of one suspicious character, or of two side by side."""
    spots = at.spots
    nothing, stood, best = opinion.nothing, opinion.stood[: spots.size], opinion.best[:, : spots.size]
    # What is taken out must not take a line end along.
    two = np.flatnonzero((np.diff(spots) == 1) & (v.breaks[spots[1:]] == 0))
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
    after = models.lm.score_columns(v.stream[np.minimum(window, last)], CONTEXT)
    before = log_probs[np.minimum(s + np.arange(CONTEXT + 2), last)]
    long = length == 2
    before[~long, CONTEXT + 1] = 0
    observed = np.where(long, 0.5 * (before[:, 0] + before[:, 1]), before[:, 0]).astype(np.float32)
    total = after.sum(axis=1)
    return p, Detail(
        total - before.sum(axis=1), before.min(axis=1), after.min(axis=1), after[:, 0], after[:, 0], total, observed,
    )  # fmt: skip


def _pairs(
    v: View, models: Models, log_probs: Floats, at: Places, opinion: Opinion, several: Pool, firsts: Ints
) -> _Scored:
    """Two wrong characters side by side, for each of `firsts` (numbers of spots) and the spot behind it."""
    size, k = at.spots.size, JOINED
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
    ids = models.lm.id_of(codes)
    start = at.spots[firsts]
    left, right = beside(v, start, 2)
    after = models.lm.score_columns(np.concatenate([left[slot], ids, right[slot]], axis=1), CONTEXT)
    total = after.sum(axis=1)
    sides = at.sides(firsts)[0], at.sides(firsts + 1)[1]
    windows = models.phrases.around(sides[0][slot], models.cloze.id_of(codes), sides[1][slot])
    attested = ATTESTED.take(windows, mode="clip")
    rows, margin, rank = best_by_key(total + prior + _WEIGHT * (2 * said + attested), slot, _KEPT_PAIRS)
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


def _splits(v: View, models: Models, log_probs: Floats, at: Places, opinion: Opinion, whole: Pool) -> _Scored:
    """One character for two side by side: a glyph that was read as two, or with something beside it."""
    firsts = at.spots[at.joints]
    slot, ids = whole.slot, models.lm.id_of(whole.codes)
    after = models.lm.slot_columns(*beside(v, firsts, 2), slot, ids)
    before = log_probs[np.minimum(places(v, firsts, 2)[:, None] + np.arange(CONTEXT + 2), log_probs.size - 1)]
    gain = after.sum(axis=1) - before.sum(axis=1)[slot]
    score = gain + whole.prior + _WEIGHT * (whole.said + ATTESTED[whole.windows])
    rows, margin, rank = best_by_key(score, slot, _KEPT_SPLITS)
    slot, after, before = slot[rows], after[rows], before[slot[rows]]
    number = at.joints[slot]
    best = opinion.best[:, at.of_joints]
    p = Proposals.make(
        np.full(rows.size, SPLIT), firsts[slot], np.full(rows.size, 2), ids[rows, None], whole.codes[rows, None],
        whole.prior[rows], whole.said[rows], 0.5 * (opinion.stood[number] + opinion.stood[number + 1]), best[:, slot],
    )  # fmt: skip
    p.margin[:] = margin
    p.rank[:] = rank
    return p, Detail(
        gain[rows], before.min(axis=1), after.min(axis=1), after[:, 0], after[:, 0], after[:, 1:].sum(axis=1),
        before[:, :2].mean(axis=1),
    )  # fmt: skip
