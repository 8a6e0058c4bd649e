"""Where the bytes of cleaned files go: an `Output` takes them piece by piece and ends each file in one step."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InputError
from ..files import Replacement, check_writable, display, read_pieces
from .streams import STDIN, write

__all__ = ["InPlace", "Nowhere", "OneFile", "Output", "Standard"]


class Output:
    """Takes the bytes of files, one file after the other."""

    def begin(self, name: str) -> None:
        """The bytes that come now are those of the file `name`."""

    def write(self, data: bytes, *, changed: bool) -> None:
        """The next bytes of the file; `changed` tells whether they differ from those of the input."""

    def end(self) -> None:
        """The file is whole."""

    def abandon(self) -> None:
        """The file will not be whole."""

    def close(self, *, failed: bool) -> None:
        """There are no more files; `failed` tells whether any was abandoned."""


class Nowhere(Output):
    """For those who only ask."""


class Standard(Output):
    """Standard output: every piece at once, so that pipes see it."""

    def write(self, data: bytes, *, changed: bool) -> None:  # noqa: ARG002
        if data:
            write(None, data)


class OneFile(Output):
    """All files one behind the other in the file `name`, which is written whole or not at all."""

    def __init__(self, name: str) -> None:
        self._file = Replacement(name)

    def write(self, data: bytes, *, changed: bool) -> None:  # noqa: ARG002
        self._file.write(data)

    def close(self, *, failed: bool) -> None:
        if not failed:
            self._file.commit()
        self._file.discard()


class InPlace(Output):
    """Every file back to where it came from, in one step, if it changed at all."""

    def __init__(self) -> None:
        self._name = STDIN
        self._file: Replacement | None = None
        self._kept = 0  # bytes at the head of the file that are as they were

    def begin(self, name: str) -> None:
        check_writable(name)
        self._name, self._file, self._kept = name, None, 0

    def write(self, data: bytes, *, changed: bool) -> None:
        if self._file is None:
            if not changed:
                self._kept += len(data)
                return
            self._file = Replacement(self._name)
            for piece in _head(self._name, self._kept):
                self._file.write(piece)
        self._file.write(data)

    def end(self) -> None:
        if self._file is not None:
            self._file.commit()

    def abandon(self) -> None:
        if self._file is not None:
            self._file.discard()

    def close(self, *, failed: bool) -> None:  # noqa: ARG002
        self.abandon()


def _head(name: str, size: int) -> Iterator[bytes]:
    """The first `size` bytes of a file once more, in pieces."""
    for piece in read_pieces(name) if size else ():
        yield piece[:size]
        size -= len(piece)
        if size <= 0:
            return
    if size > 0:
        raise InputError(f"{display(name)}: became shorter while it was read")
