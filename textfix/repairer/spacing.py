"""Blanks between two Han characters: debris of the engine inside a word, or set on purpose between two.

The blank goes where the language model goes on across it as if nothing stood there. Lines of single characters (目 录)
and the blank behind a heading's number (第一条 为了…) are set that way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..edits import Edit
from ..text.classes import HAN
from .view import Look

__all__ = ["han_spaces"]

#: The character behind the blank must be at least this likely (log-probability) after the four before it.
_LIKELY = -2.0
_CONFIDENCE = 0.97
_LABEL = frozenset("条章节编款项篇部则录件表图")
_NUMERALS = frozenset("一二三四五六七八九十百千零〇两")


def han_spaces(text: str, look: Callable[[], Look]) -> list[Edit]:
    """Edits that take out one or two blanks between Han characters of one line; `look` is asked if there are any."""
    if " " not in text and "\u3000" not in text and "\xa0" not in text:
        return []
    seen = look()
    v = seen.view
    if len(v) < 3:
        return []
    han = v.classes == HAN
    inner = np.zeros(len(v), dtype=bool)
    inner[1:] = han[1:] & han[:-1] & (v.gap[1:-1] > 0) & (v.gap[1:-1] <= 2) & (v.breaks[1:-1] == 0)
    at = np.flatnonzero(inner)
    if not at.size:
        return []
    log_probs = seen.log_probs[v.at]
    edits = []
    for k in at[log_probs[at] >= _LIKELY].tolist():
        start, end = int(v.pos[k - 1]) + 1, int(v.pos[k])
        if not _on_purpose(text, start, end):
            edits.append(Edit(start, end, text[start:end], "", "space", _CONFIDENCE, {"rule": "space within a word"}))
    return edits


def _on_purpose(text: str, start: int, end: int) -> bool:
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    tokens = text[begin : len(text) if stop < 0 else stop].split()
    if all(len(token) == 1 for token in tokens):
        return True
    head = text[max(begin, start - 12) : start].split()
    if not head:
        return True
    label = head[-1]
    return label[-1] in _LABEL and (label[0] == "第" or len(label) == 1 or all(c in _NUMERALS for c in label[:-1]))
