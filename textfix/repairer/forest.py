"""A small forest of decision trees, evaluated in numpy: the function from evidence to confidence.

Trees are stored as complete binary trees of one depth, so that a whole batch goes down one level per gather. The
forests are fit by `scripts/fit_decider.py` (gradient boosting, Friedman 2001) on documents that the language model and
the tables have not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError, brief
from ..tables.resources import resource
from .detector import Detector
from .estimates import DOCUMENT_FEATURES
from .features import FEATURES

__all__ = ["CALIBRATED", "Decider", "Forest"]

#: Rows that go down the trees together: so many that what is known of them stays near the processor.
_BLOCK = 192
_PARTS = ("feature", "threshold", "value")
#: How many features each forest may ask for.
_COLUMNS = {"first": len(FEATURES), "second": len(FEATURES) + len(DOCUMENT_FEATURES)}
#: Groups of proposals that are calibrated apart.
CALIBRATED = 4
_UNCALIBRATED = np.tile(np.array([1, 0], dtype=np.float32), (CALIBRATED, 1))
#: Bytes that a file of forests may have, packed or not.
_LARGEST = 1 << 26
#: What the trees that a row does not come to would take off its log-odds, as far as can be said.
_REST = 1.0
#: No stages: every row goes through all trees.
_NO_STAGES = np.empty((0, 2), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """`t` trees of depth `d` over named features.

    ``feature``    (t, 2**d - 1) int16, column that a node asks
    ``threshold``  (t, 2**d - 1) float32, go right where the value is greater
    ``value``      (t, 2**d) float32, log-odds that a leaf adds
    ``bias``       log-odds to start from
    ``stages``     (k, 2) float32, after how many trees a row is given up that has no more than these log-odds
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    value: NDArray[np.float32]
    bias: float
    stages: NDArray[np.float32] = field(default_factory=lambda: _NO_STAGES)

    @property
    def depth(self) -> int:
        """Levels of questions."""
        return int(self.value.shape[1]).bit_length() - 1

    def log_odds(self, x: NDArray[np.float32], trees: slice = slice(None)) -> NDArray[np.float64]:
        """Log-odds for the rows of `x`, shape (n, features) → (n,); `trees` restricts the sum (without the bias)."""
        part = (
            self if trees == slice(None) else Forest(self.feature[trees], self.threshold[trees], self.value[trees], 0.0)
        )
        out = np.empty(x.shape[0], dtype=np.float64)
        for begin in range(0, x.shape[0], _BLOCK):
            out[begin : begin + _BLOCK] = part._block(x[begin : begin + _BLOCK])
        return out

    def probability(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """`log_odds` as probabilities."""
        return 1.0 / (1.0 + np.exp(-self.log_odds(x)))

    def hopeful(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """`log_odds`, but of rows that are given up at one of the `stages` a little less than those up to there."""
        out, rows, begin = np.zeros(x.shape[0], dtype=np.float64), np.arange(x.shape[0]), 0
        for trees, least in self.stages.tolist():
            out[rows] += self.log_odds(x[rows], slice(begin, int(trees)))
            hopeless = out[rows] <= least
            out[rows[hopeless]] -= _REST
            rows, begin = rows[~hopeless], int(trees)
        out[rows] += self.log_odds(x[rows], slice(begin, len(self.feature)))
        return out + self.bias

    def _block(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        trees, inner = self.feature.shape
        flat = np.ascontiguousarray(x).ravel()
        row = (np.arange(x.shape[0], dtype=np.intp) * x.shape[1])[None, :]
        base = (np.arange(trees, dtype=np.intp) * inner)[:, None]
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        at = np.zeros((trees, x.shape[0]), dtype=np.intp) + base  # the present node among those of all trees
        for _ in range(self.depth):
            column = row + feature.take(at, mode="clip")
            right = flat.take(column, mode="clip") > threshold.take(at, mode="clip")
            at *= 2
            at += right
            at += 1 - base
        at += np.arange(trees, dtype=np.intp)[:, None] - inner  # `base`, with the one leaf more that each tree has
        return np.asarray(self.bias + self.value.ravel().take(at, mode="clip").sum(axis=0, dtype=np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class Decider:
    """Where to look, and the two forests: `first` has an opinion of each proposal by its surroundings, `second`
    decides with what the document as a whole says."""

    detector: Detector
    first: Forest
    second: Forest
    calibration: NDArray[np.float32] = field(default_factory=lambda: _UNCALIBRATED)

    def calibrated(self, log_odds: NDArray[np.float64], group: NDArray[np.intp]) -> NDArray[np.float64]:
        """Probabilities from the second forest's log-odds: scaled and shifted so that they come true among what is
        made and suggested (Platt 1999), apart for each `group` of proposals (`Reading.group`); both (n,)."""
        scale, shift = self.calibration[group].T
        return np.asarray(1.0 / (1.0 + np.exp(-(log_odds * scale + shift))))

    def opinion(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """The first forest's probability of each row, (n,)."""
        return 1.0 / (1.0 + np.exp(-self.first.hopeful(x)))

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """As named arrays, for `numpy.savez`."""
        out: dict[str, NDArray[np.generic]] = dict(self.detector.arrays())
        for name, forest in (("first", self.first), ("second", self.second)):
            out[f"{name}_feature"], out[f"{name}_threshold"] = forest.feature, forest.threshold
            out[f"{name}_value"], out[f"{name}_bias"] = forest.value, np.array(forest.bias)
            out[f"{name}_stages"] = forest.stages
        out["calibration"] = self.calibration
        return out

    @classmethod
    def load(cls, path: Path | None = None) -> Decider:
        """The shipped forests (read once), or those of `path`. Raises `TableError` for a file without them."""
        return _shipped() if path is None else _read(path)


def _read(path: Path) -> Decider:
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is too large")
        with ZipFile(path) as archive:  # before numpy makes room for what the archive only claims to hold
            if sum(item.file_size for item in archive.infolist()) > _LARGEST:
                raise ValueError("it is too large when unpacked")
        with np.load(path, allow_pickle=False) as file:
            detector = Detector.of(file)
            forests = [_forest(file, *named) for named in _COLUMNS.items()]
            calibration = file["calibration"]
        if calibration.shape != (CALIBRATED, 2) or calibration.dtype != np.float32:
            raise ValueError("no calibration")
    except Exception as error:  # a zip file of arrays fails in as many ways as zipfile, zlib and numpy have errors
        raise TableError(f"{path} does not hold the decider's forests ({brief(str(error))}); rebuild it") from error
    return Decider(detector, forests[0], forests[1], calibration)


def _forest(file: Mapping[str, NDArray[Any]], name: str, columns: int) -> Forest:
    """A forest of `columns` features among named arrays. Raises `ValueError` where they do not fit each other."""
    feature, threshold, value = (file[f"{name}_{part}"] for part in _PARTS)
    trees, leaves = value.shape
    if leaves & (leaves - 1) or feature.shape != (trees, leaves - 1) or threshold.shape != feature.shape:
        raise ValueError(f"the {name} one is no complete trees")
    if feature.dtype != np.int16 or threshold.dtype != np.float32 or value.dtype != np.float32:
        raise ValueError(f"the {name} one is of other types")
    if feature.min(initial=0) < 0 or feature.max(initial=0) >= columns:
        raise ValueError(f"the {name} one asks for features that there are not")
    stages = file.get(f"{name}_stages", _NO_STAGES)
    fits = stages.shape[1:] == (2,) and stages.dtype == np.float32
    if not fits or (np.diff(stages[:, 0], prepend=0, append=trees) < 0).any():
        raise ValueError(f"the {name} one gives up after trees that there are not")
    return Forest(feature, threshold, value, float(file[f"{name}_bias"]), stages)


@cache
def _shipped() -> Decider:
    return _read(resource("decider.npz"))
