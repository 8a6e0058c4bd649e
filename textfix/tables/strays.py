"""Characters that engines print where nothing stands (Tesseract's 和 and 人), and those that they lose.

A small table beside the channel's counts of one character for another: how often each character was invented, and how
often one that was there was not read, as learned from real pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.codepoints import CodePoints

if TYPE_CHECKING:
    from .confusable import Row

__all__ = ["Strays"]

Floats = NDArray[np.float32]

_BMP = 0x10000
_INVENTED, _LOST = 0, 1
#: What a count is smoothed with: so many readings of which this share was invented, or lost.
_SMOOTH, _SHARES = 50.0, (1e-4, 1e-3)
#: By `_INVENTED` and `_LOST`: how often that was seen, how often the character was read at all, and towards which
#: family of engines it leans.
_RECORD = np.dtype([("char", "<u4"), ("counts", "<f4", 2), ("read", "<f4"), ("leans", "<f4", 2)])


@dataclass(frozen=True, slots=True, eq=False)
class Strays:
    """``records`` (s,), in order of the character, and one of zeros behind the last; `rows` (65537,) is where each code
    point of the basic plane has its own, or that one, as has its last entry, which stands for all other planes."""

    records: NDArray[np.void]
    rows: NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        rows = np.full(_BMP + 1, self.records.size, dtype=np.intp)
        rows[self.records["char"]] = np.arange(self.records.size)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "records", np.append(self.records, np.zeros(1, dtype=_RECORD)))

    @staticmethod
    def none() -> Strays:
        """Nothing learned."""
        return Strays(np.empty(0, dtype=_RECORD))

    @staticmethod
    def of(
        counts: Mapping[tuple[str, str], float], read: Mapping[str, float], leans: Mapping[tuple[str, str], float]
    ) -> Strays:
        """Of ``{(observed, intended): count}`` the rows of one character for nothing, or nothing for one; how often
        each was read, and their `leanings`."""
        found: dict[str, tuple[list[float], list[float]]] = {}
        for (observed, intended), count in counts.items():
            char = observed or intended
            if len(observed) + len(intended) == 1 and ord(char) < _BMP:
                seen, lean = found.setdefault(char, ([0.0, 0.0], [0.0, 0.0]))
                which = _INVENTED if observed else _LOST
                seen[which], lean[which] = count, leans.get((observed, intended), 0.0)
        rows = [(ord(c), seen, max(read.get(c, 0.0), *seen), lean) for c, (seen, lean) in sorted(found.items())]
        return Strays(np.array(rows, dtype=_RECORD))

    def plus(self, rows: Iterable[Row]) -> Strays:
        """These and `rows` of one character for nothing, or nothing for one; rejected ones count nothing."""
        known = {int(r["char"]): r.copy() for r in self.records[:-1]}
        for row in rows:
            code, which = ord(row.observed or row.intended), _INVENTED if row.observed else _LOST
            record = known.setdefault(code, np.array((code, (0, 0), 0, (0, 0)), dtype=_RECORD)[()])
            record["counts"][which] = 0 if row.rejected else record["counts"][which] + row.count
            record["read"] = max(record["read"], record["counts"].max())
        return Strays(np.array([known[code] for code in sorted(known)], dtype=_RECORD))

    def __len__(self) -> int:
        return self.records.size - 1

    def _of(self, codes: CodePoints, name: str) -> Floats:
        return self.records[name].take(self.rows.take(codes, mode="clip"), axis=0)

    def invented(self, codes: CodePoints) -> Floats:
        """How often each character was printed where nothing stands."""
        return self._of(codes, "counts")[..., _INVENTED]

    def lost(self, codes: CodePoints) -> Floats:
        """How often each character was not read where it stands."""
        return self._of(codes, "counts")[..., _LOST]

    def lean_invented(self, codes: CodePoints) -> Floats:
        """Towards which family of engines each invented character leans."""
        return self._of(codes, "leans")[..., _INVENTED]

    def lean_lost(self, codes: CodePoints) -> Floats:
        """Towards which family of engines each lost character leans."""
        return self._of(codes, "leans")[..., _LOST]

    def log_invented(self, codes: CodePoints) -> Floats:
        """log P(nothing stands there) of each printed character, in nats."""
        return self._log(codes, _INVENTED)

    def log_lost(self, codes: CodePoints) -> Floats:
        """log P(nothing is printed) of each character, in nats."""
        return self._log(codes, _LOST)

    def _log(self, codes: CodePoints, which: int) -> Floats:
        seen, read = self._of(codes, "counts")[..., which], self._of(codes, "read")
        share = (seen + np.float32(_SMOOTH * _SHARES[which])) / (read + np.float32(_SMOOTH))
        return np.log(np.minimum(share, np.float32(1)), dtype=np.float32)

    def pack(self) -> bytes:
        """The bytes that `unpack` reads: how many there are, and the records."""
        return np.uint32(len(self)).tobytes() + self.records[:-1].tobytes()

    @staticmethod
    def unpack(raw: NDArray[np.uint8]) -> tuple[Strays, int]:
        """`pack`'s inverse, and how many of the bytes were its own. Raises `TableError` for bytes that are none."""
        size = int(raw[:4].view("<u4")[0]) if raw.size >= 4 else _BMP + 1
        end = 4 + size * _RECORD.itemsize
        if size > _BMP or raw.size < end:
            raise TableError("channel.bin is truncated: it lacks what is invented and lost")
        records = raw[4:end].view(_RECORD)
        numbers = np.concatenate([records["counts"].ravel(), records["read"], records["leans"].ravel()])
        if (
            (np.diff(records["char"].astype(np.int64)) <= 0).any()
            or records["char"].max(initial=0) >= _BMP
            or not np.isfinite(numbers).all()
            or (records["counts"] < 0).any()
            or (records["read"] < 0).any()
        ):
            raise TableError("channel.bin is corrupt: characters invented or lost that are none, or not in order")
        return Strays(records), end
