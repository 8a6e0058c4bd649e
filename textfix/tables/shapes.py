"""How alike two characters look: embeddings of glyphs, and the nearest neighbours of each.

A file of `scripts/build_shapes.py` holds for each glyph a vector of small integers whose cosine is the likeness. Two
are shipped: `confusables/shapes.bin` for whole glyphs, learned from renderings in ten type faces under scan-like
degradation and from what four recognisers have learned, with the nearest Han characters of each Han character; and
`confusables/shapes-parts.bin` for loose parts, where the ink is fitted to its box. Likeness is 1 for the same shape
and 0 for two characters that have no more in common than any two.

The file, little-endian: magic ``TFSHAPE2``, then uint32 glyphs n, dimensions d, rows with neighbours m, neighbours k,
float32 scale of the vectors; code points uint32 (n), ascending; vectors int8 (n, d); the m rows that have neighbours
(and are neighbours) uint16; their neighbours as rows uint16 (m, k), the best first; likeness uint8 (m, k), 255 is 1.
It is mapped, so processes share it.
"""

from __future__ import annotations

import struct
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.codepoints import CodePoints
from .resources import resource

__all__ = ["Shapes"]

_MAGIC = b"TFSHAPE2"
_HEADER = 28

Floats = NDArray[np.float32]


class Shapes:
    """Likeness of glyphs. Immutable; every method is safe to call from many threads."""

    __slots__ = ("_among", "_codes", "_neighbours", "_place", "_row", "_scale", "_scores", "_vectors")

    def __init__(
        self,
        codes: CodePoints,
        vectors: NDArray[np.int8],
        scale: float,
        among: NDArray[np.uint16],
        neighbours: NDArray[np.uint16],
        scores: NDArray[np.uint8],
    ) -> None:
        """`codes` (n,) ascending, `vectors` (n, d), `among` (m,), `neighbours`, `scores` (m, k): see the module."""
        self._codes, self._vectors, self._scale = codes, vectors, np.float32(scale)
        self._among, self._neighbours, self._scores = among, neighbours, scores
        self._row = np.full(int(codes[-1]) + 2, -1, dtype=np.int32)  # the last entry is for everything above
        self._row[codes] = np.arange(codes.size, dtype=np.int32)
        self._place = np.full(codes.size + 1, -1, dtype=np.int32)  # row → place in `among`; -1 for row -1, too
        self._place[among] = np.arange(among.size, dtype=np.int32)

    @classmethod
    def load(cls, path: Path | None = None) -> Shapes:
        """Whole glyphs as shipped (mapped once), or those of `path`. Raises `TableError` on a malformed file."""
        return _shipped("shapes.bin") if path is None else _read(path)

    @classmethod
    def load_parts(cls) -> Shapes:
        """Loose parts as shipped; they have likeness only, no neighbours."""
        return _shipped("shapes-parts.bin")

    @property
    def codes(self) -> CodePoints:
        """The code points that have a shape, ascending, shape ``(n,)``."""
        return self._codes

    def rows(self, codes: CodePoints) -> NDArray[np.int32]:
        """The row of each code point, -1 where it has no shape; shape of `codes`."""
        return self._row[np.minimum(codes, self._row.size - 1)]

    def similarity(self, left: CodePoints, right: CodePoints) -> Floats:
        """The likeness of pairs, in [0, 1], float32; the arguments broadcast against each other.

        A code point without a shape is like itself only.
        """
        left, right = np.broadcast_arrays(left, right)
        a, b = self.rows(left), self.rows(right)
        dots = np.einsum("...d,...d->...", self._vectors[a].astype(np.float32), self._vectors[b].astype(np.float32))
        likeness: Floats = np.clip(dots * self._scale, 0.0, 1.0).astype(np.float32)
        likeness[(a < 0) | (b < 0)] = 0.0
        likeness[left == right] = 1.0
        return likeness

    def matrix(self, left: CodePoints, right: CodePoints) -> Floats:
        """The likeness of every pair of two one-dimensional arrays, shape ``(len(left), len(right))``, in [0, 1]."""
        a, b = self.rows(left), self.rows(right)
        likeness: Floats = self._vectors[a].astype(np.float32) @ self._vectors[b].astype(np.float32).T
        np.clip(likeness * self._scale, 0.0, 1.0, out=likeness)
        likeness[a < 0] = 0.0
        likeness[:, b < 0] = 0.0
        likeness[left[:, None] == right[None, :]] = 1.0
        return likeness

    def neighbours(self, codes: CodePoints, k: int | None = None) -> tuple[CodePoints, Floats]:
        """The `k` Han characters most like each of `codes` (one-dimensional), the best first, and their likeness.

        Both of shape ``(len(codes), k)``; `k` is at most (and by default) what the file holds. Where a code point
        has no shape, the row is filled with 0 and likeness 0.
        """
        k = self._neighbours.shape[1] if k is None else min(k, self._neighbours.shape[1])
        rows = self.rows(codes)
        places = self._place[rows]
        found = self._codes[self._neighbours[places, :k]]
        scores = self._scores[places, :k].astype(np.float32) / np.float32(255)
        for i in np.flatnonzero(places < 0).tolist():  # letters, marks, variants: not stored, so asked here
            found[i], scores[i] = self._nearest(int(rows[i]), k) if rows[i] >= 0 else (0, 0.0)
        return found, scores

    def nearest(self, char: str, k: int = 20) -> list[tuple[str, float]]:
        """`neighbours` of one character; empty where it has no shape."""
        found, scores = self.neighbours(np.array([ord(char)], dtype=np.uint32), k)
        return [(chr(c), float(s)) for c, s in zip(found[0].tolist(), scores[0].tolist(), strict=True) if c]

    def _nearest(self, row: int, k: int) -> tuple[CodePoints, Floats]:
        among = self._vectors[self._among].astype(np.float32)
        likeness = among @ self._vectors[row].astype(np.float32)
        best = np.argsort(-likeness, kind="stable")[:k]
        return self._codes[self._among[best]], np.clip(likeness[best] * self._scale, 0.0, 1.0)


def _read(path: Path) -> Shapes:
    raw = np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.empty(0, dtype=np.uint8)
    if raw.size < _HEADER or raw[:8].tobytes() != _MAGIC:
        raise TableError(f"{path} is not a shape file of this version; rebuild it with scripts/build_shapes.py")
    n, d, m, k, scale = struct.unpack("<IIIIf", raw[8:_HEADER].tobytes())
    ends = np.cumsum([_HEADER, 4 * n, n * d, 2 * m, 2 * m * k, m * k]).tolist()
    if ends[-1] != raw.size or not n:
        raise TableError(f"{path} is truncated: {raw.size} bytes where its header asks for {ends[-1]}")
    blocks = [np.asarray(raw[a:b]) for a, b in pairwise(ends)]
    codes, among, neighbours = blocks[0].view("<u4"), blocks[2].view("<u2"), blocks[3].view("<u2")
    if codes[-1] > 0x10FFFF or (codes[1:] <= codes[:-1]).any():
        raise TableError(f"{path} is corrupt: its code points are not in order")
    if max(among.max(initial=0), neighbours.max(initial=0)) >= n:
        raise TableError(f"{path} is corrupt: it names glyphs that it does not hold")
    return Shapes(
        codes, blocks[1].view(np.int8).reshape(n, d), scale, among, neighbours.reshape(m, k), blocks[4].reshape(m, k)
    )


@cache
def _shipped(name: str) -> Shapes:
    return _read(resource(name))
