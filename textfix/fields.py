"""The formats of records: where in a record its field stands, and how an edit of its text is written there.

JSON Lines (a field by its path), CSV (RFC 4180: cells in quotes may hold commas, doubled quotes and line ends) and TSV
(no quotes, as in IANA's text/tab-separated-values: a cell is what stands between two tabs).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

from .edits import Edit
from .errors import InputError, OptionError, TextfixError, brief

__all__ = ["Field", "JsonLines", "RecordError", "RecordFormat", "Separated"]

#: For an edit of a field's text the span of the record that it replaces, and by what.
Place = Callable[[Edit], tuple[int, int, str]]


class RecordError(TextfixError, ValueError):
    """What is wrong with a record."""


@dataclass(frozen=True, slots=True)
class Field:
    """The text of the field of a record, and where an edit of it belongs in the record."""

    text: str
    place: Place


class RecordFormat(Protocol):
    """How records lie in a file. One object reads one file."""

    def is_open(self, line: str, *, inside: bool) -> bool:
        """Whether a record goes on behind `line`, given without its line end, in which it begins (or is `inside`)."""

    def field(self, raw: str) -> Field | None:
        """The field of a record, given without its line end; None where it has nothing to repair.

        Raises `RecordError` for a bad record, `InputError` where the whole file is not what was said.
        """


_ATOM = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r]*")
#: Numbers are passed over as they are written, however long.
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


class JsonLines:
    """One JSON object a line; the field is a string, null is nothing to repair.

    `path` leads to it by keys and, in arrays, numbers from 0, joined by dots; a dot in a key is written ``\\.``.
    """

    def __init__(self, path: str) -> None:
        self._keys = [key.replace("\\.", ".") for key in re.split(r"(?<!\\)\.", path)]
        if not all(self._keys):
            raise OptionError(f"no path to a field: {path!r}")

    def is_open(self, line: str, *, inside: bool) -> bool:  # noqa: ARG002
        """Never: a record is a line."""
        return False

    def field(self, raw: str) -> Field | None:
        """The string at the path."""
        try:
            start = _skip(raw, 0)
            value, end = _JSON.raw_decode(raw, start)
            if raw[end:].strip(" \t\r\n"):
                raise RecordError(f"not JSON: more behind the value, at character {end + 1}")
        except RecursionError as error:
            raise RecordError("not JSON that can be read: nested too deeply") from error
        except json.JSONDecodeError as error:
            what = error.msg[0].lower() + error.msg[1:]
            raise RecordError(f"not JSON: {what} at character {error.pos + 1}") from error
        if not isinstance(value, dict):
            raise RecordError("not a JSON object")
        seen: list[str] = []
        for key in self._keys:
            value, start, end = _member(raw, start, value, key, ".".join(seen))
            seen.append(key)
        if raw[start:end] == "null":
            return None
        if raw[start] != '"':
            raise RecordError(f"{'.'.join(seen)!r} is not a string")
        return Field(value, _literal(raw, start + 1, end - 1))


def _member(raw: str, at: int, value: Any, key: str, path: str) -> tuple[Any, int, int]:
    """The member `key` of the object or array at `at` (which is known to be JSON), and its span."""
    where = f"in {path!r}" if path else "in the record"
    if not isinstance(value, dict | list):
        raise RecordError(f"no field {key!r} {where}, which is neither an object nor an array")
    found: list[tuple[Any, int, int]] = []
    number, at = 0, _skip(raw, at + 1)
    while raw[at] not in "}]":
        name: Any = str(number)
        if isinstance(value, dict):
            name, at = _JSON.raw_decode(raw, at)
            at = _skip(raw, raw.index(":", at) + 1)
        member, end = _JSON.raw_decode(raw, at)
        if name == key:
            found.append((member, at, end))
        number, at = number + 1, _skip(raw, end)
        if raw[at] == ",":
            at = _skip(raw, at + 1)
    if len(found) != 1:
        raise RecordError(f"{'no' if not found else 'more than one'} field {key!r} {where}")
    return found[0]


def _skip(raw: str, at: int) -> int:
    """Where the white space that begins at `at` ends."""
    match = _SPACE.match(raw, at)
    return match.end() if match else at


def _literal(raw: str, start: int, end: int) -> Place:
    """Places in the JSON string between its quotes at ``start:end``."""
    inside = raw[start:end]
    escaped = "\\u" in inside and inside.isascii()  # a writer that escapes all that is not ASCII
    starts: list[int] = []

    def place(edit: Edit) -> tuple[int, int, str]:
        new = json.dumps(edit.replacement, ensure_ascii=escaped)[1:-1]
        if "\\" not in inside:
            return start + edit.start, start + edit.end, new
        if not starts:
            starts.extend(accumulate((len(atom) for atom in _ATOM.findall(inside)), initial=start))
        return starts[edit.start], starts[edit.end], new

    return place


class Separated:
    """Cells between `delimiter`; with `quotes` as in CSV. `column` is a name from the first record, or a number from 1.

    Every record must have as many cells as the first.
    """

    def __init__(self, column: str, *, delimiter: str, quotes: bool) -> None:
        self._column, self._delimiter, self._quotes = column, delimiter, quotes
        self._width = 0
        numbered = column.isdecimal() and len(column) < 10
        self._index = int(column) - 1 if numbered else -1
        if not column or (numbered and self._index < 0):
            raise OptionError(f"no column {column!r}; columns have names or numbers from 1")

    def is_open(self, line: str, *, inside: bool) -> bool:
        """Whether a cell in quotes is not closed at the end of the line."""
        if not self._quotes or not (inside or '"' in line):
            return False
        if inside:
            end = _closing(line, -1)
            if end < 0:
                return True
            if end == len(line):
                return False
            self._expect_delimiter(line, end)
            line = line[end + 1 :]
        return self._cells(line) is None

    def field(self, raw: str) -> Field | None:
        """The cell in the column; nothing of the first record, if columns have names."""
        cells = self._cells(raw) or []
        if not self._width:
            self._width = len(cells)
            if self._index < 0:
                self._index = self._named([self._text(raw, *cell) for cell in cells])
                return None
            if self._index >= self._width:
                raise InputError(f"no column {self._column}: the first record has {self._width}")
        if len(cells) != self._width:
            raise RecordError(f"has {len(cells)} cells, the first record {self._width}")
        start, end = cells[self._index]
        return Field(self._text(raw, start, end), self._places(raw, start, end))

    def _named(self, names: list[str]) -> int:
        if names.count(self._column) != 1:
            many = "more than one" if self._column in names else "no"
            raise InputError(f"{many} column {self._column!r}; there are {brief(', '.join(names))}")
        return names.index(self._column)

    def _cells(self, raw: str) -> list[tuple[int, int]] | None:
        """The span of every cell, quotes included; None if the record is not at its end yet."""
        out: list[tuple[int, int]] = []
        at = 0
        while True:
            if self._quotes and raw.startswith('"', at):
                end = _closing(raw, at)
                if end < 0:
                    return None
                self._expect_delimiter(raw, end)
            else:
                end = raw.find(self._delimiter, at)
                end = len(raw) if end < 0 else end
            out.append((at, end))
            if end == len(raw):
                return out
            at = end + 1

    def _expect_delimiter(self, raw: str, at: int) -> None:
        if at < len(raw) and raw[at] != self._delimiter:
            raise RecordError(f"{raw[at]!r} behind a closing quote")

    def _quoted(self, raw: str, start: int, end: int) -> bool:
        return self._quotes and end - start >= 2 and raw[start] == '"'

    def _text(self, raw: str, start: int, end: int) -> str:
        return raw[start + 1 : end - 1].replace('""', '"') if self._quoted(raw, start, end) else raw[start:end]

    def _places(self, raw: str, start: int, end: int) -> Place:
        quoted = self._quoted(raw, start, end)
        begin = start + quoted
        inside = raw[begin : end - quoted]
        special = set(f"{self._delimiter}\r\n" + '"' * self._quotes)

        def place(edit: Edit) -> tuple[int, int, str]:
            if not quoted and special & set(edit.replacement):
                raise RecordError(f"{edit.replacement!r} cannot be written into a cell without quotes")
            new = edit.replacement.replace('"', '""') if quoted else edit.replacement
            if not quoted or '"' not in inside:
                return begin + edit.start, begin + edit.end, new
            text = inside.replace('""', '"')
            left, middle = text[: edit.start].count('"'), text[edit.start : edit.end].count('"')
            return begin + edit.start + left, begin + edit.end + left + middle, new

        return place


def _closing(raw: str, at: int) -> int:
    """The end of the cell whose opening quote is at `at`, behind its closing quote; -1 if there is none."""
    end = raw.find('"', at + 1)
    while end >= 0 and raw.startswith('""', end):
        end = raw.find('"', end + 2)
    return end + 1 if end >= 0 else -1
