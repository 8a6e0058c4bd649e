"""What two copies of a text must share to count as the same: content, not how it is set.

Alignment runs on the *skeleton* of a text: no white space, and one form for every mark that copies set in different
widths (``，`` and ``,``, ``“`` and ``"``, ``—`` and ``-``). What the skeleton leaves out is attached again afterwards.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..text.classes import NEWLINE, SPACE, classify
from ..text.codepoints import CodePoints

__all__ = ["Positions", "fold", "is_blank", "skeleton"]

Positions = NDArray[np.int32]

_FORMS = {
    '"': "“”„‟〝〞〟＂",
    "'": "‘’‚‛＇",
    "-": "—–―‒−─－﹣‐‑",
    "·": "•・‧∙⋅",
    "[": "〔",
    "]": "〕",
    "。": "｡",
    "、": "､",
    "~": "～〜∼",
}


@cache
def _table() -> NDArray[np.uint32]:
    table = np.arange(0x10000, dtype=np.uint32)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F, dtype=np.uint32)
    for form, others in _FORMS.items():
        for other in others:
            table[ord(other)] = ord(form)
    table.flags.writeable = False
    return table


def fold(codes: CodePoints) -> CodePoints:
    """Every code point in its one form, shape of `codes`."""
    low = _table()[np.minimum(codes, 0xFFFF)]
    return np.where(codes > 0xFFFF, codes, low) if codes.size and int(codes.max()) > 0xFFFF else low


def is_blank(codes: CodePoints) -> NDArray[np.bool_]:
    """Which code points are white space or line breaks, shape of `codes`."""
    classes = classify(codes)
    blank: NDArray[np.bool_] = (classes == SPACE) | (classes == NEWLINE)
    return blank


def skeleton(codes: CodePoints) -> tuple[CodePoints, Positions]:
    """The folded code points that are not white space, and the place of each in `codes`; both of shape ``(n,)``."""
    place = np.flatnonzero(~is_blank(codes)).astype(np.int32)
    return fold(codes[place]), place
