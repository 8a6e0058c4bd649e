"""Where to look: a score for every character (is it wrong?) and for every gap (is something lost here?).

A generalised additive model (Hastie & Tibshirani 1990): each feature is a small integer, each has a table of weights,
the score is the sum of what the tables say, in log-odds. So a text is looked at once at the speed of a few gathers, and
everything dear is spent on the few places that score high. Fit by `scripts/fit_decider.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..lm.phrases import SIDE
from ..text.classes import DIGIT, HAN, LATIN, MARK, OTHER
from .models import Models
from .view import View

__all__ = ["BINS", "GAP_FEATURES", "GROUPS", "SPOT_FEATURES", "Detector", "describe_gaps", "describe_spots"]

Floats = NDArray[np.float32]
Bins = NDArray[np.uint8]

#: A feature takes values below this; characters are of so many groups (Han, marks, others), each with its own tables.
BINS, GROUPS = 32, 3
SPOT_FEATURES = (
    "own", "next", "second", "third", "fourth", "previous", "disturbance", "surprise", "errors", "class_before",
    "class_behind", "breaks", "attested",
)  # fmt: skip
GAP_FEATURES = (
    "own", "next", "second", "previous", "surprise", "class_before", "class_behind", "before_previous", "attested",
)  # fmt: skip
_GROUP = np.full(8, 2, dtype=np.uint8)
_GROUP[HAN], _GROUP[MARK], _GROUP[OTHER] = 0, 1, 1


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """``spots`` (len(SPOT_FEATURES), GROUPS * BINS) and ``gaps`` (len(GAP_FEATURES), GROUPS * BINS), float32 log-odds;
    the groups of a gap are the line ends in it: none, one, a paragraph break.

    ``thorough`` and ``quick`` are the scores from which on spots and gaps are looked at: in a text that errs, and in
    one that may be clean.
    """

    spots: Floats
    gaps: Floats
    thorough: tuple[float, float]
    quick: tuple[float, float]

    def scores(
        self, v: View, log_probs: Floats, models: Models, attested: NDArray[np.bool_]
    ) -> tuple[Floats, Floats]:
        """Log-odds for every kept character, (n,), and for the gap in front of each and behind the last, (n + 1,).

        `attested` (n,) tells of the five from each kept character on whether the phrase table has them.
        """
        spots = _total(self.spots, *describe_spots(v, log_probs, models, attested))
        spots[(v.classes == DIGIT) | (v.classes == LATIN)] = -99.0  # never touched
        gaps = _total(self.gaps, *describe_gaps(v, log_probs, models, attested))
        gaps[0] = -99.0
        return spots, gaps

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """As named arrays, for `numpy.savez`."""
        bounds = np.array([self.thorough, self.quick], dtype=np.float32)
        return {"detect_spots": self.spots, "detect_gaps": self.gaps, "detect_bounds": bounds}

    @classmethod
    def of(cls, file: Mapping[str, NDArray[np.float32]]) -> Detector:
        """The detector among named arrays. Raises `ValueError` where they do not fit."""
        (early, late), (first, last) = file["detect_bounds"].tolist()
        spots, gaps = file["detect_spots"], file["detect_gaps"]
        if spots.shape != (len(SPOT_FEATURES), GROUPS * BINS) or gaps.shape != (len(GAP_FEATURES), GROUPS * BINS):
            raise ValueError("the detector is of another shape")
        return cls(spots, gaps, (early, late), (first, last))


def _total(tables: Floats, bins: list[Bins], group: Bins) -> Floats:
    base = group * np.uint8(BINS)
    out = np.zeros(group.size, dtype=np.float32)
    for table, column in zip(tables, bins, strict=True):
        out += table.take(base + column, mode="clip")
    return out


def _binned(values: Floats, scale: float) -> Bins:
    """Log-probabilities, 0 and below, in `BINS` steps of ``1 / scale`` nats."""
    steps: Bins = np.minimum(values * np.float32(-scale), np.float32(BINS - 1)).astype(np.uint8)
    return steps


def describe_spots(
    v: View, log_probs: Floats, models: Models, attested: NDArray[np.bool_]
) -> tuple[list[Bins], Bins]:
    """The features of every kept character in the order of `SPOT_FEATURES`, each (n,), and its group."""
    fine = _binned(log_probs, 2.0)
    window = [log_probs.take(v.at + k, mode="clip") for k in range(5)]
    disturbance = window[0] + 0.8 * window[1] + 0.6 * window[2] + 0.5 * window[3] + 0.4 * window[4]
    surprise = np.clip((window[0] - models.unigrams.take(v.ids, mode="clip")) * np.float32(1.5) + 16, 0, BINS - 1)
    before, behind = _neighbours(v)
    previous = fine.take(v.at - 1, mode="clip")
    previous[v.breaks[:-1] == 2] = 0  # the frame, which is not always as long
    bins = [
        *(fine.take(v.at + k, mode="clip") for k in range(5)),
        previous,
        _binned(disturbance, 0.8),
        surprise.astype(np.uint8),
        np.minimum(np.log1p(models.channel.errors(v.codes)) * np.float32(3), BINS - 1).astype(np.uint8),
        before,
        behind,
        v.breaks[:-1] * np.uint8(3) + v.breaks[1:],
        _windows(attested, SIDE + 1)[: len(v)],
    ]
    return bins, _GROUP.take(v.classes, mode="clip")


def describe_gaps(
    v: View, log_probs: Floats, models: Models, attested: NDArray[np.bool_]
) -> tuple[list[Bins], Bins]:
    """The features of every gap in the order of `GAP_FEATURES`, each (n + 1,), and its group."""
    fine = _binned(log_probs, 2.0)
    # At a paragraph's end an insertion clings to the character before, and the frame stands behind the gap.
    back = np.append(v.at[:1] - 1, v.at)
    ends = v.breaks == 2
    at = np.where(ends, back + 1, np.append(v.at, 0))
    usual = models.unigrams.take(v.stream.take(at), mode="clip")
    surprise = np.clip((log_probs.take(at) - usual) * np.float32(1.5) + 16, 0, BINS - 1)
    classes = np.append(v.classes, np.uint8(9))
    classes[ends] = 9
    earlier = fine.take(back - 1, mode="clip")
    earlier[1:][ends[:-1]] = 0
    bins = [
        fine.take(at, mode="clip"),
        fine.take(at + 1, mode="clip"),
        fine.take(at + 2, mode="clip"),
        fine.take(back, mode="clip"),
        surprise.astype(np.uint8),
        np.append(np.uint8(9), v.classes),
        classes,
        earlier,
        np.append(np.uint8(0), _windows(attested, SIDE)),
    ]
    return bins, v.breaks


def _windows(attested: NDArray[np.bool_], width: int) -> Bins:
    """How many of the `width` windows that begin at each kept character or before it are attested, (n,)."""
    counts = np.zeros(attested.size, dtype=np.uint8)
    for back in range(width):
        counts[back:] += attested[: max(attested.size - back, 0)]
    return counts


def _neighbours(v: View) -> tuple[Bins, Bins]:
    """The class of the character before and behind each, 9 at paragraph breaks."""
    edge = np.uint8(9)
    before = np.append(edge, v.classes[:-1])
    behind = np.append(v.classes[1:], edge)
    before[v.breaks[:-1] == 2] = edge
    behind[v.breaks[1:] == 2] = edge
    return before, behind
