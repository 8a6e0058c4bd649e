"""The journal of a run: every edit as a line of JSON, enough to make it again and to undo it byte for byte.

The schema is described in docs/edits.md. Rows of one file stand between a row ``file`` and a row ``end``; a file whose
row ``end`` is missing was not finished. Offsets count bytes, so a journal is applied without decoding anything,
whatever the encoding or the format of the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from .errors import InputError, brief
from .files import display
from .parts import Patch

__all__ = ["FORMAT", "VERSION", "Digest", "JournalWriter", "Section", "apply_section", "digest_of", "sections"]

FORMAT, VERSION = "textfix.edits", 1


@dataclass(frozen=True, slots=True)
class Digest:
    """The size of a file in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {"bytes": self.size, "sha256": self.sha256}


class _Digester:
    def __init__(self) -> None:
        self._hash, self._size = hashlib.sha256(), 0

    def update(self, data: bytes) -> None:
        self._hash.update(data)
        self._size += len(data)

    def digest(self) -> Digest:
        return Digest(self._size, self._hash.hexdigest())


def digest_of(pieces: Iterable[bytes]) -> Digest:
    """The digest of what `pieces` are together."""
    digester = _Digester()
    for piece in pieces:
        digester.update(piece)
    return digester.digest()


class JournalWriter:
    """Writes the rows of one run through `write`, file by file."""

    def __init__(self, write: Callable[[bytes], None], version: str) -> None:
        self._write = write
        self._row({"type": "journal", "format": FORMAT, "version": VERSION, "textfix": version})

    def begin(self, name: str) -> None:
        """The rows that come now are about the file `name`."""
        self._name, self._edits = name, 0
        self._before, self._after = _Digester(), _Digester()
        self._row({"type": "file", "file": name})

    def add(self, patch: Patch, codec: str, record: int | None = None, reason: str | None = None) -> None:
        """A change of the file; `reason` says why, where no edit does."""
        row: dict[str, Any] = {"type": "edit" if patch.edit else "bytes", "offset": patch.offset}
        row |= {"line": patch.line, "column": patch.column}
        if record is not None:
            row["record"] = record
        if patch.edit:
            edit = patch.edit.to_dict()
            row |= {k: v for k, v in edit.items() if k not in ("start", "end")}
            if (_bytes(patch.edit.observed, codec), _bytes(patch.edit.replacement, codec)) == (patch.old, patch.new):
                row["encoding"] = codec
        if reason is not None:
            row["reason"] = reason
        if "encoding" not in row:
            row |= {"old": patch.old.hex(), "new": patch.new.hex()}
        self._edits += 1
        self._row(row)

    def passed(self, old: bytes, new: bytes) -> None:
        """The next bytes of the file, and what became of them."""
        self._before.update(old)
        self._after.update(new)

    def end(self) -> None:
        """The file is whole."""
        before, after = self._before.digest().to_dict(), self._after.digest().to_dict()
        self._row({"type": "end", "file": self._name, "changes": self._edits, "input": before, "output": after})

    def _row(self, row: Mapping[str, Any]) -> None:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        self._write(line.encode("utf-8", "backslashreplace") + b"\n")


def _bytes(text: str, codec: str) -> bytes | None:
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return None


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one file in a journal: `start` is the byte offset of the first of them."""

    journal: str
    name: str
    start: int
    changes: int
    before: Digest
    after: Digest

    def patches(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Byte offset in the input, old bytes, new bytes of every change, in order."""
        with Path(self.journal).open("rb") as stream:
            stream.seek(self.start)
            for _, row in _rows(stream, self.journal):
                if row["type"] == "end":
                    return
                yield _patch(row, self.journal)


def sections(journal: str) -> list[Section]:
    """What a journal knows of: the files that were finished. Raises `InputError` for what is not a journal."""
    out: list[Section] = []
    try:
        with Path(journal).open("rb") as stream:
            rows = _rows(stream, journal)
            _, head = next(rows, (0, {}))
            if head.get("format") != FORMAT:
                raise InputError(f"{display(journal)}: is no journal of edits, as --edits writes them")
            if head.get("version") != VERSION:
                version = brief(head.get("version"))
                raise InputError(
                    f"{display(journal)}: has version {version} of {FORMAT}; this textfix reads {VERSION}"
                )
            start, name = 0, ""
            for after, row in rows:
                if row["type"] == "file":
                    start, name = after, str(row.get("file"))
                elif row["type"] == "end":
                    ends = (_digest(row.get(key), journal) for key in ("input", "output"))
                    changes = row.get("changes", 0)
                    out.append(Section(journal, name, start, changes if _is_count(changes) else 0, *ends))
    except OSError as error:
        raise InputError(f"{display(journal)}: {(error.strerror or str(error)).lower()}") from error
    return out


