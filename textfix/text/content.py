"""What a text says, without how it is set: the form in which errors are counted.

The rule is that of the project's independent scorer: white space does not count, and a mark is the same mark in
either width. It is simpler than what the aligner folds (`textfix.alignment.folding`), so that others can repeat it.
"""

from __future__ import annotations

__all__ = ["BLANK", "content"]

#: What counts as white space: what `str.isspace` says, the zero-width space and the byte order mark.
BLANK = "".join(
    map(chr, (*range(9, 14), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029))
) + ("\u202f\u205f\u3000\ufeff")
_MARKS = {
    ",": "，",
    ".": "．",
    ";": "；",
    ":": "：",
    "!": "！",
    "?": "？",
    "(": "（",
    ")": "）",
    "[": "［〔",
    "]": "］〕",
    '"': "“”„",
    "'": "‘’",
    "%": "％",
    "+": "＋",
    "-": "—－–―",
    "~": "～",
}
_TABLE: dict[int, str | None] = {ord(form): mark for mark, forms in _MARKS.items() for form in forms}
_TABLE |= {ord(blank): None for blank in BLANK}


def content(text: str) -> str:
    """`text` without white space, its marks in their half-width form.

    >>> content("涉及 ２２个区县，")
    '涉及２２个区县,'
    """
    return text.translate(_TABLE)
