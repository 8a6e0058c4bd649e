"""Characters that fall apart: the parts of each, what a part may be printed as, and what given pieces were.

`confusables/components.tsv` (`scripts/build_components.py`) lists how a character splits (批 = 扌比) and for every part
what it may be printed as (亻: 彳 人 ィ …, with a likeness). `Components.join` scores all splits against the pieces at
once: a split's score is the sum over its parts of log P(piece | part), where P falls from the part itself over its
look-alikes and a lost piece to a floor for anything else.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.codepoints import CodePoints, decode, encode
from .resources import resource

__all__ = ["LOST", "Components"]

_TAB, _NEWLINE, _HASH, _LIKE, _UNKNOWN = 0x09, 0x0A, 0x23, ord("≈"), ord("？")
#: What engines and editors leave where they could read nothing.
LOST = "?？□■�口"
#: log P(piece | part), in nats: the part itself; the best look-alike and the loss of a point of likeness; lost;
#: printed for a part that has no code point of its own; anything else.
_EXACT, _ALIKE, _SLOPE, _GONE, _NAMELESS, _FLOOR = -0.3, -1.0, 8.0, -5.0, -6.0, -9.0
#: Top-bottom and framed characters fall apart more rarely than left-right ones, and opened splits still more.
_RARER = {"⿰": 0.0, "⿲": 0.0, "⿱": -1.5, "⿳": -1.5}
_OTHER_RELATION = -2.5

Floats = NDArray[np.float32]


class Components:
    """Splits of characters and look-alikes of their parts. Immutable; load once, use from any thread."""

    __slots__ = ("_chars", "_like", "_part_row", "_parts", "_penalty", "_pieces", "_sizes", "_start")

    def __init__(
        self,
        chars: CodePoints,
        pieces: NDArray[np.uint32],
        penalty: Floats,
        like: tuple[CodePoints, CodePoints, Floats],
    ) -> None:
        """`chars` (n,) with their `pieces` (n, 3), 0 where a split has two; `like`: part, printed as, likeness."""
        self._chars, self._pieces, self._penalty = chars, pieces, penalty
        self._sizes = (pieces != 0).sum(axis=1)
        self._parts = np.unique(pieces)
        self._part_row = np.searchsorted(self._parts, pieces)
        order = np.argsort(like[1], kind="stable")
        self._like = like[0][order], like[1][order], like[2][order]
        firsts = pieces[:, 0]
        alike = np.isin(like[0], firsts)
        starts = np.concatenate([firsts, like[1][alike]])
        self._start = np.zeros(int(starts.max(initial=0)) + 2, dtype=bool)
        self._start[starts] = True

    @classmethod
    def load(cls, path: Path | None = None) -> Components:
        """The shipped table (read once), or that of `path`. Raises `TableError` where a row is malformed."""
        return _shipped() if path is None else _read(path)

    def parts(self, char: str) -> list[str]:
        """The splits of `char` as strings of two or three parts, ？ for a part without a code point."""
        rows = np.flatnonzero(self._chars == ord(char))
        return [decode(row[row != 0]) for row in self._pieces[rows]]

    def with_part(self, part: str) -> str:
        """The characters with a split of which `part` is one piece, in code point order."""
        rows = (self._pieces == ord(part)).any(axis=1)
        return decode(np.unique(self._chars[rows]))

    def starts(self, codes: CodePoints) -> NDArray[np.bool_]:
        """Which code points can be the first piece of a character that fell apart (lost ones not), same shape."""
        return self._start[np.minimum(codes, self._start.size - 1)]

    def alike(self, part: str) -> list[tuple[str, float]]:
        """What `part` may be printed as, with likeness in [0, 1], the best first."""
        rows = np.flatnonzero(self._like[0] == ord(part))
        found = [(chr(self._like[1][i]), float(self._like[2][i])) for i in rows]
        return sorted(found, key=lambda item: (-item[1], item[0]))

    def join(self, pieces: str, limit: int = 16, floor: float = -12.0) -> list[tuple[str, float]]:
        """Characters that may have fallen apart into `pieces` (two or three code points), the best first.

        The score is a log-probability-like sum in nats, at most 0; characters below `floor` are left out. Of the
        pieces at least one must fit its part.
        """
        codes = encode(pieces)
        if codes.size not in (2, 3):
            return []
        rows = np.flatnonzero(self._sizes == codes.size)
        total = self._penalty[rows].copy()
        fits = np.zeros(rows.size, dtype=bool)
        for place, code in enumerate(codes.tolist()):
            score = self._printed(code)[self._part_row[rows, place]]
            total += score
            fits |= score > _GONE
        keep = np.flatnonzero(fits & (total >= floor))
        order = keep[np.lexsort((self._chars[rows[keep]], -total[keep]))]
        best: dict[str, float] = {}
        for i in order.tolist():
            best.setdefault(chr(self._chars[rows[i]]), round(float(total[i]), 3))
            if len(best) == limit:
                break
        return list(best.items())

    def _printed(self, piece: int) -> Floats:
        """log P(`piece` | part) for every part, shape ``(len(self._parts),)``."""
        score = np.full(self._parts.size, _GONE if chr(piece) in LOST else _FLOOR, dtype=np.float32)
        first, last = np.searchsorted(self._like[1], [piece, piece + 1])
        rows = np.searchsorted(self._parts, self._like[0][first:last])
        score[rows] = np.maximum(score[rows], _ALIKE - _SLOPE * (1 - self._like[2][first:last]))
        score[self._parts == _UNKNOWN] = _NAMELESS
        score[self._parts == piece] = _EXACT
        return score


def _read(path: Path) -> Components:
    try:
        codes = encode(path.read_text("utf-8") + "\n" * 9)  # so that every look ahead of a row's start stays inside
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    starts = np.concatenate(([0], np.flatnonzero(codes == _NEWLINE)[:-9] + 1))
    starts = starts[codes[starts] != _HASH]
    starts = starts[1:] if codes[starts[-1]] != _NEWLINE else starts[1:-1]  # without the header, the end
    tabs = codes == _TAB
    three = ~tabs[starts + 6]
    ends = starts + 6 + three  # the tab before the likeness
    good = tabs[starts + 1] & tabs[starts + 3] & ~tabs[starts + 4]
    like = codes[starts + 2] == _LIKE
    good &= np.where(like, tabs[starts + 5], tabs[ends] & ~tabs[starts + 5] & (codes[ends + 1] == _NEWLINE))
    tens, ones = codes[starts + 6].astype(np.int64) - 48, codes[starts + 7].astype(np.int64) - 48
    good &= ~like | ((tens >= 0) & (tens < 10) & (ones >= 0) & (ones < 10) & (codes[starts + 8] == _NEWLINE))
    if not good.all():
        line = int(np.count_nonzero(codes[: starts[~good][0]] == _NEWLINE)) + 1
        raise TableError(f"{path}:{line}: not a row of char, relation, pieces, likeness")
    split = starts[~like]
    pieces = np.stack([codes[split + 4], codes[split + 5], np.where(three[~like], codes[split + 6], 0)], axis=1)
    penalty = np.full(split.size, _OTHER_RELATION, dtype=np.float32)
    for relation, value in _RARER.items():
        penalty[codes[split + 2] == ord(relation)] = value
    alike = starts[like]
    likeness = ((10 * tens + ones)[like] / 100).astype(np.float32)
    return Components(codes[split], pieces.astype(np.uint32), penalty, (codes[alike], codes[alike + 4], likeness))


@cache
def _shipped() -> Components:
    return _read(resource("components.tsv"))
