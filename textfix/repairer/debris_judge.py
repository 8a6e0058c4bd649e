"""How probably a repair of debris is right: a logistic model for each group of proposals.

The weights, `confusables/debris.tsv`, are fit by `scripts/fit_debris.py` on debris put into text that the language
model has not seen. A first opinion needs the proposal and its surroundings alone; the second knows how much debris
the document has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..lm import UNK_HAN
from ..tables.resources import resource
from ..text.classes import HAN
from .debris_spots import Spots
from .pieces import GROUPS, Detail, Floats, Ints, Pieces
from .proposals import best_by_key
from .view import View

__all__ = ["DOCUMENT", "FEATURES", "Judge", "document_columns", "features"]

FEATURES = (
    "gain", "gain_squared", "likeness", "margin", "lead", "low_before", "low_after", "own", "right", "observed",
    "odd", "loss", "loose", "inside", "three", "far", "frequency", "change", "strange",
    "shapeless", "ahead", "best", "rarity",
)  # fmt: skip
#: Columns of the second opinion besides: the logs of the document's rates of debris and of places that read badly, the
#: first opinion, and its products with both.
DOCUMENT = ("rate", "level", "first", "rate_first", "level_first")
Rates = NDArray[np.float64]

#: Scores are cut off at these, so that nothing extreme outweighs all else.
_MOST_GAIN, _MOST_MARGIN = 40.0, 12.0
#: A prior below this says nothing: the shape of one of the two is not known.
_SHAPELESS = -12.9
#: What counts as the log-probability of a character that the model does not know.
_UNKNOWN = -16.0


def _leads(p: Pieces, score: Floats) -> Floats:
    """How far each proposal is ahead of the best rival that wants one of its characters; below 0: behind."""
    width = int(p.length.max(initial=1))
    rows = np.repeat(np.arange(len(p)), width)
    offset = np.tile(np.arange(width), len(p))
    inside = offset < p.length[rows]
    rows, key = rows[inside], (p.start[rows] + offset)[inside]
    order, margin, _ = best_by_key(score[rows], key, len(p) + 1)
    lead = np.full(len(p), _MOST_MARGIN, dtype=np.float32)
    np.minimum.at(lead, rows[order], margin)
    return lead


def features(v: View, spots: Spots, unigrams: Floats, p: Pieces, d: Detail) -> Floats:
    """What is known of each proposal, ``(m, len(FEATURES))``."""
    m, n = len(p), len(v)
    out = np.zeros((m, len(FEATURES)), dtype=np.float32)
    end = p.start + p.length
    odd, loss, loose, strange = (
        np.concatenate([[0], np.cumsum(mask)]) for mask in (spots.odd, spots.loss, spots.loose, spots.strange)
    )
    gain = np.clip(d.gain, -_MOST_GAIN, _MOST_GAIN)
    lead = _leads(p, gain + p.prior)
    inside = np.zeros(m, dtype=bool)
    middle = (p.start > 0) & (end < n)
    s, e = p.start[middle], end[middle]
    inside[middle] = (v.classes[s - 1] == HAN) & (v.classes[e] == HAN) & (v.breaks[s] == 0) & (v.breaks[e] == 0)
    columns = (
        gain, gain * gain / _MOST_GAIN, p.prior, np.clip(p.margin, -_MOST_MARGIN, _MOST_MARGIN),
        np.clip(lead, -_MOST_MARGIN, _MOST_MARGIN), d.low_before, d.low_after, d.own, d.right, d.observed,
        odd[end] - odd[p.start], (loss[end] - loss[p.start]) > 0,
        (loose[end] - loose[p.start]) - (odd[end] - odd[p.start]) - (loss[end] - loss[p.start]),
        inside, p.length == 3, p.length - 1, unigrams[p.ids[:, 0]], gain / (p.length + 1),
        (strange[end] - strange[p.start]) > 0, p.prior < _SHAPELESS, np.clip(lead, -3.0, 3.0), lead > 0,
        np.where(v.ids[p.start] == UNK_HAN, np.float32(_UNKNOWN), unigrams[v.ids[p.start]]),
    )  # fmt: skip
    for k, column in enumerate(columns):
        out[:, k] = column
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Weights of the first opinion, ``(groups, 1 + FEATURES)``, and the second, ``(groups, 1 + all)``; bias first."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]

    @classmethod
    def load(cls, path: Path | None = None) -> Judge:
        """The shipped weights, read once, or those of `path`. Raises `TableError` where a row is malformed."""
        return _shipped() if path is None else _read(path)

    def opinion(self, groups: Ints, x: Floats) -> NDArray[np.float64]:
        """The probability of each proposal by its surroundings, (m,)."""
        return _logistic(self._log_odds(groups, x))

    def confidence(self, groups: Ints, x: Floats, rate: Rates, level: float) -> NDArray[np.float64]:
        """The probability of each proposal in a document with `rate` (m,) pieces of debris a character elsewhere, (m,).

        `level` is the share of its characters where it reads badly.
        """
        full = np.hstack([x, document_columns(self._log_odds(groups, x), rate, level)])
        weights = self.second[groups]
        return _logistic(weights[:, 0] + (full * weights[:, 1:]).sum(axis=1))

    def _log_odds(self, groups: Ints, x: Floats) -> NDArray[np.float64]:
        weights = self.first[groups]
        return np.asarray(weights[:, 0] + (x * weights[:, 1:]).sum(axis=1))


def document_columns(log_odds: NDArray[np.float64], rate: Rates, level: float) -> NDArray[np.float64]:
    """The columns `DOCUMENT`, (m, 5), for first opinions as log-odds."""
    held = np.clip(log_odds, -8.0, 8.0)
    logs = [np.log(rate), np.full(log_odds.size, np.log(level))]
    return np.stack([*logs, held, *(log * held / 8.0 for log in logs)], axis=1)


def _logistic(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0))))


def _read(path: Path) -> Judge:
    columns = ("bias", *FEATURES, *DOCUMENT)
    weights = {"first": np.zeros((len(GROUPS), len(columns))), "second": np.zeros((len(GROUPS), len(columns)))}
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    for number, line in enumerate(lines, start=1):
        if line.startswith(("#", "opinion\t")):
            continue
        try:
            opinion, group, feature, weight = line.split("\t")
            weights[opinion][GROUPS.index(group), columns.index(feature)] = float(weight)
        except (ValueError, KeyError):
            raise TableError(f"{path}:{number}: not a row of opinion, group, feature, weight") from None
    return Judge(weights["first"][:, : 1 + len(FEATURES)], weights["second"])


@cache
def _shipped() -> Judge:
    return _read(resource("debris.tsv"))
