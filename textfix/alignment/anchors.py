"""Anchors: k-grams that two texts share and that are rare in both.

The k-grams are hashed over code-point arrays by doubling (Karp-Rabin in the manner of Karp, Miller and Rosenberg),
in blocks, so memory does not grow with k. Long texts keep only the hashes whose low bits are zero: both texts keep
the same ones, since the choice depends on content alone (Manber 1994; minimap's sketching, Li 2016).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..text.codepoints import CodePoints

__all__ = ["Hashes", "matches", "sampled", "small_matches"]

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]

_BLOCK = 1 << 16
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def _hashes(codes: CodePoints, k: int) -> Hashes:
    """The hash of every k-gram (k a power of two), shape ``(len(codes) - k + 1,)``."""
    value = codes.astype(np.uint64) + np.uint64(1)
    value *= _ODD
    value ^= value >> np.uint64(29)
    width = 1
    factor = _MIX
    while width < k:
        value = value[:-width] * factor + value[width:]
        factor = factor * factor + np.uint64(2)  # odd stays odd
        width *= 2
    value ^= value >> np.uint64(31)
    value *= _MIX
    value ^= value >> np.uint64(30)
    return value


def sampled(codes: CodePoints, k: int, thin: int) -> tuple[Hashes, Ints]:
    """Hashes and places of the k-grams of `codes`, about one in ``2 ** thin`` of them, in text order."""
    mask = np.uint64((1 << thin) - 1)
    hashes: list[Hashes] = []
    places: list[Ints] = []
    with np.errstate(over="ignore"):
        for start in range(0, len(codes) - k + 1, _BLOCK):
            value = _hashes(codes[start : start + _BLOCK + k - 1], k)
            if thin:
                kept = np.flatnonzero((value & mask) == 0)
                hashes.append(value[kept])
                places.append(kept + start)
            else:
                hashes.append(value)
                places.append(np.arange(start, start + len(value), dtype=np.int64))
    if not hashes:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    return np.concatenate(hashes), np.concatenate(places)


def _groups(hashes: Hashes) -> tuple[Ints, Hashes, Ints, Ints]:
    """Sort order, distinct values, where each starts in that order, and how often it occurs."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    start = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    count = np.diff(np.append(start, len(ordered)))
    return order, ordered[start], start, count


def matches(x: CodePoints, y: CodePoints, k: int, thin: int = 0, rare: int = 36) -> tuple[Ints, Ints]:
    """Places of the k-grams that `x` and `y` share, every pair of places of a gram, rarest grams first kept.

    A gram that occurs m times in `x` and n times in `y` makes m * n pairs; grams with more than `rare` pairs are left
    out, and as many more of the commonest as keep the total below four for every sampled gram (so the work stays
    linear whatever the texts). The pairs are verified, so a colliding hash costs time and nothing else.
    """
    hx, px = sampled(x, k, thin)
    hy, py = sampled(y, k, thin)
    if not len(hx) or not len(hy):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order_x, value_x, start_x, count_x = _groups(hx)
    order_y, value_y, start_y, count_y = _groups(hy)
    _, ix, iy = np.intersect1d(value_x, value_y, assume_unique=True, return_indices=True)
    product = count_x[ix] * count_y[iy]
    sizes = np.bincount(np.minimum(product, rare + 1), minlength=rare + 2)[: rare + 1] * np.arange(rare + 1)
    fits = np.flatnonzero(np.cumsum(sizes) <= 4 * (len(hx) + len(hy)))
    keep = product <= (int(fits[-1]) if len(fits) else 0)
    ix, iy, product = ix[keep], iy[keep], product[keep]
    # Expand every group of m places in x and n in y to its m * n pairs.
    group = np.repeat(np.arange(len(ix)), product)
    within = np.arange(len(group)) - np.repeat(np.cumsum(product) - product, product)
    i = px[order_x[start_x[ix][group] + within // count_y[iy][group]]]
    j = py[order_y[start_y[iy][group] + within % count_y[iy][group]]]
    true = np.ones(len(i), dtype=np.bool_)
    for offset in range(k):
        true &= x[i + offset] == y[j + offset]
    return i[true], j[true]


def small_matches(x: str, y: str, k: int, rare: int = 36) -> tuple[Ints, Ints]:
    """What `matches` gives for two short texts, without its overhead: every k-gram, by its own text."""
    if len(y) < len(x):
        j, i = small_matches(y, x, k, rare)
        return i, j
    places: dict[str, list[int]] = {}
    for start in range(len(x) - k + 1):
        places.setdefault(x[start : start + k], []).append(start)
    found: dict[str, list[int]] = {}
    for start in range(len(y) - k + 1):
        gram = y[start : start + k]
        if gram in places:
            found.setdefault(gram, []).append(start)
    pairs = [
        (i, j)
        for gram, others in found.items()
        if len(others) * len(places[gram]) <= rare
        for i in places[gram]
        for j in others
    ]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
