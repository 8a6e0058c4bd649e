"""Protected spans: what no repair touches by default."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from . import patterns

__all__ = ["protected_mask"]


def protected_mask(text: str, terms: Sequence[str] = ()) -> NDArray[np.bool_]:
    """True for every code point of `text` in a digit, date, document number, Latin word, URL or one of `terms`."""
    mask = np.zeros(len(text), dtype=bool)
    for start, end in patterns.protected(text):
        mask[start:end] = True
    pattern = patterns.terms(terms)
    if pattern is not None:
        for match in pattern.finditer(text):
            mask[match.start() : match.end()] = True
    return mask
