"""Making the lists of `proposals` from counted n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import perfect_hash
from .kneser_ney import Floats, Ints, Ngrams
from .proposals import ID_BITS, LEVELS, PAIR, SINGLE, pair_hashes
from .pruning import occurrences
from .vocabulary import SPECIALS

__all__ = ["build_proposals"]

Array = NDArray[Any]


def build_proposals(ngrams: Sequence[Ngrams], pairs: int) -> tuple[dict[str, Array], dict[str, int]]:
    """`(arrays, main)` for `Proposer`: lists for every character and for the `pairs` most frequent pairs a side."""
    counts = occurrences(ngrams)
    size = len(ngrams[0].keys)
    arrays: dict[str, Array] = {}
    main: dict[str, int] = {}
    bigrams, trigrams = ngrams[1], ngrams[2]
    for side in ("left", "right"):
        if side == "left":
            single, pair = bigrams.parent, trigrams.parent
            single_ids, pair_ids = bigrams.keys % np.uint64(size), trigrams.keys % np.uint64(size)
        else:
            single, pair = bigrams.suffix, trigrams.suffix
            single_ids, pair_ids = bigrams.keys // np.uint64(size), trigrams.keys // np.uint64(size**2)
        arrays[f"{side}_singles"] = _lists(np.arange(size), single, single_ids, counts[1], counts[0], SINGLE)
        chosen = np.sort(np.argsort(-counts[1], kind="stable")[:pairs])
        first, second = bigrams.keys[chosen] // np.uint64(size), bigrams.keys[chosen] % np.uint64(size)
        hashes = pair_hashes(second, first) if side == "left" else pair_hashes(first, second)
        hashing, slots = perfect_hash.build(hashes)
        checks = np.zeros(hashing.size, dtype=np.uint16)
        checks[slots] = hashes.astype(np.uint16)
        rows = np.zeros((hashing.size, PAIR), dtype=np.uint16)
        rows[slots] = _lists(chosen, pair, pair_ids, counts[2], counts[1], PAIR)
        arrays.update(
            {
                f"{side}_seeds": hashing.seeds, f"{side}_bumped": hashing.bumped, f"{side}_checks": checks,
                f"{side}_pairs": rows,
            }
        )  # fmt: skip
        main[side] = hashing.main
    return arrays, main


def _lists(
    contexts: Ints, context: Ints, ids: NDArray[np.uint64], counts: Floats, totals: Floats, length: int
) -> NDArray[np.uint16]:
    """The `length` likeliest ids in each of `contexts`, as items, shape ``(len(contexts), length)``.

    N-gram i puts `ids[i]` into the context number `context[i]`, which occurs `totals[context[i]]` times, `counts[i]`
    times.
    """
    row = np.full(len(totals), -1)
    row[contexts] = np.arange(len(contexts))
    used = np.flatnonzero((row[context] >= 0) & (ids >= SPECIALS))
    share = counts[used] / totals[context[used]]
    used = used[np.lexsort((ids[used], -share, row[context[used]]))]
    rows = row[context[used]]
    first = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1]))) if len(rows) else np.empty(0, np.int64)
    rank = np.arange(len(rows)) - np.repeat(first, np.diff(np.append(first, len(rows))))
    kept = rank < length
    used, rows, rank = used[kept], rows[kept], rank[kept]
    share = np.minimum(counts[used] / totals[context[used]], 1.0)
    level = np.minimum(np.floor(-np.log2(share) / 2), LEVELS - 1).astype(np.uint16)
    out = np.zeros((len(contexts), length), dtype=np.uint16)
    out[rows, rank] = (level << np.uint16(ID_BITS)) | ids[used].astype(np.uint16)
    return out
