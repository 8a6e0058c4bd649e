"""Quotations in another script: traditional or Japanese forms that stand together in simplified text are no errors.

Unless an engine printed them: PP-OCRv5 and v6 read 国 as 國 here and there, in the middle of words that they read in
simplified characters. Who quotes does not change the script within a quotation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..tables.variants import SAFE, SOURCES, Variants
from ..text.codepoints import CodePoints

__all__ = ["crowded", "foreign_forms", "quoting_forms"]

#: Forms of other scripts; so many so near to each other are a quotation in that script.
_FOREIGN = tuple(source for source in SOURCES if source not in SAFE)
_SEVERAL, _NEAR = 2, 12
#: Where the scripts are mixed, the forms within so many characters are misread.
_AROUND = 80
#: What a quotation begins or ends with.
_ENDS = np.array([ord(char) for char in "《》〈〉“”‘’「」『』【】〔〕（）()\"'"], dtype=np.uint32)


def foreign_forms(codes: CodePoints, variants: Variants) -> NDArray[np.intp]:
    """Where forms of other scripts stand in `codes`, ascending."""
    return variants.find(codes, _FOREIGN)[0]


def quoting_forms(codes: CodePoints, variants: Variants, paragraphs: ArrayLike) -> NDArray[np.intp]:
    """Those of `foreign_forms` that may be quoted: not those near to where the scripts are mixed, two of them with
    something between that only simplified text has, and no end of a quotation.

    `paragraphs` are the places in `codes` where paragraphs begin, ascending: none tells anything of another one.
    """
    foreign = foreign_forms(codes, variants)
    place = foreign + 2 * _AROUND * np.searchsorted(np.asarray(paragraphs), foreign, side="right")
    pairs = np.flatnonzero(np.diff(place) <= _NEAR)
    if not pairs.size:
        return foreign
    simplified, ends = np.cumsum(variants.only_simplified(codes)), np.cumsum(np.isin(codes, _ENDS))
    one, two = foreign[pairs], foreign[pairs + 1]
    mixed = pairs[(simplified[two] > simplified[one]) & (ends[two] == ends[one])]
    low, high = np.searchsorted(place[np.union1d(mixed, mixed + 1)], (place - _AROUND, place + _AROUND))
    return np.asarray(foreign[low == high])


def crowded(foreign: NDArray[np.intp], start: ArrayLike, end: ArrayLike) -> NDArray[np.bool_]:
    """Whether each of ``start:end`` lies in a quotation, where `quoting_forms` stand at `foreign`."""
    low, high = np.asarray(start) - _NEAR, np.asarray(end) + _NEAR
    return np.asarray(np.searchsorted(foreign, high) - np.searchsorted(foreign, low) >= _SEVERAL)
