"""Exact edit operations inside a gap between anchors: plain ones, and affine ones where a piece was cut.

Plain edit distance scatters the few characters beside a long cut all over it, since every match saves one. With a
price on opening a gap and almost none on its length (Gotoh 1982) one cut stays one difference.
"""

from __future__ import annotations

import Levenshtein
import numpy as np
from numpy.typing import NDArray

from ..text.codepoints import CodePoints

__all__ = ["Block", "affine_blocks", "distance", "operations", "plain_blocks"]

#: A difference: ``x[i0:i1]`` stands for ``y[j0:j1]``.
Block = tuple[int, int, int, int]

#: Prices of the affine alignment: a replaced character, opening a gap, and every character in it. What the longer
#: text has more is a cut, cheap however long; what the shorter one has more costs by its length, or else it would be
#: cheapest to drop all of it and put all of the other in its place.
REPLACE, OPEN, EXTEND, EXTEND_SHORTER = 100, 180, 2, 60


def distance(x: str, y: str, hint: int | None = None) -> int:
    """The edit distance (Levenshtein 1966). Time grows with ``len(x) * len(y) / 64``: the caller bounds the product.

    With a `hint` that is no less than the distance and not far from it, time grows with ``hint * len(x) / 64``.
    """
    found: int = Levenshtein.distance(x, y) if hint is None else Levenshtein.distance(x, y, score_hint=hint)
    return found


def operations(x: str, y: str) -> list[tuple[str, int, int, int, int]]:
    """``(tag, i0, i1, j0, j1)`` of a cheapest alignment, in order: equal, replace, delete, insert.

    Together they cover both texts. Time and memory as for `distance`.
    """
    found: list[tuple[str, int, int, int, int]] = Levenshtein.opcodes(x, y)
    return found


def plain_blocks(x: str, y: str) -> list[Block]:
    """The differences of a cheapest alignment by edit distance (Levenshtein 1966), those that touch joined."""
    blocks: list[Block] = []
    for tag, i0, i1, j0, j1 in operations(x, y):
        if tag == "equal":
            continue
        if blocks and blocks[-1][1] == i0 and blocks[-1][3] == j0:
            last = blocks.pop()
            i0, j0 = last[0], last[2]
        blocks.append((i0, i1, j0, j1))
    return blocks


def affine_blocks(x: CodePoints, y: CodePoints) -> list[Block]:
    """The differences of a cheapest alignment with affine gaps, those that touch joined.

    Time and memory grow with ``len(x) * len(y)``, in rows of the shorter text: the caller bounds the product.
    """
    if len(x) > len(y):
        return [(i0, i1, j0, j1) for j0, j1, i0, i1 in affine_blocks(y, x)]
    return _joined(_trace(x, y, *_fill(x, y)))


def _fill(x: CodePoints, y: CodePoints) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Best cost (H), best that does not end in a gap of x (T), best that ends in a gap of y (F), all ``(p+1, q+1)``."""
    p, q = len(x), len(y)
    h = np.empty((p + 1, q + 1), np.int32)
    t = np.empty((p + 1, q + 1), np.int32)
    f = np.empty((p + 1, q + 1), np.int32)
    slope = EXTEND * np.arange(q + 1, dtype=np.int32)
    far = np.int32(1 << 29)
    h[0] = OPEN + slope
    h[0, 0] = 0
    t[0] = far
    t[0, 0] = 0
    f[0] = far
    for i in range(1, p + 1):
        np.minimum(h[i - 1] + (OPEN + EXTEND_SHORTER), f[i - 1] + EXTEND_SHORTER, out=f[i])
        row = t[i]
        row[0] = f[i, 0]
        np.minimum(h[i - 1, :-1] + np.where(y == x[i - 1], 0, REPLACE), f[i, 1:], out=row[1:])
        reach = np.minimum.accumulate(row - slope)
        h[i, 0] = row[0]
        np.minimum(row[1:], reach[:-1] + slope[1:] + OPEN, out=h[i, 1:])
    return h, t, f


def _trace(
    x: CodePoints, y: CodePoints, h: NDArray[np.int32], t: NDArray[np.int32], f: NDArray[np.int32]
) -> list[Block]:
    """Walk back from the end; pieces come out in text order."""
    i, j = len(x), len(y)
    slope = EXTEND * np.arange(j + 1, dtype=np.int32)
    pieces: list[Block] = []
    while i or j:
        if h[i, j] == t[i, j] and i and h[i, j] != f[i, j]:
            if x[i - 1] != y[j - 1]:
                pieces.append((i - 1, i, j - 1, j))
            i, j = i - 1, j - 1
        elif i and h[i, j] == f[i, j]:
            top = i - 1
            while h[top, j] + OPEN + EXTEND_SHORTER * (i - top) != h[i, j]:
                top -= 1
            pieces.append((top, i, j, j))
            i = top
        else:
            left = np.flatnonzero(t[i, :j] - slope[:j] + slope[j] + OPEN == h[i, j])
            pieces.append((i, i, int(left[0]), j))
            j = int(left[0])  # of equal cuts the one that leaves what stays closest to what stands before
    pieces.reverse()
    return pieces


def _joined(pieces: list[Block]) -> list[Block]:
    blocks: list[Block] = []
    for i0, i1, j0, j1 in pieces:
        if blocks and blocks[-1][1] == i0 and blocks[-1][3] == j0:
            blocks[-1] = (blocks[-1][0], i1, blocks[-1][2], j1)
        else:
            blocks.append((i0, i1, j0, j1))
    return blocks
