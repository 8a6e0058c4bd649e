"""Counting n-grams: sorted arrays of keys, five ids in one 64-bit number.

A key is the number with the ids as digits in base `size` (the vocabulary's size), the newest id last, so a key's
context is ``key // size`` and its suffix ``key % size**(n - 1)``, and sorting keys groups them by context.

Each paragraph is counted twice over, as two kinds of readers meet it: with sentence bounds, and (the first characters
only) in the run of the text, after the paragraph before it, since the encoder makes line breaks transparent. The run
itself opens with BOS, so that whatever stands in it has something before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..text.codepoints import encode
from .vocabulary import BOS, DROP, EOS, Vocabulary

__all__ = ["ORDER", "Counts", "count", "merge"]

ORDER = 5
Keys = NDArray[np.uint64]
Tally = tuple[Keys, NDArray[np.int64], NDArray[np.float64]]
#: Weights are rounded to this part of 1, so that sums are exact and do not depend on the order of the texts.
_GRAIN = 1024
_BREAKS = np.array([0x0A, 0x0D, 0x2028, 0x2029], dtype=np.uint32)


@dataclass(frozen=True)
class Counts:
    """`full` holds the 5-grams, `opening[n]` the n-grams that start with BOS (n = 2, 3, 4).

    Each is ``(keys, occurrences, weighted occurrences)``.
    """

    full: Tally
    opening: dict[int, Tally]


def _tally(keys: Keys, weight: float = 1) -> Tally:
    keys.sort()
    new = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, np.int64)
    counts = np.diff(np.append(new, len(keys)))
    return keys[new], counts, counts * (round(weight * _GRAIN) / _GRAIN)


def _windows(ids: NDArray[np.uint64], first: NDArray[np.int64] | None, width: int, size: int) -> Keys:
    """The keys of the `width`-grams that start at `first` (None: at every place)."""
    n = len(ids) - width + 1
    if first is None:
        if n <= 0:
            return np.empty(0, dtype=np.uint64)
        key = ids[:n].copy()
        for j in range(1, width):
            key *= np.uint64(size)
            key += ids[j : n + j]
        return key
    key = np.zeros(len(first), dtype=np.uint64)
    for j in range(width):
        key = key * np.uint64(size) + ids[first + j]
    return key


def count(text: str, vocabulary: Vocabulary, weight: float = 1) -> Counts:
    """The n-grams of `text`, whose lines are paragraphs, each occurrence taken `weight` times."""
    codes = encode(text)
    size = vocabulary.size
    raw = np.take(vocabulary.table, codes.astype(np.int64), mode="clip")
    kept = np.flatnonzero(raw != DROP)
    ids = raw[kept].astype(np.uint64)
    line = np.cumsum(np.isin(codes, _BREAKS))[kept]
    start = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1]))) if len(ids) else np.empty(0, np.int64)
    length = np.diff(np.append(start, len(ids)))
    full = [_windows(ids, None, ORDER, size)]
    opening: dict[int, list[Keys]] = {n: [] for n in range(2, ORDER + 1)}
    for n in range(2, ORDER + 1):
        long_enough = start[length >= n - 1]
        if len(ids) >= n - 1 and length[0] < n - 1:
            long_enough = np.append(start[:1], long_enough)
        opening[n].append(_windows(ids, long_enough, n - 1, size) + np.uint64(BOS * size ** (n - 1)))
    for width in range(1, ORDER):
        if width < ORDER - 1:
            # A paragraph shorter than four characters: BOS, all of it, EOS.
            whole = _windows(ids, start[length == width], width, size)
            opening[width + 2].append((whole + np.uint64(BOS * size**width)) * np.uint64(size) + np.uint64(EOS))
        else:
            tail = (start + length)[length >= width] - width
            full.append(_windows(ids, tail, width, size) * np.uint64(size) + np.uint64(EOS))
    full.extend(opening.pop(ORDER))
    return Counts(
        _tally(np.concatenate(full), weight), {n: _tally(np.concatenate(keys), weight) for n, keys in opening.items()}
    )


def _merge(tallies: list[Tally]) -> Tally:
    if len(tallies) == 1:
        return tallies[0]
    keys, counts, weighted = (np.concatenate(column) for column in zip(*tallies, strict=True))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    new = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, np.int64)
    if not len(new):
        return keys, counts, weighted
    return keys[new], np.add.reduceat(counts[order], new), np.add.reduceat(weighted[order], new)


def merge(parts: Iterable[Counts]) -> Counts:
    """The sum of several counts; their order does not matter."""
    parts = list(parts)
    return Counts(
        _merge([part.full for part in parts]),
        {n: _merge([part.opening[n] for part in parts]) for n in range(2, ORDER)},
    )
