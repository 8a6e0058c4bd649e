"""Where to look: a score for every character (is it wrong?) and for every gap (is something lost here?).

A generalised additive model (Hastie & Tibshirani 1990): each feature is a small integer, each has a table of weights,
the score is the sum of what the tables say, in log-odds. So a text is looked at once at the speed of a few gathers, and
everything dear is spent on the few places that score high. Fit by `scripts/fit_decider.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..lm.phrases import SIDE
from ..text.arrays import distinct
from ..text.classes import DIGIT, HAN, LATIN, MARK, OTHER
from .models import Models
from .view import View

__all__ = [
    "BINS", "GAP_FEATURES", "GROUPS", "SPOT_FEATURES", "Detector", "describe_gaps", "describe_spots", "phrased",
]  # fmt: skip

Floats = NDArray[np.float32]
Bins = NDArray[np.uint8]
Ints = NDArray[np.int64]
#: Places, by number, or all of them; and what tells of a text's places.
Where = Ints | slice
Describe = Callable[..., tuple[list[Bins], Bins]]

#: A feature takes values below this; characters are of so many groups (Han, marks, others), each with its own tables.
BINS, GROUPS = 32, 3
SPOT_FEATURES = (
    "own", "next", "second", "third", "fourth", "previous", "disturbance", "surprise", "errors", "class_before",
    "class_behind", "breaks", "attested",
)  # fmt: skip
GAP_FEATURES = (
    "own", "next", "second", "previous", "surprise", "class_before", "class_behind", "before_previous", "attested",
)  # fmt: skip
_ALL = slice(None)
#: The log-odds of what is not asked about, and of what is never touched.
_NEVER = -99.0
#: Sums of floats in another order differ by less.
_ROUNDED = np.float32(1e-3)
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
        self, v: View, log_probs: Floats, models: Models, attested: NDArray[np.bool_], near: Ints | None = None
    ) -> tuple[Floats, Floats]:
        """Log-odds for every kept character, (n,), and for the gap in front of each and behind the last, (n + 1,).

        `attested` (n,) tells of the five from each kept character on whether the phrase table has them. With `near`,
        these characters, and the gaps on both sides of them, are all that is asked about: the rest gets `_NEVER`.
        """
        at: Where = _ALL if near is None else near
        before = at if near is None else distinct(np.concatenate([near, near + 1]))
        spots, gaps = np.full(len(v), _NEVER, dtype=np.float32), np.full(len(v) + 1, _NEVER, dtype=np.float32)
        spots[at] = _total(self.spots, *describe_spots(v, log_probs, models, attested, at))
        spots[_untouched(v)] = _NEVER
        gaps[before] = _total(self.gaps, *describe_gaps(v, log_probs, models, attested, before))
        gaps[0] = _NEVER
        return spots, gaps

    def above(
        self, v: View, log_probs: Floats, models: Models, bounds: tuple[float, float]
    ) -> tuple[Ints, Ints]:
        """The characters and the gaps that `scores` gives more than `bounds`, ascending. Where these are few,
        nearly twice as fast: most are out of the question by one or two of their features, and are asked no further."""
        spots = _above(self.spots, bounds[0], describe_spots, v, log_probs, models)
        gaps = _above(self.gaps, bounds[1], describe_gaps, v, log_probs, models)
        return spots[~_untouched(v)[spots]], gaps[gaps > 0]

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


def _untouched(v: View) -> NDArray[np.bool_]:
    """Figures and letters, which are never wrong."""
    return np.asarray((v.classes == DIGIT) | (v.classes == LATIN))


def _above(tables: Floats, bound: float, describe: Describe, v: View, log_probs: Floats, models: Models) -> Ints:
    """Where the sum of `tables` over what `describe` tells is more than `bound`. The sum of a few features and of the
    most that the others can give rules out most places."""
    most = tables.reshape(len(tables), GROUPS, BINS).max(axis=2)
    lead = _LEAD[describe]
    bins, group = describe(v, log_probs, models, None, _ALL, lead)
    rest = (most.sum(axis=0) - most[list(lead)].sum(axis=0) + _ROUNDED).take(group, mode="clip")
    rows = np.flatnonzero(_total(tables[list(lead)], bins, group) + rest > bound)
    # What is attested is dear to know, and asked last.
    bins, group = describe(v, log_probs, models, None, rows)
    good = np.flatnonzero(_total(tables[:-1], bins, group) + most[-1].take(group, mode="clip") + _ROUNDED > bound)
    rows = rows[good]
    bins, group = describe(v, log_probs, models, phrased(v, models, rows), rows)
    return np.asarray(rows[_total(tables, bins, group) > bound])


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


def phrased(v: View, models: Models, near: Ints | None = None) -> NDArray[np.bool_]:
    """Whether the five kept characters from each on are a window that the phrase table has, (n,); none is over a
    paragraph break. With `near`, only of windows over these, or that end in front of them, is it told."""
    out = np.zeros(len(v), dtype=bool)
    whole = len(v) - SIDE
    if whole <= 0:
        return out
    inside = v.paragraph[:whole] == v.paragraph[SIDE:]
    ids = models.cloze.id_of(v.codes)
    if near is None:
        out[:whole] = models.phrases.attested(ids) & inside
    else:
        asked = np.zeros(len(v) + 1, dtype=bool)
        for back in range(SIDE + 1):
            asked[np.maximum(near - back, 0)] = True
        starts = np.flatnonzero(asked[:whole] & inside)
        out[starts] = models.phrases.attested(ids[starts[:, None] + np.arange(SIDE + 1)])[:, 0]
    return out


def describe_spots(
    v: View, log_probs: Floats, models: Models, attested: NDArray[np.bool_] | None, at: Where = _ALL,
    which: Sequence[int] | None = None,
) -> tuple[list[Bins], Bins]:  # fmt: skip
    """The features of the kept characters `at`, each (k,), and their groups: those of `SPOT_FEATURES`, or of these
    `which`, by number. Without `attested` the last is left out."""
    fine, place = _binned(log_probs, 2.0), v.at[at]

    def later(k: int) -> Callable[[], Bins]:
        return lambda: fine.take(place + k, mode="clip")

    def disturbance() -> Bins:
        window = [log_probs.take(place + k, mode="clip") for k in range(5)]
        return _binned(window[0] + 0.8 * window[1] + 0.6 * window[2] + 0.5 * window[3] + 0.4 * window[4], 0.8)

    def surprise() -> Bins:
        usual = models.unigrams.take(v.ids[at], mode="clip")
        return _surprise(log_probs.take(place, mode="clip"), usual)

    def previous() -> Bins:
        found = fine.take(place - 1, mode="clip")
        found[v.breaks[:-1][at] == 2] = 0  # the frame, which is not always as long
        return found

    columns: list[Callable[[], Bins]] = [
        *map(later, range(5)),
        previous,
        disturbance,
        surprise,
        lambda: np.minimum(np.log1p(models.channel.errors(v.codes[at])) * np.float32(3), BINS - 1).astype(np.uint8),
        lambda: _class_before(v)[at],
        lambda: _class_behind(v)[at],
        lambda: (v.breaks[:-1] * np.uint8(3) + v.breaks[1:])[at],
    ]
    if attested is not None:
        columns.append(lambda: _windows(attested, SIDE + 1)[at])
    return [columns[k]() for k in which or range(len(columns))], _GROUP.take(v.classes[at], mode="clip")


def describe_gaps(
    v: View, log_probs: Floats, models: Models, attested: NDArray[np.bool_] | None, at: Where = _ALL,
    which: Sequence[int] | None = None,
) -> tuple[list[Bins], Bins]:  # fmt: skip
    """As `describe_spots`, of the gaps in front of kept characters, (n + 1,) of them: those of `GAP_FEATURES`."""
    fine = _binned(log_probs, 2.0)
    # At a paragraph's end an insertion clings to the character before, and the frame stands behind the gap.
    back = np.append(v.at[:1] - 1, v.at)[at]
    ends = v.breaks == 2
    place = np.where(ends[at], back + 1, np.append(v.at, 0)[at])

    def surprise() -> Bins:
        usual = models.unigrams.take(v.stream.take(place), mode="clip")
        return _surprise(log_probs.take(place), usual)

    def class_behind() -> Bins:
        classes = np.append(v.classes, np.uint8(9))
        classes[ends] = 9
        return classes[at]

    def earlier() -> Bins:
        found = fine.take(back - 1, mode="clip")
        found[np.append(False, ends[:-1])[at]] = 0
        return found

    columns: list[Callable[[], Bins]] = [
        lambda: fine.take(place, mode="clip"),
        lambda: fine.take(place + 1, mode="clip"),
        lambda: fine.take(place + 2, mode="clip"),
        lambda: fine.take(back, mode="clip"),
        surprise,
        lambda: np.append(np.uint8(9), v.classes)[at],
        class_behind,
        earlier,
    ]
    if attested is not None:
        columns.append(lambda: np.append(np.uint8(0), _windows(attested, SIDE))[at])
    return [columns[k]() for k in which or range(len(columns))], v.breaks[at]


def _surprise(log_probs: Floats, usual: Floats) -> Bins:
    """How much less likely something is than it is without context, from `BINS` / 2 on."""
    steps: Bins = np.clip((log_probs - usual) * np.float32(1.5) + 16, 0, BINS - 1).astype(np.uint8)
    return steps


def _windows(attested: NDArray[np.bool_], width: int) -> Bins:
    """How many of the `width` windows that begin at each kept character or before it are attested, (n,)."""
    counts = np.zeros(attested.size, dtype=np.uint8)
    for back in range(width):
        counts[back:] += attested[: max(attested.size - back, 0)]
    return counts


def _class_before(v: View) -> Bins:
    """The class of the character before each, 9 at paragraph breaks."""
    before = np.append(np.uint8(9), v.classes[:-1])
    before[v.breaks[:-1] == 2] = 9
    return before


def _class_behind(v: View) -> Bins:
    behind = np.append(v.classes[1:], np.uint8(9))
    behind[v.breaks[1:] == 2] = 9
    return behind


#: Features, by number, that alone rule most places out.
_LEAD: dict[Describe, tuple[int, ...]] = {describe_spots: (0, 1), describe_gaps: (4,)}
