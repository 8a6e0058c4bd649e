"""Simplified and traditional script, by OpenCC: a view of a text in simplified characters, and the way back.

The view is one to one, character by character, so that a place in it is a place in the text. The way back asks OpenCC
for the traditional form of a replacement within its line (头发 is 頭髮, 发展 is 發展), keeps to the regional form that
the text itself uses, and gives no answer where that form would not lead to the same view again. OpenCC's tables are
read at the first use; texts in simplified script never ask for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache

import opencc

from ..edits import Edit

__all__ = ["SimplifiedView", "simplified", "simplify"]

#: OpenCC is asked for a replacement with so many characters on either side.
_CONTEXT = 12
#: Forms that differ by region only (裏 and 裡, 爲 and 為).
_REGIONS = ("t2tw", "t2hk")


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


@cache
def _simple(char: str) -> str:
    out: str = _converter("t2s").convert(char)
    return out if len(out) == 1 else char


def simplify(text: str) -> str:
    """`text` in simplified characters, of the same length."""
    table = {ord(char): simple for char in set(text) if char > "\u3400" and (simple := _simple(char)) != char}
    return text.translate(table)


@lru_cache(maxsize=4)
def simplified(terms: tuple[str, ...]) -> tuple[str, ...]:
    """A list of terms in simplified characters; the list itself where it is in them already."""
    out = tuple(map(simplify, terms))
    return terms if out == terms else out


class SimplifiedView:
    """A text in traditional script, and `view`, the same in simplified characters, place for place."""

    def __init__(self, text: str) -> None:
        self.text, self.view = text, simplify(text)
        forms: dict[str, Counter[str]] = {}
        for char, simple in zip(text, self.view, strict=True):
            if char > "\u3400":
                forms.setdefault(simple, Counter())[char] += 1
        self._forms = forms

    def back(self, edits: Iterable[Edit]) -> tuple[list[Edit], int]:
        """`edits` of the view as edits of the text, and how many had to be left out."""
        out: list[Edit] = []
        left = 0
        for edit in edits:
            observed, replacement = self.text[edit.start : edit.end], self._traditional(edit)
            if simplify(replacement) != edit.replacement:
                left += 1
            elif observed != replacement:
                new = edit.start, edit.end, observed, replacement, edit.kind, edit.confidence, edit.evidence
                out.append(Edit(*new))
        return out, left

    def _traditional(self, edit: Edit) -> str:
        """The replacement in the script of the text."""
        before = self.view[max(0, edit.start - _CONTEXT) : edit.start]
        line = before + edit.replacement + self.view[edit.end : edit.end + _CONTEXT]
        whole: str = _converter("s2t").convert(line)
        if len(whole) != len(line):
            whole = before + "".join(_converter("s2t").convert(char)[:1] for char in edit.replacement)
        found = whole[len(before) : len(before) + len(edit.replacement)]
        kept = dict(zip(edit.observed, self.text[edit.start : edit.end], strict=True))
        return "".join(map(self._own_form, found, edit.replacement, [kept] * len(found)))

    def _own_form(self, char: str, simple: str, kept: dict[str, str]) -> str:
        """What the text writes: here, if the edit only moves the character; elsewhere, of the regional forms."""
        if simple in kept:
            return kept[simple]
        used = self._forms.get(simple, Counter())
        forms = {char, *(_converter(region).convert(char) for region in _REGIONS)} & used.keys()
        return char if char in used or not forms else min(forms, key=lambda form: (-used[form], form))
