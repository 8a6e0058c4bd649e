"""Forms of a character that simplified text writes in one way only: radicals, compatibility ideographs, old forms.

The table `confusables/variants.tsv` (`scripts/build_variants.py`) is one-to-one and closed: what a character is
normalised to is never normalised again. Every row consists of two code points and a word, so the file is parsed as
one array of code points, in well under a millisecond.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.codepoints import CodePoints
from .resources import resource
from .rows import TAB, line_of, rows_of

__all__ = ["SAFE", "SOURCES", "Variants"]

#: Why a row stands in the table, in the order in which the builder asks.
SOURCES = ("radical", "compat", "traditional", "shinjitai", "z-variant", "semantic", "component")

#: The sources whose rows hold without looking at the context. The others name what a character would be in
#: simplified text, but where OCR prints one, it more often took it for a look-alike.
SAFE = ("radical", "compat", "z-variant", "semantic", "component")

#: The first and the fifth letter tell the sources apart, so two are read.
_TAGS = {ord(name[0]) << 8 | ord(name[4]): index for index, name in enumerate(SOURCES)}


class Variants:
    """A one-to-one normalisation of characters, applied through a look-up table. Immutable."""

    __slots__ = ("_kind", "_modern", "_target")

    def __init__(self, observed: CodePoints, intended: CodePoints, kinds: NDArray[np.uint8]) -> None:
        """Rows as three arrays of shape ``(n,)``; `kinds` are indices into `SOURCES`."""
        size = int(observed.max(initial=0)) + 2  # the last entry is for everything above
        self._target = np.zeros(size, dtype=np.uint32)
        self._target[observed] = intended
        self._kind = np.zeros(size, dtype=np.uint8)
        self._kind[observed] = kinds
        self._modern: NDArray[np.bool_] | None = None

    @classmethod
    def load(cls, path: Path | None = None) -> Variants:
        """The shipped table (read once), or that of `path`. Raises `TableError` where a row is malformed."""
        return _shipped() if path is None else _read(path)

    def find(
        self, codes: CodePoints, only: Collection[str] = SOURCES
    ) -> tuple[NDArray[np.intp], CodePoints]:
        """Positions in `codes` of characters to normalise, and their replacements; both of shape ``(k,)``.

        `only` selects by source. In real OCR output a lone traditional character was hardly ever the traditional
        form of the truth but a look-alike of another one (豐 for 复): see `SAFE`.
        """
        indices = np.minimum(codes, self._target.size - 1)
        positions = np.flatnonzero(self._target[indices])
        if set(only) != set(SOURCES):
            chosen = np.array([source in only for source in SOURCES])
            positions = positions[chosen[self._kind[indices[positions]]]]
        return positions, self._target[indices[positions]]

    def only_simplified(self, codes: CodePoints) -> NDArray[np.bool_]:
        """Which of `codes` only simplified text has, same shape: what a traditional form is normalised to, but for what
        traditional text uses as well (里, 台), or Japanese (国, 会): what is in their sets, Big5 and JIS X 0208."""
        if self._modern is None:
            modern = np.zeros(int(self._target.max(initial=0)) + 2, dtype=bool)
            targets = np.unique(self._target[(self._kind == SOURCES.index("traditional")) & (self._target > 0)])
            modern[[code for code in targets.tolist() if not _abroad(chr(code))]] = True
            self._modern = modern
        return self._modern.take(codes, mode="clip")

    def normalise(self, codes: CodePoints) -> CodePoints:
        """`codes` with every variant replaced, same shape."""
        found = self._target[np.minimum(codes, self._target.size - 1)]
        return np.where(found, found, codes)

    def of(self, char: str) -> str | None:
        """The common form of `char` (one code point), or None where it is no variant."""
        code = ord(char)
        target = int(self._target[code]) if code < self._target.size else 0
        return chr(target) if target else None

    def source(self, char: str) -> str | None:
        """Why `char` is in the table, one of `SOURCES`, or None where it is not."""
        return SOURCES[self._kind[ord(char)]] if self.of(char) else None

    def __len__(self) -> int:
        return int(np.count_nonzero(self._target))


def _abroad(char: str) -> bool:
    """Whether traditional or Japanese text uses `char`."""
    for name in ("big5", "shift_jis"):
        try:
            char.encode(name)
        except UnicodeEncodeError:
            continue
        return True
    return False


def _read(path: Path) -> Variants:
    codes, starts = rows_of(path, 9)
    observed, intended = codes[starts], codes[starts + 2]
    tags = codes[starts + 4] << 8 | codes[starts + 8]
    kinds = np.full(starts.size, len(SOURCES), dtype=np.uint8)
    for tag, index in _TAGS.items():
        kinds[tags == tag] = index
    bad = (kinds == len(SOURCES)) | (codes[starts + 1] != TAB) | (codes[starts + 3] != TAB)
    if bad.any():
        raise TableError(f"{path}:{line_of(codes, starts[bad][0])}: not a row of observed, intended, source")
    variants = Variants(observed, intended, kinds)
    if len(variants) != observed.size or variants.find(intended)[0].size:
        raise TableError(f"{path}: a character stands twice, or a target is itself a source")
    return variants


@cache
def _shipped() -> Variants:
    return _read(resource("variants.tsv"))
