"""A document: a file of a scan format, its text, and the way back from edits of the text to the bytes of the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .. import __version__
from ..edits import Edit, Edits, Repair
from ..files import Decoded
from .markup import BEFORE, BEHIND, Splice, escape, splice
from .spreading import Spread, spread
from .text import Text, Unit

__all__ = ["SOFTWARE", "Change", "Document", "Markup", "Tally", "repaired"]

#: How the tool calls itself in records.
SOFTWARE = ("textfix", __version__)
#: A document is repaired again as long as gaps between its words kept an edit from being made whole, at most so often.
_PASSES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A unit (word, or line without words) that reads `new` now; `cost` is the price of each reading.

    Costs are negative natural logarithms of the probabilities that the new and the old reading are right.
    """

    unit: Unit
    old: str
    new: str
    cost: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a record says of a repair as a whole."""

    edits: int
    units: int

    def __str__(self) -> str:
        words = f"{self.edits} edit{'s' * (self.edits != 1)} in {self.units} word{'s' * (self.units != 1)}"
        return f"OCR errors repaired: {words}"


class Markup(Protocol):
    """What a format knows: where the text is (`text`), and how a change is recorded."""

    text: Text

    def record(self, changes: list[Change], tally: Tally, codec: str) -> list[Splice]:
        """What to put in to record `changes`."""
        ...


@dataclass(frozen=True, slots=True)
class Document:
    """A file and its text. `format` is ``alto``, ``hocr`` or ``page``; `source` is the file as characters."""

    format: str
    source: Decoded
    markup: Markup = field(repr=False)

    @property
    def text(self) -> str:
        """The text: lines end with a line feed, paragraphs with two."""
        return self.markup.text.text

    def made(self, edits: Iterable[Edit]) -> Edits:
        """The edits of `text` as the document can make them: gaps between words and lines stay."""
        return self._spread(edits).made

    def write(self, edits: Iterable[Edit], *, record: bool = True) -> bytes:
        """The file with `edits` of its text made, and recorded in the format's own way unless `record` is false.

        Without edits these are the bytes of the file. Raises `EditError` where an edit does not fit the text.
        """
        changes = self.changes(edits, record=record)
        return self.source.encode(splice(self.source.text, (change for change, _ in changes)))

    def changes(self, edits: Iterable[Edit], *, record: bool = True) -> list[tuple[Splice, Edit | None]]:
        """What `write` puts where in the file, in order; with the edit, as it was made, at the first place of each."""
        result = self._spread(edits)
        if not result.made:
            return []
        result.made.apply(self.text)  # raises where they do not fit
        out = self._text_changes(result)
        if record:
            units = self._units(result)
            records = self.markup.record(units, Tally(len(result.made), len(units)), self.source.codec)
            out += ((change, None) for change in records)
        return sorted(out, key=lambda change: change[0].order)

    def _spread(self, edits: Iterable[Edit]) -> Spread:
        text = self.markup.text
        return spread(text.text, text.held, edits, frozenset(unit.first for unit in text.units))

    def _text_changes(self, result: Spread) -> list[tuple[Splice, Edit | None]]:
        """The new text on all levels, without records."""
        out: list[tuple[Splice, Edit | None]] = []
        inserted = dict(result.inserted)
        for edit in result.made:
            splices: list[Splice] = []
            for i in range(edit.start, edit.end + 1):
                if i in inserted:
                    splices += self._put_in(i, *inserted.pop(i))
                if i < edit.end and i in result.new:
                    splices += self._put_instead(i, result.new[i])
            out += ((change, None if k else edit) for k, change in enumerate(splices))
        return out

    def _put_instead(self, i: int, new: str) -> Iterator[Splice]:
        for places in self.markup.text.places:
            if i in places:
                yield Splice(*places[i], BEHIND, self._written(new, places[i][0]))
            elif new.strip():  # a blank between words, which is a character only of the line, became a mark
                yield from self._cling(places, i - 1, i + 1, new, behind=True)

    def _put_in(self, i: int, new: str, behind: bool) -> Iterator[Splice]:
        for places in self.markup.text.places:
            yield from self._cling(places, i - 1, i, new, behind=behind)

    def _cling(
        self, places: Mapping[int, tuple[int, int]], left: int, right: int, new: str, *, behind: bool
    ) -> Iterator[Splice]:
        """Put `new` in behind the character `left` or before `right`, whichever this level has."""
        if (left if behind else right) not in places:
            behind = not behind
        place = places.get(left if behind else right)
        if place is not None:
            at = place[1] if behind else place[0]
            yield Splice(at, at, BEHIND if behind else BEFORE, self._written(new, at))

    def _written(self, new: str, at: int) -> str:
        """`new` as it is written at an offset of the file."""
        escaped = escape(new, self.source.codec)
        text = self.source.text
        if escaped != new and text.rfind("<![CDATA[", 0, at) > text.rfind("]]>", 0, at):
            return f"]]>{escaped}<![CDATA["  # there references mean nothing
        return escaped

    def _units(self, result: Spread) -> list[Change]:
        """The units that read otherwise now, in the order of the text."""
        text = self.markup.text
        unit_at = text.unit_at()
        sure: dict[int, float] = {}
        units: dict[int, Unit] = {}
        for edit in result.made:
            touched = {i for i in range(edit.start, edit.end) if i in result.new}
            for i in range(edit.start, edit.end + 1):
                if i in result.inserted:
                    touched.add(i - 1 if result.inserted[i][1] else i)
            around = [unit_at.get(i) or unit_at.get(i - 1) for i in sorted(touched)]
            for unit in {unit.first: unit for unit in around if unit}.values():
                units[unit.first] = unit
                sure[unit.first] = sure.get(unit.first, 1.0) * edit.confidence
        return [
            Change(unit, text.text[unit.first : unit.last], _reading(text.text, unit, result), _costs(sure[first]))
            for first, unit in sorted(units.items())
        ]


def _reading(text: str, unit: Unit, result: Spread) -> str:
    out: list[str] = []
    for i in range(unit.first, unit.last + 1):
        if i in result.inserted:
            new, behind = result.inserted[i]
            if (i > unit.first) if behind else (i < unit.last):
                out.append(new)
        if i < unit.last:
            out.append(result.new.get(i, text[i]))
    return "".join(out)


def _costs(probability: float) -> tuple[float, float]:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return -math.log(bounded), -math.log(1 - bounded)


def repaired(document: Document, repair: Callable[[str], Repair]) -> Repair:
    """The repair of a document's text by `repair` (`Repairer.repair`), with the edits that the document can make.

    Its `text` is what the document says afterwards. Where a gap kept an edit from being made whole, what is left is
    repaired again, so that repairing the result once more changes nothing.
    """
    source = text = document.text
    edits = Edits()
    first: Repair | None = None
    for _ in range(_PASSES):
        found = repair(text)
        first = first or found
        total = document.made(edits.then(found.edits, source))
        done = total == edits
        edits, text = total, total.apply(source)
        if done or text == found.text:
            break
    assert first is not None
    suggestions = tuple(s for s in first.suggestions if not _touched(s, edits))
    report: Mapping[str, str | int | float | bool | None] = {**first.report, "format": document.format}
    return Repair(text, edits, suggestions, report)


def _touched(suggestion: Edit, edits: Edits) -> bool:
    return any(e.start <= suggestion.end and suggestion.start <= e.end for e in edits)
