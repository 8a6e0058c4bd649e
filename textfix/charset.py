"""What encoding a file may be in, for those who ask: the one place where textfix guesses, and it says how sure it is.

UTF-8 and byte order marks are recognised for certain. Between GB18030, Big5 and UTF-16 without a mark,
charset-normalizer judges the decoded text: its *mess* (signs that ordinary text does not have) and its *coherence*
(whether the characters that are frequent are those of a language).
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from .errors import InputError

__all__ = ["AUTO", "SAMPLE", "Guess", "guess"]

#: The name of no encoding: look at the file, and say what it is taken for.
AUTO = "auto"

#: So many bytes from the head of a file are judged, or all of a shorter one.
SAMPLE = 1 << 16
_CANDIDATES = ["gb18030", "big5", "utf_16_le", "utf_16_be"]
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: A guess has at most this mess and at least this coherence, and the next one at most this share of its coherence.
_MESS, _COHERENCE, _NEXT = 0.1, 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding, and in words how sure it is and from what."""

    encoding: str
    why: str


def guess(sample: bytes, name: str, *, whole: bool) -> Guess:
    """The encoding of the file `name` that begins with `sample`; `whole` if that is all of it.

    Raises `InputError` where it is not sure, and says what it might be.
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return Guess(encoding, "certain, by its byte order mark")
    if b"\0" not in sample:
        try:
            text = codecs.getincrementaldecoder("utf-8")("strict").decode(sample, whole)
        except UnicodeDecodeError:
            pass
        else:
            if text.isascii():
                return Guess("utf-8", "certain, ASCII so far" if not whole else "certain, nothing but ASCII")
            return Guess("utf-8", f"certain, {len(sample):,} bytes fit")
    return _judged(sample if whole else _even(sample), name)


def _even(sample: bytes) -> bytes:
    """`sample` up to its last line end, and an even number of bytes, so that no character is cut in two."""
    cut = sample.rfind(b"\n") + 1 or len(sample)
    return sample[: cut - cut % 2]


def _judged(sample: bytes, name: str) -> Guess:
    from charset_normalizer import from_bytes

    found = [m for m in from_bytes(sample, cp_isolation=_CANDIDATES, enable_fallback=False) if m.chaos <= _MESS]
    found.sort(key=lambda match: (-match.coherence, match.chaos, match.encoding))
    said = [
        f"{match.encoding.replace('_', '-')} ({match.percent_chaos:.0f}% mess, {match.percent_coherence:.0f}% coherent)"
        for match in found
    ]
    best = found[0].coherence if found else 0.0
    if best < _COHERENCE or (len(found) > 1 and found[1].coherence > _NEXT * best):
        may = "it may be " + " or ".join(said) if said else "it fits none of UTF-8, GB18030, Big5 and UTF-16"
        raise InputError(f"{name}: cannot tell its encoding from {len(sample):,} bytes: {may}; name it with --encoding")
    facts = said[0].partition(" ")[2].strip("()")
    return Guess(found[0].encoding.replace("_", "-"), f"likely, {facts}" + (f"; next {said[1]}" if said[1:] else ""))
