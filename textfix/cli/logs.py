"""What `clean` keeps beside its output: the journal of edits (``--edits``) and the bad records (``--rejects``).

Both are lines of JSON, and are put in their place when the run ends, however it ends.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from .. import __version__
from ..edits import Repair
from ..errors import InputError
from ..files import Replacement, display
from ..journal import JournalWriter
from ..parts import Part, Patch
from .streams import STDIN, json_line, say, write
from .watchers import Watcher

__all__ = ["Journal", "Rejects"]


class _Log:
    """A file of lines that takes its place at the end; ``-`` is standard output."""

    def __init__(self, name: str) -> None:
        self._file = None if name == STDIN else Replacement(name)

    def write(self, data: bytes) -> None:
        if self._file is None:
            write(None, data)
        else:
            self._file.write(data)

    def sync(self) -> None:
        """What was written is safe."""

    def close(self) -> None:
        if self._file is not None:
            self._file.commit()


class _SafeLog(_Log):
    """A new file of lines that are on disk before the files that they are about are replaced."""

    def __init__(self, name: str) -> None:
        self._name = display(name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        try:
            self._descriptor = os.open(name, flags, 0o666)
        except FileExistsError:
            raise InputError(
                f"{display(name)}: exists, and may be the way back from an earlier --in-place; name another file"
            ) from None
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: OSError) -> InputError:
        return InputError(f"{self._name}: {(error.strerror or str(error)).lower()}")

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            raise self._error(error) from error

    def sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._error(error) from error

    def close(self) -> None:
        self.sync()
        os.close(self._descriptor)


class Journal(Watcher):
    """Every change as a line of JSON. With `in_place` the file `name` must be new, and is always ahead of the files."""

    def __init__(self, name: str, *, in_place: bool) -> None:
        self._log = _SafeLog(name) if in_place else _Log(name)
        self._writer = JournalWriter(self._log.write, __version__)

    def begin(self, name: str) -> None:
        self._writer.begin(name)

    def saw(self, part: Part, repair: Repair, patches: Sequence[Patch]) -> None:  # noqa: ARG002
        for patch in patches:
            self._writer.add(patch, part.codec, part.record)

    def rejected(self, part: Part, reason: str) -> None:
        self._writer.add(Patch(part.offset, part.data, b"", None, part.line, 1), part.codec, part.record, reason)

    def passed(self, part: Part, data: bytes) -> None:
        self._writer.passed(part.data, data)

    def end(self) -> None:
        self._writer.end()
        self._log.sync()

    def close(self, *, failed: bool) -> None:  # noqa: ARG002
        self._log.close()


class Rejects(Watcher):
    """Every bad record as a line of JSON: file, line, record, byte offset, reason, and the record itself."""

    def __init__(self, name: str) -> None:
        self._log = _Log(name)
        self._target = display(name)
        self._name, self._count = "", 0

    def begin(self, name: str) -> None:
        self._name, self._count = name, 0

    def rejected(self, part: Part, reason: str) -> None:
        self._count += 1
        row = {"format": "textfix.reject", "version": 1, "file": self._name, "line": part.line}
        row |= {"record": part.record, "offset": part.offset, "reason": reason}
        try:
            row["text"] = part.data.decode(part.codec)
        except UnicodeDecodeError:
            row["bytes"] = part.data.hex()
        self._log.write(json_line(row))

    def end(self) -> None:
        if self._count:
            records = f"{self._count} record{'s' if self._count > 1 else ''}"
            say(f"textfix: {self._name}: {records} put aside in {self._target}")

    def close(self, *, failed: bool) -> None:  # noqa: ARG002
        self._log.close()
