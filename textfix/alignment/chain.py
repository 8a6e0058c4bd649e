"""The heaviest chain of matching runs that keeps the order of both texts.

Sparse dynamic programming over runs (Eppstein et al. 1992; Abouelhoda and Ohlebusch 2005): a Fenwick tree over places
in the second text gives the best chain that ends before a run, in O(n log n) for n runs. Leaving a diagonal costs
something, so that among repeated passages the chain stays with the copy that it is in.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

__all__ = ["Run", "heaviest_chain", "runs_of"]

#: A run: ``x[i:i+n]`` equals ``y[j:j+n]``.
Run = tuple[int, int, int]
Ints = NDArray[np.int64]

_NEAR = 6  # diagonals are near when they share all but the last 6 bits, or are neighbours in that


def runs_of(i: Ints, j: Ints, k: int) -> list[Run]:
    """Join matching k-grams that overlap or touch on one diagonal into runs, in the order of both texts."""
    if not len(i):
        return []
    order = np.lexsort((i, j - i))
    i, j = i[order], j[order]
    new = np.concatenate(([True], (np.diff(j - i) != 0) | (np.diff(i) > k)))
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(i)) - 1
    length = i[last] + k - i[first]
    return sorted(zip(i[first].tolist(), j[first].tolist(), length.tolist(), strict=True))


def heaviest_chain(runs: list[Run], k: int) -> list[Run]:
    """The chain of `runs` with the greatest length after the cost of its changes of diagonal, trimmed to be disjoint.

    A change costs three quarters of `k`, or a quarter if the diagonals lie within some dozens of places (a lost or
    invented character, a short cut). A stray run off the main diagonal pays twice, so it must be longer than that.
    """
    if len(runs) < 2:
        return list(runs)
    far, near = 0.75 * k, 0.25 * k
    # A run counts as ended a little before its end, since true neighbours may overlap by a few characters.
    soft = [(i + n - min(n // 2, 8), j + n - min(n // 2, 8)) for i, j, n in runs]
    keys = sorted({end[1] for end in soft})
    rank = {key: r + 1 for r, key in enumerate(keys)}
    size = len(keys)
    tree = [-1] * (size + 1)
    score = [0.0] * len(runs)
    back = [-1] * len(runs)
    latest: dict[int, int] = {}  # bucket of diagonals -> last run that ended there
    ended = sorted(range(len(runs)), key=lambda r: soft[r][0])
    done = 0
    for r, (i, j, n) in enumerate(runs):
        while done < len(ended) and soft[ended[done]][0] <= i:
            e = ended[done]
            done += 1
            mine = score[e]
            at = rank[soft[e][1]]
            while at <= size:
                if tree[at] < 0 or score[tree[at]] <= mine:
                    tree[at] = e
                at += at & -at
            bucket = (runs[e][1] - runs[e][0]) >> _NEAR
            old = latest.get(bucket, -1)
            if old < 0 or score[old] - (soft[e][0] - soft[old][0]) <= mine:
                latest[bucket] = e
        best, gain = -1, 0.0
        at = bisect_right(keys, j)
        while at > 0:
            e = tree[at]
            if e >= 0 and score[e] - far > gain:
                best, gain = e, score[e] - far
            at -= at & -at
        diagonal = j - i
        for bucket in ((diagonal >> _NEAR), (diagonal >> _NEAR) - 1, (diagonal >> _NEAR) + 1):
            e = latest.get(bucket, -1)
            if e >= 0 and soft[e][1] <= j:
                value = score[e] - (0.0 if runs[e][1] - runs[e][0] == diagonal else near)
                if value >= gain:
                    best, gain = e, value
        score[r] = n + gain
        back[r] = best
    at = max(range(len(runs)), key=score.__getitem__)
    chain: list[Run] = []
    while at >= 0:
        chain.append(runs[at])
        at = back[at]
    chain.reverse()
    return _disjoint(chain)


def _disjoint(chain: list[Run]) -> list[Run]:
    """Cut the start of every run that overlaps the one before it."""
    out: list[Run] = []
    end_i = end_j = 0
    for i, j, n in chain:
        cut = max(0, end_i - i, end_j - j)
        if cut >= n:
            continue
        out.append((i + cut, j + cut, n - cut))
        end_i, end_j = i + n, j + n
    return out
