"""Records, one a line or so, of which one field is repaired and every other byte passes through.

A record that cannot be read is handed out as a `textfix.parts.BadRecord`; the ones behind it go on. The formats
themselves are in `textfix.fields`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from .decoding import Decoding
from .errors import InputError
from .fields import Field, RecordError, RecordFormat
from .parts import BadRecord, Part

__all__ = ["record_parts"]

#: No line is longer, in bytes: memory stays bounded.
LONGEST_LINE = 1 << 26
#: No cell goes on for longer over line ends, in bytes: a quote that is never closed is found out.
LONGEST_OPEN = 1 << 24


def record_parts(pieces: Iterable[bytes], decoding: Decoding, form: RecordFormat) -> Iterator[Part | BadRecord]:
    """The records of a file that arrives as `pieces` of bytes, in order. Blank lines are parts without a text.

    Raises `InputError` where the file as a whole is not what was said, or a line is longer than `LONGEST_LINE`.
    """
    decoding.refuse_state()
    lines = _Lines(pieces, decoding)
    name, number = decoding.name, 0
    if decoding.bom:
        yield Part(decoding.bom, 0, 1, decoding.codec, name=name)
    while lines.look(0):
        offset, at, number = lines.offset, lines.line, number + 1
        try:
            raw, count = _whole(lines, form, decoding.codec)
            blank = not raw.strip()
            found = None if blank else _field(form, _bare(raw), name)
        except RecordError as error:
            data = lines.take(1)
            yield BadRecord(Part(data, offset, at, decoding.codec, name=name, record=number), str(error))
            continue
        data = lines.take(count)
        number -= blank
        if found is None:
            yield Part(data, offset, at, decoding.codec, raw, name=name)
        else:
            yield Part(data, offset, at, decoding.codec, raw, found.text, name, number, found.place)


def _field(form: RecordFormat, raw: str, name: str) -> Field | None:
    try:
        return form.field(raw)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def _whole(lines: _Lines, form: RecordFormat, codec: str) -> tuple[str, int]:
    """The next record, and how many lines it takes."""
    parts: list[str] = []
    size, inside = 0, True
    while inside:
        line = lines.look(len(parts))
        if not line or size > LONGEST_OPEN:
            raise RecordError("a quote is never closed")
        try:
            text = line.decode(codec)
        except UnicodeDecodeError as error:
            offset = lines.offset + size + error.start
            raise RecordError(f"byte 0x{line[error.start]:02x} at offset {offset} is not {codec}") from error
        if "\0" in text:
            raise RecordError("has a NUL byte")
        inside = form.is_open(_bare(text), inside=bool(parts))
        parts.append(text)
        size += len(line)
    return "".join(parts), len(parts)


def _bare(raw: str) -> str:
    """A record without its line end."""
    return raw[:-2] if raw.endswith("\r\n") else raw.removesuffix("\n")


class _Lines:
    """The lines of a file with their line ends; `offset` and `line` are those of the next."""

    def __init__(self, pieces: Iterable[bytes], decoding: Decoding) -> None:
        self._pieces = filter(None, pieces)
        self._name = decoding.name
        self._ready: deque[bytes] = deque()
        head = b""
        while len(head) < decoding.HEAD and (piece := next(self._pieces, b"")):
            head += piece
        self._held = bytearray(decoding.begin(head))
        self._searched = 0
        self._end = "\n".encode(decoding.codec)
        self.offset, self.line = len(decoding.bom), 1

    def look(self, ahead: int) -> bytes:
        """The line that stands `ahead` lines behind the next, or nothing behind the last."""
        while len(self._ready) <= ahead:
            line = self._cut()
            if not line:
                return b""
            self._ready.append(line)
        return self._ready[ahead]

    def take(self, count: int) -> bytes:
        """The next `count` lines, which have been looked at."""
        data = b"".join(self._ready.popleft() for _ in range(count))
        self.offset += len(data)
        self.line += count
        return data

    def _cut(self) -> bytes:
        while not (cut := self._find()):
            piece = next(self._pieces, b"")
            if not piece:
                cut = len(self._held)
                break
            self._held += piece
            if len(self._held) > LONGEST_LINE + len(piece):
                line = self.line + len(self._ready)
                most = f"{LONGEST_LINE >> 20} MiB"
                raise InputError(f"{self._name}: line {line} is longer than {most}; are these records?")
        line_bytes = bytes(self._held[:cut])
        del self._held[:cut]
        self._searched = 0
        return line_bytes

    def _find(self) -> int:
        """Where the first line that is held ends, or 0. A line end of two bytes begins at an even byte."""
        width = len(self._end)
        at = self._held.find(self._end, self._searched)
        while at >= 0 and at % width:
            at = self._held.find(self._end, at + 1)
        if at >= 0:
            return at + width
        self._searched = max(0, (len(self._held) - width) // width * width)
        return 0
