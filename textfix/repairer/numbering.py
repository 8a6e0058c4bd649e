"""Numbering as a check: 第三十二条 read as 第三十三条 is repaired where the sequence proves it, and only there.

Items are found where lines or sentences begin: 第…编, 第…章, 第…节, 第…条, （…） and …、 with Chinese numerals. Items
of one style are a sequence in the order of the text. One that does not fit is repaired if the items on both sides count
on across it: at least three of the four nearest, the next one on each side among them, agree on one number, and what
is printed is one misread, lost or added character away from it. A sign that is no numeral at all (第三+二条, （—）)
needs two. A numeral alone (（三）) may belong to a list of its own: it is repaired only inside a list in brackets,
after a semicolon, where nothing else is numbered between it and its two neighbours. A numeral that says no number
(第二二四条) is repaired to the only one that is a character away and that comes soon after the item before, or before
the one behind. Figures are never touched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..edits import Edit, Scalar
from ..text.codepoints import encode
from ..text.numerals import NUMERALS, numeral, value
from .guard import Guard

__all__ = ["numbering"]

#: What is read for a numeral.
_READ_FOR = {
    "+": "十", "＋": "十", "†": "十", "千": "十", "干": "十", "士": "十", "卡": "十", "—": "一", "-": "一",
    "－": "一", "–": "一", "―": "一", "ー": "一", "_": "一", "＝": "二", "=": "二", "ニ": "二", "≡": "三",
    "囗": "四", "匹": "四", "王": "五", "大": "六", "穴": "六", "匕": "七", "入": "八", "人": "八", "ハ": "八",
    "丸": "九", "白": "百",
}  # fmt: skip
_TOKEN = "[" + re.escape(NUMERALS + "".join(_READ_FOR)) + "]{1,8}"
_ITEM = re.compile(
    rf"[ \t\u3000]*(?:第(?P<unit>{_TOKEN})(?P<name>[编章节条])(?!之)"
    rf"|[（(](?P<bracket>{_TOKEN})[）)]|(?P<comma>{_TOKEN})[、，])"
)
#: How many of the four nearest items must agree: where a sign stands for a numeral, and one numeral for another.
_SIGN, _PROOF = 2, 3
#: Numerals that engines confuse.
_ALIKE = ("一二三", "十千", "六八", "四西", "九七")
#: An item is so near another one that lost neighbours may account for the numbers between.
_SOON = 3
#: What a bracketed item inside a list stands after.
_INSIDE = frozenset("；;")
_CONFIDENCE = 0.96


@dataclass(frozen=True, slots=True)
class _Item:
    """A numbered item: where its numeral starts, the numeral, and whether it stands inside a list: in brackets,
    after a semicolon, with nothing else numbered between it and the items before and behind."""

    start: int
    token: str
    inside: bool = False

    @property
    def number(self) -> int | None:
        return value(self.token)


def numbering(text: str, guard: Guard) -> list[Edit]:
    """Edits of the items whose number the sequence proves to be another one."""
    edits = []
    for items in _sequences(text):
        numbers = [item.number for item in items]
        for at, item in enumerate(items):
            number = numbers[at]
            if number is not None and at and numbers[at - 1] == number - 1:
                continue  # it counts on
            wanted, votes = _wanted(items, numbers, at)
            end = item.start + len(item.token)
            if wanted is not None and guard.allows(item.start, end):
                evidence: dict[str, Scalar] = {"rule": "numbering", "neighbours": votes}
                edits.append(Edit(item.start, end, item.token, wanted, "number", _CONFIDENCE, evidence))
    return edits


def _wanted(items: list[_Item], numbers: list[int | None], at: int) -> tuple[str | None, int]:
    """The numeral that an item must have had, and how many of its neighbours say so; None where that is open."""
    token, proved = items[at].token, _proved(numbers, at)
    signs = any(char not in NUMERALS for char in token)
    if proved is not None and proved[0] != numbers[at]:
        wanted, votes = numeral(proved[0]), proved[1]
        if votes >= (_SIGN if signs else _PROOF) and _misread(token, wanted):
            return wanted, votes
        both = 0 < at < len(numbers) - 1 and numbers[at - 1] == proved[0] - 1
        if both and items[at].inside and len(token) == len(wanted) == 1 and _alike(token, wanted):
            return wanted, votes
    if numbers[at] is None and not signs and len(token) > 2:
        return _mended(token, numbers[at - 1] if at else None, numbers[at + 1] if at + 1 < len(numbers) else None)
    return None, 0


def _mended(token: str, before: int | None, behind: int | None) -> tuple[str | None, int]:
    """The only numeral a character away from `token`, which is none, that comes soon after `before` or soon before
    `behind`; and how many of the two say so."""
    found = {}
    for k in range(len(token)):
        for char in NUMERALS:
            number = value(changed := token[:k] + char + token[k + 1 :])
            if number is not None and numeral(number) == changed:
                near = _soon(before, number) + _soon(number, behind)
                if near:
                    found[changed] = near
    return found.popitem() if len(found) == 1 else (None, 0)


def _soon(one: int | None, other: int | None) -> bool:
    """Whether the `other` number comes soon after the `one`."""
    return one is not None and other is not None and 0 < other - one <= _SOON


def _table(chars: str) -> NDArray[np.bool_]:
    table = np.zeros(0x10000, dtype=bool)
    table[encode(chars)] = True
    return table


#: What stands before an item, and what an item begins with.
_BEFORE, _BEGINS = _table("\n\r。；：！？"), _table(" \t\u3000第（(" + NUMERALS + "".join(_READ_FOR))


def _beginnings(text: str) -> list[int]:
    """Where lines and sentences begin with what an item may begin with."""
    codes = np.minimum(encode(text), 0xFFFF)
    at = np.flatnonzero(_BEFORE[codes[:-1]] & _BEGINS[codes[1:]]) + 1
    return ([0] if codes.size else []) + at.tolist()


def _sequences(text: str) -> Iterator[list[_Item]]:
    """The items of each style, in the order of the text."""
    styles: dict[str, list[_Item]] = defaultdict(list)
    found = []
    for begin in _beginnings(text):
        match = _ITEM.match(text, begin)
        if match is not None:
            kind = match.lastgroup or ""
            group = "unit" if kind == "name" else kind
            found.append((match["name"] or kind, match, group))
    for at, (style, match, group) in enumerate(found):
        amid = 0 < at < len(found) - 1 and found[at - 1][0] == style == found[at + 1][0]
        inside = amid and style == "bracket" and _before(text, match.start()) in _INSIDE
        styles[style].append(_Item(match.start(group), match[group], inside))
    for style in sorted(styles):
        if len(styles[style]) > _SIGN:
            yield styles[style]


def _before(text: str, at: int) -> str:
    """The last character before `at` that is no white space."""
    while at and text[at - 1].isspace():
        at -= 1
    return text[at - 1 : at]


def _proved(numbers: list[int | None], at: int) -> tuple[int, int] | None:
    """The number that the two items on either side prove, and how many of them; None where they do not agree."""
    votes = {}
    for away in (-2, -1, 1, 2):
        other = numbers[at + away] if 0 <= at + away < len(numbers) else None
        if other is not None and other - away > 0:
            votes[away] = other - away
    near = {votes.get(-1), votes.get(1)}
    if None in near:  # the first item of a list has nothing on its left, and counts from one
        first = votes.get(1) == votes.get(2) == 1 and (at == 0 or numbers[at - 1] is not None)
        return (1, 2) if first and votes.get(-1) != 1 else None
    if len(near) > 1:
        return (1, 2) if votes[1] == votes.get(2) == 1 else None
    number = votes[1]
    return number, sum(vote == number for vote in votes.values())


def _alike(one: str, other: str) -> bool:
    """Whether engines take one numeral for the other."""
    return any(one in alike and other in alike for alike in _ALIKE)


def _misread(token: str, wanted: str) -> bool:
    """Whether `token` is `wanted` with numerals misread, one lost or added, or with signs for numerals."""
    if len(token) == len(wanted):
        differing = [(a, b) for a, b in zip(token, wanted, strict=True) if a != b]
        numerals = [(a, b) for a, b in differing if a in NUMERALS]
        if any(_READ_FOR.get(a) != b for a, b in differing if a not in NUMERALS):
            return False
        return not (numerals and len(token) == 1) and all(_alike(a, b) for a, b in numerals)
    longer, shorter = sorted((token, wanted), key=len, reverse=True)
    if len(longer) - len(shorter) != 1 or len(shorter) == 1 or any(char not in NUMERALS for char in token):
        return False
    return any(longer[:k] + longer[k + 1 :] == shorter for k in range(len(longer)))
