"""The n-grams of one order as a compact table: look up hashes, get log-probabilities and back-offs.

Every n-gram has a slot of its own (`perfect_hash`), which holds an entry and a value. The entry is check bits and a
code for the back-off, the value more check bits and a code for the log-probability; the check bits tell known n-grams
from unknown ones, the entry's first. Codes stand for the values of a codebook; back-off code 0 is exactly 0 and means
that nothing continues the n-gram, so that the look-up of longer ones stops there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, brief
from . import perfect_hash
from .perfect_hash import PerfectHash
from .store import expect

__all__ = [
    "BYTES_PER_NGRAM", "LAYOUTS", "MULTIPLIERS", "Layout", "Table", "build_table", "finish", "hashing", "quantise",
]  # fmt: skip

Array = NDArray[Any]
Floats = NDArray[np.float32]

#: The n-gram (w1 ... wn) hashes to the sum of (wi + 1) * MULTIPLIERS[n - i], made uniform by `finish`.
MULTIPLIERS = (
    0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F,
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """How a slot is cut up: the types of entry and value, and how many bits of each are code rather than check."""

    entry: str
    backoff_bits: int
    value: str
    prob_bits: int

    @property
    def slot_bytes(self) -> int:
        return np.dtype(self.entry).itemsize + np.dtype(self.value).itemsize


#: Orders 2 to 5 have 24, 19, 13 and 16 check bits. Almost any two characters are looked up as a bigram while
#: candidates are compared, and each unknown one that passes for known makes a wrong candidate look right. A longer
#: n-gram is asked for only where its context and its suffix are known.
LAYOUTS = (
    Layout("<u4", 8, "<u1", 8), Layout("<u2", 5, "<u2", 8), Layout("<u2", 5, "<u1", 6), Layout("<u2", 0, "<u1", 8),
)  # fmt: skip
#: About what one n-gram of orders 2 to 5 takes up in the file, with its share of free slots and seeds.
BYTES_PER_NGRAM = tuple(layout.slot_bytes * 1.06 + 0.32 for layout in LAYOUTS)
_MIX = np.uint64(0xE7037ED1A0B428DB)
_U32 = np.uint64(32)
#: The check bits of values are those of the hash from here on, of entries those from 0 on.
_VALUE_CHECK = np.uint64(16)


def finish(sums: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash of each n-gram from its sum: all bits depend on all bits. Works in place and gives `sums` back."""
    sums ^= sums >> _U32
    sums *= _MIX
    sums ^= sums >> _U32
    return sums


def quantise(
    values: NDArray[np.float64], levels: int, weights: NDArray[np.float64] | None = None, rounds: int = 30
) -> tuple[NDArray[np.uint8], Floats]:
    """`(codes, codebook)`: at most 256 `levels`, placed for the least weighted squared error (Lloyd 1982)."""
    if not len(values):
        return np.empty(0, dtype=np.uint8), np.zeros(levels, dtype=np.float32)
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    heavy = np.ones(len(values)) if weights is None else weights[order]
    masses = np.concatenate(([0.0], np.cumsum(heavy)))
    sums = np.concatenate(([0.0], np.cumsum(heavy * ranked)))
    book = np.linspace(ranked[0], ranked[-1], levels)
    for _ in range(rounds):
        bounds = np.concatenate(([0], np.searchsorted(ranked, (book[1:] + book[:-1]) / 2), [len(ranked)]))
        mass = np.diff(masses[bounds])
        book = np.where(mass > 0, np.diff(sums[bounds]) / np.maximum(mass, 1e-30), book)
    codes = np.searchsorted((book[1:] + book[:-1]) / 2, values).astype(np.uint8)
    return codes, book.astype(np.float32)


