"""The character language model: interpolated modified Kneser-Ney, order 5, in one memory-mapped file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from ..errors import OptionError
from ..tables.resources import resource
from .mixture import Mixture, split_weight
from .model import LanguageModel, Model
from .scoring import CONTEXT, ORDER
from .vocabulary import BOS, DIGIT, EOS, LATIN, UNK, UNK_HAN, Ids, Vocabulary

if TYPE_CHECKING:
    from .training import train

__all__ = [
    "BOS", "CONTEXT", "DIGIT", "EOS", "LATIN", "ORDER", "UNK", "UNK_HAN", "Ids", "LanguageModel", "Mixture", "Model",
    "Vocabulary", "load_default", "load_mixed", "train",
]  # fmt: skip


@cache
def load_default() -> Model:
    """The shipped model, mapped once in a process."""
    return Model.load(resource("zh.lm"))


def load_mixed(named: Sequence[str]) -> LanguageModel:
    """The shipped model mixed with others, each ``PATH`` or ``PATH:WEIGHT`` (0.5 by default; 1 replaces the shipped).

    What the weights leave of 1 is the share of the shipped model. Raises `OptionError` when they come to more.
    """
    parts = [split_weight(item) for item in named]
    rest = 1 - sum(weight for _, weight in parts)
    if rest < -1e-9:
        raise OptionError("the weights of the language models come to more than 1")
    models = [(Model.load(path), weight) for path, weight in parts]
    if rest > 1e-9:
        models.append((load_default(), rest))
    return models[0][0] if len(models) == 1 else Mixture(models)


def __getattr__(name: str) -> object:
    if name == "train":
        from .training import train

        return train
    raise AttributeError(f"module {__name__} has no attribute {name}")
