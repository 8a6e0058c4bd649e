"""The channel: what a glyph may have been, from learned counts and rendered shape.

Smoothing goes from the specific to the general (Brill & Moore 2000): counts of real confusions, pooled over engines;
then the likeness of rendered glyphs; then a floor for any two characters. The learned tables under
`confusables/learned/` are compiled, with the look-alikes, into `confusables/channel.bin` by `scripts/build_channel.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .errors import TableError
from .tables.resources import resource
from .tables.shapes import Shapes
from .text.arrays import distinct
from .text.codepoints import CodePoints

__all__ = ["LEARNED_CANDIDATES", "LOOK_ALIKES", "Channel", "look_alikes", "pack", "unpack"]

Floats = NDArray[np.float32]

#: How many learned candidates are kept for an observed character.
LEARNED_CANDIDATES = 16
#: How many look-alikes by shape.
LOOK_ALIKES = 24
_BMP = 0x10000
#: log P(observed | intended) of a pair never seen: a floor, and what likeness of shape adds to it.
_FLOOR, _UNLIKE, _LIKENESS = 1e-6, -14.0, 8.0
#: Occurrences of the intended character that a learned count is smoothed with.
_SMOOTH = 20.0


class Channel:
    """One-character confusions. Immutable; arrays are shared between processes by memory mapping.

    ``keys``    (k,) uint64, observed << 32 | intended, ascending
    ``counts``  (k,) float32, how often the pair was seen in the training pairs
    ``totals``  (k,) float32, how often the intended character was read at all there
    """

    def __init__(
        self,
        keys: NDArray[np.uint64],
        counts: Floats,
        totals: Floats,
        alike: tuple[CodePoints, CodePoints] | None = None,
    ) -> None:
        """`alike` holds code points, ascending (a,), and the look-alikes of each, (a, LOOK_ALIKES)."""
        self._keys, self._counts, self._totals = keys, counts, totals
        self._shapes = Shapes.load()
        self._alike = look_alikes(self._shapes) if alike is None else alike
        self._alike_row = np.full(int(self._alike[0][-1]) + 2, -1, dtype=np.int32)
        self._alike_row[self._alike[0]] = np.arange(self._alike[0].size)
        observed = (keys >> np.uint64(32)).astype(np.int64)
        order = np.lexsort((keys, -counts, observed))
        rank = np.arange(order.size) - np.searchsorted(observed[order], observed[order])
        chosen = order[rank < LEARNED_CANDIDATES]
        self._rows = distinct(observed)
        self._row_of = np.full(_BMP, -1, dtype=np.int32)
        self._row_of[self._rows] = np.arange(self._rows.size)
        self._top = np.zeros((self._rows.size + 1, LEARNED_CANDIDATES), dtype=np.uint32)
        places = self._row_of[observed[chosen]], rank[rank < LEARNED_CANDIDATES]
        self._top[places] = keys[chosen] & np.uint64(0xFFFFFFFF)
        self._errors = np.zeros(self._rows.size + 1, dtype=np.float32)
        np.add.at(self._errors, self._row_of[observed], counts)

    @classmethod
    def from_counts(cls, counts: Mapping[tuple[str, str], float], read: Mapping[str, float]) -> Channel:
        """A channel from ``{(observed, intended): count}`` and how often each character was intended."""
        rows = sorted(
            (ord(o) << 32 | ord(i), float(c), float(read.get(i, 0.0)))
            for (o, i), c in counts.items()
            if len(o) == len(i) == 1 and ord(o) < _BMP and ord(i) < _BMP
        )
        return cls(
            np.array([r[0] for r in rows], dtype=np.uint64),
            np.array([r[1] for r in rows], dtype=np.float32),
            np.array([r[2] for r in rows], dtype=np.float32),
        )

    @classmethod
    def load(cls) -> Channel:
        """The shipped channel, read once."""
        return _shipped()

    def _find(self, observed: CodePoints, intended: CodePoints) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        if not self._keys.size:
            return np.zeros(len(observed), dtype=bool), np.zeros(len(observed), dtype=np.intp)
        key = observed.astype(np.uint64) << np.uint64(32) | intended.astype(np.uint64)
        at = np.minimum(np.searchsorted(self._keys, key), self._keys.size - 1)
        return self._keys[at] == key, at

    def count(self, observed: CodePoints, intended: CodePoints) -> Floats:
        """How often each pair was seen in training, float32, shape of the arguments."""
        hit, at = self._find(observed, intended)
        return np.where(hit, self._counts[at], np.float32(0)) if self._keys.size else np.zeros(len(hit), np.float32)

    def errors(self, observed: CodePoints) -> Floats:
        """How often each observed character was seen to be wrong in training."""
        row = self._row_of[np.minimum(observed, _BMP - 1)]
        return self._errors[row]  # row -1 is the zero behind the last

    def similarity(self, observed: CodePoints, intended: CodePoints) -> Floats:
        """Likeness of shape in [0, 1]."""
        return self._shapes.similarity(observed, intended)

    def intended(self, observed: CodePoints) -> CodePoints:
        """Candidates for each observed character: learned ones, then look-alikes; 0 where there are fewer.

        Shape ``(len(observed), LEARNED_CANDIDATES + LOOK_ALIKES)``.
        """
        row = self._row_of[np.minimum(observed, _BMP - 1)]
        place = self._alike_row[np.minimum(observed, self._alike_row.size - 1)]
        alike = self._alike[1][place]
        alike[place < 0] = 0
        return np.concatenate([self._top[row], alike], axis=1)

    def log_prob(self, observed: CodePoints, intended: CodePoints, similarity: Floats | None = None) -> Floats:
        """log P(observed | intended), in nats, up to the smoothing."""
        hit, at = self._find(observed, intended)
        if similarity is None:
            similarity = self.similarity(observed, intended)
        p = np.exp(_UNLIKE + _LIKENESS * similarity) + _FLOOR
        if self._keys.size:
            p = p + np.where(hit, self._counts[at] / (self._totals[at] + _SMOOTH), 0.0)
        return np.asarray(np.log(p), dtype=np.float32)


def look_alikes(shapes: Shapes) -> tuple[CodePoints, CodePoints]:
    """The characters that have a shape, and the `LOOK_ALIKES` nearest of each."""
    return shapes.codes, np.ascontiguousarray(shapes.neighbours(shapes.codes, LOOK_ALIKES)[0], dtype=np.uint32)


_MAGIC = b"TFCHANL2"


def pack(channel: Channel) -> bytes:
    """The bytes of ``confusables/channel.bin``: magic, uint32 k and a, then keys, counts, totals and look-alikes."""
    codes, alike = channel._alike
    head = _MAGIC + np.array([channel._keys.size, codes.size], dtype="<u4").tobytes()
    arrays = (channel._keys, "<u8"), (channel._counts, "<f4"), (channel._totals, "<f4"), (codes, "<u4"), (alike, "<u4")
    return head + b"".join(array.astype(dtype).tobytes() for array, dtype in arrays)


def unpack(raw: NDArray[np.uint8]) -> Channel:
    """`pack`'s inverse. Raises `TableError` on bytes that are not a channel."""
    if raw.size < 16 or raw[:8].tobytes() != _MAGIC:
        raise TableError("channel.bin is not a textfix channel; rebuild it with scripts/build_channel.py")
    k, a = (int(x) for x in raw[8:16].view("<u4"))
    ends = np.cumsum([16, 8 * k, 4 * k, 4 * k, 4 * a, 4 * a * LOOK_ALIKES]).tolist()
    if raw.size != ends[-1]:
        raise TableError(f"channel.bin is truncated: {raw.size} bytes where its header asks for {ends[-1]}")
    types = ("<u8", "<f4", "<f4", "<u4", "<u4")
    parts = [np.asarray(raw[b:e].view(t)) for (b, e), t in zip(pairwise(ends), types, strict=True)]
    keys, counts, totals, codes, alike = parts
    return Channel(keys, counts, totals, (codes, alike.reshape(a, LOOK_ALIKES)))


@cache
def _shipped() -> Channel:
    return unpack(np.memmap(resource("channel.bin"), dtype=np.uint8, mode="r"))
