"""The phrase table: which five characters in a row stand somewhere in the text that it was counted from.

What n-grams are pruned of, and what a network cannot hold, is the long tail: set phrases that occur once or twice in
millions of characters. A table of *whether* five characters occur (Talbot & Osborne 2007) has room for it: a byte and a
half for each. It answers three questions: how many windows of five around a place are attested, and which characters,
or which two in a row, would make them so. One window in 256 that does not occur passes for attested. Built by
`scripts/build_phrases.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, brief
from ..files import display
from ..tables.resources import resource
from ..text.arrays import distinct
from ..text.codepoints import CodePoints
from . import perfect_hash, store
from .tables import MULTIPLIERS, finish, hashing
from .vocabulary import Ids, Vocabulary

__all__ = ["SIDE", "WIDTH", "Filler", "Phrases", "TwoFiller", "pack"]

#: Characters of a window, and how many of them lie on either side of a place at most.
WIDTH = 5
SIDE = WIDTH - 1
_BLOCK, _FEW = 256, 16
_ID_BITS = 13
_SIDES = ("behind", "before")
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
class TwoFiller:
    """Two characters in a row that make a window over both attested: number of the place (ascending), ids, (k, 2), and
    how many of the six windows over either are."""

    slot: Ints
    ids: Ints
    windows: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Lists:
    """A list of ids for each of some keys, one behind the other: where each ends (and the first begins), and all."""

    ends: NDArray[np.uint32]
    ids: NDArray[np.uint16]

    @classmethod
    def of_file(cls, arrays: Mapping[str, Array], name: str, keys: int, size: int) -> _Lists:
        """Those called `name`, of ids below `size`. Raises `ModelError`."""
        ends, ids = store.expect(arrays, f"{name}_ends", "<u4", keys + 1), store.expect(arrays, name, "<u2", -1)
        if ends[0] or ends[-1] != len(ids) or (ends[1:] < ends[:-1]).any() or ids.max() >= size:
            raise ModelError(f"the neighbours {name} in the phrase table do not fit; the file is malformed")
        return cls(ends, ids)

    def of(self, keys: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
        """What is listed for each of `keys`: its number, and what."""
        keys = keys.astype(np.int64)
        number, place = _runs(self.ends.take(keys), self.ends.take(keys + 1))
        return number, self.ids.take(place).astype(np.int64)

    def place_of(self, keys: NDArray[np.integer[Any]], ids: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
        """Of the (key, id) that are listed: their numbers, and where in all of the lists."""
        keys = keys.astype(np.int64)
        low, end = self.ends.take(keys).astype(np.int64), self.ends.take(keys + 1).astype(np.int64)
        high = end.copy()
        while (low < high).any():
            middle = (low + high) >> 1
            less = (self.ids.take(middle, mode="clip") < ids) & (low < high)
            low, high = np.where(less, middle + 1, low), np.where(less | (low >= high), high, middle)
        known = np.flatnonzero((low < end) & (self.ids.take(low, mode="clip") == ids))
        return known, low[known]


def _runs(first: NDArray[np.integer[Any]], last: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
    """The number of each range ``first : last`` as often as it is long, and the places in it."""
    start = first.astype(np.int64)
    size = last.astype(np.int64) - start
    number = np.repeat(np.arange(size.size), size)
    return number, np.arange(number.size) + np.repeat(start - np.cumsum(size) + size, size)


def _lacking(error: Exception) -> ModelError:
    return ModelError(f"the phrase table lacks {brief(str(error))}; rebuild it with scripts/build_phrases.py")


class Phrases:
    """A table of windows. Read-only, hence safe to share between threads."""

    def __init__(self, arrays: Mapping[str, Array], meta: Mapping[str, Any]) -> None:
        try:
            self.vocabulary = Vocabulary(store.expect(arrays, "characters", "<u4", len(arrays["characters"])))
            self._checks = store.expect(arrays, "checks", "<u1", -1)
            self._hashing = hashing(arrays, "", "", meta["main"], len(self._checks))
            self._behind, self._before = (
                _Lists.of_file(arrays, side, self.vocabulary.size, self.vocabulary.size) for side in _SIDES
            )
            self._arrays = arrays
        except (KeyError, TypeError, IndexError) as error:
            raise _lacking(error) from error

    @cached_property
    def _thirds(self) -> tuple[_Lists, _Lists]:
        """What stands behind, and before, each two of a list of neighbours; checked when it is first used."""
        try:
            one, two = (
                _Lists.of_file(self._arrays, f"{side}_two", len(pairs.ids), self.vocabulary.size)
                for side, pairs in zip(_SIDES, (self._behind, self._before), strict=True)
            )
        except KeyError as error:
            raise _lacking(error) from error
        return one, two

    def _third(self, side: int, ids: NDArray[np.integer[Any]], beside: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
        """What stands behind (`side` 0) or before (1) each of `beside` when that stands so beside the one of `ids`:
        number, and what stands."""
        known, place = (self._behind, self._before)[side].place_of(ids, beside)
        number, third = self._thirds[side].of(place)
        return known[number], third

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

    def two_fillers(self, left: Ids, right: Ids) -> TwoFiller:
        """Every two characters that make a window over both attested when they stand between `left` and `right`, both
        (m, 4), the nearest first, and of which each, and both, stand beside their neighbours somewhere."""
        parts = [self._two_fillers(left[k : k + _FEW], right[k : k + _FEW], k) for k in range(0, len(left), _FEW)]
        if not parts:
            none = np.empty(0, dtype=np.int64)
            return TwoFiller(none, none.reshape(0, 2), none)
        return TwoFiller(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def _two_fillers(self, left: Ids, right: Ids, offset: int) -> tuple[Ints, Ints, Ints]:
        (first_at, first), (last_at, last) = self._behind.of(left[:, 0]), self._before.of(right[:, 0])
        opens, closes = np.zeros((2, len(left) << _ID_BITS), dtype=bool)
        opens[first_at << _ID_BITS | first] = True
        closes[last_at << _ID_BITS | last] = True
        sums = _sums_around(left, right, 2)
        # From the left: three in a row with what stands before, then both with the nearer of that. Where there are
        # none, three of the four windows over both are not attested, and for the fourth it is likewise on the right.
        at, one = self._third(0, left[:, 1], left[:, 0])
        rows, two = self._third(0, left[at, 0], one)
        forth = self._made(sums, (1, 2, 3), at[rows], one[rows], two, closes[at[rows] << _ID_BITS | two])
        at, two = self._third(1, right[:, 1], right[:, 0])
        rows, one = self._third(1, right[at, 0], two)
        back = self._made(sums, (0,), at[rows], one, two[rows], opens[at[rows] << _ID_BITS | one])
        key = distinct(np.concatenate([forth, back]))
        mask = (1 << _ID_BITS) - 1
        slot, ids = key >> 2 * _ID_BITS, np.stack([key >> _ID_BITS & mask, key & mask], axis=1)
        return slot + offset, ids, self.around(left[slot], ids, right[slot])

    def _made(
        self, sums: list[NDArray[np.uint64]], windows: Sequence[int], slot: Ints, one: Ints, two: Ints,
        fit: NDArray[np.bool_],
    ) -> Ints:  # fmt: skip
        """Of the fitting pairs `one`, `two` in places those that make one of `windows` attested, as numbers."""
        rows = np.flatnonzero(fit)
        slot, one, two = slot[rows], one[rows], two[rows]
        numbers = one.astype(np.uint64) + np.uint64(1), two.astype(np.uint64) + np.uint64(1)
        known = np.zeros(rows.size, dtype=bool)
        for w in windows:
            known |= self._known(sums[w].take(slot) + numbers[0] * _MULTIPLIERS[w] + numbers[1] * _MULTIPLIERS[w + 1])
        return (slot[known] << _ID_BITS | one[known]) << _ID_BITS | two[known]

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


def _sums_around(left: Ids, right: Ids, size: int = 1) -> list[NDArray[np.uint64]]:
    """The same without the `size` fillers in a row, (m,) for each place in the window of the first of them."""
    one = np.uint64(1)
    before, behind = left.astype(np.uint64) + one, right.astype(np.uint64) + one
    out = []
    for at in range(WIDTH + 1 - size):
        sums = np.zeros(len(left), dtype=np.uint64)
        for k in range(at):
            sums += before[:, at - 1 - k] * _MULTIPLIERS[k]
        for k in range(at + size, WIDTH):
            sums += behind[:, k - at - size] * _MULTIPLIERS[k]
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
    two = np.unique(np.concatenate([numbers[:, k] * size + numbers[:, k + 1] for k in range(SIDE)]))
    triples = [(numbers[:, k] * size + numbers[:, k + 1]) * size + numbers[:, k + 2] for k in range(WIDTH - 2)]
    three = np.unique(np.concatenate([np.unique(column) for column in triples]))
    left, middle, right = three // size**2, three // size % size, three % size
    for side, pair, outer, inner, last in (
        ("behind", two, left, middle, right),
        ("before", np.sort(two % size * size + two // size), right, middle, left),
    ):
        arrays |= _listed(side, pair // size, pair % size, np.arange(size + 1))
        order = np.lexsort((last, inner, outer))
        arrays |= _listed(f"{side}_two", (outer * size + inner)[order], last[order], np.append(pair, size * size))
    arrays["characters"] = characters.astype("<u4")
    return store.pack(arrays, {"main": function.main})


def _listed(name: str, keys: Ints, ids: Ints, every: Ints) -> dict[str, Array]:
    """The lists of `ids`, one for each of the keys `every` but the last, which is an end; `keys` ascend."""
    return {name: ids.astype("<u2"), f"{name}_ends": np.searchsorted(keys, every).astype("<u4")}


def _read(path: Path) -> Phrases:
    return Phrases(*store.unpack(store.view(path), display(path)))


@cache
def _shipped() -> Phrases:
    return _read(resource("phrases.bin"))
