"""Proposals: the best candidates of all places, what they do to the language model, and what else may be wrong there:
two neighbours at once, or a character too many."""

from __future__ import annotations

import numpy as np

from ..lm import CONTEXT
from ..text.classes import MARK
from .candidates import KEPT, KEPT_LOST, KEPT_MARK, KEPT_WHOLE, Candidates, Opinion, Pool, candidates
from .models import Models
from .pairs import pairs
from .places import Places
from .proposals import DELETE, INSERT, SPLIT, SUBSTITUTE, Detail, Floats, Proposals, places
from .view import View

__all__ = ["proposals"]

_Scored = tuple[Proposals, Detail]


def proposals(v: View, models: Models, log_probs: Floats, at: Places) -> _Scored:
    """Every proposal for the places `at`, scored in full."""
    found = candidates(v, models, at)
    opinion = found.opinion
    parts = [
        _singles(v, log_probs, at, found),
        _deletions(v, models, log_probs, at, opinion),
    ]
    if at.twos.size:
        parts.append(pairs(v, models, log_probs, at, opinion, found.several()))
    if at.joints.size:
        parts.append(_splits(v, log_probs, at, opinion, found.whole))
    return Proposals.concatenate([p for p, _ in parts]), Detail.concatenate([d for _, d in parts])


def _singles(v: View, log_probs: Floats, at: Places, found: Candidates) -> _Scored:
    """Substitutions and insertions: the best few of each place."""
    size, opinion = at.spots.size, found.opinion
    several = np.where(v.classes[at.spots] == MARK, KEPT_MARK, KEPT)
    (one, lead, place), (lost, lost_lead, lost_place) = found.substitutions.best(several), found.losses.best(KEPT_LOST)
    slot = np.concatenate([one.slot, lost.slot + size])
    codes, ids, prior, said, after = (
        np.concatenate([getattr(one, name), getattr(lost, name)]) for name in ("codes", "ids", "prior", "said", "after")
    )
    start = np.concatenate([at.spots, at.gaps])[slot]
    inserted = slot >= size
    length = np.where(inserted, 0, 1)
    before = log_probs[np.minimum(places(v, start, length)[:, None] + np.arange(CONTEXT + 1), log_probs.size - 1)]
    before[inserted, CONTEXT] = 0  # a gap disturbs the four behind it only
    p = Proposals.make(
        np.where(inserted, INSERT, SUBSTITUTE), start, length, ids[:, None], codes[:, None], prior, said,
        opinion.stood[slot], opinion.best[:, slot],
    )  # fmt: skip
    p.margin[:] = np.concatenate([lead, lost_lead])
    p.rank[:] = np.concatenate([place, lost_place])
    low = np.where(inserted, before[:, :CONTEXT].min(axis=1), before.min(axis=1))
    gain = after.sum(axis=1) - before.sum(axis=1)
    return p, Detail(gain, low, after.min(axis=1), after[:, 0], after[:, 0], after[:, 1:].sum(axis=1), before[:, 0])


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

    invented = models.channel.strays.log_invented(v.codes[spots])
    prior = np.concatenate([invented, invented[two] + invented[two + 1]])
    none = np.empty((start.size, 0))
    p = Proposals.make(
        np.full(start.size, DELETE), start, length, none.astype(np.uint16), none.astype(np.uint32),
        prior, both(nothing), both(stood), both(best),
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


def _splits(v: View, log_probs: Floats, at: Places, opinion: Opinion, whole: Pool) -> _Scored:
    """One character for two side by side: a glyph that was read as two, or with something beside it."""
    best, margin, rank = whole.best(KEPT_WHOLE)
    slot, after = best.slot, best.after
    number = at.joints[slot]
    start = at.spots[number]
    length = np.full(slot.size, 2)
    before = log_probs[np.minimum(places(v, start, length)[:, None] + np.arange(CONTEXT + 2), log_probs.size - 1)]
    p = Proposals.make(
        np.full(slot.size, SPLIT), start, length, best.ids[:, None], best.codes[:, None], best.prior, best.said,
        0.5 * (opinion.stood[number] + opinion.stood[number + 1]), opinion.best[:, at.of_joints][:, slot],
    )  # fmt: skip
    p.margin[:] = margin
    p.rank[:] = rank
    return p, Detail(
        after.sum(axis=1) - before.sum(axis=1), before.min(axis=1), after.min(axis=1), after[:, 0], after[:, 0],
        after[:, 1:].sum(axis=1), before[:, :2].mean(axis=1),
    )  # fmt: skip
