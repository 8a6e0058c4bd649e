"""`align`: two texts in, their classified differences out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..text.classes import NEWLINE
from ..text.classes import classify as classes_of
from ..text.codepoints import CodePoints, encode
from .attach import differences_of
from .classify import Skeletons, classify
from .evidence import Evidence
from .folding import Positions, skeleton
from .model import Alignment
from .segments import differing_blocks
from .weights import Weights

__all__ = ["align", "line_starts"]


def align(a: str, b: str) -> Alignment:
    """Align `a` (an OCR text, an extract) with `b` (its truth, an authority). Takes any two strings.

    Time and memory grow nearly linearly with the lengths. Offsets count code points.
    """
    codes = encode(a), encode(b)
    x, at_a = skeleton(codes[0])
    y, at_b = skeleton(codes[1])
    blocks, complete = differing_blocks(x, y)
    if not blocks:
        pieces = []
    else:
        texts = Skeletons.of(x, y, line_starts(codes[0], at_a))
        pieces = classify(texts, blocks, Evidence.shipped(), Weights.shipped())
    return Alignment(a, b, tuple(differences_of(a, b, codes, (at_a, at_b), pieces)), (), complete)


def line_starts(codes: CodePoints, places: Positions) -> NDArray[np.bool_]:
    """Before which of the characters at `places` a line starts, the end of the text counted too."""
    lines = np.cumsum(classes_of(codes) == NEWLINE, dtype=np.int32)
    line = np.concatenate((lines[:1] * 0 - 1, lines[places], lines[-1:] + 1)) if len(codes) else np.zeros(1, np.int32)
    starts: NDArray[np.bool_] = np.diff(line) != 0 if len(codes) else np.ones(1, np.bool_)
    return starts
