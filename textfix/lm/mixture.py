"""A weighted mean of models: the user's own documents beside the shipped model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, OptionError
from .model import Floats, LanguageModel, Model
from .vocabulary import UNK_HAN, Ids

__all__ = ["Mixture", "split_weight"]


class Mixture(LanguageModel):
    """Models mixed linearly, position by position, with the interface of one `Model`.

    `models` are pairs of a model and its weight; weights are positive and are scaled to sum to 1. The vocabulary is
    the largest one, and each other one must be its beginning, as it is for a model trained on the vocabulary of
    another: ids that a model does not have are `UNK_HAN` to it. Raises `OptionError` for the weights, `ModelError`
    for vocabularies that do not fit.
    """

    def __init__(self, models: Sequence[tuple[Model, float]]) -> None:
        if not models or not all(weight > 0 for _, weight in models):
            raise OptionError("a mixture needs at least one model, and every weight must be above 0")
        self._models = [model for model, _ in models]
        total = sum(weight for _, weight in models)
        self._shares = [float(np.log(weight / total)) for _, weight in models]
        largest = max(self._models, key=lambda model: model.vocabulary.size)
        self.vocabulary = largest.vocabulary
        for model in self._models:
            own = model.vocabulary.characters
            if not np.array_equal(own, self.vocabulary.characters[: len(own)]):
                raise ModelError(f"{model!r} has other characters than {largest!r}; train it on the same vocabulary")

    def log_prob(self, ids: Ids, context: Ids | None = None) -> Floats:
        """See `LanguageModel.log_prob`."""
        return self._mix(
            lambda model: model.log_prob(_known(ids, model), None if context is None else _known(context, model))
        )

    def score_columns(self, ids: Ids, first: int) -> Floats:
        """See `LanguageModel.score_columns`."""
        return self._mix(lambda model: model.score_columns(_known(ids, model), first))

    def slot_columns(self, left: Ids, right: Ids, slot: NDArray[np.integer[Any]], candidates: Ids) -> Floats:
        """See `LanguageModel.slot_columns`."""
        return self._mix(
            lambda model: model.slot_columns(
                _known(left, model), _known(right, model), slot, _known(candidates, model)
            )
        )

    def propose(self, left: Ids, right: Ids, top: int = 32) -> tuple[Ids, Floats]:
        """See `LanguageModel.propose`: the proposals of all models, each scored by its best."""
        found = [model.propose(_known(left, model), _known(right, model), top) for model in self._models]
        ids = np.concatenate([part for part, _ in found], axis=1)
        scores = np.concatenate([part for _, part in found], axis=1)
        order = np.lexsort((-scores, ids), axis=1)
        ids, scores = np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)
        scores[:, 1:][ids[:, 1:] == ids[:, :-1]] = 0
        order = np.argsort(-scores, axis=1, kind="stable")[:, :top]
        ids, scores = np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)
        ids[scores == 0] = 0
        return ids, scores

    def _mix(self, score: Callable[[Model], Floats]) -> Floats:
        mixed = score(self._models[0]) + np.float32(self._shares[0])
        for model, share in zip(self._models[1:], self._shares[1:], strict=True):
            mixed = np.logaddexp(mixed, score(model) + np.float32(share))
        return mixed


def _known(ids: Ids, model: Model) -> Ids:
    """`ids` with those outside the vocabulary of `model` as `UNK_HAN`."""
    return np.where(ids < model.vocabulary.size, ids, UNK_HAN).astype(np.uint16)


def split_weight(named: str) -> tuple[str, float]:
    """`(path, weight)` of ``PATH`` or ``PATH:WEIGHT``, as ``--lm`` takes them; 0.5 where no weight is given.

    Raises `OptionError` for a weight that is not above 0 and at most 1.
    """
    path, colon, tail = named.rpartition(":")
    try:
        weight = float(tail) if colon else None
    except ValueError:
        weight = None
    if weight is None:
        return named, 0.5
    if not 0 < weight <= 1:
        raise OptionError(f"the weight of {path} must be above 0 and at most 1, not {tail}")
    return path, weight
