"""The weights of the classifier: logistic models as data, one row a feature (`confusables/differences.tsv`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..errors import TableError
from ..tables.resources import resource

__all__ = ["COLUMNS", "MODELS", "Weights"]

COLUMNS = ("model", "feature", "weight", "note")
#: replaced: Han characters stand for Han characters. lost, invented: Han characters that only one text has.
MODELS = ("replaced", "lost", "invented")


class Weights:
    """Logistic models: the log-odds of OCR against a person are a weighted sum of features. Immutable."""

    __slots__ = ("_weights",)

    def __init__(self, weights: Mapping[str, Mapping[str, float]]) -> None:
        """Model to feature to weight; the feature ``constant`` is 1. Raises `TableError` if a model is missing."""
        for model in MODELS:
            if "constant" not in weights.get(model, {}):
                raise TableError(f"the weights of differences lack the model {model!r} or its constant")
        self._weights = {model: dict(weights[model]) for model in MODELS}

    @classmethod
    def shipped(cls) -> Weights:
        """The shipped weights, read once."""
        return _shipped()

    @classmethod
    def load(cls, path: Path) -> Weights:
        """Read a file of rows model, feature, weight, note. Raises `TableError` with the line that is wrong."""
        weights: dict[str, dict[str, float]] = {}
        header = False
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise TableError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
        for number, line in enumerate(lines, 1):
            if line.startswith("#") or not line:
                continue
            fields = line.split("\t")
            if not header:
                header = True
                if tuple(fields) == COLUMNS:
                    continue
            try:
                model, feature, weight, _ = fields
                weights.setdefault(model, {})[feature] = float(weight)
            except ValueError:
                raise TableError(f"{path}:{number}: not a row of {', '.join(COLUMNS)}") from None
        return cls(weights)

    def odds(self, model: str, features: Mapping[str, float]) -> float:
        """The log-odds that OCR made the difference. A feature without a weight counts nothing."""
        weights = self._weights[model]
        return weights["constant"] + sum(weights.get(name, 0.0) * value for name, value in features.items())


@cache
def _shipped() -> Weights:
    return Weights.load(resource("differences.tsv"))
