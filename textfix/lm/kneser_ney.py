"""Interpolated modified Kneser-Ney smoothing (Chen & Goodman 1998) on sorted arrays of n-grams.

The highest order has occurrence counts; below it an n-gram counts the different characters seen before it, except
where it starts with BOS, which nothing precedes: there it keeps its occurrences (as KenLM and SRILM do).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .counting import ORDER, Counts, Keys
from .vocabulary import BOS

__all__ = ["Level", "estimate"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Level:
    """The n-grams of one order, sorted by key, all arrays of one length.

    `prob` is the interpolated probability of the last id after the others, `suffix` the index of the n-gram without its
    first id one level down. `mass` is the weight with which contexts of this order pass to the next shorter one
    (1 for those that were never a context). `parent` is the index of the context (the n-gram without its last id),
    `seen` how often the n-gram occurred.
    """

    keys: Keys
    prob: Floats
    suffix: Ints
    parent: Ints
    seen: Floats
    mass: Floats


def _discounts(counts: Ints) -> Floats:
    """D for counts 0, 1, 2 and 3 or more, from the counts of counts; safe for texts too small to estimate from."""
    ones, twos, threes, fours = (float(np.count_nonzero(counts == k)) for k in (1, 2, 3, 4))
    if min(ones, twos, threes) <= 0:
        return np.array([0.0, 0.5, 0.75, 0.9])
    y = ones / (ones + 2 * twos)
    found = np.array([0.0, 1 - 2 * y * twos / ones, 2 - 3 * y * threes / twos, 3 - 4 * y * fours / threes])
    limit = np.array([0.0, 0.95, 1.9, 2.8])
    clipped: Floats = np.clip(found, np.array([0.0, 0.05, 0.1, 0.15]), limit)
    return clipped


def _lower(keys: Keys, opening: tuple[Keys, Ints], size: int, order: int) -> tuple[Keys, Ints, Ints]:
    """`(keys, counts, suffix)`: the n-grams one order down, and where the suffix of each of `keys` is among them."""
    tails = keys % np.uint64(size ** (order - 1))
    by_tail = np.argsort(tails, kind="stable")
    tails = tails[by_tail]
    new = np.concatenate(([True], tails[1:] != tails[:-1]))
    suffix = np.empty(len(keys), dtype=np.int64)
    suffix[by_tail] = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    distinct = tails[first]
    counts = np.diff(np.append(first, len(tails)))
    # Suffixes never start with BOS and openings always do: the two are disjoint.
    joined = np.concatenate((distinct, opening[0]))
    place = np.argsort(joined, kind="stable")
    rank = np.empty(len(joined), dtype=np.int64)
    rank[place] = np.arange(len(joined))
    return joined[place], np.concatenate((counts, opening[1]))[place], rank[suffix]


def _group(keys: Keys, size: int) -> tuple[Keys, Ints, Ints]:
    """The contexts of sorted `keys`: their keys, where each group starts, and the group of every key."""
    contexts = keys // np.uint64(size)
    new = np.concatenate(([True], contexts[1:] != contexts[:-1]))
    first = np.flatnonzero(new)
    return contexts[first], first, np.cumsum(new) - 1


def estimate(counts: Counts, size: int) -> list[Level]:
    """The model, one `Level` for each order from 1 to 5; every context of a level stands in the level below it."""
    tables = [(counts.full[0], counts.full[1], np.empty(0, dtype=np.int64))]
    for order in range(ORDER, 1, -1):
        keys, _, _ = tables[-1]
        opening = counts.opening.get(order - 1, (np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)))
        lower, tally, suffix = _lower(keys, opening, size, order)
        tables[-1] = (*tables[-1][:2], suffix)
        tables.append((lower, tally, np.empty(0, dtype=np.int64)))
    tables.reverse()
    levels = [_unigrams(tables[0][0], tables[0][1], size)]
    for keys, tally, suffix in tables[1:]:
        below = levels[-1]
        contexts, first, group = _group(keys, size)
        parent = np.searchsorted(below.keys, contexts)
        discounts = _discounts(tally)
        reduced = tally - discounts[np.minimum(tally, 3)]
        total = np.add.reduceat(tally.astype(np.float64), first)
        kept = np.add.reduceat(reduced, first)
        mass = 1 - kept / total
        below.mass[parent] = mass
        prob = reduced / total[group] + mass[group] * below.prob[suffix]
        levels.append(
            Level(keys, prob, suffix, parent[group], tally.astype(np.float64), np.ones(len(keys), dtype=np.float64))
        )
    return levels


def _unigrams(keys: Keys, tally: Ints, size: int) -> Level:
    """All ids have a probability except BOS, which is never predicted; the rest of the mass is spread evenly."""
    discounts = _discounts(tally)
    reduced = np.zeros(size)
    reduced[keys.astype(np.int64)] = (tally - discounts[np.minimum(tally, 3)]) / max(tally.sum(), 1)
    reduced[BOS] = 0
    prob = reduced + (1 - reduced.sum()) / (size - 1)
    prob[BOS] = 0
    nothing = np.zeros(size, dtype=np.int64)
    seen = np.zeros(size)
    seen[keys.astype(np.int64)] = tally
    return Level(np.arange(size, dtype=np.uint64), prob, nothing, nothing, seen, np.ones(size))
