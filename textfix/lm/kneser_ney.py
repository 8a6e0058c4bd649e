"""Interpolated modified Kneser-Ney smoothing on sorted arrays of n-grams, with weighted texts and with pruning.

After Chen & Goodman (1998): the highest order has occurrence counts; below it an n-gram counts the different
characters seen before it, except where it starts with BOS, which nothing precedes: there it keeps its occurrences (as
KenLM and SRILM do). Two things are added.

* A text may count several times. Discounts are estimated from, and taken off, the plain counts; what is left of an
  n-gram is then multiplied by the mean weight of its occurrences, so that weighting a text does not make what it
  says once look well attested.
* An n-gram that is pruned hands its occurrences, instead of one, to its suffix (Siivola, Hirsimäki & Virpioja 2007,
  "On growing and pruning Kneser-Ney smoothed n-gram models"): with the longer n-gram gone, the shorter one must
  predict all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .counting import ORDER, Counts, Keys, Tally
from .vocabulary import BOS

__all__ = ["Level", "Ngrams", "arrange", "smooth"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Ngrams:
    """The n-grams of one order, sorted by key, all arrays of one length.

    `suffix` and `parent` are indices one order down: of the n-gram without its first and without its last id.
    `tally` and `weighted` are the occurrences of those that have no longer n-gram to count by (the highest order, and
    those that start with BOS), 0 elsewhere. `discounts` are D for counts 0, 1, 2 and 3 or more.
    """

    keys: Keys
    suffix: Ints
    parent: Ints
    tally: Floats
    weighted: Floats
    discounts: Floats


@dataclass
class Level:
    """The smoothed n-grams of one order, sorted by key, all arrays of one length.

    `prob` is the interpolated probability of the last id after the others. `mass` is the weight with which the
    n-gram, as a context, passes on to the next shorter one (1 for those that are no context). `suffix` and `parent`
    are as in `Ngrams`, but count kept n-grams only.
    """

    keys: Keys
    prob: Floats
    suffix: Ints
    parent: Ints
    mass: Floats


def arrange(counts: Counts, size: int) -> list[Ngrams]:
    """All n-grams of `counts` by order, 1 first. Every context and every suffix of a level is in the one below."""
    levels: list[Ngrams] = []
    keys = counts.full[0]
    tally, weighted = counts.full[1].astype(np.float64), counts.full[2]
    for order in range(ORDER, 1, -1):
        lower, opening, suffix, parent = _lower(keys, counts.opening.get(order - 1), size, order)
        # Below the highest order, what starts with BOS has occurrences, all else has neighbours on the left.
        joined = tally if order == ORDER else tally + np.bincount(levels[-1].suffix, minlength=len(keys))
        levels.append(Ngrams(keys, suffix, parent, tally, weighted, _discounts(joined)))
        keys, tally, weighted = lower, *opening
    before = np.bincount(levels[-1].suffix, minlength=size)
    nothing = np.zeros(size, dtype=np.int64)
    levels.append(Ngrams(keys, nothing, nothing, np.zeros(size), np.zeros(size), _discounts(before)))
    return levels[::-1]


def smooth(ngrams: Sequence[Ngrams], keep: Sequence[Mask] | None = None) -> list[Level]:
    """The probabilities of the n-grams that `keep` marks (all, if None), estimated with the others left out."""
    size = len(ngrams[0].keys)
    tallies = _tallies(ngrams, keep)
    tally, weighted = tallies[0]
    mean = weighted / np.maximum(tally, 1)
    reduced = np.maximum(tally - ngrams[0].discounts[np.minimum(tally, 3).astype(np.int64)], 0) * mean
    reduced[BOS] = weighted[BOS] = 0
    prob = reduced / max(float(weighted.sum()), 1.0)
    prob += (1 - prob.sum()) / (size - 1)
    prob[BOS] = 0
    levels = [Level(ngrams[0].keys, prob, ngrams[0].suffix, ngrams[0].parent, np.ones(size))]
    place = np.arange(size)
    held = np.arange(size)
    for n, (gram, (tally, weighted)) in enumerate(zip(ngrams[1:], tallies[1:], strict=True), start=1):
        contexts = len(ngrams[n - 1].keys)
        rows = np.arange(len(gram.keys)) if keep is None else np.flatnonzero(keep[n])
        total = np.bincount(gram.parent, weights=weighted, minlength=contexts)
        tally, parent = tally[rows], gram.parent[rows]
        reduced = np.maximum(tally - gram.discounts[np.minimum(tally, 3).astype(np.int64)], 0)
        reduced *= weighted[rows] / tally
        given = np.bincount(parent, weights=reduced, minlength=contexts)
        used = np.bincount(parent, minlength=contexts)[held] > 0
        levels[-1].mass[:] = np.where(used, 1 - given[held] / np.maximum(total[held], 1e-9), 1.0)
        below = levels[-1]
        suffix, context = place[gram.suffix[rows]], place[parent]
        prob = reduced / total[parent] + below.mass[context] * below.prob[suffix]
        levels.append(Level(gram.keys[rows], prob, suffix, context, np.ones(len(rows))))
        place = np.full(len(gram.keys), -1)
        place[rows] = np.arange(len(rows))
        held = rows
    return levels


def _tallies(ngrams: Sequence[Ngrams], keep: Sequence[Mask] | None) -> list[tuple[Floats, Floats]]:
    """The plain and the weighted count of every n-gram: 1 for a kept n-gram that ends in it, all of a pruned one's."""
    found = [(ngrams[-1].tally, ngrams[-1].weighted)]
    for n in range(len(ngrams) - 1, 0, -1):
        tally, weighted = found[-1]
        plain, heavy = np.ones(len(tally)), weighted / tally
        if keep is not None:
            plain, heavy = np.where(keep[n], plain, tally), np.where(keep[n], heavy, weighted)
        lower = ngrams[n - 1]
        found.append(
            (
                lower.tally + np.bincount(ngrams[n].suffix, weights=plain, minlength=len(lower.keys)),
                lower.weighted + np.bincount(ngrams[n].suffix, weights=heavy, minlength=len(lower.keys)),
            )
        )
    return found[::-1]


