"""Characters that were read as two: 彳壬 for 任, 和人 for 入, as learned from real pairs.

A small table beside the channel's counts of one character for another: which character two side by side may have been,
and how often that was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.codepoints import CodePoints

if TYPE_CHECKING:
    from .confusable import Row

__all__ = ["Wholes"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: Occurrences of the intended character that a count is smoothed with.
_SMOOTH = 20.0
_BMP = 0x10000
_RECORD = np.dtype([("pair", "<u8"), ("whole", "<u4"), ("count", "<f4"), ("read", "<f4")])


@dataclass(frozen=True, slots=True, eq=False)
class Wholes:
    """``records`` (s,): the pair (first << 32 | second), the whole, how often that was seen, and how often the whole
    was read at all; in order of pair and whole."""

    records: NDArray[np.void]

    @staticmethod
    def none() -> Wholes:
        """Nothing learned."""
        return Wholes(np.empty(0, dtype=_RECORD))

    @staticmethod
    def of(counts: Mapping[tuple[str, str], float], read: Mapping[str, float]) -> Wholes:
        """Of ``{(observed, intended): count}`` the rows of two characters for one, and how often each was intended."""
        rows = [
            (_pair(o), ord(i), count, max(read.get(i, 0.0), count))
            for (o, i), count in counts.items()
            if len(o) == 2 and len(i) == 1 and max(map(ord, o + i)) < _BMP
        ]
        return Wholes(np.array(sorted(rows), dtype=_RECORD))

    def plus(self, rows: Iterable[Row], read: Floats) -> Wholes:
        """These and `rows` of two characters for one; rejected ones are taken out. `read` tells by code point how often
        a character was read at all."""
        known = {(int(r["pair"]), int(r["whole"])): (float(r["count"]), float(r["read"])) for r in self.records}
        for row in rows:
            key = _pair(row.observed), ord(row.intended)
            if row.rejected:
                known.pop(key, None)
            else:
                count, total = known.get(key, (0.0, float(read[key[1]])))
                known[key] = count + row.count, max(total, count + row.count)
        return Wholes(np.array(sorted((*key, *value) for key, value in known.items()), dtype=_RECORD))

    def _range(self, one: CodePoints, two: CodePoints) -> tuple[Ints, Ints]:
        pairs = one.astype(np.uint64) << np.uint64(32) | two.astype(np.uint64)
        low, high = (np.searchsorted(self.records["pair"], pairs, side=side) for side in ("left", "right"))
        return low, high

    def known(self, one: CodePoints, two: CodePoints) -> NDArray[np.bool_]:
        """Whether each pair was ever read for one character, (m,)."""
        low, high = self._range(one, two)
        return np.asarray(high > low)

    def of_pairs(self, one: CodePoints, two: CodePoints) -> tuple[Ints, CodePoints]:
        """What each pair was read for: its number, and the character, in order."""
        low, high = self._range(one, two)
        many = high - low
        slot = np.repeat(np.arange(len(one)), many)
        at = np.arange(slot.size) - np.repeat(np.cumsum(many) - many - low, many)
        return slot, self.records["whole"][at]

    def count(self, one: CodePoints, two: CodePoints, whole: CodePoints) -> Floats:
        """How often each pair was read for that character, (m,)."""
        return self._sought(one, two, whole)["count"]

    def log_prob(self, one: CodePoints, two: CodePoints, whole: CodePoints) -> Floats:
        """log P(pair | whole), -inf for what was never seen, (m,)."""
        found = self._sought(one, two, whole)
        with np.errstate(divide="ignore"):
            return np.log(found["count"] / (found["read"] + np.float32(_SMOOTH)))

    def _sought(self, one: CodePoints, two: CodePoints, whole: CodePoints) -> NDArray[np.void]:
        """The record of each, of zeros where there is none."""
        out = np.zeros(len(one), dtype=_RECORD)
        low, high = self._range(one, two)
        for row in np.flatnonzero(high > low).tolist():
            records = self.records[low[row] : high[row]]
            hit = np.flatnonzero(records["whole"] == whole[row])
            out[row : row + 1] = records[hit] if hit.size else 0
        return out

    def pack(self) -> bytes:
        """The bytes that `unpack` reads."""
        return self.records.tobytes()

    @staticmethod
    def unpack(raw: NDArray[np.uint8]) -> Wholes:
        """`pack`'s inverse. Raises `TableError` for bytes that are none."""
        if raw.size % _RECORD.itemsize:
            raise TableError("channel.bin is truncated: its last record is not whole")
        records = raw.view(_RECORD) if raw.size else np.empty(0, dtype=_RECORD)
        first, second = records["pair"] >> np.uint64(32), records["pair"] & np.uint64(0xFFFFFFFF)
        order = np.lexsort((records["whole"], records["pair"]))
        if (
            (order != np.arange(records.size)).any()
            or max((int(part.max(initial=0)) for part in (first, second, records["whole"])), default=0) >= _BMP
            or not (np.isfinite(records["count"]).all() and (records["count"] >= 0).all())
            or not (np.isfinite(records["read"]).all() and (records["read"] >= 0).all())
        ):
            raise TableError("channel.bin is corrupt: characters read as two that are none, or not in order")
        return Wholes(records)


def _pair(observed: str) -> int:
    return ord(observed[0]) << 32 | ord(observed[1])
