"""The features of doubtful differences: what speaks for OCR, what for a person.

By itself: are the glyphs alike, does the intended read better than the observed, how rare is what was read. Around:
people's edits come in clusters and so do OCR's errors. In the text: how many sure errors and sure edits it has.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .attach import Piece
from .cases import Case, Part, Skeletons
from .evidence import Evidence, Span
from .model import EDITORIAL_KINDS, OCR_KINDS
from .ops import Block

__all__ = ["measure"]

#: Cuts and additions up to this length count as edits of the text; longer ones say what was quoted.
_SMALL = 60
#: Gains are cut off here, in nats a character.
_GAIN = 20.0
#: An edit is near within so many characters; errors and doubtful differences are counted within so many.
_NEAR, _AROUND = 6, 15


def measure(texts: Skeletons, wholes: Sequence[Sequence[Part]], evidence: Evidence) -> None:
    """Fill in the features of all cases among the parts of all blocks (`cases.parts_of`)."""
    parts = [part for whole in wholes for part in whole]
    pieces = [part for part in parts if isinstance(part, Piece)]
    cases = [part for part in parts if isinstance(part, Case)]
    if not cases:
        return
    edits = [p for p in pieces if p.kind in EDITORIAL_KINDS]
    errors = [p for p in pieces if p.kind in OCR_KINDS]
    rates = {
        "noise": _rate(len(errors), len(texts.x)),
        "edits": _rate(sum(max(p.i1 - p.i0, p.j1 - p.j0) <= _SMALL for p in edits), len(texts.x)),
    }
    _weigh(texts, cases, evidence, rates)
    _look_around(cases, _Places([(p.i0, p.i1) for p in edits]), _Places([(p.i0, p.i1) for p in errors]))


def _rate(count: int, size: int) -> float:
    """The logarithm of how many there are in 1,000 characters, drawn towards a middle where the text is short."""
    return math.log((count + 0.5) / (size + 250) * 1000)


def _weigh(texts: Skeletons, cases: Sequence[Case], evidence: Evidence, rates: Mapping[str, float]) -> None:
    """The features of every case by itself, all cases at once; `rates` are those of the whole text."""
    readings = evidence.readings(texts.y)
    runs = sorted({case.run for case in cases})
    spans: list[Span] = [(j0, j1, texts.x[i0:i1]) for i0, i1, j0, j1 in runs]
    scores = dict(zip(runs, readings.score(spans).astype(np.float64).tolist(), strict=True))
    observed = np.concatenate([texts.x[:0], *(texts.x[c.block[0] : c.block[1]] for c in cases)])
    intended = np.concatenate([texts.y[:0], *(texts.y[c.block[2] : c.block[3]] for c in cases)])
    paired = [case for case in cases if case.model == "replaced"]
    same = evidence.same(
        np.concatenate([texts.x[:0], *(texts.x[c.block[0] : c.block[1]] for c in paired)]),
        np.concatenate([texts.y[:0], *(texts.y[c.block[2] : c.block[3]] for c in paired)]),
    )
    for case, variant in zip(paired, same.tolist(), strict=True):
        case.variant = variant
    rare_x, rare_y = _Running(readings.rarity(observed)), _Running(readings.rarity(intended))
    alike = _likenesses(texts, runs, evidence)
    for case in cases:
        i0, i1, j0, j1 = case.block
        a, b, c, d = case.run
        read, meant = scores[case.run]
        gain = (meant - read) / max(b - a, d - c)
        features = {
            "gain": min(max(gain, -_GAIN), _GAIN),
            "reads well": meant / (d - c + 4),
            "several": float(b - a > 1),
            "ragged": float(case.ragged),
            **rates,
        }
        if i0 < i1:
            features["rarity read"] = sum(rare_x.take(i1 - i0)) / (i1 - i0)
        if j0 < j1:
            features["rarity meant"] = sum(rare_y.take(j1 - j0)) / (j1 - j0)
        if case.model == "replaced":
            features["likeness"] = alike[case.run][i0 - a]
            features["run likeness"] = sum(alike[case.run]) / (b - a)
        else:
            features["edge"] = float(texts.edges[i0] or texts.edges[i1])
        case.features = features


def _likenesses(texts: Skeletons, runs: Sequence[Block], evidence: Evidence) -> dict[Block, list[float]]:
    """For every run of pairs the likeness of each."""
    pairs = [run for run in runs if run[1] - run[0] == run[3] - run[2]]
    values = _Running(
        evidence.likeness(
            np.concatenate([texts.x[:0], *(texts.x[i0:i1] for i0, i1, _, _ in pairs)]),
            np.concatenate([texts.y[:0], *(texts.y[j0:j1] for _, _, j0, j1 in pairs)]),
        )
    )
    return {run: values.take(run[1] - run[0]) for run in pairs}


def _look_around(cases: Sequence[Case], edits: _Places, errors: _Places) -> None:
    """Note what stands close by."""
    doubts = _Places([(c.block[0], c.block[1]) for c in cases])
    for case in cases:
        i0, i1 = case.run[0], case.run[1]
        mine = i1 - i0 if case.model == "replaced" else 1
        case.features = {
            **case.features,
            "near edit": float(edits.within(i0 - _NEAR, i1 + _NEAR) > 0),
            "near errors": math.log1p(errors.within(i0 - _AROUND, i1 + _AROUND)),
            "near doubts": math.log1p(doubts.within(i0 - _AROUND, i1 + _AROUND) - mine),
        }


class _Places:
    """Ordered spans, to be counted."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def within(self, start: int, end: int) -> int:
        """How many spans reach into ``start:end``."""
        return bisect_left(self._starts, end) - bisect_right(self._ends, start)


class _Running:
    """Hands out an array piece by piece."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        self._values: list[float] = values.astype(np.float64).tolist()
        self._at = 0

    def take(self, size: int) -> list[float]:
        self._at += size
        return self._values[self._at - size : self._at]
