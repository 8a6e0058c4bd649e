"""Look-ups on whole arrays: the log-probability of every id after those before it.

The probability of a position is that of the longest known n-gram that ends there, times the back-off weights of the
longer contexts that are known (Katz 1987; the stored probabilities are interpolated already). All positions climb
together, from order 1 up; those whose context or suffix is unknown drop out, since no longer n-gram can be known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tables import MULTIPLIERS, Table, finish
from .vocabulary import Ids

__all__ = ["CONTEXT", "ORDER", "Scorer"]

ORDER = 5
#: How many ids to the left a probability depends on.
CONTEXT = ORDER - 1
_FACTORS = tuple(np.uint64(m) for m in MULTIPLIERS)
_ONE = np.uint64(1)

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
#: For each order from 1 to 4, at every position: whether the n-gram that ends there is known, and its back-off.
Trace = list[tuple[NDArray[np.bool_], Floats]]


@dataclass(frozen=True)
class Scorer:
    """The values of unigrams, by id, and the tables of orders 2 to 5."""

    log_probs: Floats
    backoffs: Floats
    tables: Sequence[Table]

    def climb(self, ids: Ids, stride: int, trace: Trace | None = None) -> Floats:
        """The log-probability of each of `ids` after those `stride`, 2 `stride` ... before it, as many as there are."""
        n = len(ids)
        values = ids.astype(np.uint64)
        values += _ONE
        scores = self.log_probs.take(ids, mode="clip")
        backoffs = self.backoffs.take(ids, mode="clip")
        known = np.ones(n, dtype=np.bool_)
        sums = values * _FACTORS[0]
        for order, table in enumerate(self.tables, start=2):
            if trace is not None:
                trace.append((known, backoffs))
            gone = (order - 1) * stride
            if n <= gone:
                break
            sums[gone:] += values[: n - gone] * _FACTORS[order - 1]
            before = backoffs[gone - stride : n - stride]
            scores[gone:] += before
            asked = (known[gone:] & (before != 0)).nonzero()[0]
            asked += gone
            hits, log_probs, found = table.find(finish(sums.take(asked, mode="clip")))
            hits = asked.take(hits, mode="clip")
            scores[hits] = log_probs
            if found is not None:
                known = np.zeros(n, dtype=np.bool_)
                known[hits] = True
                backoffs = np.zeros(n, dtype=np.float32)
                backoffs[hits] = found
        return scores

    def slots(self, left: Ids, right: Ids, slot: Rows, candidates: Ids) -> Floats:
        """The log-probability of each candidate and of the ids to the right of its slot, shape ``(1 + r, n)``.

        `left` has shape ``(m, 4)``, `right` ``(m, r)`` with r up to 4. What does not depend on the candidate is looked
        up once for each slot, and a candidate that is unknown beside its neighbour costs two look-ups in all.
        """
        count, width = right.shape
        before: Trace = []
        self.climb(np.ascontiguousarray(left.T).ravel(), count, before)
        after: Trace = []
        rest = self.climb(np.ascontiguousarray(right.T).ravel(), count, after).reshape(width, count)
        lefts = left.T[::-1].astype(np.uint64) + _ONE
        rights = right.T.astype(np.uint64) + _ONE
        values = candidates.astype(np.uint64)
        values += _ONE
        out = np.empty((width + 1, len(slot)), dtype=np.float32)
        # `held[k]` are the back-offs of the k-grams that end in the column before, as contexts of this one.
        held = [np.zeros(0, dtype=np.float32)]
        held.extend(weights[-count:].take(slot, mode="clip") for _, weights in before)
        for column in range(width + 1):
            fresh = [np.zeros(0, dtype=np.float32)] * (column + 1)
            if column:
                scores = rest[column - 1].take(slot, mode="clip")
                familiar = after[column - 1][0][(column - 1) * count : column * count]
                rows = ((held[column] != 0) & familiar.take(slot, mode="clip")).nonzero()[0]
            else:
                scores = self.log_probs.take(candidates, mode="clip")
                fresh.append(self.backoffs.take(candidates, mode="clip"))
                rows = held[1].nonzero()[0]
            # The part of the sums that all candidates of a slot share, and the part of each.
            shared = np.zeros(count, dtype=np.uint64)
            for back in range(column):
                shared += rights[column - 1 - back] * _FACTORS[back]
            own = values * _FACTORS[column]
            tails = _tails(held, max(column, 1), scores)
            for order in range(2, ORDER + 1):
                if order > column + 1:
                    shared += lefts[order - column - 2] * _FACTORS[order - 1]
                if order < column + 1:
                    continue
                if order > max(column + 1, 2):
                    rows = rows[held[order - 1].take(rows, mode="clip") != 0]
                sums = shared.take(slot.take(rows, mode="clip"), mode="clip")
                sums += own.take(rows, mode="clip")
                hits, log_probs, found = self.tables[order - 2].find(finish(sums))
                rows = rows.take(hits, mode="clip")
                tail = tails[order]
                if tail is not None:
                    log_probs = log_probs + tail.take(rows, mode="clip")
                scores[rows] = log_probs
                if found is not None:
                    weights = np.zeros(len(slot), dtype=np.float32)
                    weights[rows] = found
                    fresh.append(weights)
            out[column] = scores
            held = fresh
        return out


def _tails(held: list[Floats], lowest: int, scores: Floats) -> dict[int, Floats | None]:
    """For each order the sum of the back-offs of contexts of that order and longer; `scores` gets that of `lowest`."""
    tails: dict[int, Floats | None] = {ORDER: None}
    tail = None
    for order in range(CONTEXT, lowest - 1, -1):
        tail = held[order] if tail is None else tail + held[order]
        tails[order] = tail
    if tail is not None:
        scores += tail
    return tails
