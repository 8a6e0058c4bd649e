"""Proposals: candidate edits of the content view as arrays, and what each does to the language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .view import View

__all__ = [
    "DELETE",
    "INSERT",
    "MAX_SIZE",
    "PAIR",
    "SPLIT",
    "SUBSTITUTE",
    "Detail",
    "Proposals",
    "best_by_key",
    "places",
]

SUBSTITUTE, PAIR, DELETE, INSERT, SPLIT = range(5)
#: A replacement has at most this many characters.
MAX_SIZE = 2

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """`m` candidate edits.

    ``start``   (m,) first kept character replaced (or the one that an insertion stands in front of)
    ``length``  (m,) how many kept characters are replaced
    ``ids``     (m, MAX_SIZE) model ids of the replacement, zero behind ``size``
    ``codes``   (m, MAX_SIZE) its code points
    ``size``    (m,) its length
    ``kind``    (m,) SUBSTITUTE, PAIR, DELETE, INSERT or SPLIT (one glyph read as two characters)
    ``prior``   (m,) log-probability of the observation given the replacement, up to a constant of the kind
    ``margin``  (m,) score above the best rival of the same kind at the same place (below 0: it has better rivals)
    ``rank``    (m,) place among those rivals
    ``said``    (m,) log-probability of the replacement by the cloze model, the mean where there are two characters
    ``stood``   (m,) of what stands there (of nothing, for an insertion)
    ``best``    (m,) of its likeliest answer
    ``second``  (m,) of the next
    """

    start: Ints
    length: Ints
    ids: NDArray[np.uint16]
    codes: NDArray[np.uint32]
    size: Ints
    kind: NDArray[np.uint8]
    prior: Floats
    margin: Floats
    rank: Ints
    said: Floats
    stood: Floats
    best: Floats
    second: Floats

    def __len__(self) -> int:
        return int(self.start.size)

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> Proposals:
        """The proposals at the indices (or under the mask) `which`."""
        return Proposals(*(getattr(self, f.name)[which] for f in fields(self)))

    def text(self, row: int) -> str:
        """The replacement of one proposal."""
        return "".join(map(chr, self.codes[row, : self.size[row]].tolist()))

    @staticmethod
    def make(
        kind: NDArray[np.int64], start: Ints, length: Ints, ids: NDArray[np.uint16], codes: NDArray[np.uint32],
        prior: Floats, said: Floats, stood: Floats, best: Floats,
    ) -> Proposals:  # fmt: skip
        """Proposals of one size; `ids` and `codes` have shape (m, size), `best` (2, m) holds best and second."""
        m, size = ids.shape
        wide_ids = np.zeros((m, MAX_SIZE), dtype=np.uint16)
        wide_codes = np.zeros((m, MAX_SIZE), dtype=np.uint32)
        wide_ids[:, :size] = ids
        wide_codes[:, :size] = codes
        return Proposals(
            start, length, wide_ids, wide_codes, np.full(m, size, dtype=np.int64), kind.astype(np.uint8), prior,
            np.full(m, 20.0, dtype=np.float32), np.zeros(m, dtype=np.int64), said, stood, best[0], best[1],
        )  # fmt: skip

    @staticmethod
    def none() -> Proposals:
        """No proposals."""
        ints, floats = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        wide = np.empty((0, MAX_SIZE))
        ids, codes = wide.astype(np.uint16), wide.astype(np.uint32)
        return Proposals.make(ints, ints, ints, ids, codes, floats, floats, floats, np.empty((2, 0), dtype=np.float32))

    @staticmethod
    def concatenate(parts: Sequence[Proposals]) -> Proposals:
        """All proposals of `parts`, in order."""
        return Proposals(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Proposals)))


def best_by_key(score: Floats, key: Ints, limit: int | Ints) -> tuple[NDArray[np.intp], Floats, Ints]:
    """The `limit` best rows of each key: their indices, margin to the best rival, and rank. `limit` may be an array, by
    key.

    Ties go to the row that stands first. The margin of the best row is its lead over the second (20 without one), that
    of another row its distance to the best, negative.
    """
    order = np.lexsort((-score, key))
    k, s = key[order], score[order]
    new = np.ones(order.size, dtype=bool)
    new[1:] = k[1:] != k[:-1]
    first = np.flatnonzero(new)
    group = np.cumsum(new) - 1
    rank = np.arange(order.size) - first[group]
    second = np.minimum(first + 1, max(order.size - 1, 0))
    rivalled = (second > first) & (k[second] == k[first]) if order.size else np.zeros(0, dtype=bool)
    lead = np.where(rivalled, s[first] - s[second], np.float32(20.0))
    margin = np.where(rank == 0, lead[group], s - s[first][group])
    keep = rank < (limit if isinstance(limit, int) else limit[k])
    return order[keep], margin[keep].astype(np.float32), rank[keep]


def places(v: View, start: Ints, length: Ints | int) -> Ints:
    """Where in the stream each proposal begins; an insertion clings to the character before it."""
    n = len(v)
    inside = v.at[np.minimum(start, n - 1)]
    clinging = v.at[np.maximum(start - 1, 0)] + 1
    return np.where((np.asarray(length) == 0) & (start > 0), clinging, inside)


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """Log-probabilities around each proposal, in nats, all of shape (m,).

    ``gain`` after minus before, over the window that the edit disturbs; ``low_before``, ``low_after`` the least likely
    character of that window; ``own`` the mean over the replacement (for a deletion: the next character); ``left``
    its first character given what stands before; ``right`` the four characters behind it; ``observed`` the mean over
    what is replaced.
    """

    gain: Floats
    low_before: Floats
    low_after: Floats
    own: Floats
    left: Floats
    right: Floats
    observed: Floats

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> Detail:
        """The rows at the indices (or under the mask) `which`."""
        return Detail(*(getattr(self, f.name)[which] for f in fields(self)))

    @staticmethod
    def concatenate(parts: Sequence[Detail]) -> Detail:
        """All rows of `parts`, in order."""
        return Detail(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Detail)))

    @staticmethod
    def none() -> Detail:
        """No rows."""
        return Detail(*(np.empty(0, dtype=np.float32) for _ in fields(Detail)))
