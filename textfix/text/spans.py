"""Protected spans: what no repair touches by default."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["protected_mask"]


def protected_mask(text: str, terms: Sequence[str] = ()) -> NDArray[np.bool_]:
    """True for every code point of `text` in a digit, date, document number, Latin word, URL or one of `terms`."""
    mask = np.zeros(len(text), dtype=bool)
    if not terms and not any(_protectable(char) for char in text):
        return mask
    from . import patterns  # the `regex` package takes a tenth of a start's time, and most starts need none of it

    for start, end in patterns.protected(text):
        mask[start:end] = True
    pattern = patterns.terms(terms)
    if pattern is not None:
        for match in pattern.finditer(text):
            mask[match.start() : match.end()] = True
    return mask


def _protectable(char: str) -> bool:
    """Whether `char` may be in a protected span: a digit of any script, or a letter that is neither Han nor kana."""
    return char.isdigit() or (char.isalpha() and not 0x2E80 <= ord(char) < 0xFB00 and ord(char) < 0x20000)
