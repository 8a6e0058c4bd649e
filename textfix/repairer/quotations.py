"""Quotations in another script: traditional or Japanese forms that stand together in simplified text are no errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..tables.variants import SAFE, SOURCES, Variants
from ..text.codepoints import CodePoints

__all__ = ["crowded", "foreign_forms"]

#: Forms of other scripts; so many so near to each other are a quotation in that script.
_FOREIGN = tuple(source for source in SOURCES if source not in SAFE)
_SEVERAL, _NEAR = 2, 12


def foreign_forms(codes: CodePoints, variants: Variants) -> NDArray[np.intp]:
    """Where forms of other scripts stand in `codes`, ascending."""
    return variants.find(codes, _FOREIGN)[0]


def crowded(foreign: NDArray[np.intp], start: ArrayLike, end: ArrayLike) -> NDArray[np.bool_]:
    """Whether each of ``start:end`` lies in a quotation, where `foreign_forms` stand at `foreign`."""
    low, high = np.asarray(start) - _NEAR, np.asarray(end) + _NEAR
    return np.asarray(np.searchsorted(foreign, high) - np.searchsorted(foreign, low) >= _SEVERAL)
