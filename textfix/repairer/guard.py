"""What must not be touched, asked spot by spot: only the lines that somebody wants to edit are searched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..tables.variants import Variants
from ..text.codepoints import encode
from ..text.spans import protected_mask
from .quotations import crowded, quoting_forms

__all__ = ["Guard", "Standing"]

#: A line is searched this far to either side of a spot; no protected span is longer.
_REACH = 200
#: Nothing is edited this near to kana.
_KANA = 12
#: What may stand between a mark and the word beside it in a line.
_BLANKS = " \t\u3000\u00a0"
#: What stands between paragraphs.
_GAP = re.compile(r"\n\s*\n\s*")
#: What opens the items of a list.
_BULLETS = "-*+•·●○■□◆"


class Standing(Protocol):
    """A list of terms too long for a pattern (`textfix.repairer.terms.Terms`)."""

    def stands(self, text: str, start: int, end: int) -> bool: ...


class Guard:
    """Protected spans of one text: those of its kind, the `terms`, where one of `standing` stands, and quotations."""

    def __init__(self, text: str, terms: Sequence[str] = (), standing: Standing | None = None) -> None:
        self._text, self._terms, self._standing = text, tuple(terms), standing
        self._foreign: NDArray[np.intp] | None = None
        self._masks: dict[tuple[int, int], NDArray[np.bool_]] = {}

    def allows(self, start: int, end: int) -> bool:
        """Whether ``start:end`` may be edited: no protected character in it, and, for an insertion, none around it."""
        if sum("\u3041" <= char <= "\u30fa" for char in self._text[max(0, start - _KANA) : end + _KANA]) > 1:
            return False  # Japanese: the model knows nothing of it; one alone may be what is left of a glyph (イ: 亻)
        if self._quoted(start, end) or self._between_latin(start, end) or self._is_bullet(start, end):
            return False
        if self._standing is not None and self._standing.stands(self._text, start, end):
            return False
        low, high = self._lines(start, end)
        mask = self._masks.get((low, high))
        if mask is None:
            mask = self._masks[low, high] = protected_mask(self._text[low:high], self._terms)
        if start == end:
            return not (0 < start - low < mask.size and mask[start - low - 1] and mask[start - low])
        return not mask[start - low : end - low].any()

    def _lines(self, start: int, end: int) -> tuple[int, int]:
        """The lines that ``start:end`` is in, and one before and behind: a date may be wrapped."""
        text = self._text
        low, high = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        if low:
            low = text.rfind("\n", 0, low - 1) + 1
        if high >= 0:
            high = text.find("\n", high + 1)
        return max(low, start - _REACH), min(len(text) if high < 0 else high, end + _REACH)

    def _between_latin(self, start: int, end: int) -> bool:
        """Whether ``start:end`` is marks alone among Latin letters and digits, which they keep apart (A, B; 3:4)."""
        text = self._text
        if start == end or any(char.isalnum() for char in text[start:end]):
            return False
        before = text[max(0, start - _REACH) : start].rstrip(_BLANKS)[-1:].strip()
        behind = text[end : end + _REACH].lstrip(_BLANKS)[:1].strip()
        words = [char.isascii() and char.isalnum() for char in (before, behind)]
        plain = all(map(str.isascii, (before, behind, text[start:end])))
        return all(words) or (plain and (any(words) or bool(before and behind)))

    def _is_bullet(self, start: int, end: int) -> bool:
        """Whether ``start:end`` is the bullet of a list: a mark before a blank, as in the line before or the next."""
        text = self._text
        if end - start != 1 or text[start] not in _BULLETS or text[end : end + 1] not in _BLANKS or end == len(text):
            return False
        line = text.rfind("\n", 0, start) + 1
        if text[line:start].strip(_BLANKS):
            return False
        below = text.find("\n", end) + 1
        above = text.rfind("\n", 0, max(line - 1, 0)) + 1
        others = [text[below : below + _REACH]] * (below > 0) + [text[above : above + _REACH]] * (line > 0)
        return any(re.match(rf"[{_BLANKS}]*{re.escape(text[start])}[{_BLANKS}]", other) for other in others)

    def _quoted(self, start: int, end: int) -> bool:
        """Whether ``start:end`` lies in a quotation in another script."""
        if self._foreign is None:
            paragraphs = [gap.end() for gap in _GAP.finditer(self._text)]
            self._foreign = quoting_forms(encode(self._text), Variants.load(), paragraphs)
        return bool(crowded(self._foreign, start, end))
