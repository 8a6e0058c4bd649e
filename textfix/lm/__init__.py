"""The character language model: interpolated modified Kneser-Ney, order 5, in one memory-mapped file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ..tables.resources import resource
from .model import CONTEXT, ORDER, Model
from .vocabulary import BOS, DIGIT, EOS, LATIN, UNK, UNK_HAN, Ids, Vocabulary

if TYPE_CHECKING:
    from .training import train

__all__ = [
    "BOS", "CONTEXT", "DIGIT", "EOS", "LATIN", "ORDER", "UNK", "UNK_HAN", "Ids", "Model", "Vocabulary", "load_default",
    "train",
]  # fmt: skip


@cache
def load_default() -> Model:
    """The shipped model, mapped once in a process."""
    return Model.load(resource("zh.lm"))


def __getattr__(name: str) -> object:
    if name == "train":
        from .training import train

        return train
    raise AttributeError(f"module {__name__} has no attribute {name}")
