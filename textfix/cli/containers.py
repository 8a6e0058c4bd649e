"""How texts lie in a file: which reader takes a file apart for `clean`.

A new kind of file is entered in `parts_of`: its reader takes the bytes as they come and gives the `Part`s of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ..charset import AUTO, SAMPLE, guess
from ..decoding import Decoding
from ..errors import InputError
from ..files import display
from ..parts import BadRecord, Part, plain_parts
from ..windows import WINDOW
from .streams import STDIN, pieces, say

if TYPE_CHECKING:
    from ..fields import RecordFormat

__all__ = ["Reading", "display_name", "parts_of"]

#: What may stand before the first sign of a document: white space, byte order marks, the zeros of UTF-16.
_BEFORE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are to be read: their encoding, the size of a window in characters, and their format.

    `format` is ``text``, one of `textfix.formats.FORMATS`, or ``auto``: by content. `rewrite` says that the files
    themselves are to be written, which refuses those that can only be read. With `record` changes of documents are
    recorded in the format's own way. `records` makes
    a reader for one file of records of which one field is repaired.
    """

    encoding: str = "utf-8"
    window: int = WINDOW
    format: str = "auto"
    rewrite: bool = False
    record: bool = True
    records: Callable[[], RecordFormat] | None = None


def display_name(name: str) -> str:
    """What messages call a file."""
    return "<stdin>" if name == STDIN else display(name)


def parts_of(name: str, reading: Reading) -> Iterator[Part | BadRecord]:
    """The parts of the file `name`, or of standard input for ``-``."""
    shown = display_name(name)
    if name != STDIN and Path(name).is_dir():
        raise InputError(f"{shown}: is a directory; textfix batch repairs folders")
    if reading.records is not None:
        from ..records import record_parts

        encoding, source = _encoding_of(pieces(name), reading.encoding, shown)
        yield from record_parts(source, Decoding(encoding, shown), reading.records())
        return
    known, source = _format_of(pieces(name), reading.format)
    if known == "text":
        encoding, source = _encoding_of(source, reading.encoding, shown)
        yield from plain_parts(source, Decoding(encoding, shown), reading.window)
        return
    if known == "pdf" and reading.rewrite:
        raise InputError(f"{shown}: a PDF is only read; write its text to another file with -o (without --edits)")
    from ..formats import parts_in

    yield from parts_in(b"".join(source), shown, format=known, record=reading.record)


def _format_of(source: Iterator[bytes], wanted: str) -> tuple[str, Iterator[bytes]]:
    """The format of what arrives, and all that arrives. Waits for more only if it begins like a document."""
    if wanted != "auto":
        return wanted, source
    head = b""
    for piece in source:
        head += piece
        begins = head[: 1 << 10].lstrip(_BEFORE)[:5]
        if begins and not b"%PDF-".startswith(begins) and not begins.startswith((b"<", b"%PDF-")):
            return "text", chain([head], source)  # as nearly always; `textfix.formats` is not even imported
        if len(head) >= 1 << 16:
            break
    if not head.strip():
        return "text", chain([head], source)
    from ..formats import detect

    return detect(head) or "text", chain([head], source)


def _encoding_of(source: Iterator[bytes], wanted: str, name: str) -> tuple[str, Iterator[bytes]]:
    """The encoding of what arrives, and all that arrives; one that was to be found out is told on standard error."""
    if wanted != AUTO:
        return wanted, source
    rest = filter(None, source)
    head = b""
    whole = False
    while len(head) < SAMPLE and not whole:
        piece = next(rest, b"")
        head, whole = head + piece, not piece
    found = guess(head[:SAMPLE], name, whole=len(head) <= SAMPLE and whole)
    say(f"textfix: {name}: taken as {found.encoding} ({found.why})")
    return found.encoding, chain([head], rest)
