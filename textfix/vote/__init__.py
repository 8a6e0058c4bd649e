"""Several OCR outputs of one page made into one text: aligned together, decided by channel and language model.

Not the majority decides where they differ, but what most likely stood on the page: two engines can make the same
mistake, and of two witnesses neither has a majority. What was decided, against which readings and
how surely, is listed.
"""

from __future__ import annotations

from .columns import columns_of
from .voting import Disagreement, Vote, vote

__all__ = ["Disagreement", "Vote", "columns_of", "vote"]