def _rows(stream: BinaryIO, journal: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every row from here on, with the offset behind it; a last line that was cut off is left out."""
    at = stream.tell()
    for line in stream:
        if not line.endswith(b"\n"):
            return
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("type"), str):
            raise InputError(f"{display(journal)}: the line at byte {at} is no row of a journal")
        at += len(line)
        yield at, row


def _digest(value: Any, journal: str) -> Digest:
    if isinstance(value, dict) and _is_count(value.get("bytes")) and isinstance(value.get("sha256"), str):
        return Digest(value["bytes"], value["sha256"])
    raise InputError(f"{display(journal)}: a row says nothing of its file's size and sha256")


def _is_count(value: Any) -> bool:
    """Whether `value` can be a number of bytes, or of anything else in a file."""
    return type(value) is int and 0 <= value < 1 << 63


def _patch(row: Mapping[str, Any], journal: str) -> tuple[int, bytes, bytes]:
    try:
        offset = row["offset"]
        if not _is_count(offset):
            raise TypeError("no offset")
        if "encoding" in row:
            codec = row["encoding"]
            return offset, row["observed"].encode(codec), row["replacement"].encode(codec)
        return offset, bytes.fromhex(row["old"]), bytes.fromhex(row["new"])
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        place = brief(row.get("offset"))
        raise InputError(f"{display(journal)}: the change at byte {place} cannot be read") from error


def apply_section(section: Section, pieces: Iterable[bytes], name: str, *, undo: bool = False) -> Iterator[bytes]:
    """The file that arrives in `pieces` with all changes of `section` made, or undone, in pieces.

    Raises `InputError` as soon as the file turns out not to be the one that the journal is about, which may be at its
    very end, where its digest is known.
    """
    given, made = _Digester(), _Digester()
    source = _Source(pieces, given)
    grown = 0
    for offset, old, new in section.patches():
        place, found, wanted = (offset + grown, new, old) if undo else (offset, old, new)
        for piece in source.up_to(place):
            made.update(piece)
            yield piece
        if source.take(len(found)) != found:
            raise InputError(
                f"{name}: byte {place} does not read as the journal says ({_shown(found)}); is it the file it was?"
            )
        grown += len(new) - len(old)
        made.update(wanted)
        yield wanted
    for piece in source.up_to(None):
        made.update(piece)
        yield piece
    expected = (section.after, section.before) if undo else (section.before, section.after)
    for is_now, digest, what in zip((given, made), expected, ("is not the file", "does not become what"), strict=True):
        if is_now.digest() != digest:
            raise InputError(f"{name}: {what} the journal is about (sha256 {digest.sha256[:12]}…, {digest.size} bytes)")


def _shown(data: bytes) -> str:
    return repr(data[:40].decode("utf-8", "backslashreplace"))


class _Source:
    """Bytes that arrive in pieces, asked for by position."""

    def __init__(self, pieces: Iterable[bytes], digester: _Digester) -> None:
        self._pieces, self._digester = filter(None, pieces), digester
        self._held, self._at = b"", 0

    def up_to(self, place: int | None) -> Iterator[bytes]:
        """What is left before `place` (None: all), piece by piece; less where the file ends."""
        while place is None or self._at < place:
            if not self._held and not self._more():
                return
            piece = self._held if place is None else self._held[: place - self._at]
            self._held = self._held[len(piece) :]
            self._at += len(piece)
            yield piece

    def take(self, size: int) -> bytes:
        """The next `size` bytes, or fewer at the end."""
        while len(self._held) < size and self._more():
            pass
        out, self._held = self._held[:size], self._held[size:]
        self._at += len(out)
        return out

    def _more(self) -> bool:
        piece = next(self._pieces, b"")
        self._digester.update(piece)
        self._held += piece
        return bool(piece)
