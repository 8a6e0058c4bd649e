"""What stood on the page where witnesses differ: by how glyphs are misread, and by how well the result reads.

Columns of doubt that stand close together are decided together: every way to combine their readings is a hypothesis,
weighed by the language model and by the channel of each witness (noisy channel: how likely would it read this, had that
stood there). How often a witness errs is estimated from the page itself, in two rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..lm import BOS, CONTEXT, EOS, Ids, LanguageModel
from ..text import classes
from ..text.codepoints import CodePoints
from .columns import GAP, Columns

__all__ = ["Decision", "decide"]

Floats = NDArray[np.float64]


def _by_class(**values: float) -> Floats:
    """A table of values for the classes of `textfix.text.classes`, given by name."""
    table = np.full(8, values["OTHER"])
    for name, value in values.items():
        table[getattr(classes, name)] = value
    return table


#: The weight of the language model against the channel.
_WEIGHT = 0.7
#: The error rate that the channel's counts stand for, and a witness's before anything is known.
_USUAL = 0.03
#: Of the errors at a character, the share that loses it, by class; and what a witness invents between two characters,
#: for an error rate of 1. Marks get lost, and are invented, as letters are; Han characters hardly ever; some engines
#: make 9% of %. Set by hand on every other page that `scripts/bench/vote.py` finds at the head of both readings.
_LOST = _by_class(HAN=0.02, MARK=0.8, DIGIT=0.03, LATIN=0.05, OTHER=0.3)
_INVENTED = _by_class(HAN=1e-4, MARK=2e-3, DIGIT=6e-3, LATIN=5e-3, OTHER=5e-3)
#: Hypotheses kept for one cluster of doubts, and to how many they are thinned when there are more.
_MOST, _THINNED = 256, 48
#: A part that only one witness has, and that reads worse than this (mean log-probability; a list of names has -7.8),
#: is debris; how surely, set by hand.
_NOISY, _NOISY_SURE = -8.5, 0.9
#: Doubts in one cluster at most: in a ruined passage the next cluster goes on from what was decided. How many columns
#: are looked back at for what stands before a cluster.
_LONGEST, _BACK = 24, 64
#: Errors and characters that a witness is credited with before they are counted.
_PRIOR_ERRORS, _PRIOR_SIZE = 3.0, 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What stands in each column, ``(c,)`` code points with `GAP` for nothing, and how probable that is.

    `rates` are the estimated error rates of the witnesses, ``(w,)``; 1 for one that reads nothing.
    """

    codes: CodePoints
    confidence: Floats
    rates: Floats


@dataclass(slots=True, eq=False)
class _Cluster:
    """Doubts close together: the columns ``[start, end)``, hypotheses ``(h, end - start)`` and how they read."""

    start: int
    end: int
    codes: CodePoints
    reads: Floats


def decide(columns: Columns, lm: LanguageModel, channel: Channel) -> Decision:
    """The likeliest reading of every column."""
    agreed = columns.agreed
    codes = np.where(columns.present, columns.codes, 0).max(axis=0, initial=0).astype(np.uint32)
    confidence = np.ones(len(columns))
    size = columns.present.sum(axis=1) + _PRIOR_SIZE
    rates = np.full(len(columns.codes), _USUAL)
    clusters = _clusters(columns, codes, agreed, lm, channel, rates)
    for _ in range(2):
        for cluster in clusters:
            span = slice(cluster.start, cluster.end)
            score = _WEIGHT * cluster.reads + _heard(columns, span, cluster.codes, channel, rates)
            best = int(score.argmax())
            codes[span] = cluster.codes[best]
            weight = np.exp(score - score[best])
            confidence[span] = _shares(cluster.codes, weight / weight.sum(), best, agreed[span])
        wrong = ((columns.codes != codes) & columns.present).sum(axis=1)
        rates = (wrong + _PRIOR_ERRORS) / size
    for start, end in _alone(columns):
        reads = lm.log_prob(_ids(lm, codes[start:end]))
        if len(reads) and float(reads.mean()) < _NOISY:
            codes[start:end] = GAP
            confidence[start:end] = _NOISY_SURE
    return Decision(codes, confidence, np.where(columns.present.any(axis=1), rates, 1.0))


def _alone(columns: Columns) -> list[tuple[int, int]]:
    """The runs of columns that only one witness has."""
    if np.count_nonzero(columns.present.any(axis=1)) < 2:
        return []  # there is nobody to miss it
    single = columns.present.sum(axis=0) == 1
    edges = np.flatnonzero(np.diff(single.astype(np.int8), prepend=0, append=0))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _shares(hypotheses: CodePoints, weight: Floats, best: int, agreed: NDArray[np.bool_]) -> Floats:
    """For every column the weight of the hypotheses that read its run of doubts as the best one does."""
    out = np.ones(len(agreed))
    edges = np.flatnonzero(np.diff(agreed.astype(np.int8), prepend=1, append=1))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        same = (hypotheses[:, start:end] == hypotheses[best, start:end]).all(axis=1)
        out[start:end] = min(1.0, weight[same].sum())  # a sum of shares may be a hair above 1
    return out


