"""A perfect hash function on numpy arrays: every known key has a slot of its own, found with two gathers.

Keys are 64-bit hashes. A key's bucket holds one byte, the seed with which all keys of that bucket were found to fall
into free slots (hash and displace: Belazzougui, Botelho & Dietzfelbinger 2009; Pibiri & Trani 2021). Buckets with no
such seed are bumped to a second, roomier function of the same kind, whose slots follow. Unknown keys get some slot too:
the caller keeps a check value in each slot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PerfectHash", "build"]

Hashes = NDArray[np.uint64]
Slots = NDArray[np.int64]

_U32 = np.uint64(32)
_SEED = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_BUMPED = 255
_BATCH = 1 << 16


def _buckets(hashes: Hashes, count: int) -> Slots:
    return (((hashes >> _U32) * np.uint64(count)) >> _U32).view(np.int64)


def _slots(hashes: Hashes, seeds: NDArray[np.uint64], count: int) -> Slots:
    mixed = seeds * _SEED
    mixed = (hashes ^ mixed) * _MIX
    mixed >>= _U32
    mixed *= np.uint64(count)
    mixed >>= _U32
    return mixed.view(np.int64)


@dataclass(frozen=True)
class PerfectHash:
    """`size` slots in all, the first `main` of them by `seeds`, the others, for bumped buckets, by `bumped`."""

    main: int
    size: int
    seeds: NDArray[np.uint8]
    bumped: NDArray[np.uint8]

    def find(self, hashes: Hashes) -> Slots:
        """The slot of every hash, shape of `hashes`; each is below `size`, known or not."""
        seeds = self.seeds.take(_buckets(hashes, len(self.seeds)), mode="clip")
        slots = _slots(hashes, seeds.astype(np.uint64), self.main)
        if self.size > self.main:
            late = (seeds == _BUMPED).nonzero()[0]
            if len(late):
                left = hashes[late] * _MIX
                seeds = np.take(self.bumped, _buckets(left, len(self.bumped)), mode="clip")
                slots[late] = _slots(left, seeds.astype(np.uint64), self.size - self.main) + self.main
        return slots


def build(hashes: Hashes, load: float = 0.97, per_bucket: float = 3.5) -> tuple[PerfectHash, Slots]:
    """A function for distinct `hashes` and the slot of each; `load` is keys a slot, `per_bucket` keys a seed."""
    main = int(len(hashes) / load) + 1
    seeds, slots = _place(hashes, main, int(len(hashes) / per_bucket) + 1)
    late = np.flatnonzero(slots < 0)
    size, bumped = main, np.zeros(1, dtype=np.uint8)
    if len(late):
        room = 0.8
        while True:
            left = hashes[late] * _MIX
            bumped, found = _place(left, int(len(late) / room) + 1, int(len(late) / (2 * room)) + 1)
            if (found >= 0).all():
                break
            room *= 0.8
        slots[late] = found + main
        size = main + int(len(late) / room) + 1
    return PerfectHash(main, size, seeds, bumped), slots


def _place(hashes: Hashes, count: int, buckets: int) -> tuple[NDArray[np.uint8], Slots]:
    """Seeds of all buckets (`_BUMPED` where none was found) and slots of all hashes (-1 there)."""
    bucket = _buckets(hashes, buckets)
    order = np.argsort(bucket, kind="stable")
    size = np.bincount(bucket, minlength=buckets)
    start = np.cumsum(size) - size
    seeds = np.zeros(buckets, dtype=np.uint8)
    slots = np.full(len(hashes), -1, dtype=np.int64)
    taken = np.zeros(count, dtype=np.bool_)
    owner = np.zeros(count, dtype=np.int64)
    for width in range(int(size.max(initial=0)), 0, -1):
        alike = np.flatnonzero(size == width)
        for first in range(0, len(alike), _BATCH):
            pending = alike[first : first + _BATCH]
            rows = order[start[pending][:, None] + np.arange(width)]
            for seed in range(_BUMPED):
                wanted = _slots(hashes[rows], np.full(1, seed, dtype=np.uint64), count)
                fits = ~taken[wanted].any(axis=1)
                if width > 1:
                    ranked = np.sort(wanted, axis=1)
                    fits &= (ranked[:, 1:] != ranked[:, :-1]).all(axis=1)
                tried = np.flatnonzero(fits)
                mine = wanted[tried]
                # The last to claim a slot owns it; a bucket is placed when it owns all its slots.
                owner[mine] = tried[:, None]
                won = (owner[mine] == tried[:, None]).all(axis=1)
                placed = tried[won]
                taken[mine[won]] = True
                seeds[pending[placed]] = seed
                slots[rows[placed]] = mine[won]
                rest = np.ones(len(pending), dtype=np.bool_)
                rest[placed] = False
                pending, rows = pending[rest], rows[rest]
                if not len(pending):
                    break
            seeds[pending] = _BUMPED
    return seeds, slots
