"""Character classes as one table look-up per code point.

`classify` maps an array of code points to small integers; the classes are disjoint, so a mask is one comparison.
The table covers the Basic Multilingual Plane; above it only the Han extensions are told from the rest.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .codepoints import CodePoints

__all__ = [
    "DIGIT",
    "HAN",
    "LATIN",
    "MARK",
    "NEWLINE",
    "OTHER",
    "RADICAL",
    "SPACE",
    "classify",
    "is_han",
]

OTHER, HAN, DIGIT, LATIN, MARK, SPACE, NEWLINE, RADICAL = range(8)

_HAN_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x3007, 0x3007))
_RADICAL_RANGES = ((0x2E80, 0x2FDF), (0x31C0, 0x31EF))


#: Where punctuation, digits, spaces and Latin letters are: only there is the general category asked.
_ASKED = (
    (0x0000, 0x0600), (0x0660, 0x066A), (0x06F0, 0x06FA), (0x0966, 0x0970), (0x1680, 0x1681), (0x1E00, 0x1F00),
    (0x2000, 0x2C00), (0x2E00, 0x2E80), (0x3000, 0x3041), (0x309B, 0x309D), (0x30FB, 0x30FC), (0x3200, 0x3400),
    (0xFE10, 0xFE70), (0xFF00, 0xFF66), (0xFFE0, 0xFFFE),
)  # fmt: skip


@cache
def _table() -> NDArray[np.uint8]:
    table = np.full(0x10000, OTHER, dtype=np.uint8)
    for low, high in _ASKED:
        for code in range(low, high):
            category = unicodedata.category(chr(code))
            if category == "Nd":
                table[code] = DIGIT
            elif category[0] in "PS":
                table[code] = MARK
            elif category[0] == "Z":
                table[code] = SPACE
            elif category[0] == "L" and (code < 0x250 or 0x1E00 <= code < 0x1F00 or code >= 0xFB00):
                table[code] = LATIN
    table[[ord(c) for c in "ªº×÷"]] = MARK
    table[[ord(c) for c in "\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\u200b\ufeff"]] = SPACE
    table[[0x0A, 0x0D, 0x2028, 0x2029]] = NEWLINE
    for lo, hi in _RADICAL_RANGES:
        table[lo : hi + 1] = RADICAL
    for lo, hi in _HAN_RANGES:
        table[lo : hi + 1] = HAN
    table.flags.writeable = False
    return table


def classify(codes: CodePoints) -> NDArray[np.uint8]:
    """The class of every code point, shape of `codes`, dtype uint8."""
    table = _table()
    low = table[np.minimum(codes, 0xFFFF)]
    if codes.size and int(codes.max()) > 0xFFFF:
        high = codes > 0xFFFF
        low = np.where(high, np.where((codes >= 0x20000) & (codes < 0x323B0), HAN, OTHER), low).astype(np.uint8)
    return low


def is_han(char: str) -> bool:
    """Whether `char` is one Han character, extensions and 〇 included, radicals not."""
    if len(char) != 1:
        return False
    code = ord(char)
    return 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code < 0x323B0 or (
        0xF900 <= code <= 0xFAFF
    ) or code == 0x3007
