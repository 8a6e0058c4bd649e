"""The n-grams of one order as a compact table: check value, log-probability and back-off in one gather.

An entry of orders 2 to 4 is 32 bits (16 check bits, 8 bits each of log-probability and back-off code), one of order 5
is 16 check bits and 8 bits apart. Codes are looked up in codebooks of 256 values. Back-off code 0 is exactly 0 and
means that no longer n-gram continues this one, so the look-up of longer ones can stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import perfect_hash
from .perfect_hash import PerfectHash

__all__ = ["MULTIPLIERS", "Table", "build_table", "finish", "quantise"]

Array = NDArray[Any]
Floats = NDArray[np.float32]

#: The n-gram (w1 ... wn) hashes to the sum of (wi + 1) * MULTIPLIERS[n - i], made uniform by `finish`.
MULTIPLIERS = (
    0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F,
)  # fmt: skip
_MIX = np.uint64(0xE7037ED1A0B428DB)
_U32 = np.uint64(32)
_CHECK = np.uint64(0xFFFF)


def finish(sums: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash of each n-gram from its sum: all bits depend on all bits."""
    mixed = sums ^ (sums >> _U32)
    mixed *= _MIX
    mixed ^= mixed >> _U32
    return mixed


def quantise(values: NDArray[np.float64], levels: int) -> tuple[NDArray[np.uint8], Floats]:
    """`(codes, codebook)`: `levels` values evenly spread over the range of `values`, and the nearest for each."""
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    step = (high - low) / (levels - 1) or 1.0
    codes = np.rint((values - low) / step).astype(np.uint8)
    return codes, (low + step * np.arange(levels)).astype(np.float32)


@dataclass(frozen=True)
class Table:
    """One order. `find` takes hashes and gives the entries that are really there."""

    hashing: PerfectHash
    entries: Array
    values: NDArray[np.uint8] | None
    log_probs: Floats
    backoffs: Floats

    def find(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], Floats, NDArray[np.uint8]]:
        """`(hits, log-probabilities, back-off codes)`: which of `hashes` are known, and what is known of those."""
        slots = self.hashing.find(hashes)
        found = np.take(self.entries, slots, mode="clip")
        check = hashes.astype(np.uint16)
        if self.values is None:
            hits = np.flatnonzero((found >> np.uint32(16)).astype(np.uint16) == check)
            found = found[hits]
            codes = found.astype(np.uint8)
            log_probs: Floats = self.log_probs.take((found >> np.uint32(8)) & np.uint32(0xFF))
            return hits, log_probs, codes
        hits = np.flatnonzero(found == check)
        log_probs = self.log_probs.take(self.values.take(slots[hits]))
        return hits, log_probs, np.zeros(0, dtype=np.uint8)

    def sections(self, order: int) -> dict[str, Array]:
        """The arrays of this table under the names that they have in the file."""
        named: dict[str, Array] = {
            f"seeds{order}": self.hashing.seeds, f"bumped{order}": self.hashing.bumped,
            f"entries{order}": self.entries, f"log_probs{order}": self.log_probs, f"backoffs{order}": self.backoffs,
        }  # fmt: skip
        if self.values is not None:
            named[f"values{order}"] = self.values
        return named

    @classmethod
    def from_sections(cls, arrays: Mapping[str, Array], order: int, main: int) -> Table:
        entries = arrays[f"entries{order}"]
        hashing = PerfectHash(main, len(entries), arrays[f"seeds{order}"], arrays[f"bumped{order}"])
        return cls(
            hashing, entries, arrays.get(f"values{order}"), arrays[f"log_probs{order}"], arrays[f"backoffs{order}"]
        )


def build_table(
    hashes: NDArray[np.uint64], codes: NDArray[np.uint8], log_probs: Floats,
    backoff_codes: NDArray[np.uint8] | None, backoffs: Floats,
) -> Table:  # fmt: skip
    """The table of n-grams with these hashes, codes and codebooks; the highest order has no back-offs."""
    hashing, slots = perfect_hash.build(hashes)
    check = hashes & _CHECK
    # An empty slot must match nothing that lands there; no key of the table does, so any check value will do.
    if backoff_codes is None:
        entries = np.zeros(hashing.size, dtype=np.uint16)
        entries[slots] = check
        values = np.zeros(hashing.size, dtype=np.uint8)
        values[slots] = codes
        return Table(hashing, entries, values, log_probs, backoffs)
    packed = np.zeros(hashing.size, dtype=np.uint32)
    packed[slots] = (check << np.uint64(16)) | (codes.astype(np.uint64) << np.uint64(8)) | backoff_codes
    return Table(hashing, packed, None, log_probs, backoffs)
