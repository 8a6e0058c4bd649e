"""The phrase table: which five characters in a row stand somewhere in the text that it was counted from.

What n-grams are pruned of, and what a network cannot hold, is the long tail: set phrases that occur once or twice in
millions of characters. A table of *whether* five characters occur (Talbot & Osborne 2007) has room for it: a byte and a
half for each. It answers two questions: how many windows of five around a place are attested, and which characters
would make them so. One window in 256 that does not occur passes for attested. Built by `scripts/build_phrases.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, brief
from ..files import display
from ..tables.resources import resource
from ..text.codepoints import CodePoints
from . import perfect_hash, store
from .tables import MULTIPLIERS, finish, hashing
from .vocabulary import Ids, Vocabulary

__all__ = ["SIDE", "WIDTH", "Filler", "Phrases", "pack"]

#: Characters of a window, and how many of them lie on either side of a place at most.
WIDTH = 5
SIDE = WIDTH - 1
_BLOCK = 256
_ID_BITS = 13
_MULTIPLIERS = np.array(MULTIPLIERS[::-1], dtype=np.uint64)

Array = NDArray[Any]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Filler:
    """Characters that make a window around a place attested: number of the place (ascending), id, how many windows."""

    slot: Ints
    ids: Ints
    windows: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Neighbours:
    """For each id those that stand beside it somewhere, ascending."""

    ends: NDArray[np.uint32]
    ids: NDArray[np.uint16]

    def of(self, ids: Ids) -> tuple[Ints, Ints]:
        """The neighbours of each of `ids`: its number, and the neighbour."""
        first, last = self.ends.take(ids).astype(np.int64), self.ends.take(ids.astype(np.int64) + 1).astype(np.int64)
        size = last - first
        slot = np.repeat(np.arange(len(ids)), size)
        place = np.arange(slot.size) - np.repeat(np.cumsum(size) - size - first, size)
        return slot, self.ids.take(place).astype(np.int64)


class Phrases:
    """A table of windows. Read-only, hence safe to share between threads."""

    def __init__(self, arrays: Mapping[str, Array], meta: Mapping[str, Any]) -> None:
        try:
            self.vocabulary = Vocabulary(store.expect(arrays, "characters", "<u4", len(arrays["characters"])))
            self._checks = store.expect(arrays, "checks", "<u1", -1)
            self._hashing = hashing(arrays, "", "", meta["main"], len(self._checks))
            self._behind, self._before = (self._neighbours(arrays, side) for side in ("behind", "before"))
        except (KeyError, TypeError, IndexError) as error:
            lack = brief(str(error))
            raise ModelError(f"the phrase table lacks {lack}; rebuild it with scripts/build_phrases.py") from error

    def _neighbours(self, arrays: Mapping[str, Array], side: str) -> _Neighbours:
        ends = store.expect(arrays, f"{side}_ends", "<u4", self.vocabulary.size + 1)
        ids = store.expect(arrays, side, "<u2", -1)
        if ends[0] or ends[-1] != len(ids) or (ends[1:] < ends[:-1]).any() or ids.max() >= self.vocabulary.size:
            raise ModelError(f"the neighbours {side} in the phrase table do not fit; the file is malformed")
        return _Neighbours(ends, ids)

    @classmethod
    def load(cls, path: Path | None = None) -> Phrases:
        """The shipped table, mapped once in a process, or that of `path`. Raises `ModelError`."""
        return _shipped() if path is None else _read(path)

    def attested(self, ids: Ids) -> NDArray[np.bool_]:
        """Whether each window of five is attested; `ids` is (..., n), the answer (..., n - 4)."""
        return self._known(_sums(ids))

    def around(self, left: Ids, middle: Ids, right: Ids) -> Ints:
        """How many windows over `middle` (m, s) are attested, of s + 4; over the joint, of 4, where s is 0.

        `left` and `right` are (m, 4), the nearest first.
        """
        windows = self.attested(np.concatenate([left[:, ::-1], middle, right], axis=1))
        return np.asarray(windows.sum(axis=1), dtype=np.int64)

    def fillers(self, left: Ids, right: Ids) -> Filler:
        """Every character that makes a window attested when it stands between `left` and `right`, both (m, 4), the
        nearest first, and that stands beside each of its neighbours somewhere."""
        parts = [self._fillers(left[k : k + _BLOCK], right[k : k + _BLOCK], k) for k in range(0, len(left), _BLOCK)]
        if not parts:
            none = np.empty(0, dtype=np.int64)
            return Filler(none, none, none.astype(np.uint8))
        return Filler(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def _fillers(self, left: Ids, right: Ids, offset: int) -> tuple[Ints, Ints, NDArray[np.uint8]]:
        behind, before = (
            slot << _ID_BITS | ids for slot, ids in (self._behind.of(left[:, 0]), self._before.of(right[:, 0]))
        )
        fits = np.zeros(len(left) << _ID_BITS, dtype=bool)
        fits[before] = True
        key = behind[fits[behind]]
        slot, ids = key >> _ID_BITS, key & ((1 << _ID_BITS) - 1)
        numbers = ids.astype(np.uint64) + np.uint64(1)
        windows = np.zeros(key.size, dtype=np.uint8)
        # The sum of each window without its filler, by the filler's place in it.
        for at, fixed in enumerate(_sums_around(left, right)):
            windows += self._known(fixed.take(slot) + numbers * _MULTIPLIERS[at])
        found = np.flatnonzero(windows)
        return slot[found] + offset, ids[found], windows[found]

    def _known(self, sums: NDArray[np.uint64]) -> NDArray[np.bool_]:
        hashes = finish(sums.ravel())
        checks = self._checks.take(self._hashing.find(hashes), mode="clip")
        return np.asarray(checks == hashes.astype(np.uint8)).reshape(sums.shape)


def _sums(ids: Ids) -> NDArray[np.uint64]:
    """What is hashed of every window of five, (..., n - 4)."""
    n = ids.shape[-1] - SIDE
    sums = np.zeros((*ids.shape[:-1], max(n, 0)), dtype=np.uint64)
    if n > 0:
        numbers = ids.astype(np.uint64) + np.uint64(1)
        for at in range(WIDTH):
            sums += numbers[..., at : at + n] * _MULTIPLIERS[at]
    return sums


def _sums_around(left: Ids, right: Ids) -> list[NDArray[np.uint64]]:
    """The same without the filler, (m,) for each of its places in the window."""
    one = np.uint64(1)
    before, behind = left.astype(np.uint64) + one, right.astype(np.uint64) + one
    out = []
    for at in range(WIDTH):
        sums = np.zeros(len(left), dtype=np.uint64)
        for k in range(at):
            sums += before[:, at - 1 - k] * _MULTIPLIERS[k]
        for k in range(at + 1, WIDTH):
            sums += behind[:, k - at - 1] * _MULTIPLIERS[k]
        out.append(sums)
    return out


def pack(windows: Ids, characters: CodePoints) -> bytes:
    """The file of a table: `windows` (k, 5), all different, of ids of the vocabulary of `characters`."""
    hashes = finish(_sums(windows).ravel())
    function, slots = perfect_hash.build(hashes)
    checks = np.zeros(function.size, dtype=np.uint8)  # an empty slot passes for a window once in 256, as elsewhere
    checks[slots] = hashes.astype(np.uint8)
    arrays: dict[str, Array] = {"checks": checks, "seeds": function.seeds, "bumped": function.bumped}
    size = Vocabulary(characters).size
    numbers = windows.astype(np.int64)
    pairs = np.unique(np.concatenate([numbers[:, k] * size + numbers[:, k + 1] for k in range(SIDE)]))
    for side, first, second in (("behind", pairs // size, pairs % size), ("before", pairs % size, pairs // size)):
        order = np.lexsort((second, first))
        arrays[side] = second[order].astype("<u2")
        arrays[f"{side}_ends"] = np.searchsorted(first[order], np.arange(size + 1)).astype("<u4")
    arrays["characters"] = characters.astype("<u4")
    return store.pack(arrays, {"main": function.main})


def _read(path: Path) -> Phrases:
    return Phrases(*store.unpack(store.view(path), display(path)))


@cache
def _shipped() -> Phrases:
    return _read(resource("phrases.bin"))
