"""Figures from counts, and how far they would vary with other documents: a bootstrap over documents (Efron 1979).

Errors clump: a few bad scans can hold half of them. So whole documents are drawn again, never characters or edits, and
a document that stands in several sets is drawn with all of them. The draws come from a generator with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .measure import FIELDS, Measured

__all__ = ["FIGURES", "RESAMPLES", "SEED", "Figure", "figures_of"]

SEED, RESAMPLES = 20240229, 2000
#: The interval leaves out this share on both sides.
_TAIL = 0.025

#: Figure → what it is.
FIGURES: Mapping[str, str] = {
    "cer_before": "operations a character of the truth, before the repair; white space and width do not count",
    "cer_after": "the same after the repair",
    "cut": "share of the operations that the repair took away",
    "raw_cer_before": "operations a code point of the truth, everything counted but white space at both ends",
    "raw_cer_after": "the same after the repair",
    "ocr_cer_before": "operations in OCR's differences a character that is not in an editorial difference",
    "ocr_cer_after": "the same after the repair",
    "precision": "share of the edits of content that brought the text nearer to the truth",
    "recall": "share of the wrong places that are right after the repair",
    "f1": "harmonic mean of precision and recall",
    "harm": "edits that took the text further from the truth, in 100,000 characters of truth",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95% interval; None for a figure without a denominator, and the interval of one document."""

    value: float | None
    low: float | None = None
    high: float | None = None


def figures_of(documents: Sequence[Measured], *, seed: int = SEED, resamples: int = RESAMPLES) -> dict[str, Figure]:
    """All `FIGURES` of some documents."""
    names = sorted({document.name for document in documents})
    at = {name: n for n, name in enumerate(names)}
    counts = np.zeros((len(names), len(FIELDS)))
    for document in documents:
        counts[at[document.name]] += [document.counts[name] for name in FIELDS]
    values = _figures(counts.sum(axis=0))
    if len(names) < 2:
        return {name: Figure(_plain(value)) for name, value in values.items()}
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), resamples)
    spread = _figures(drawn @ counts)
    out = {}
    for name, value in values.items():
        known = spread[name][~np.isnan(spread[name])]
        low, high = np.quantile(known, (_TAIL, 1 - _TAIL)) if known.size else (np.nan, np.nan)
        out[name] = Figure(_plain(value), _plain(low), _plain(high))
    return out


def _figures(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """The figures of sums of counts, shape ``(..., len(FIELDS))``; NaN without a denominator."""
    get = dict(zip(FIELDS, np.moveaxis(sums, -1, 0), strict=True))
    precision = _ratio(get["right"], get["right"] + get["idle"] + get["wrong"])
    recall = _ratio(get["repaired"], get["errors"])
    return {
        "cer_before": _ratio(get["before"], get["characters"]),
        "cer_after": _ratio(get["after"], get["characters"]),
        "cut": _ratio(get["before"] - get["after"], get["before"]),
        "raw_cer_before": _ratio(get["raw_before"], get["raw_characters"]),
        "raw_cer_after": _ratio(get["raw_after"], get["raw_characters"]),
        "ocr_cer_before": _ratio(get["ocr_before"], get["ocr_characters_before"]),
        "ocr_cer_after": _ratio(get["ocr_after"], get["ocr_characters_after"]),
        "precision": precision,
        "recall": recall,
        "f1": _ratio(2 * precision * recall, precision + recall),
        "harm": 1e5 * _ratio(get["wrong"], get["characters"]),
    }


def _ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(under > 0, over / under, np.nan)


def _plain(value: NDArray[np.float64] | np.float64 | float) -> float | None:
    number = float(value)
    return None if np.isnan(number) else number
