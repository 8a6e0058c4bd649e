"""What every command does with its input and output: files and standard streams under one roof."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .. import files
from ..charset import AUTO, SAMPLE, guess
from ..errors import InputError, OptionError

if TYPE_CHECKING:
    from io import BufferedReader

__all__ = [
    "STDIN", "json_line", "keep_apart", "once_stdin", "pieces", "read", "read_lines", "say", "stdout_is_terminal",
    "write",
]  # fmt: skip

STDIN = "-"


def read(name: str, encoding: str = "utf-8", *, empty: bool = True) -> files.Decoded:
    """The text of a file, or of standard input for ``-``. An empty one is an error unless `empty` is allowed.

    A scan format or a PDF is refused: commands that compare texts would compare its markup. With the
    encoding ``auto`` it is told on standard error what the text is taken for.
    """
    data, shown = (_stdin(), "<stdin>") if name == STDIN else (files.read_bytes(name), files.display(name))
    _refuse_documents(data, shown)
    if encoding == AUTO:
        found = guess(data[:SAMPLE], shown, whole=len(data) <= SAMPLE)
        say(f"textfix: {shown}: taken as {found.encoding} ({found.why})")
        encoding = found.encoding
    decoded = files.decode(data, encoding, shown)
    if not (empty or decoded.text):
        raise InputError(f"{decoded.name}: is empty")
    return decoded


def _refuse_documents(data: bytes, name: str) -> None:
    if b"<" not in data[:1024] and not data.startswith(b"%PDF-"):
        return
    from ..formats import FORMATS, detect

    known = detect(data)
    if known is not None:
        raise InputError(
            f"{name}: is {FORMATS[known]}, which only clean and batch take; clean --json shows the text in it"
        )


def _stdin() -> bytes:
    if sys.stdin is None:
        raise InputError("standard input is closed")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise InputError(f"standard input: {error.strerror}") from error


def pieces(name: str, size: int = 1 << 16) -> Iterator[bytes]:
    """The bytes of a file, or of standard input for ``-``, in pieces of at most `size`, as they come."""
    if name != STDIN:
        yield from files.read_pieces(name, size)
        return
    if sys.stdin is None:
        raise InputError("standard input is closed")
    while piece := _some(size):
        yield piece


def _some(size: int) -> bytes:
    try:
        return cast("BufferedReader", sys.stdin.buffer).read1(size)
    except OSError as error:
        raise InputError(f"standard input: {error.strerror}") from error


def read_lines(name: str) -> list[str]:
    """The lines of a UTF-8 list such as a file of terms; empty lines and lines that begin with # say nothing."""
    lines = (line.strip() for line in read(name).text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def once_stdin(names: Sequence[str]) -> None:
    """Refuse to read standard input twice."""
    if list(names).count(STDIN) > 1:
        raise OptionError("standard input can be read only once")


def keep_apart(targets: Mapping[str, str | None], sources: Sequence[str] = ()) -> None:
    """Refuse two outputs, given by their options, that are one file, and one that would replace a file of `sources`."""
    taken = {os.path.realpath(name): "" for name in sources if name != STDIN}
    for option, target in targets.items():
        if target is None or target == STDIN or (Path(target).exists() and not Path(target).is_file()):
            continue
        other = taken.setdefault(os.path.realpath(target), option)
        if not other:
            raise OptionError(f"{option} would replace {files.display(target)}, which is read")
        if other != option:
            raise OptionError(f"{other} and {option} name the same file")


def write(target: str | None, data: bytes) -> None:
    """Write `data` to a file, whole or not at all, or for None and ``-`` to standard output."""
    if target is not None and target != STDIN:
        files.write_bytes(target, data)
    elif sys.stdout is None:
        raise InputError("standard output is closed")
    else:
        view = memoryview(data)
        while view:  # with PYTHONUNBUFFERED set one call may write less than it was given
            view = view[sys.stdout.buffer.write(view) :]
        sys.stdout.buffer.flush()


def json_line(row: Mapping[str, Any]) -> bytes:
    """`row` as one line of JSON in UTF-8. A file name that is not text is written with its bytes escaped."""
    import json

    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return line.encode("utf-8", "backslashreplace") + b"\n"


def say(message: str, *, after: bytes = b"") -> None:
    """One line for the person at the terminal, on standard error.

    `after` is what was just written to standard output: on a terminal the message does not go on in its last line.
    """
    if sys.stderr is None:
        return
    if after and not after.endswith(b"\n") and sys.stdout is not None and sys.stdout.isatty() and sys.stderr.isatty():
        print(file=sys.stderr)
    print(message, file=sys.stderr, flush=True)


def stdout_is_terminal() -> bool:
    """Whether colour on standard output is welcome (https://no-color.org)."""
    return sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