def _discounts(counts: Floats | Ints) -> Floats:
    """D for counts 0, 1, 2 and 3 or more, from the counts of counts; safe for texts too small to estimate from."""
    ones, twos, threes, fours = (float(np.count_nonzero(counts == k)) for k in (1, 2, 3, 4))
    if min(ones, twos, threes) <= 0:
        return np.array([0.0, 0.5, 0.75, 0.9])
    y = ones / (ones + 2 * twos)
    found = np.array([0.0, 1 - 2 * y * twos / ones, 2 - 3 * y * threes / twos, 3 - 4 * y * fours / threes])
    clipped: Floats = np.clip(found, np.array([0.0, 0.05, 0.1, 0.15]), np.array([0.0, 0.95, 1.9, 2.8]))
    return clipped


def _lower(keys: Keys, opening: Tally | None, size: int, order: int) -> tuple[Keys, tuple[Floats, Floats], Ints, Ints]:
    """`(lower keys, their own counts, suffix, parent)`: the n-grams one order down and where `keys` meet them.

    A context that is no suffix can only stand at the very start of a text, which opens with BOS, or be BOS itself.
    """
    if order == 2:
        return (
            np.arange(size, dtype=np.uint64), (np.zeros(size), np.zeros(size)),
            (keys % np.uint64(size)).astype(np.int64), (keys // np.uint64(size)).astype(np.int64),
        )  # fmt: skip
    tails = keys % np.uint64(size ** (order - 1))
    by_tail = np.argsort(tails, kind="stable")
    tails = tails[by_tail]
    new = np.concatenate(([True], tails[1:] != tails[:-1]))
    suffix = np.empty(len(keys), dtype=np.int64)
    suffix[by_tail] = np.cumsum(new) - 1
    distinct = tails[new]
    if opening is None:
        opening = (np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0))
    # Suffixes never start with BOS and openings always do: the two are disjoint.
    joined = np.concatenate((distinct, opening[0]))
    place = np.argsort(joined, kind="stable")
    rank = np.empty(len(joined), dtype=np.int64)
    rank[place] = np.arange(len(joined))
    own = np.zeros((2, len(joined)))
    own[:, len(distinct) :] = opening[1:]
    lower = joined[place]
    contexts = keys // np.uint64(size)
    new = np.concatenate(([True], contexts[1:] != contexts[:-1]))
    parent = np.searchsorted(lower, contexts[new])[np.cumsum(new) - 1]
    return lower, (own[0, place], own[1, place]), rank[suffix], parent
