"""The confusable table: what OCR was seen to read, what stood on the page, and how often.

A TSV file that people read, edit and keep under version control::

    # textfix confusable table, version 1
    # generator: textfix learn
    # source: chongqing-2022
    observed	intended	kind	count	documents	status	example
    歼	矸	glyph	1	1		工矿废弃地、{歼→矸}石山、尾矿库

Rows are sorted by code points. `status` is empty, or ``rejected`` where a person decided that the row must not be
used; it stays rejected through every merge. In a row of kind ``shift`` an ellipsis in `observed` stands for the
characters between the parts of a glyph that came apart. White space, controls and backslashes are written as
``\\uXXXX`` (``\\UXXXXXXXX`` is read, too), an empty field as ``\\e``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from ..edits import CONTENT_KINDS
from ..errors import InputError, TableError, brief

__all__ = ["COLUMNS", "TABLE_KINDS", "Row", "Table"]

COLUMNS = ("observed", "intended", "kind", "count", "documents", "status", "example")
#: Kinds that a table may hold: what OCR does to single characters, numbering and terms left out.
TABLE_KINDS = frozenset(CONTENT_KINDS - {"number", "term"})
_TITLE = "# textfix confusable table, version 1"
_STATUSES = ("", "rejected")
_ESCAPED = re.compile(r"[\s\\\x00-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.?))", re.DOTALL)

#: A count of more digits is a mistake; floats hold all others exactly.
_DIGITS = 15

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """`observed` was read where `intended` stood, `count` times in `documents` documents.

    `example` shows one place, the error in braces. A row that a person rejects may have been seen 0 times.
    """

    observed: str
    intended: str
    kind: str
    count: int = 1
    documents: int = 1
    status: str = ""
    example: str = ""

    def __post_init__(self) -> None:
        if self.observed == self.intended:
            raise TableError(f"row {brief(self.observed)}: observed and intended are the same")
        if self.kind not in TABLE_KINDS:
            raise TableError(f"row {brief(self.observed)}: unknown kind {brief(self.kind)}")
        if self.status not in _STATUSES:
            raise TableError(f"row {brief(self.observed)}: unknown status {brief(self.status)}")
        if not (0 <= self.documents <= self.count and (self.documents > 0 or (self.rejected and self.count == 0))):
            times = f"{brief(self.count)} times in {brief(self.documents)} documents"
            raise TableError(f"row {brief(self.observed)}: {times} cannot be")

    @property
    def key(self) -> Key:
        """What tells rows apart."""
        return self.observed, self.intended, self.kind

    @property
    def rejected(self) -> bool:
        """Whether a person decided that the row must not be used."""
        return self.status == "rejected"

    def __add__(self, other: Row) -> Row:
        """Both rows of one key as one: counts add, a rejection stays, the shorter example is kept."""
        if other.key != self.key:
            raise TableError(f"rows {self.key} and {other.key} are not the same pair")
        examples = [e for e in (self.example, other.example) if e]
        return Row(
            *self.key,
            self.count + other.count,
            self.documents + other.documents,
            max(self.status, other.status),
            min(examples, key=lambda e: (len(e), e), default=""),
        )


class Table:
    """An immutable set of rows, one for every key, with where they come from. Equality ignores nothing."""

    __slots__ = ("_rows", "generators", "sources")

    def __init__(
        self, rows: Iterable[Row] = (), sources: Iterable[str] = (), generators: Iterable[str] = ()
    ) -> None:
        """Rows of one key are added up. `sources` and `generators` are names, without line breaks."""
        held: dict[Key, Row] = {}
        for row in rows:
            held[row.key] = held[row.key] + row if row.key in held else row
        self._rows: Mapping[Key, Row] = MappingProxyType({key: held[key] for key in sorted(held)})
        self.sources = tuple(sorted({_one_line(s) for s in sources}))
        self.generators = tuple(sorted({_one_line(g) for g in generators}))

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __getitem__(self, key: Key) -> Row:
        return self._rows[key]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        mine = (dict(self._rows), self.sources, self.generators)
        return mine == (dict(other._rows), other.sources, other.generators)

    def __hash__(self) -> int:
        return hash((tuple(self._rows), self.sources, self.generators))

    def __repr__(self) -> str:
        return f"<Table: {len(self)} rows from {len(self.sources)} sources>"

    def __reduce__(self) -> tuple[type[Table], tuple[tuple[Row, ...], tuple[str, ...], tuple[str, ...]]]:
        return Table, (tuple(self), self.sources, self.generators)

    @property
    def active(self) -> tuple[Row, ...]:
        """The rows that may be used, in order."""
        return tuple(row for row in self if not row.rejected)

    def find(self, observed: str, intended: str | None = None) -> tuple[Row, ...]:
        """The rows of `observed`, or of the pair, whatever their kind and status."""
        return tuple(r for r in self if r.observed == observed and intended in (None, r.intended))

    def merge(self, *others: Table) -> Table:
        """All rows of all tables. Associative and commutative; a table merged with itself counts twice."""
        tables = (self, *others)
        return Table(
            (row for table in tables for row in table),
            (s for table in tables for s in table.sources),
            (g for table in tables for g in table.generators),
        )

    def reject(self, observed: str, intended: str) -> Table:
        """The table with that pair rejected, under every kind that it has here.

        Raises `TableError` if the table does not hold the pair.
        """
        if not self.find(observed, intended):
            raise TableError(f"the table has no pair {observed!r} → {intended!r}")
        pair = (observed, intended)
        rows = (replace(r, status="rejected") if (r.observed, r.intended) == pair else r for r in self)
        return Table(rows, self.sources, self.generators)

    def dump(self) -> str:
        """The table as TSV; `parse` is the inverse."""
        lines = [_TITLE]
        lines += [f"# generator: {_escape(g, ' ')}" for g in self.generators]
        lines += [f"# source: {_escape(s, ' ')}" for s in self.sources]
        lines.append("\t".join(COLUMNS))
        for r in self:
            texts = (_escape(r.observed) or "\\e", _escape(r.intended) or "\\e", r.kind)
            lines.append("\t".join((*texts, str(r.count), str(r.documents), r.status, _escape(r.example, " "))))
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str, name: str = "<table>") -> Table:
        """Read `dump`'s form; rows may stand in any order. Raises `TableError` with the line that is wrong."""
        rows: dict[Key, Row] = {}
        notes: dict[str, list[str]] = {"generator": [], "source": []}
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        if lines[0] != _TITLE:
            raise TableError(f"{name}: not a confusable table: the first line must be {_TITLE!r}")
        header = False
        for number, line in enumerate(lines[1:], 2):
            if line.startswith("# ") and not header:
                label, _, value = line[2:].partition(": ")
                if label in notes:
                    notes[label].append(_unescape(value, f"{name}:{number}"))
            elif not header and line:
                if tuple(line.split("\t")) != COLUMNS:
                    raise TableError(f"{name}:{number}: the columns must be {', '.join(COLUMNS)}")
                header = True
            elif line:
                row = _parse_row(line, f"{name}:{number}")
                if row.key in rows:
                    raise TableError(f"{name}:{number}: {brief(row.observed)} → {brief(row.intended)} stands twice")
                rows[row.key] = row
        if not header:
            raise TableError(f"{name}: the line with the column names is missing")
        return cls(rows.values(), notes["source"], notes["generator"])

    @classmethod
    def load(cls, path: Path) -> Table:
        """Read a file. Raises `InputError` if it cannot be read, `TableError` if it is no table."""
        try:
            return cls.parse(path.read_text("utf-8"), str(path))
        except OSError as error:
            raise InputError(f"{path}: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise TableError(f"{path}: not UTF-8 at byte {error.start}") from error


def _parse_row(line: str, where: str) -> Row:
    fields = line.split("\t")
    if len(fields) != len(COLUMNS):
        raise TableError(f"{where}: {len(fields)} columns, not {len(COLUMNS)}")
    observed, intended, kind, count, documents, status, example = fields
    if not all(number.isascii() and number.isdigit() and len(number) <= _DIGITS for number in (count, documents)):
        raise TableError(f"{where}: count and documents must be whole numbers of at most {_DIGITS} digits")
    if not observed or not intended:
        raise TableError(f"{where}: an empty field is written \\e")
    try:
        return Row(
            _unescape(observed, where),
            _unescape(intended, where),
            kind,
            int(count),
            int(documents),
            status,
            _unescape(example, where),
        )
    except TableError as error:
        raise error if str(error).startswith(where) else TableError(f"{where}: {error}") from None


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def _escape(text: str, plain: str = "") -> str:
    """`text` with white space, controls and backslashes escaped, but for the characters of `plain`."""

    def code(match: re.Match[str]) -> str:
        char = match.group()
        return char if char in plain else f"\\u{ord(char):04x}"

    return _ESCAPED.sub(code, text)


def _unescape(text: str, where: str) -> str:
    def char(match: re.Match[str]) -> str:
        short, long, other = match.groups()
        if other == "e":
            return ""
        code = int(short or long or "110000", 16)
        if code > 0x10FFFF:
            raise TableError(f"{where}: {match.group()!r} is no escape")
        return chr(code)

    return _ESCAPE.sub(char, text)
