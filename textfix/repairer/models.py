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
from ..lm.marks import Marks
from ..lm.phrases import Phrases

__all__ = ["Models"]


@dataclass(frozen=True, eq=False)
class Models:
    """Language model, channel, cloze model, phrase table and mark model. Raises `ModelError` if the last three number
    characters differently."""

    lm: LanguageModel
    channel: Channel
    cloze: Cloze
    phrases: Phrases
    marks: Marks

    def __post_init__(self) -> None:
        for name, other in (("phrase table", self.phrases), ("mark model", self.marks)):
            if not np.array_equal(self.cloze.vocabulary.characters, other.vocabulary.characters):
                raise ModelError(f"the {name} is of another vocabulary than the cloze model; rebuild it")

    @classmethod
    def shipped(cls, lm: LanguageModel, channel: Channel) -> Models:
        """`lm` and `channel` beside the shipped cloze model, phrase table and mark model."""
        return cls(lm, channel, Cloze.load(), Phrases.load(), Marks.load())

    @cached_property
    def unigrams(self) -> NDArray[np.float32]:
        """Log-probability of every id of `lm` without context, (size,)."""
        return self.lm.score_columns(np.arange(self.lm.vocabulary.size, dtype=np.uint16)[:, None], 0)[:, 0]
