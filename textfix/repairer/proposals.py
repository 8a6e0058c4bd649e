"""Proposals: candidate edits of the content view as arrays, and what each does to the language model."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..lm import CONTEXT, LanguageModel
from ..text.arrays import distinct
from .view import View

__all__ = [
    "DELETE",
    "INSERT",
    "MAX_SIZE",
    "PAIR",
    "SHIFT",
    "SPLIT",
    "SUBSTITUTE",
    "Detail",
    "Proposals",
    "best_by_key",
    "detail",
    "places",
]

SUBSTITUTE, PAIR, DELETE, INSERT, SPLIT, SHIFT = range(6)
#: A replacement has at most this many characters.
MAX_SIZE = 4

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
    ``kind``    (m,) SUBSTITUTE, PAIR, DELETE, INSERT, SPLIT or SHIFT
    ``prior``   (m,) log-probability of the observation given the replacement, up to a constant of the kind
    ``margin``  (m,) score above the best rival of the same kind at the same place (below 0: it has better rivals)
    ``rank``    (m,) place among those rivals
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
        kind: int, start: Ints, length: int, ids: NDArray[np.uint16], codes: NDArray[np.uint32], prior: Floats
    ) -> Proposals:
        """Proposals of one kind and shape; `ids` and `codes` have shape (m, size)."""
        m, size = ids.shape
        wide_ids = np.zeros((m, MAX_SIZE), dtype=np.uint16)
        wide_codes = np.zeros((m, MAX_SIZE), dtype=np.uint32)
        wide_ids[:, :size] = ids
        wide_codes[:, :size] = codes
        return Proposals(
            start.astype(np.int64),
            np.full(m, length, dtype=np.int64),
            wide_ids,
            wide_codes,
            np.full(m, size, dtype=np.int64),
            np.full(m, kind, dtype=np.uint8),
            prior.astype(np.float32),
            np.full(m, 20.0, dtype=np.float32),
            np.zeros(m, dtype=np.int64),
        )

    @staticmethod
    def concatenate(parts: list[Proposals]) -> Proposals:
        """All proposals of `parts`, in order."""
        if not parts:
            none = np.empty((0, 0))
            return Proposals.make(DELETE, np.empty(0, np.int64), 1, none, none, np.empty(0))  # type: ignore[arg-type]
        return Proposals(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Proposals)))


def best_by_key(score: Floats, key: Ints, limit: int) -> tuple[NDArray[np.intp], Floats, Ints]:
    """The `limit` best rows of each key: their indices, margin to the best rival, and rank.

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
    keep = rank < limit
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


def detail(v: View, lm: LanguageModel, log_probs: Floats, p: Proposals) -> Detail:
    """Score proposals in full; `log_probs` are those of ``v.stream``."""
    m = len(p)
    out = np.zeros((7, m), dtype=np.float32)
    begin = places(v, p.start, p.length)
    shape = p.length * (MAX_SIZE + 1) + p.size
    for one in distinct(shape).tolist():
        length, size = divmod(one, MAX_SIZE + 1)
        rows = np.flatnonzero(shape == one)
        s = begin[rows][:, None]
        behind = np.minimum(s + (length + np.arange(CONTEXT)), v.stream.size - 1)
        window = np.concatenate([v.stream[s + np.arange(-CONTEXT, 0)], p.ids[rows, :size], v.stream[behind]], axis=1)
        after = lm.score_columns(window, CONTEXT)
        before = log_probs[np.minimum(s + np.arange(length + CONTEXT), log_probs.size - 1)]
        out[0, rows] = after.sum(axis=1) - before.sum(axis=1)
        out[1, rows] = before.min(axis=1)
        out[2, rows] = after.min(axis=1)
        out[3, rows] = after[:, : max(size, 1)].mean(axis=1)
        out[4, rows] = after[:, 0]
        out[5, rows] = after[:, size:].sum(axis=1)
        out[6, rows] = before[:, : max(length, 1)].mean(axis=1)
    return Detail(*out)
