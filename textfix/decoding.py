"""Bytes to text piece by piece: strict, in a stated encoding, with errors that name file, byte offset and line.

Nothing here guesses. Reading a file in one piece (`textfix.files.decode`) is the same with one piece.
"""

from __future__ import annotations

import codecs

from .errors import DecodeError, InputError, OptionError, brief

__all__ = ["Decoding", "char_starts", "one_form"]

_BOM = "\ufeff"
#: Families whose byte order stands in the byte order mark: name → (mark, codec) pairs.
_BY_MARK = {
    "utf-16": ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
    "utf-32": ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")),
}
#: What Python has among its encodings, but no file is in: notations for names and literals in ASCII.
_NOTATIONS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
#: Encodings in which every text has one form only, so that it need not be compared with the bytes it came from.
_ONE_FORM = frozenset({"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "ascii"})
#: How files begin that are no text (at most `Decoding.HEAD` bytes), and what to do with them.
_NO_TEXT = {
    b"\x89PNG": "it begins like a PNG image: run OCR on it first",
    b"\xff\xd8\xff": "it begins like a JPEG image: run OCR on it first",
    b"II*\0": "it begins like a TIFF image: run OCR on it first",
    b"MM\0*": "it begins like a TIFF image: run OCR on it first",
    b"PK\3\4": "it begins like an office document or a ZIP archive: save its text first",
    b"\x1f\x8b": "it begins like gzip: unpack it first",
}


class Decoding:
    """The decoding of one file, fed with its bytes from first to last.

    `name` is what messages call the file. `codec` is the Python codec, with a fixed byte order as soon as the first
    bytes are known, and `bom` the mark that stood at the head, or empty. Line ends are kept as they are.

    Raises `OptionError` for an encoding that does not exist, `DecodeError` with byte offset and line where the bytes
    are not in it, `InputError` for a NUL byte.
    """

    #: The first bytes are kept back until there are so many, for the byte order mark.
    HEAD = 4

    def __init__(self, encoding: str = "utf-8", name: str = "<stdin>") -> None:
        self.name = name
        self.codec = _known(encoding)
        self.bom = b""
        self._head: bytes | None = b""  # None as soon as the file has begun
        self._begins_like_utf16 = False
        self._no_text = ""  # of a file that is none by its first bytes: what to do
        self._taken = 0  # bytes whose text has been handed out
        self._lines = 0  # line feeds in that text
        self._error: InputError | None = None
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes, *, final: bool = False) -> str:
        """The text of the next bytes, less a character that is not complete yet; `final` with the last of them.

        Text in front of a bad byte is handed out first; the error comes with the next call, or at once if `final`.
        """
        if self._error is not None:
            raise self._error
        if self._head is not None:
            self._head += data
            if len(self._head) < self.HEAD and not final:
                return ""
            data = self.begin(self._head)
        assert self._decoder is not None
        pending = self._decoder.getstate()[0]
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            text = (pending + data)[: error.start].decode(self.codec)
            self._error = self._undecodable(pending + data, error.start)
        nul = text.find("\0")
        if nul >= 0:
            text = text[:nul]
            offset = self._taken + len(text.encode(self.codec))
            self._error = InputError(
                f"{self.name}: NUL byte at offset {offset} (line {self._lines + text.count(chr(10)) + 1}): "
                + (self._no_text or "not a text file, or not in this encoding; name it with --encoding")
            )
        if self._error is not None:
            if final:
                raise self._error
            return text
        self._taken += len(pending) + len(data) - len(self._decoder.getstate()[0])
        self._lines += text.count("\n")
        return text

    def refuse_state(self) -> None:
        """Raise `OptionError` for an encoding whose bytes mean different things behind different bytes."""
        if self.codec in {"hz", "utf-7"} or self.codec.startswith("iso2022"):
            raise OptionError(f"{self.codec} keeps a state between characters; convert the file to UTF-8 first")

    def begin(self, head: bytes) -> bytes:
        """Settle codec and byte order mark by the first `HEAD` bytes or more; what follows the mark is left."""
        self._head = None
        if self.codec in _BY_MARK:
            found = [codec for mark, codec in _BY_MARK[self.codec] if head.startswith(mark)]
            if not found and head:
                raise DecodeError(
                    f"{self.name}: no byte order mark at byte 0 (line 1); say which order with "
                    f"--encoding {self.codec}-le or {self.codec}-be"
                )
            self.codec = found[0] if found else f"{self.codec}-le"
        self._begins_like_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        self._no_text = next((hint for magic, hint in _NO_TEXT.items() if head.startswith(magic)), "")
        try:
            mark = _BOM.encode(self.codec)
        except UnicodeEncodeError:  # an encoding without such a mark
            mark = b""
        if mark and head.startswith(mark):
            self.bom, head = mark, head[len(mark) :]
        self._taken = len(self.bom)
        self._decoder = codecs.getincrementaldecoder(self.codec)("strict")
        return head

    def _undecodable(self, data: bytes, start: int) -> DecodeError:
        line = self._lines + data[:start].decode(self.codec, "ignore").count("\n") + 1
        if self._begins_like_utf16:
            hint = "it begins like UTF-16: --encoding utf-16"
        elif self._no_text:
            hint = self._no_text
        else:
            other = "utf-8" if self.codec != "utf-8" else "gb18030"
            hint = f"name its encoding with --encoding, for instance --encoding {other}"
        place = f"byte 0x{data[start]:02x} at offset {self._taken + start} (line {line})"
        return DecodeError(f"{self.name}: {place} is not {self.codec}; {hint}")


def _known(encoding: str) -> str:
    try:
        known = codecs.lookup(encoding).name
        " ".encode(known)  # refuses codecs that are not about text at all
        if known in _NOTATIONS:
            raise LookupError(encoding)
    except (LookupError, ValueError) as error:
        raise OptionError(f"no text encoding {brief(encoding)}") from error
    return "utf-8" if known == "utf-8-sig" else known


def one_form(codec: str) -> bool:
    """Whether every text has only one form in `codec`, so that decoded bytes come back when they are encoded again."""
    return codec in _ONE_FORM


def char_starts(data: bytes | bytearray, codec: str, count: int) -> list[int]:
    """Where each of the first `count` code points of `data` begins, and where the last of them ends.

    For bytes that do not come back when they are encoded again (Big5 has two codes for 十): decoded byte by byte.
    """
    decoder = codecs.getincrementaldecoder(codec)("strict")
    starts = [0]
    for end in range(1, len(data) + 1):
        starts += [end] * len(decoder.decode(data[end - 1 : end]))
        if len(starts) > count:
            break
    return starts[: count + 1]
