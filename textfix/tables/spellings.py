"""How Tesseract spells a character, and so what it takes one for.

Its model for simplified Chinese has no output for a Han character as such: it writes one to four letters, those of the
five-stroke input method (势 is RVYL), one after the other, and errs letter by letter. So what it reads for a glyph is
often spelled like it, and need not look like it in print (盯 HS and 采 ES). `confusables/spellings.tsv`
(`scripts/build_spellings.py`) has the spellings; how likely which letter is taken for which, at each of the four
places, is counted from learned confusions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.codepoints import CodePoints
from .resources import resource

__all__ = ["Spellings"]

Floats = NDArray[np.float32]

_BMP = 0x10000
_PLACES, _LETTERS = 4, 27  # no letter, A to Z
_WEIGHTS = _PLACES * _LETTERS * _LETTERS
#: What a pair of letters is smoothed with, in confusions, of which each counts by the square root of how often it was
#: seen.
_SMOOTH = 4.0
#: A weight beyond is no log-ratio of counts.
_LIMIT = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Spellings:
    """``letters``  (65536, 4) uint8, by code point, 0 for none, 1 for A; all 0: no spelling is known
    ``weights``  (4, 27, 27) float32, by place, letter observed and letter intended: the log of how much commoner that
    is among confusions than by chance
    """

    letters: NDArray[np.uint8]
    weights: Floats

    @staticmethod
    def none() -> Spellings:
        """Nothing known: every ratio is 0."""
        return Spellings(
            np.zeros((_BMP, _PLACES), dtype=np.uint8), np.zeros((_PLACES, _LETTERS, _LETTERS), dtype=np.float32)
        )

    @staticmethod
    def learned(counts: Mapping[tuple[str, str], float], path: Path | None = None) -> Spellings:
        """With weights from ``{(observed, intended): count}``: the confusions of one character for another of which
        both have a spelling in the shipped table, or in that of `path`."""
        letters = _letters(resource("spellings.tsv") if path is None else path)
        rows = [
            (ord(o), ord(i), count)
            for (o, i), count in sorted(counts.items())
            if len(o) == len(i) == 1 and o != i and max(ord(o), ord(i)) < _BMP
        ]
        pairs = np.array([row[:2] for row in rows], dtype=np.intp).reshape(-1, 2)
        share = np.sqrt(np.array([row[2] for row in rows]))
        known = (letters[pairs[:, 0], 0] > 0) & (letters[pairs[:, 1], 0] > 0)
        one, two = letters[pairs[known, 0]], letters[pairs[known, 1]]
        seen = np.zeros((_PLACES, _LETTERS, _LETTERS))
        for place in range(_PLACES):
            np.add.at(seen[place], (one[:, place], two[:, place]), share[known])
        total = max(float(share[known].sum()), 1.0)
        chance = seen.sum(axis=2, keepdims=True) * seen.sum(axis=1, keepdims=True) / total
        return Spellings(letters, np.log((seen + _SMOOTH) / (chance + _SMOOTH)).astype(np.float32))

    @property
    def chars(self) -> CodePoints:
        """The code points with a spelling, ascending."""
        return np.flatnonzero(self.letters.any(axis=1)).astype(np.uint32)

    def _of(self, codes: CodePoints) -> NDArray[np.uint8]:
        found = self.letters[np.minimum(codes, _BMP - 1)]
        found[codes >= _BMP] = 0
        return found

    def log_ratio(self, observed: CodePoints, intended: CodePoints) -> Floats:
        """How much likelier each pair is than chance, by its letters, in nats; 0 where a spelling is not known, and for
        a character as itself. The arguments broadcast against each other."""
        one, two = self._of(observed), self._of(intended)
        ratio = np.zeros(np.broadcast_shapes(one.shape[:-1], two.shape[:-1]), dtype=np.float32)
        for place in range(_PLACES):
            ratio += self.weights[place][one[..., place], two[..., place]]
        ratio[~(one[..., 0] > 0) | ~(two[..., 0] > 0) | (observed == intended)] = 0
        return ratio

    def agreement(self, observed: CodePoints, intended: CodePoints) -> Floats:
        """How many letters both have in the same place; 0 where a spelling is not known."""
        one, two = self._of(observed), self._of(intended)
        return np.asarray(((one == two) & (one > 0)).sum(axis=-1), dtype=np.float32)

    def pack(self) -> bytes:
        """uint32 n, then the n code points (uint32), their letters (uint8, four each) and the weights (float32)."""
        chars = self.chars
        return b"".join((
            np.array([chars.size], dtype="<u4").tobytes(), chars.astype("<u4").tobytes(),
            self.letters[chars].tobytes(), self.weights.astype("<f4").tobytes(),
        ))  # fmt: skip

    @staticmethod
    def unpack(raw: NDArray[np.uint8]) -> tuple[Spellings, int]:
        """`pack`'s inverse, of the first bytes of `raw`, and how many these are. Raises `TableError` for others."""
        n = int(raw[:4].view("<u4")[0]) if raw.size >= 4 else _BMP
        ends = np.cumsum([4, 4 * n, _PLACES * n, 4 * _WEIGHTS]).tolist()
        if n > _BMP or raw.size < ends[-1]:
            raise TableError("channel.bin is truncated: it ends among the spellings")
        chars = raw[4 : ends[1]].view("<u4")
        own = raw[ends[1] : ends[2]].reshape(n, _PLACES)
        weights = raw[ends[2] : ends[3]].view("<f4").reshape(_PLACES, _LETTERS, _LETTERS)
        if (
            (np.diff(chars.astype(np.int64)) <= 0).any()
            or chars.max(initial=0) >= _BMP
            or own.max(initial=0) >= _LETTERS
            or not own[:, 0].all()
            or not (np.abs(weights) < _LIMIT).all()
        ):
            raise TableError("channel.bin is corrupt: spellings that are none, or not in order")
        letters = np.zeros((_BMP, _PLACES), dtype=np.uint8)
        letters[chars] = own
        return Spellings(letters, weights), ends[-1]


@cache
def _letters(path: Path) -> NDArray[np.uint8]:
    """The spellings of a table, `Spellings.letters`. Raises `TableError` where a row is malformed."""
    letters = np.zeros((_BMP, _PLACES), dtype=np.uint8)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("#") or line == "char\tletters":
            continue
        char, _, own = line.partition("\t")
        if len(char) != 1 or ord(char) >= _BMP or not 0 < len(own) <= _PLACES or not all("A" <= c <= "Z" for c in own):
            raise TableError(f"{path}:{number}: not a character and its one to four letters: {line!r}")
        letters[ord(char), : len(own)] = [ord(c) - ord("A") + 1 for c in own]
    return letters
