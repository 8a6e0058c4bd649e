"""What the rest of a document says of a proposal: whether it has the same words elsewhere, how its lines are set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .grid import GRID, grid
from .proposals import Floats, Proposals
from .view import View

__all__ = ["ELSEWHERE", "elsewhere"]

#: Names of the columns, in order.
ELSEWHERE = (
    "word_elsewhere", "observed_elsewhere", "matched_elsewhere", "stands_elsewhere", *GRID,
)  # fmt: skip

#: How far to either side a place is compared with others that have the same characters, and with how many of them.
_COMPARED, _PLACES = 7, 60
#: Code points of the basic plane.
_BASIC = 0x10000


def elsewhere(v: View, p: Proposals, opinion: NDArray[np.float64]) -> Floats:
    """The columns for each proposal, (m, len(ELSEWHERE)); `opinion` (m,) is the first forest's."""
    return np.concatenate([_pairs(v, p), _matched(v, p), grid(v, p, opinion)], axis=1)


def _pairs(v: View, p: Proposals) -> Floats:
    """How often the document has, elsewhere, what each proposal would make with its neighbours, and what stands there:
    the rarer of the two pairs with the character before and the one behind, as log(1 + n), (m, 2)."""
    n = len(v)
    codes = v.codes.astype(np.int64)
    before = codes[np.maximum(p.start - 1, 0)]
    behind = codes[np.minimum(p.start + p.length, n - 1)]
    new = p.codes[:, 0].astype(np.int64)
    last = np.where(p.size == 2, p.codes[:, 1].astype(np.int64), new)
    none = p.size == 0
    first, old_last = codes[np.minimum(p.start, n - 1)], codes[np.clip(p.start + p.length - 1, 0, n - 1)]
    at = _places(codes[:-1], np.concatenate([before, new, last, old_last]))
    pairs = np.sort(codes[at] << 32 | codes[at + 1])

    def count(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
        key = left << 32 | right
        return np.searchsorted(pairs, key, side="right") - np.searchsorted(pairs, key)

    made = np.minimum(count(before, np.where(none, behind, new)), count(np.where(none, before, last), behind))
    stood = np.minimum(count(before, first), count(old_last, behind)) - (p.length > 0)
    stood = np.where(p.length > 0, stood, count(before, behind) - 1)
    return np.asarray(np.log1p(np.maximum(np.stack([made, stood], axis=1), 0)), dtype=np.float32)


def _matched(v: View, p: Proposals) -> Floats:
    """How many characters around what each proposal makes are the same around another place of the document that has
    it, with at least one on either side, and of what stands there, (m, 2): 0 where there is no such place."""
    codes = v.codes.astype(np.int64)
    framed = np.concatenate([np.full(_COMPARED + 1, -1), codes, np.full(_COMPARED + 1, -2)])
    out = np.zeros((len(p), 2), dtype=np.float32)
    here, next_one = np.minimum(p.start, len(v) - 1), np.minimum(p.start + 1, len(v) - 1)
    before = codes[np.maximum(p.start - 1, 0)]
    made = p.codes[:, 0].astype(np.int64), p.codes[:, 1].astype(np.int64), p.size
    shapes = made, (codes[here], codes[next_one], p.length)
    # Nothing is found by the character before it.
    anchors = [np.where(size > 0, first, before) for first, _, size in shapes]
    order = _places(codes, np.concatenate(anchors))
    ordered = codes[order]
    for column, ((_, second, size), anchor) in enumerate(zip(shapes, anchors, strict=True)):
        low, high = np.searchsorted(ordered, anchor), np.searchsorted(ordered, anchor, side="right")
        many = np.minimum(high - low, _PLACES)
        row = np.repeat(np.arange(len(p)), many)
        place = order[low[row] + np.arange(row.size) - np.repeat(np.cumsum(many) - many, many)]
        good = np.abs(place - p.start[row]) > 2
        good &= (size[row] < 2) | (framed[place + _COMPARED + 2] == second[row])
        row, place = row[good], place[good]
        left, right = np.where(size[row] > 0, place, place + 1), place + np.maximum(size[row], 1)
        same = _same(framed, left - 1, p.start[row] - 1, -1), _same(framed, right, (p.start + p.length)[row], 1)
        both = np.where((same[0] > 0) & (same[1] > 0), same[0] + same[1], 0)
        np.maximum.at(out[:, column], row, both)
    return out


def _places(codes: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where characters that are `asked` for stand, by character and place, and perhaps others of other planes; to sort
    all of a long text takes time."""
    wanted = np.zeros(_BASIC + 1, dtype=bool)
    wanted[np.minimum(asked, _BASIC)] = True
    at = np.flatnonzero(wanted.take(codes, mode="clip"))
    return np.asarray(at[np.argsort(codes[at], kind="stable")])


def _same(framed: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """How many characters in a row, up to `_COMPARED`, are the same from two places on."""
    count, still = np.zeros(one.size, dtype=np.int64), np.ones(one.size, dtype=bool)
    for k in range(_COMPARED):
        at = _COMPARED + 1 + k * step
        still &= framed[one + at] == framed[other + at]
        count += still
    return count
