"""Two wrong characters side by side: what both may have been together.

Each of the two misleads whatever is asked about the other, so that the truth is often among the candidates of neither.
So beside what fits one side each, the phrase table names the pairs that make a known phrase with both sides; and of the
pairs that are left the cloze model is asked about each character beside the other as it would be.
"""

from __future__ import annotations

import numpy as np

from ..lm import CONTEXT
from ..text.arrays import first_of_each
from ..text.classes import HAN, classify
from ..text.codepoints import CodePoints
from .candidates import AGREED, ATTESTED, JOINED, Opinion, Pool
from .models import Models
from .places import Places, beside
from .proposable import replaceable
from .proposals import PAIR, Detail, Floats, Ints, Proposals, best_by_key, places
from .view import View

__all__ = ["pairs"]

#: Pairs of two neighbours that the phrase table names, that the cloze model is asked about, and that are proposed.
_PHRASED, _ASKED, _KEPT = 24, 3, 2
#: Pairs that raise the log-probability by less, in nats, are not asked about.
_LEAST_GAIN = 7.0
_ONE, _DASH = ord("一"), ord("—")


def pairs(
    v: View, models: Models, log_probs: Floats, at: Places, opinion: Opinion, several: tuple[Pool, Pool]
) -> tuple[Proposals, Detail]:
    """Two for each two neighbours; `several` are what fits what stands before them, and what stands behind."""
    firsts = at.twos
    number, codes, prior = _together(
        _products(several, firsts), _phrased(v, models, at), _dashes(v, models, at.spots[firsts])
    )
    ids = models.lm.id_of(codes)
    start = at.spots[firsts]
    left, right = beside(v, start, 2)
    after = models.lm.score_columns(np.concatenate([left[number], ids, right[number]], axis=1), CONTEXT)
    s = places(v, start, 2)[:, None]
    before = log_probs[np.minimum(s + np.arange(CONTEXT + 2), log_probs.size - 1)]
    gain = after.sum(axis=1) - before.sum(axis=1)[number]
    sides = at.sides(firsts)[0], at.sides(firsts + 1)[1]
    windows = models.phrases.around(sides[0][number], models.cloze.id_of(codes), sides[1][number])
    score = gain + prior + ATTESTED.take(windows, mode="clip")
    good = np.flatnonzero(gain > _LEAST_GAIN)
    good = good[best_by_key(score[good], number[good], _ASKED)[0]]
    said, best = _asked(models, at, firsts[number[good]], codes[good])
    rows, margin, rank = best_by_key(score[good] + AGREED * (2 * said), number[good], _KEPT)
    said, best, good = said[rows], best[:, rows], good[rows]
    number, after = number[good], after[good]
    stood = opinion.stood
    p = Proposals.make(
        np.full(rows.size, PAIR), start[number], np.full(rows.size, 2), ids[good], codes[good], prior[good], said,
        0.5 * (stood[firsts] + stood[firsts + 1])[number], best,
    )  # fmt: skip
    p.margin[:] = margin
    p.rank[:] = rank
    before = before[number]
    return p, Detail(
        gain[good], before.min(axis=1), after.min(axis=1), after[:, :2].mean(axis=1), after[:, 0],
        after[:, 2:].sum(axis=1), before[:, :2].mean(axis=1),
    )  # fmt: skip


#: Candidates: number of the two neighbours, code points (k, 2), log-prior.
_Candidates = tuple[Ints, CodePoints, Floats]


def _together(*parts: _Candidates) -> _Candidates:
    """Each pair once, in the order of neighbours and code points."""
    number, codes, prior = (np.concatenate(column) for column in zip(*parts, strict=True))
    wide = codes.astype(np.uint64)
    rows = first_of_each((number.astype(np.uint64) << np.uint64(21) | wide[:, 0]) << np.uint64(21) | wide[:, 1])
    return number[rows], codes[rows], prior[rows]


def _products(several: tuple[Pool, Pool], firsts: Ints) -> _Candidates:
    """Every two of what fits either side."""
    k = JOINED
    size = max((int(pool.slot[-1]) + 1 for pool in several if pool.slot.size), default=0)
    table = np.zeros((2, 2, max(size, int(firsts.max(initial=-1)) + 2), k), dtype=np.float64)
    for which, pool in enumerate(several):
        rank = np.arange(pool.slot.size) - np.searchsorted(pool.slot, pool.slot)
        for i, values in enumerate((pool.codes, pool.prior)):
            table[which, i, pool.slot, rank] = values
    one, two = np.repeat(table[0][:, firsts], k, axis=2), np.tile(table[1][:, firsts + 1], (1, 1, k))
    codes = np.stack([one[0], two[0]], axis=2).reshape(-1, 2).astype(np.uint32)
    rows = np.flatnonzero((codes != 0).all(axis=1))
    number = np.repeat(np.arange(firsts.size, dtype=np.int64), k * k)
    return number[rows], codes[rows], (one[1] + two[1]).ravel().astype(np.float32)[rows]


def _phrased(v: View, models: Models, at: Places) -> _Candidates:
    """The likeliest of what makes a phrase with what stands on both sides."""
    found = models.phrases.two_fillers(at.sides(at.twos)[0], at.sides(at.twos + 1)[1])
    codes = models.phrases.vocabulary.code_of.take(found.ids)
    good = (classify(codes.ravel()) == HAN).reshape(-1, 2).all(axis=1)
    prior = np.zeros(len(codes), dtype=np.float32)
    for k in range(2):
        spots = at.spots[at.twos[found.slot] + k]
        good &= replaceable(v, models.lm, spots, codes[:, k])
        prior += models.channel.log_prob(v.codes[spots], codes[:, k])
    rows = np.flatnonzero(good)
    score = prior[rows] + ATTESTED.take(found.windows[rows], mode="clip")
    rows = rows[best_by_key(score, found.slot[rows], _PHRASED)[0]]
    return found.slot[rows], codes[rows], prior[rows]


def _dashes(v: View, models: Models, start: Ints) -> _Candidates:
    """A dash is two characters wide, and each of them looks like 一."""
    number = np.flatnonzero((v.codes[start] == _ONE) & (v.codes[start + 1] == _ONE))
    codes = np.full((number.size, 2), _DASH, dtype=np.uint32)
    prior = 2 * models.channel.log_prob(np.full(number.size, _ONE, dtype=np.uint32), codes[:, 0])
    return number, codes, prior


def _asked(models: Models, at: Places, spots: Ints, codes: CodePoints) -> tuple[Floats, Floats]:
    """What the cloze model says of each of the two at `spots` (numbers) and behind, beside the other: the mean, (m,),
    and that of its two likeliest answers, (2, m)."""
    answers = models.cloze.id_of(codes)
    one, two = at.around[spots], at.around[spots + 1]
    one[:, one.shape[1] // 2], two[:, 0] = answers[:, 1], answers[:, 0]
    every = np.arange(2 * spots.size)
    said = models.cloze.ask(np.concatenate([one, two]), every, answers.T.ravel().astype(np.int64), 0.0)
    half = spots.size
    return 0.5 * (said.values[:half] + said.values[half:]), 0.5 * (said.best[:, :half] + said.best[:, half:])
