"""Which characters a slot may hold: the likeliest after its left neighbours and before its right neighbours.

Four kinds of lists are stored, each best first: continuations of one character and of two, and predecessors of one
and of two. Pairs are found by hash. An item is 16 bits: the id and, in three bits, how likely it is in its context.
A slot's lists are joined, ids that several lists name rise, and the best are given. Boundaries, digits, Latin letters
and unknown characters are never proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .perfect_hash import PerfectHash
from .store import expect
from .tables import MULTIPLIERS, finish, hashing
from .vocabulary import Ids

__all__ = ["ID_BITS", "LEVELS", "PAIR", "SINGLE", "Proposer", "pair_hashes"]

Array = NDArray[Any]
#: Items in the list of a pair and of a single character.
PAIR, SINGLE = 8, 16
#: An item is ``level << ID_BITS | id``; level k means a share of about 4 ** -k, the last one also less.
ID_BITS = 13
LEVELS = 8
_ID = np.uint16((1 << ID_BITS) - 1)
_BLOCK = 1 << 12


def pair_hashes(near: NDArray[np.integer[Any]], far: NDArray[np.integer[Any]]) -> NDArray[np.uint64]:
    """The hash of each pair of ids: the one beside the slot, and the one beyond it."""
    one = np.uint64(1)
    sums = (near.astype(np.uint64) + one) * np.uint64(MULTIPLIERS[0])
    sums += (far.astype(np.uint64) + one) * np.uint64(MULTIPLIERS[1])
    return finish(sums)


@dataclass(frozen=True)
class _Side:
    """The lists of one side: by the nearest character, and by the nearest two."""

    singles: NDArray[np.uint16]
    hashing: PerfectHash
    checks: NDArray[np.uint16]
    pairs: NDArray[np.uint16]

    def lists(self, near: Ids, far: Ids) -> NDArray[np.uint16]:
        """The items for each slot, shape ``(m, PAIR + SINGLE)``, 0 where there is none."""
        out = np.empty((len(near), PAIR + SINGLE), dtype=np.uint16)
        hashes = pair_hashes(near, far)
        slots = self.hashing.find(hashes)
        out[:, :PAIR] = self.pairs.take(slots, axis=0, mode="clip")
        out[self.checks.take(slots, mode="clip") != hashes.astype(np.uint16), :PAIR] = 0
        out[:, PAIR:] = self.singles.take(near, axis=0, mode="clip")
        return out


def _side(arrays: Mapping[str, Array], side: str, main: int) -> _Side:
    checks = expect(arrays, f"{side}_checks", "<u2", -1)
    singles, pairs = expect(arrays, f"{side}_singles", "<u2", -1, SINGLE), f"{side}_pairs"
    found = hashing(arrays, f"{side}_", "", main, len(checks))
    return _Side(singles, found, checks, expect(arrays, pairs, "<u2", len(checks), PAIR))


class Proposer:
    """The stored lists of a model."""

    def __init__(self, arrays: Mapping[str, Array], main: Mapping[str, int]) -> None:
        self._left, self._right = (_side(arrays, side, main[side]) for side in ("left", "right"))

    def propose(self, left: Ids, right: Ids, top: int) -> tuple[Ids, NDArray[np.float32]]:
        """`(ids, scores)`, both of shape ``(m, top)``, best first; id 0 (UNK) and score 0 where there are fewer.

        `left` and `right` have shapes ``(m, a)`` and ``(m, b)`` with a, b >= 2; the nearest two columns count. A score
        is a rough sum of log-likelihoods over the sides that name the character, for ranking only.
        """
        ids = np.zeros((len(left), top), dtype=np.uint16)
        scores = np.zeros((len(left), top), dtype=np.float32)
        for start in range(0, len(left), _BLOCK):
            rows = slice(start, start + _BLOCK)
            items = np.concatenate(
                (self._left.lists(left[rows, -1], left[rows, -2]), self._right.lists(right[rows, 0], right[rows, 1])),
                axis=1,
            )
            best = min(top, items.shape[1])
            ids[rows, :best], scores[rows, :best] = _best(items, best)
        return ids, scores


def _best(items: NDArray[np.uint16], top: int) -> tuple[Ids, NDArray[np.float32]]:
    """The ids of each row of items by the sum of their points, and that sum."""
    keyed = (items & _ID).astype(np.uint32)
    keyed <<= np.uint32(8)
    # Level 0 is the likeliest: an item gives LEVELS - level points.
    keyed |= np.uint32(LEVELS) - (items >> np.uint16(ID_BITS))
    keyed.sort(axis=1)
    ids = keyed >> np.uint32(8)
    keyed &= np.uint32(0xFF)
    points = keyed.copy()
    # At most four lists name an id: gather the points of a run of equal ids in its last place.
    for back in (1, 2, 3):
        points[:, back:] += keyed[:, :-back] * (ids[:, back:] == ids[:, :-back])
    points[:, :-1] *= ids[:, 1:] != ids[:, :-1]
    points *= ids != 0
    # Among equals the more frequent character, which has the lower id, comes first.
    points <<= np.uint32(ID_BITS)
    points |= (_ID - ids.astype(np.uint16)).astype(np.uint32)
    np.invert(points, out=points)
    points.sort(axis=1)
    best = np.invert(points[:, :top]).astype(np.int64)
    found = best >> ID_BITS
    return np.where(found > 0, _ID - (best & int(_ID)), 0).astype(np.uint16), found.astype(np.float32)
