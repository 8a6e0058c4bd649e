"""How alike two characters look: embeddings of rendered glyphs, and the nearest neighbours of each.

`confusables/shapes.bin` (`scripts/build_shapes.py`) holds for each glyph a vector of small integers whose cosine is
the likeness, learned from renderings in several type faces under scan-like degradation, and its K nearest Han
characters. Likeness is 1 for the same shape and 0 for two characters that have no more in common than any two.

The file, little-endian: magic ``TFSHAPE1``, then uint32 glyphs n, dimensions d, neighbours k, float32 scale of the
vectors; code points uint32 (n), ascending; vectors int8 (n, d); neighbours as row numbers uint16 (n, k), the best
first; their likeness uint8 (n, k), 255 is 1. It is mapped, so processes share it.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.codepoints import CodePoints
from .resources import resource

__all__ = ["Shapes"]

_MAGIC = b"TFSHAPE1"
_HEADER = 24


class Shapes:
    """Likeness of glyphs. Immutable; every method is safe to call from many threads."""

    __slots__ = ("_codes", "_neighbours", "_row", "_scale", "_scores", "_vectors")

    def __init__(
        self,
        codes: CodePoints,
        vectors: NDArray[np.int8],
        scale: float,
        neighbours: NDArray[np.uint16],
        scores: NDArray[np.uint8],
    ) -> None:
        """`codes` (n,) ascending, `vectors` (n, d), `neighbours` and `scores` (n, k); see the head of the module."""
        self._codes, self._vectors, self._scale = codes, vectors, scale
        self._neighbours, self._scores = neighbours, scores
        self._row = np.full(int(codes[-1]) + 2, -1, dtype=np.int32)  # the last entry is for everything above
        self._row[codes] = np.arange(codes.size, dtype=np.int32)

    @classmethod
    def load(cls, path: Path | None = None) -> Shapes:
        """The shipped shapes (mapped once), or those of `path`. Raises `TableError` on a malformed file."""
        return _shipped() if path is None else _read(path)

    @property
    def codes(self) -> CodePoints:
        """The code points that have a shape, ascending, shape ``(n,)``."""
        return self._codes

    def rows(self, codes: CodePoints) -> NDArray[np.int32]:
        """The row of each code point, -1 where it has no shape; shape of `codes`."""
        return self._row[np.minimum(codes, self._row.size - 1)]

    def similarity(self, left: CodePoints, right: CodePoints) -> NDArray[np.float32]:
        """The likeness of pairs, in [0, 1], float32; the arguments broadcast against each other.

        A code point without a shape is like itself only.
        """
        left, right = np.broadcast_arrays(left, right)
        a, b = self.rows(left), self.rows(right)
        dots = np.einsum(
            "...d,...d->...", self._vectors[a].astype(np.float32), self._vectors[b].astype(np.float32)
        )
        likeness: NDArray[np.float32] = np.clip(dots * self._scale, 0.0, 1.0).astype(np.float32)
        likeness[(a < 0) | (b < 0)] = 0.0
        likeness[left == right] = 1.0
        return likeness

    def neighbours(self, codes: CodePoints, k: int | None = None) -> tuple[CodePoints, NDArray[np.float32]]:
        """The `k` Han characters most like each of `codes`, the best first, and their likeness.

        Both of shape ``(len(codes), k)``; `k` is at most (and by default) what the file holds. A row of a code point
        without a shape is filled with 0 and likeness 0.
        """
        a = self.rows(codes)
        k = self._neighbours.shape[1] if k is None else min(k, self._neighbours.shape[1])
        found = self._codes[self._neighbours[a, :k]]
        scores = self._scores[a, :k].astype(np.float32) / np.float32(255)
        found[a < 0] = 0
        scores[a < 0] = 0.0
        return found, scores

    def nearest(self, char: str, k: int = 20) -> list[tuple[str, float]]:
        """`neighbours` of one character; empty where it has no shape."""
        found, scores = self.neighbours(np.array([ord(char)], dtype=np.uint32), k)
        return [(chr(c), float(s)) for c, s in zip(found[0].tolist(), scores[0].tolist(), strict=True) if c]


def _read(path: Path) -> Shapes:
    raw = np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.empty(0, dtype=np.uint8)
    if raw.size < _HEADER or raw[:8].tobytes() != _MAGIC:
        raise TableError(f"{path} is not a textfix shape file; rebuild it with scripts/build_shapes.py")
    n, d, k = (int(x) for x in raw[8:20].view("<u4"))
    scale = float(raw[20:24].view("<f4")[0])
    ends = np.cumsum([_HEADER, 4 * n, n * d, 2 * n * k, n * k]).tolist()
    if ends[-1] != raw.size or not n:
        raise TableError(f"{path} is truncated: {raw.size} bytes where its header asks for {ends[-1]}")
    codes, vectors, neighbours, scores = (raw[a:b] for a, b in pairwise(ends))
    return Shapes(
        np.asarray(codes.view("<u4")),
        np.asarray(vectors.view(np.int8)).reshape(n, d),
        scale,
        np.asarray(neighbours.view("<u2")).reshape(n, k),
        np.asarray(scores).reshape(n, k),
    )


@cache
def _shipped() -> Shapes:
    return _read(resource("shapes.bin"))
