"""What is estimated from the document as a whole: how often it errs, by kind, and which confusions recur.

The estimates are explicit, reported with every repair, and can be fixed by the caller; with them fixed, a decision
depends on its surroundings only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..text.arrays import numbered
from .elsewhere import ELSEWHERE, elsewhere
from .proposals import DELETE, INSERT, Floats, Proposals
from .view import View

__all__ = ["DOCUMENT_FEATURES", "WORTH", "Estimates", "estimate"]

DOCUMENT_FEATURES = (
    "error_rate", "mark_rate", "noise_rate", "loss_rate", "support", "support_share", "recurrence", "first_opinion",
    "engine", "profile", *ELSEWHERE,
)  # fmt: skip

#: The second forest is asked about proposals of which the first thinks more than this.
WORTH = 0.02
#: Doubtful proposals do not count towards a rate.
_COUNTED = 0.3
#: The rates are shrunk as if this many clean characters stood before the document.
_CLEAN, _HALF = 500.0, 0.5
#: Log-odds of an engine go no further.
_SURE = 5.0
#: How a single given error rate is shared out over marks, noise and losses (shares of the development pairs).
_SHARES = (1.0, 0.3, 0.08, 0.1)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Expected errors per character: of any kind, of marks, invented, and lost. `recurring` tells whether confusions
    that recur in the document count as evidence for each other. `engine` are the log-odds that Tesseract has read the
    document, against PaddleOCR, by the confusions that it seems to hold."""

    error_rate: float
    mark_rate: float
    noise_rate: float
    loss_rate: float
    recurring: bool = True
    engine: float = 0.0

    @classmethod
    def fixed(cls, error_rate: float) -> Estimates:
        """Estimates that a caller fixes by one number."""
        rate = max(error_rate, _HALF / 1e6)
        total, marks, noise, losses = (rate * share for share in _SHARES)
        return cls(total, marks, noise, losses, recurring=False)

    @property
    def tesseract(self) -> float:
        """The probability that Tesseract has read the document, 0.5 where nothing tells."""
        return 1 / (1 + math.exp(-self.engine))

    def columns(self, v: View, p: Proposals, opinion: NDArray[np.float64], lean: Floats) -> Floats:
        """The document's columns for each proposal, (m, len(DOCUMENT_FEATURES)); `opinion` is the first forest's,
        `lean` (m,) that of the confusion towards an engine."""
        m = len(p)
        out = np.zeros((m, len(DOCUMENT_FEATURES)), dtype=np.float32)
        out[:, :4] = np.log(np.array([self.error_rate, self.mark_rate, self.noise_rate, self.loss_rate]))
        if self.recurring and m:
            same = _confusion(v, p)
            _, which = numbered(same)
            support = np.bincount(which, weights=opinion)[which] - opinion
            others = np.bincount(which)[which] - 1
            out[:, 4] = np.log1p(np.maximum(support, 0.0))
            out[:, 5] = support / np.maximum(others, 1)
            out[:, 6] = np.log1p(others)
            worth = np.flatnonzero(opinion > WORTH)
            if worth.size:
                out[worth, 10:] = elsewhere(v, p.take(worth), opinion[worth])
        out[:, 7] = opinion
        out[:, 8] = self.engine
        # How much likelier a confusion is by the engines that this document is from than by either one alike.
        share, ratio = self.tesseract, np.exp(lean)
        out[:, 9] = np.log((share * ratio + (1 - share)) * 2 / (ratio + 1))
        return out


def _confusion(v: View, p: Proposals) -> NDArray[np.int64]:
    """A number for what is replaced by what, for single characters exactly."""
    observed = np.where(p.length > 0, v.codes[np.minimum(p.start, len(v) - 1)], 0).astype(np.int64)
    return (observed << 40) | (p.codes[:, 0].astype(np.int64) << 16) | (p.length * 8 + p.size)


def estimate(
    v: View, p: Proposals, marks: NDArray[np.bool_], opinion: NDArray[np.float64], lean: Floats, known: int = 0
) -> Estimates:
    """Rates from the first forest's opinion of every proposal; `marks` tells which concern marks, `lean` towards which
    engine each confusion leans.

    `known` errors have been found by other means.
    """
    weight = np.where(opinion > _COUNTED, opinion, 0.0)
    size = len(v) + _CLEAN

    def rate(rows: NDArray[np.bool_], more: int = 0) -> float:
        return float((weight[rows].sum() + more + _HALF) / size)

    every = np.ones(len(p), dtype=bool)
    engine = float(np.clip((weight * lean).sum(), -_SURE, _SURE))
    return Estimates(
        rate(every, known), rate(marks), rate(p.kind == DELETE), rate(p.kind == INSERT), engine=round(engine, 3)
    )