def _clusters(
    columns: Columns,
    codes: CodePoints,
    agreed: NDArray[np.bool_],
    lm: LanguageModel,
    channel: Channel,
    rates: Floats,
) -> list[_Cluster]:
    """The doubts, those joined between which the language model's context does not fit; with their hypotheses.

    What stands in the columns of each is entered in `codes` as it seems at first: it is what the next may look back at.
    """
    doubts = np.flatnonzero(~agreed)
    if not len(doubts):
        return []
    certain = np.flatnonzero(agreed & (codes != GAP))
    rank = np.searchsorted(certain, doubts)
    apart = np.flatnonzero(np.diff(rank) >= CONTEXT) + 1
    clusters = []
    for low, high in pairwise([0, *apart.tolist(), len(doubts)]):
        for a in range(low, high, _LONGEST):
            b = min(a + _LONGEST, high)
            start, end = int(doubts[a]), int(doubts[b - 1]) + 1
            before = codes[max(0, start - _BACK) : start]
            left = before[before != GAP][-CONTEXT:]
            until = rank[b] if b < len(doubts) else len(certain)
            right = codes[certain[rank[b - 1] : min(rank[b - 1] + CONTEXT, until)]]
            span = slice(start, end)
            hypotheses = _combined(columns, span, codes, agreed, left, lm, channel, rates)
            cluster = _Cluster(start, end, hypotheses, _read(lm, left, hypotheses, right))
            score = _WEIGHT * cluster.reads + _heard(columns, span, hypotheses, channel, rates)
            codes[span] = hypotheses[int(score.argmax())]
            clusters.append(cluster)
    return clusters


def _combined(
    columns: Columns,
    span: slice,
    codes: CodePoints,
    agreed: NDArray[np.bool_],
    left: CodePoints,
    lm: LanguageModel,
    channel: Channel,
    rates: Floats,
) -> CodePoints:
    """Every combination of the readings of each column, ``(h, n)``; the likeliest ones where there are too many."""
    rows = np.zeros((1, 0), dtype=np.uint32)
    for column in range(span.start, span.stop):
        if agreed[column]:
            options = codes[column : column + 1]
        else:
            options = np.unique(columns.codes[columns.present[:, column], column])
        rows = np.hstack([np.repeat(rows, len(options), axis=0), np.tile(options, len(rows))[:, None]])
        if len(rows) > _MOST:
            part = slice(span.start, column + 1)
            score = _WEIGHT * _read(lm, left, rows, rows[0, :0]) + _heard(columns, part, rows, channel, rates)
            rows = rows[np.sort(np.argsort(-score, kind="stable")[:_THINNED])]
    return rows


def _read(lm: LanguageModel, left: CodePoints, rows: CodePoints, right: CodePoints) -> Floats:
    """The log-probability of each row, without its gaps, and of `right` behind it, after `left`; ``(h,)``."""
    frame = np.array([EOS] * CONTEXT + [BOS], dtype=np.uint16)
    before = np.concatenate((frame, _ids(lm, left)))[-CONTEXT:]
    after = _ids(lm, right)
    parts: list[Ids] = []
    for row in rows:
        parts += (before, _ids(lm, row[row != GAP]), after)
    scores = lm.log_prob(np.concatenate(parts)).astype(np.float64)
    lengths = np.array([len(part) for part in parts]).reshape(-1, 3)
    ends = np.cumsum(lengths.sum(axis=1))
    sums = np.concatenate(([0.0], np.cumsum(scores)))
    return np.asarray(sums[ends] - sums[ends - lengths[:, 1] - lengths[:, 2]])


def _ids(lm: LanguageModel, codes: CodePoints) -> Ids:
    return lm.encode(codes)[0]


def _heard(columns: Columns, span: slice, rows: CodePoints, channel: Channel, rates: Floats) -> Floats:
    """The log-probability that the witnesses read what they read, for each row of what may stand there; ``(h,)``."""
    total = np.zeros(len(rows))
    for witness, rate in enumerate(rates.tolist()):
        read = np.broadcast_to(columns.codes[witness, span], rows.shape)
        score = np.where(read == rows, np.log1p(-rate), 0.0)
        lost, invented = (read == GAP) & (rows != GAP), (read != GAP) & (rows == GAP)
        score[lost] = np.log(rate * _LOST[classes.classify(rows[lost])])
        score[invented] = np.log(rate * _INVENTED[classes.classify(read[invented])])
        other = (read != rows) & ~lost & ~invented
        score[other] = channel.log_prob(read[other], rows[other]) + np.log(rate / _USUAL)
        total += np.where(columns.present[witness, span], score, 0.0).sum(axis=1)
    return total