@dataclass(frozen=True)
class Table:
    """The n-grams of one order; the highest order has no `backoffs`."""

    hashing: PerfectHash
    layout: Layout
    entries: Array
    values: Array
    log_probs: Floats
    backoffs: Floats

    def find(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], Floats, Floats | None]:
        """`(hits, log-probabilities, back-offs)`: which of `hashes` are known, and what is known of those."""
        backoff_bits, prob_bits = self.layout.backoff_bits, self.layout.prob_bits
        slots = self.hashing.find(hashes)
        found = self.entries.take(slots, mode="clip")
        check = hashes.astype(found.dtype)
        check ^= found
        check >>= backoff_bits
        hits: NDArray[np.int64] = (check == 0).nonzero()[0]
        values = self.values.take(slots.take(hits, mode="clip"), mode="clip")
        if prob_bits < 8 * values.itemsize:
            check = (hashes.take(hits, mode="clip") >> _VALUE_CHECK).astype(values.dtype)
            check ^= values
            check >>= prob_bits
            sure = (check == 0).nonzero()[0]
            if len(sure) < len(hits):
                hits, values = hits[sure], values[sure]
            values &= (1 << prob_bits) - 1
        log_probs = self.log_probs.take(values, mode="clip")
        if not backoff_bits:
            return hits, log_probs, None
        codes = found.take(hits, mode="clip")
        codes &= (1 << backoff_bits) - 1
        return hits, log_probs, self.backoffs.take(codes, mode="clip")

    def sections(self, order: int) -> dict[str, Array]:
        """The arrays of this table under the names that they have in the file."""
        return {
            f"seeds{order}": self.hashing.seeds, f"bumped{order}": self.hashing.bumped,
            f"entries{order}": self.entries, f"values{order}": self.values,
            f"log_probs{order}": self.log_probs, f"backoffs{order}": self.backoffs,
        }  # fmt: skip

    @classmethod
    def from_sections(cls, arrays: Mapping[str, Array], order: int, main: int) -> Table:
        """The table of `order` in a file; `main` is the number of slots without those of bumped buckets.

        Raises `ModelError` where the arrays do not fit each other.
        """
        layout = LAYOUTS[order - 2]
        entries = expect(arrays, f"entries{order}", layout.entry, -1)
        return cls(
            hashing(arrays, "", str(order), main, len(entries)), layout, entries,
            expect(arrays, f"values{order}", layout.value, len(entries)),
            expect(arrays, f"log_probs{order}", "<f4", -1), expect(arrays, f"backoffs{order}", "<f4", -1),
        )  # fmt: skip


def hashing(arrays: Mapping[str, Array], before: str, behind: str, main: int, size: int) -> PerfectHash:
    """The hash function in a file whose two arrays have ``seeds`` and ``bumped`` between `before` and `behind`."""
    if type(main) is not int or not 0 < main <= size:
        raise ModelError(f"a table of {size} slots cannot have {brief(main)} main ones; the file is malformed")
    seeds, bumped = (expect(arrays, f"{before}{name}{behind}", "<u1", -1) for name in ("seeds", "bumped"))
    return PerfectHash(main, size, seeds, bumped)


def build_table(
    order: int, hashes: NDArray[np.uint64], log_probs: NDArray[np.float64], backoffs: NDArray[np.float64] | None
) -> Table:
    """The table of the n-grams of `order`; `backoffs` is NaN for those that nothing continues, None at the top."""
    hashing, slots = perfect_hash.build(hashes)
    layout = LAYOUTS[order - 2]
    # An empty slot holds 0: an unknown n-gram that falls there passes as known once in 2 ** check bits, as elsewhere.
    entries = np.zeros(hashing.size, dtype=layout.entry)
    values = np.zeros(hashing.size, dtype=layout.value)
    # Likely n-grams are looked up most, and the error that counts is that of a whole text: weight by the odds.
    weights = np.exp(log_probs) / (1.001 - np.exp(log_probs))
    codes, log_prob_book = quantise(log_probs, 1 << layout.prob_bits, weights)
    check = (hashes >> _VALUE_CHECK).astype(values.dtype) >> layout.prob_bits << layout.prob_bits
    values[slots] = check | codes
    backoff_codes, backoff_book = np.zeros(len(hashes), dtype=np.uint8), np.zeros(1, dtype=np.float32)
    if backoffs is not None:
        used = np.flatnonzero(~np.isnan(backoffs))
        codes, book = quantise(backoffs[used], (1 << layout.backoff_bits) - 1)
        # Exactly 0 is taken by "nothing continues it".
        book[book == 0] = np.float32(-1e-9)
        backoff_codes[used] = codes + 1
        backoff_book = np.concatenate((backoff_book, book))
    check = hashes.astype(entries.dtype) >> layout.backoff_bits << layout.backoff_bits
    entries[slots] = check | backoff_codes
    return Table(hashing, layout, entries, values, log_prob_book, backoff_book)
