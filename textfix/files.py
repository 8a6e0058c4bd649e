"""Files as bytes and as text: decoding that is strict and can be undone byte for byte, writing that is all or nothing.

Nothing here guesses. An encoding is stated by the caller; what does not fit it is a `DecodeError` that says where.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .decoding import Decoding
from .errors import InputError

__all__ = [
    "Decoded", "Replacement", "check_writable", "decode", "display", "read_bytes", "read_pieces", "read_text",
    "write_bytes",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file without its byte order mark, and all that is needed to write it back alike.

    Line ends are kept as they are, carriage returns included. `codec` has a fixed byte order; `bom` is the mark that
    stood at the head, or empty.
    """

    text: str
    name: str = "<text>"
    codec: str = "utf-8"
    bom: bytes = b""

    def encode(self, text: str) -> bytes:
        """`text` as bytes of this file's kind. Raises `InputError` for a character that its encoding lacks."""
        try:
            return self.bom + text.encode(self.codec)
        except UnicodeEncodeError as error:
            char = text[error.start]
            raise InputError(
                f"{self.name}: the result has {char!r} (U+{ord(char):04X}), which {self.codec} cannot write; "
                "convert the file to UTF-8 first"
            ) from error


def display(path: str | os.PathLike[str]) -> str:
    """A file's name for one line of a message: as it is, or quoted where it would not print."""
    name = os.fspath(path)
    return name if name.isprintable() else repr(name)


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The content of a file. Raises `InputError`, one line that names it, for a folder or an unreadable file."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{display(path)}: {_reason(error)}") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{display(path)}: {error}") from error


def read_pieces(path: str | os.PathLike[str], size: int = 1 << 16) -> Iterator[bytes]:
    """The content of a file in pieces of at most `size` bytes; a pipe's as it comes. Raises `InputError`."""
    try:
        with Path(path).open("rb", buffering=0) as stream:
            while piece := stream.read(size):
                yield piece
    except OSError as error:
        raise InputError(f"{display(path)}: {_reason(error)}") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{display(path)}: {error}") from error


def read_text(path: str | os.PathLike[str], encoding: str = "utf-8") -> Decoded:
    """The text of a file; see `decode`."""
    return decode(read_bytes(path), encoding, display(path))


def decode(data: bytes, encoding: str = "utf-8", name: str = "<stdin>") -> Decoded:
    """`data` as text in the stated `encoding`; `name` is what messages call it.

    Raises `DecodeError` with byte offset and line where the bytes are not in that encoding, `InputError` for a NUL
    byte, `OptionError` for an encoding that does not exist.
    """
    decoding = Decoding(encoding, name)
    text = decoding.feed(data, final=True)
    return Decoded(text, name, decoding.codec, decoding.bom)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise `InputError` where `write_bytes` would certainly fail, before any work is done."""
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            raise InputError(f"{display(path)}: no such folder {display(folder)}") from None
        return
    except (OSError, ValueError) as error:
        raise InputError(f"{display(path)}: {_reason(error)}") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{display(path)}: is a directory")
    # A file that its owner set read-only stays as it is, though replacing it would need only the folder's leave.
    if stat.S_ISREG(mode) and (not mode & 0o222 or not os.access(path, os.W_OK)):
        raise InputError(f"{display(path)}: is read-only")


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a whole file or nothing of it, see `Replacement`. Raises `InputError`."""
    target = Replacement(path)
    try:
        target.write(data)
        target.commit()
    finally:
        target.discard()


class Replacement:
    """A file that is written piece by piece and takes its place in one step, when it is whole.

    A regular file is replaced by a temporary one from the same folder, flushed to disk first, with the mode and owner
    of the file that stood there; a symbolic link stays one and its target is written. A device or a pipe is written to
    as it is. Methods raise `InputError`; a closed pipe stays a `BrokenPipeError`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        check_writable(path)
        self._path = path
        self._temporary: Path | None = None
        with self._named():
            if Path(path).exists() and not Path(path).is_file():
                self._descriptor = os.open(path, os.O_WRONLY)
                return
            self._target = Path(os.path.realpath(path))
            self._temporary = self._target.with_name(f".{self._target.name[:50]}.{os.urandom(6).hex()}.tmp")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._descriptor = os.open(self._temporary, flags, 0o666)  # less the user's umask
            _take_over_mode(self._descriptor, self._target)

    def write(self, data: bytes) -> None:
        """Add `data` at the end."""
        with self._named():
            _write_all(self._descriptor, data)

    def commit(self) -> None:
        """Put the file in its place."""
        with self._named():
            if self._temporary is not None:
                os.fsync(self._descriptor)
                self._temporary.replace(self._target)
                self._temporary = None
                _sync_folder(self._target.parent)
            self.discard()

    def discard(self) -> None:
        """Leave nothing behind that was not committed. May be called at any time, and again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise InputError(f"{display(self._path)}: {_reason(error)}") from error


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # the new name itself; not every file system can
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _take_over_mode(descriptor: int, target: Path) -> None:
    try:
        old = target.stat()
    except FileNotFoundError:
        return
    with contextlib.suppress(PermissionError):  # only root may give files away
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)
