"""The text of a document, every character of which knows where it stands in the file.

A `Builder` takes characters, words, lines and paragraphs as a format's reader finds them. The repairer sees plain text:
lines end with a line feed, paragraphs with two, and a blank stands between words only where the script sets one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .markup import Node, skip, unescape

__all__ = ["Builder", "Char", "Text", "Unit", "attribute_chars", "content_chars", "sets_blank"]

#: A character and where it stands in the file's text.
Char = tuple[str, int, int]

_ENTITY = r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);"
_TAG = r"""<[a-zA-Z](?:[^<>"']|"[^"]*"|'[^']*')*+>|</[a-zA-Z][^<>]*+>"""
_TOKEN = re.compile(rf"{_TAG}|{_ENTITY}|\r\n?|.", re.S)
_CDATA = "<![CDATA["
_VALUE = re.compile(rf"{_ENTITY}|\r\n|.", re.S)


def content_chars(source: str, start: int, end: int) -> list[Char]:
    """The characters of ``source[start:end]``, character data of an element; comments and tags count for nothing."""
    out: list[Char] = []
    endless: set[str] = set()
    at = start
    while at < end:
        if source[at] == "<" and (after := skip(source, at, end, endless)):
            if source.startswith(_CDATA, at) and source.endswith("]]>", at + len(_CDATA), after):
                inside = at + len(_CDATA)
                out += [(c, inside + k, inside + k + 1) for k, c in enumerate(source[inside : after - 3])]
        else:
            match = _TOKEN.match(source, at, end)
            assert match is not None  # its last alternative fits anything
            raw, after = match[0], match.end()
            if raw[0] == "\r":
                out.append(("\n", at, after))
            elif len(raw) == 1 or raw[0] == "&":
                out += _resolved(raw, at, after)
        at = after
    return out


def attribute_chars(source: str, start: int, end: int) -> list[Char]:
    """The characters of ``source[start:end]``, the value of an attribute."""
    out: list[Char] = []
    for match in _VALUE.finditer(source, start, end):
        raw = match[0]
        out += [(" ", *match.span())] if raw in ("\t", "\n", "\r", "\r\n") else _resolved(raw, *match.span())
    return out


def _resolved(raw: str, start: int, end: int) -> list[Char]:
    """A character or a reference. Of the few references that stand for two characters, the second has no width."""
    if len(raw) == 1:
        return [(raw, start, end)]
    text = unescape(raw)
    if text in ("", raw):  # of a character that there is not, or an entity that nobody knows
        text = "\ufffd"
    return [(text[0], start, end), *((c, end, end) for c in text[1:])]


@dataclass(slots=True, eq=False)
class Unit:
    """The element that holds characters ``first:last`` of the text: a word, or a line where there are no words."""

    node: Node
    first: int
    last: int


@dataclass(slots=True)
class Text:
    """The text of a document.

    ``places[k][i]`` is where character `i` stands in the file, on level `k`; formats that say the same text on several
    levels (PAGE: region, line, word, glyph) have as many. Characters that stand nowhere, line ends and the blanks
    between words, are in none; they are what `held` leaves out.
    """

    text: str
    held: frozenset[int]
    places: Sequence[dict[int, tuple[int, int]]]
    units: Sequence[Unit]

    def unit_at(self) -> dict[int, Unit]:
        """The unit that each character belongs to."""
        return {i: unit for unit in self.units for i in range(unit.first, unit.last)}


@dataclass(slots=True)
class Builder:
    """Puts a `Text` together."""

    chars: list[str] = field(default_factory=list)
    levels: list[dict[int, tuple[int, int]]] = field(default_factory=lambda: [{}])
    units: list[Unit] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.chars)

    def line_end(self) -> None:
        """End the line, if there is one."""
        if self.chars and self.chars[-1] != "\n":
            self.chars.append("\n")

    def paragraph_end(self) -> None:
        """End the line and the paragraph."""
        self.line_end()
        if self.chars and self.chars[-2:] != ["\n", "\n"]:
            self.chars.append("\n")

    def add(self, chars: Iterable[Char], node: Node | None = None, *, blank: bool = False) -> range:
        """Append characters. `node` makes them a unit; `blank` sets a blank between it and the unit just before, if the
        script wants one there.

        Line ends among them end lines; they are never edited. Returns the places of the characters in the text.
        """
        given = list(chars)
        if blank and given and self.units and self.units[-1].last == len(self.chars):
            before = self.chars[self.units[-1].first :]
            if sets_blank(before, [char for char, _, _ in given]):
                self.chars.append(" ")
        first = len(self.chars)
        for char, start, end in given:
            if char not in "\n\r\u2028\u2029":
                self.levels[0][len(self.chars)] = (start, end)
            self.chars.append(char)
        if node is not None and given:
            self.units.append(Unit(node, first, len(self.chars)))
        return range(first, len(self.chars))

    def mirror(self, within: range, chars: Sequence[Char], level: int) -> list[int] | None:
        """Say that `chars` repeat the characters `within`, on a further level; white space does not count.

        Returns the index in the text for every character of `chars` that is no white space, or None (and does
        nothing) if they do not say the same.
        """
        ours = [i for i in within if not self.chars[i].isspace()]
        theirs = [k for k, (char, _, _) in enumerate(chars) if not char.isspace()]
        if [self.chars[i] for i in ours] != [chars[k][0] for k in theirs]:
            return None
        while len(self.levels) <= level:
            self.levels.append({})
        solid = list(zip(ours, theirs, strict=True))
        blanks = [  # those that both have
            (i + 1, k + 1)
            for (i, k), (j, m) in pairwise(solid)
            if j - i == 2 == m - k and self.chars[i + 1] == chars[k + 1][0] and i + 1 in self.levels[0]
        ]
        self.levels[level].update((i, chars[k][1:]) for i, k in solid + blanks)
        return ours

    def build(self) -> Text:
        """The text, without blank lines at its end."""
        while self.chars and self.chars[-1] == "\n" and len(self.chars) - 1 not in self.levels[0]:
            self.chars.pop()
        return Text("".join(self.chars), frozenset(self.levels[0]), self.levels, self.units)


def sets_blank(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether a blank stands between two words.

    Chinese and Japanese set none, so a reader's word breaks among them are no blanks; Latin, Cyrillic, Greek, Hangul
    and digits do. Quotation marks, dashes and ellipses belong to either: they go with the rest of their word, and
    alone they count as Chinese.
    """
    return not (_is_wide(reversed(left)) or _is_wide(right))


def _is_wide(chars: Iterable[str]) -> bool:
    for char in chars:
        if char in "“”‘’—…·":
            continue
        if "\uac00" <= char <= "\ud7a3":
            return False
        return unicodedata.east_asian_width(char) in ("W", "F")
    return True
