"""The cloze model: what stands in a slot, given ten characters on either side of it, or that nothing stands there.

Trained by `scripts/fit_cloze.py` on text whose surroundings were misread like real pages, so that one wrong neighbour
does not mislead it as it misleads n-grams. It is asked only at suspicious places.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..files import display
from ..tables.resources import resource
from . import store
from .network import NOTHING, STEPS, Floats, Network, steps
from .vocabulary import Ids

__all__ = ["NOTHING", "Cloze", "Said"]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the cloze model says of m slots.

    ``values`` (k,) log-probabilities of what was asked; ``slot``, ``answer``, ``value``: what it named itself, by slot;
    ``best`` (2, m) the largest two log-probabilities of each slot.
    """

    values: Floats
    slot: NDArray[np.int64]
    answer: NDArray[np.int64]
    value: Floats
    best: Floats


class Cloze(Network):
    """The network that names any character."""

    _called, _script = "the cloze model", "scripts/fit_cloze.py"

    @classmethod
    def load(cls, path: Path | None = None) -> Cloze:
        """The shipped model, mapped once in a process, or that of `path`. Raises `ModelError`."""
        return _shipped() if path is None else _read(path)

    def ask(self, around: Ids, slot: NDArray[np.int64], answer: NDArray[np.int64], named: float) -> Said:
        """What is likely in each slot, and how likely certain answers are; `around` is (m, 2 * reach).

        `slot` and `answer` (k,) are asked about side by side; every answer with a log-probability above `named` is
        told, too.
        """
        order = np.argsort(slot, kind="stable")
        values = np.empty(len(slot), dtype=np.float32)
        best = np.empty((2, len(around)), dtype=np.float32)
        told: list[tuple[NDArray[np.int64], NDArray[np.int64], Floats]] = []
        for start, scores, most, total in self._scores(around):
            end = start + len(scores)
            asked = order[slice(*np.searchsorted(slot, (start, end), sorter=order))]
            rows = slot[asked] - start
            values[asked] = steps(scores[rows, answer[asked]], most[rows], total[rows])
            bound = most + total + np.float32(named - 1 / STEPS)  # a little low: what counts is the rounded value
            # Of a matrix, `nonzero` is several times as slow as of a flat array.
            rows, columns = np.divmod(np.flatnonzero((scores > bound[:, None]).ravel()), self.size)
            likely = steps(scores[rows, columns], most[rows], total[rows])
            sure = np.flatnonzero(likely > named)
            told.append((rows[sure] + start, columns[sure], likely[sure]))
            best[0, start:end] = steps(most, most, total)
            best[1, start:end] = steps(_second(scores), most, total)
        none = np.empty(0, dtype=np.int64)
        named_slot, named_answer, value = (
            (np.concatenate(parts) for parts in zip(*told, strict=True)) if told else (none, none, best[0])
        )
        return Said(values, named_slot, named_answer, value, best)


def _second(scores: Floats) -> Floats:
    """The second largest of each row, (m,)."""
    rows, first = np.arange(len(scores)), scores.argmax(axis=1)
    largest = scores[rows, first]
    scores[rows, first] = -np.inf
    second: Floats = scores.max(axis=1)
    scores[rows, first] = largest
    return second


def _read(path: Path) -> Cloze:
    return Cloze(*store.unpack(store.view(path), display(path)))


@cache
def _shipped() -> Cloze:
    return _read(resource("cloze.bin"))
