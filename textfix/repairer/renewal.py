"""What of a reading still holds after edits: proposals far from every edit are carried over, not worked out again.

A proposal is made and scored by what the models see around it, so that a round of the decoder has to look only around
the edits of the round before. The rows come in the order of a fresh reading, and are those of a fresh reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..edits import Edit
from ..lm import CONTEXT
from .proposals import DELETE, INSERT, PAIR, SPLIT, SUBSTITUTE, Detail, Ints, Proposals
from .view import View

__all__ = ["Renewal"]

#: Beyond what the cloze model and the n-grams of two neighbours see, so many more characters count as near.
_MORE = 2
_ORDER = np.zeros(5, dtype=np.int64)
_ORDER[[SUBSTITUTE, INSERT, DELETE, PAIR, SPLIT]] = 0, 1, 2, 4, 5


@dataclass(frozen=True, slots=True, eq=False)
class Renewal:
    """Which places of a view are near an edit, and where the kept characters of the view before have gone.

    ``spots`` (n,) and ``gaps`` (n + 1,) near an edit; ``moved`` (o + 1,) the new number of each old kept character
    and of the end, -1 where it is gone.
    """

    spots: NDArray[np.bool_]
    gaps: NDArray[np.bool_]
    moved: Ints

    @classmethod
    def of(cls, old: View, new: View, step: Iterable[Edit], reach: int) -> Renewal:
        """What `step` leaves of `old`, whose text it turned into that of `new`; `reach` is the cloze model's."""
        n, size = len(new), len(old)
        edits = sorted(step, key=lambda edit: (edit.start, edit.end))
        ends = np.array([edit.end for edit in edits], dtype=np.int64)
        grown = np.cumsum([0, *(len(edit.replacement) - (edit.end - edit.start) for edit in edits)])
        stays = np.ones(size, dtype=bool)
        for edit in edits:
            stays[np.searchsorted(old.pos, edit.start) : np.searchsorted(old.pos, edit.end)] = False
        survivors = np.flatnonzero(stays)
        place = old.pos[survivors] + grown[np.searchsorted(ends, old.pos[survivors], side="right")]
        moved = np.full(size + 1, -1, dtype=np.int64)
        moved[survivors] = np.searchsorted(new.pos, place)
        moved[size] = n
        came = np.full(n + 1, -1, dtype=np.int64)
        came[moved[survivors]] = survivors
        came[n] = size
        # Where the old text does not run on, something was edited between a character and the one before.
        broken = np.flatnonzero(np.diff(came, prepend=-1) != 1)
        return cls(*_near(broken, n, reach + CONTEXT + _MORE), moved)

    def anew(self, spots: Ints, gaps: Ints) -> tuple[Ints, Ints]:
        """Those of `spots` and `gaps` that have to be looked at, and the neighbours that they may pair up with."""
        wide = self.spots.copy()
        wide[1:] |= self.spots[:-1]
        return spots[wide[spots]], gaps[self.gaps[gaps]]

    def merged(self, old: tuple[Proposals, Detail], new: tuple[Proposals, Detail]) -> tuple[Proposals, Detail]:
        """The proposals of `old` that still hold and those of `new` near the edits, in the order of a fresh reading."""
        p, d = old
        start = self.moved[p.start]
        rows = np.flatnonzero((start >= 0) & ~self._is_near(p, start))
        moved = replace(p, start=start)
        fresh = np.flatnonzero(self._is_near(new[0], new[0].start))
        both = Proposals.concatenate([moved.take(rows), new[0].take(fresh)])
        group = _ORDER[both.kind] + ((both.kind == DELETE) & (both.length == 2))
        order = np.lexsort((both.rank, both.start, group))
        return both.take(order), Detail.concatenate([d.take(rows), new[1].take(fresh)]).take(order)

    def _is_near(self, p: Proposals, start: Ints) -> NDArray[np.bool_]:
        last = len(self.spots) - 1
        return np.where(p.length == 0, self.gaps[start], self.spots[np.minimum(start, last)])


def _near(broken: Ints, n: int, reach: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which characters, (n,), and gaps, (n + 1,), lie within `reach` of a gap in front of one of `broken`."""
    marks = np.zeros(n + 2, dtype=np.int64)
    np.add.at(marks, np.maximum(broken - reach, 0), 1)
    np.add.at(marks, np.minimum(broken + reach + 1, n + 1), -1)
    near = np.cumsum(marks)[: n + 1] > 0
    return near[:n], near
