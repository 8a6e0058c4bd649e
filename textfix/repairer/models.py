"""The models that the decoder asks, as one thing to hand on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..errors import ModelError
from ..lm import LanguageModel
from ..lm.cloze import Cloze
from ..lm.phrases import Phrases

__all__ = ["Models"]


@dataclass(frozen=True, eq=False)
class Models:
    """Language model, channel, cloze model and phrase table. Raises `ModelError` if the last two number characters
    differently."""

    lm: LanguageModel
    channel: Channel
    cloze: Cloze
    phrases: Phrases

    def __post_init__(self) -> None:
        if not np.array_equal(self.cloze.vocabulary.characters, self.phrases.vocabulary.characters):
            raise ModelError("the phrase table is of another vocabulary than the cloze model; rebuild it")

    @classmethod
    def shipped(cls, lm: LanguageModel, channel: Channel) -> Models:
        """`lm` and `channel` beside the shipped cloze model and phrase table."""
        return cls(lm, channel, Cloze.load(), Phrases.load())

    @cached_property
    def unigrams(self) -> NDArray[np.float32]:
        """Log-probability of every id of `lm` without context, (size,)."""
        return self.lm.score_columns(np.arange(self.lm.vocabulary.size, dtype=np.uint16)[:, None], 0)[:, 0]
