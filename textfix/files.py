"""Files as bytes and as text: decoding that is strict and can be undone byte for byte, writing that is all or nothing.

Nothing here guesses. An encoding is stated by the caller; what does not fit it is a `DecodeError` that says where.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from .errors import DecodeError, InputError, OptionError

__all__ = ["Decoded", "check_writable", "decode", "display", "read_bytes", "read_text", "write_bytes"]

_BOM = "\ufeff"
#: Families whose byte order stands in the byte order mark: name → (mark, codec) pairs.
_BY_MARK = {
    "utf-16": ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
    "utf-32": ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")),
}


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


def read_text(path: str | os.PathLike[str], encoding: str = "utf-8") -> Decoded:
    """The text of a file; see `decode`."""
    return decode(read_bytes(path), encoding, display(path))


def decode(data: bytes, encoding: str = "utf-8", name: str = "<stdin>") -> Decoded:
    """`data` as text in the stated `encoding`; `name` is what messages call it.

    Raises `DecodeError` with byte offset and line where the bytes are not in that encoding, `InputError` for a NUL
    byte, `OptionError` for an encoding that does not exist.
    """
    codec = _codec(data, encoding, name)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise DecodeError(_undecodable(data, error.start, codec, name)) from error
    except (UnicodeError, LookupError) as error:  # codecs that are not about text at all
        raise OptionError(f"no text encoding {encoding!r}") from error
    bom = b""
    if text.startswith(_BOM):
        text, bom = text[1:], _BOM.encode(codec)
    nul = text.find("\0")
    if nul >= 0:
        before = text[:nul]
        raise InputError(
            f"{name}: NUL byte at offset {len(bom) + len(before.encode(codec))} (line {before.count(chr(10)) + 1}): "
            "not a text file, or not in this encoding; name it with --encoding"
        )
    return Decoded(text, name, codec, bom)


def _codec(data: bytes, encoding: str, name: str) -> str:
    """The Python codec with a fixed byte order for the stated encoding of `data`."""
    try:
        known = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise OptionError(f"no text encoding {encoding!r}") from error
    if known == "utf-8-sig":
        return "utf-8"
    if known not in _BY_MARK or not data:
        return known
    for mark, codec in _BY_MARK[known]:
        if data.startswith(mark):
            return codec
    raise DecodeError(
        f"{name}: no byte order mark at byte 0 (line 1); say which order with --encoding {known}-le or {known}-be"
    )


def _undecodable(data: bytes, offset: int, codec: str, name: str) -> str:
    line = data[:offset].decode(codec, "ignore").count("\n") + 1
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        hint = "it begins like UTF-16: --encoding utf-16"
    else:
        other = "utf-8" if codec != "utf-8" else "gb18030"
        hint = f"name its encoding with --encoding, for instance --encoding {other}"
    return f"{name}: byte 0x{data[offset]:02x} at offset {offset} (line {line}) is not {codec}; {hint}"


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
    """Write a whole file or nothing of it.

    A regular file is replaced in one step by a temporary one from the same folder, flushed to disk first, with the
    mode and owner of the file that stood there; a symbolic link stays one and its target is written. A device or a
    pipe is written to as it is. Raises `InputError`; a closed pipe stays a `BrokenPipeError`.
    """
    check_writable(path)
    try:
        if Path(path).exists() and not Path(path).is_file():
            with Path(path).open("wb", buffering=0) as stream:
                _write_all(stream.fileno(), data)
        else:
            _replace(Path(os.path.realpath(path)), data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"{display(path)}: {_reason(error)}") from error


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".{target.name[:50]}.{os.urandom(6).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # less the user's umask
    try:
        try:
            _take_over_mode(descriptor, target)
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(target)
    except BaseException:  # Ctrl-C too leaves nothing behind
        temporary.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # the new name itself; not every file system can
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


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
