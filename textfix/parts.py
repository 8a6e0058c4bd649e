"""What lies between the bytes of a file and the texts that are repaired.

A file is a sequence of `Part`s, one behind the other, that together are all of its bytes. A part may hold one text to
repair: a window of plain text, the field of a record, the strings of a page. What no edit touches is never decoded and
encoded again: an edit becomes a `Patch` of the bytes, and all other bytes pass through as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from .decoding import Decoding, char_starts, one_form
from .edits import Edit, Edits, Repair
from .errors import InputError
from .windows import WINDOW, windows

__all__ = ["BadRecord", "Part", "Patch", "encode", "patched", "plain_parts"]


@dataclass(frozen=True, slots=True)
class Patch:
    """The bytes `old` at `offset` of the file become `new`; `edit` says why.

    `line` and `column` (in characters of that line, both from 1) are for people. `edit` is None for what a format
    wants beside the edits themselves, such as the record of a processing step.
    """

    offset: int
    old: bytes
    new: bytes
    edit: Edit | None
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes `data` that begin at byte `offset` and line `line` of a file, and the `text` in them to repair.

    `raw` is `data` decoded by `codec`. `place` tells for an edit of `text` which span of `raw` it replaces, and by
    what; where it is left out, `text` is `raw`. A part without a text (a header, a byte order mark) passes through.
    `record` counts the records of a file from 1, for formats that have them.
    """

    data: bytes
    offset: int
    line: int
    codec: str = "utf-8"
    raw: str = ""
    text: str = ""
    name: str = "<text>"
    record: int | None = None
    place: Callable[[Edit], tuple[int, int, str]] | None = field(default=None, repr=False)

    def repaired(self, repair: Callable[[str], Repair]) -> Repair:
        """What `repair` makes of the text. Kinds of parts that cannot take every edit do it their own way."""
        return repair(self.text)

    def patches(self, edits: Edits) -> list[Patch]:
        """What `edits` of `text` do to the bytes. Raises `InputError` for a character that the encoding lacks."""
        if not edits:
            return []
        places = [self._place(edit) for edit in edits]
        bounds = sorted({at for start, end, _ in places for at in (start, end)} | {0})
        to_byte = self._bytes_at(bounds)
        out: list[Patch] = []
        line, at = self.line, 0
        for (start, end, new), edit in zip(places, edits, strict=True):
            line, at = line + self.raw.count("\n", at, start), start
            begin, stop = to_byte[start], to_byte[end]
            column = start - self.raw.rfind("\n", 0, start)
            data = encode(new, self.codec, self.name)
            out.append(Patch(self.offset + begin, self.data[begin:stop], data, edit, line, column))
        return out

    def where(self, edit: Edit) -> tuple[int, int]:
        """Line and column of an edit of `text` in the file, from 1."""
        start, _, _ = self._place(edit)
        return self.line + self.raw.count("\n", 0, start), start - self.raw.rfind("\n", 0, start)

    def _place(self, edit: Edit) -> tuple[int, int, str]:
        return self.place(edit) if self.place else (edit.start, edit.end, edit.replacement)

    def _bytes_at(self, bounds: list[int]) -> dict[int, int]:
        """Code point offset in `raw` → byte offset in `data`."""
        if one_form(self.codec) or self.raw.encode(self.codec) == self.data:
            out, at = {0: 0}, 0
            for left, right in pairwise(bounds):
                at += len(self.raw[left:right].encode(self.codec))
                out[right] = at
            return out
        starts = char_starts(self.data, self.codec, bounds[-1])
        return {bound: starts[bound] for bound in bounds}


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that cannot be read: its first line as a part without a text, and why."""

    part: Part
    reason: str


def patched(part: Part, patches: Iterable[Patch]) -> bytes:
    """The bytes of `part` with `patches` made, which are disjoint and in their order."""
    out, at = [], 0
    for patch in patches:
        begin = patch.offset - part.offset
        out += [part.data[at:begin], patch.new]
        at = begin + len(patch.old)
    out.append(part.data[at:])
    return b"".join(out)


def encode(text: str, codec: str, name: str) -> bytes:
    """`text` in the encoding of the file `name`; raises `InputError` for a character that it lacks."""
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        char = text[error.start]
        raise InputError(
            f"{name}: the result has {char!r} (U+{ord(char):04X}), which {codec} cannot write; "
            "convert the file to UTF-8 first"
        ) from error


def plain_parts(pieces: Iterable[bytes], decoding: Decoding, size: int = WINDOW) -> Iterator[Part]:
    """The parts of a plain text that arrives as `pieces` of bytes: windows of `size` characters (`textfix.windows`).

    Memory is bounded by the window. Raises what `Decoding` raises, when it comes to the bytes in question.
    """
    decoding.refuse_state()
    held = bytearray()

    def texts() -> Iterator[str]:
        for data in pieces:
            held.extend(data)
            yield decoding.feed(data)
        yield decoding.feed(b"", final=True)

    offset, line = 0, 1
    for text in windows(texts(), size):
        if not offset and decoding.bom:
            offset = len(decoding.bom)
            del held[:offset]
            yield Part(decoding.bom, 0, 1, decoding.codec, name=decoding.name)
        data = _taken(held, text, decoding.codec)
        yield Part(data, offset, line, decoding.codec, text, text, decoding.name)
        offset, line = offset + len(data), line + text.count("\n")
    if not offset and held:
        yield Part(bytes(held), 0, 1, decoding.codec, name=decoding.name)


def _taken(held: bytearray, text: str, codec: str) -> bytes:
    """The bytes at the head of `held` that `text` was decoded from, taken out of it."""
    data = text.encode(codec)
    if not one_form(codec) and not held.startswith(data):
        data = bytes(held[: char_starts(held, codec, len(text))[-1]])
    del held[: len(data)]
    return data
