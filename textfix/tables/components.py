"""Characters that fall apart: the parts of each, what a part may be printed as, and what given pieces were.

`confusables/components.tsv` (`scripts/build_components.py`) lists how a character splits (批 = 扌比), how it was seen
to be printed (批 ✓ 扌岀), and which parts are forms of one radical (扌: 手). What else a part may be printed as is a
question of shape: `Shapes.load_parts`.
`Components.join` scores all splits against the pieces at once: the score of a split is the sum over its parts of
log P(piece | part), where P falls from the part itself over forms of its radical, look-alikes and a lost piece to a
floor for anything else, plus a constant for the rarer ways of falling apart.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.classes import RADICAL, classify
from ..text.codepoints import CodePoints, decode, encode
from .resources import resource
from .rows import NEWLINE, TAB, line_of, rows_of
from .shapes import Shapes

__all__ = ["LOST", "Components"]

_FORM_OF, _UNKNOWN = ord("≈"), ord("？")
_BOX = ord("口")
#: What engines and editors leave where they could read nothing.
LOST = "?？□■�"
#: log P(piece | part), in nats: the part itself; a form of its radical; a look-alike of likeness 1, and the loss
#: from there to likeness 0; a lost piece; anything for a part that has no code point; the least.
_EXACT, _FORM, _ALIKE, _SLOPE, _GONE, _NAMELESS, _FLOOR = -0.3, -1.5, -1.0, 8.0, -5.0, -6.0, -9.0
#: What at least one piece must reach for a split to count: look-alikes do, lost pieces do not.
_FITS = -4.5
#: Top-bottom characters fall apart more rarely than left-right ones, frames still more.
_RARER = {"⿰": 0.0, "⿲": 0.0, "✓": 0.0, "⿱": -1.5, "⿳": -1.5}
_FRAME = -2.5
#: How many parts `combine` thinks of for each piece; at most so many characters have the same pieces.
_READINGS, _SAME_PIECES = 10, 3
#: Greater than any key: ends a table of keys, so that looking behind the last one finds nothing.
_NO_KEY = np.uint64(0xFFFFFFFFFFFFFFFF)

Floats = NDArray[np.float32]


class Components:
    """Splits of characters and look-alikes of their parts. Immutable; load once, use from any thread."""

    __slots__ = ("_by_size", "_chars", "_forms", "_keys", "_likeliest", "_parts", "_penalty", "_pieces", "_places",
                 "_printed", "_shapes", "_shared", "_sizes", "_split_of_key")  # fmt: skip

    def __init__(
        self,
        chars: CodePoints,
        pieces: NDArray[np.uint32],
        penalty: Floats,
        forms: tuple[CodePoints, CodePoints],
        shapes: Shapes,
    ) -> None:
        """`chars` (n,) with their `pieces` (n, 3), 0 where a split has two; `forms`: part, form of its radical."""
        self._chars, self._pieces, self._penalty, self._shapes = chars, pieces, penalty, shapes
        self._sizes = (pieces != 0).sum(axis=1)
        # A table of all code points up to the greatest: several times faster than sorting and searching.
        table = np.zeros(int(pieces.max(initial=0)) + 1, dtype=np.int32)
        table[pieces] = 1
        self._parts = np.flatnonzero(table).astype(np.uint32)
        table[self._parts] = np.arange(self._parts.size, dtype=np.int32)
        part_row = table[pieces]
        self._by_size = {}
        for size in (2, 3):
            rows = np.flatnonzero(self._sizes == size)
            self._by_size[size] = rows, np.ascontiguousarray(part_row[rows, :size].T), penalty[rows]
        order = np.argsort(forms[1], kind="stable")
        self._forms = forms[0][order], forms[1][order]
        self._keys: NDArray[np.uint64] | None = None
        self._shared: tuple[NDArray[np.uint64], NDArray[np.intp]] | None = None
        self._places: NDArray[np.bool_] | None = None
        self._split_of_key: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        # The same few pieces come again and again.
        self._printed = lru_cache(maxsize=1024)(self._score_piece)
        self._likeliest = lru_cache(maxsize=1 << 14)(self._find_likeliest)

    @classmethod
    def load(cls, path: Path | None = None) -> Components:
        """The shipped table (read once), or that of `path`. Raises `TableError` where a row is malformed."""
        return _shipped() if path is None else _read(path)

    def parts(self, char: str) -> list[str]:
        """The splits of `char` as strings of two or three parts, the usual one first; ？: no code point."""
        rows = np.flatnonzero(self._chars == ord(char))
        return [decode(row[row != 0]) for row in self._pieces[rows]]

    def alike(self, part: str, limit: int = 10) -> list[tuple[str, float]]:
        """What `part` is most probably printed as but itself, with log P in nats, the best first.

        Asked of every code point with a loose shape, so not for inner loops.
        """
        row = np.flatnonzero(self._parts == ord(part))
        if not row.size:
            return []
        codes = self._shapes.codes
        score = _ALIKE - _SLOPE * (1 - self._shapes.matrix(codes, self._parts[row])[:, 0])
        score[np.isin(codes, self._forms[1][self._forms[0] == ord(part)])] = _FORM
        score[codes == ord(part)] = -np.inf
        best = np.lexsort((codes, -score))[:limit]
        return [(chr(int(codes[i])), round(float(score[i]), 3)) for i in best]

    def joinable(
        self, first: CodePoints, second: CodePoints, third: CodePoints | None = None
    ) -> NDArray[np.bool_]:
        """Whether each of `first` and `second` (and `third`), side by side, are exactly the parts of a character."""
        table = self._sorted_keys()
        keys = _pack(first, second, np.zeros_like(first) if third is None else third)
        return np.asarray(table[np.minimum(np.searchsorted(table, keys), table.size - 1)] == keys)

    def partly(self, first: CodePoints, second: CodePoints) -> NDArray[np.bool_]:
        """Whether `first` is the first part, or `second` the second, of a character with two; shape of both."""
        if self._places is None:
            two = self._sizes == 2
            size = int(self._pieces[two].max(initial=0)) + 2
            self._places = np.zeros((2, size), dtype=bool)
            for place in range(2):
                self._places[place, self._pieces[two, place]] = True
        last = self._places.shape[1] - 1
        return np.asarray(self._places[0, np.minimum(first, last)] | self._places[1, np.minimum(second, last)])

    def combine(self, pieces: CodePoints) -> tuple[NDArray[np.int64], CodePoints, Floats]:
        """Characters that may have fallen apart into each row of `pieces`, (k, 2) or (k, 3).

        Rows, characters and scores, all (m,), a character once for each row at most, with the scores of `join`, but
        only those whose every part is among the likeliest for its piece. Lost parts find nothing here; see `join`.
        """
        k, width = pieces.shape
        keys, scores = np.zeros((k, 1), dtype=np.uint64), np.zeros((k, 1), dtype=np.float32)
        for place in range(3):
            if place < width:
                codes, score = self._readings(pieces[:, place], _READINGS if width == 2 else _READINGS // 2)
            else:
                codes, score = np.zeros((k, 1), dtype=np.uint32), np.zeros((k, 1), dtype=np.float32)
            shifted = codes.astype(np.uint64) << np.uint64(21 * (2 - place))
            keys = (keys[:, :, None] | shifted[:, None, :]).reshape(k, keys.shape[1] * codes.shape[1])
            scores = (scores[:, :, None] + score[:, None, :]).reshape(keys.shape)
        table = self._sorted_keys()
        likely = np.flatnonzero(scores.ravel() > _FLOOR)
        rows, score, wanted = likely // keys.shape[1], scores.ravel()[likely], keys.ravel()[likely]
        slot, hit = np.searchsorted(table, wanted), np.arange(wanted.size)
        found = []
        for more in range(_SAME_PIECES):
            hit = hit[table[slot[hit] + more] == wanted[hit]]  # no second without a first
            split = self._split_of_key[slot[hit] + more]
            found.append((rows[hit], self._chars[split], score[hit] + self._penalty[split]))
        row, chars, total = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.lexsort((-total, chars, row))
        row, chars, total = row[order], chars[order], total[order]
        new = np.ones(row.size, dtype=bool)
        new[1:] = (row[1:] != row[:-1]) | (chars[1:] != chars[:-1])
        return row[new], chars[new], total[new]

    def sharing(
        self, pieces: CodePoints, chars: CodePoints
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Which of `chars` (k, m), any, have one of the two `pieces` (k, 2) of their row as it stands in its place.

        Rows, columns, and the scores of `join` for a split in two, all of shape ``(n,)``.
        """
        table, split_of = self._sorted_sharing()
        width, found = chars.shape[1], []
        for place in range(2):
            wanted = _pack(np.full_like(chars, place), pieces[:, place, None], chars).ravel()
            slot, hit = np.searchsorted(table, wanted), np.arange(wanted.size)
            for more in range(_SAME_PIECES):
                hit = hit[table[slot[hit] + more] == wanted[hit]]  # no second without a first
                found.append((hit, np.full(hit.size, place), split_of[slot[hit] + more]))
        where, places, split = (np.concatenate(part) for part in zip(*found, strict=True))
        row, column = np.divmod(where, width)
        other = self._alike(self._pieces[split, 1 - places], pieces[row, 1 - places])
        return row, column, np.float32(_EXACT) + other + self._penalty[split]

    def _alike(self, parts: CodePoints, pieces: CodePoints) -> Floats:
        """log P(piece | part) for pairs, shape of the arguments; forms of a radical count by their shape."""
        score = np.maximum(_ALIKE - _SLOPE * (1 - self._shapes.similarity(parts, pieces)), _FLOOR)
        score = score.astype(np.float32)
        score[parts == _UNKNOWN] = _NAMELESS
        score[parts == pieces] = _EXACT
        return np.asarray(score)

    def _sorted_sharing(self) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
        """Keys of place, part and character of the splits in two, ascending, and the split of each; then no key."""
        if self._shared is None:
            two = np.flatnonzero(self._sizes == 2)
            chars = self._chars[two]
            keys = np.concatenate([_pack(np.full_like(chars, k), self._pieces[two, k], chars) for k in (0, 1)])
            order = np.argsort(keys, kind="stable")
            self._shared = np.append(keys[order], _NO_KEY), np.append(np.concatenate([two, two])[order], 0)
        return self._shared

    def _readings(self, codes: CodePoints, count: int) -> tuple[CodePoints, Floats]:
        """The `count` likeliest parts for each printed piece, and their scores, both ``(k, count)``; 1 where fewer."""
        parts = np.ones((codes.size, count), dtype=np.uint32)
        scores = np.full((codes.size, count), -np.inf, dtype=np.float32)
        for row, code in enumerate(codes.tolist()):
            best, score = self._likeliest(code)
            parts[row, : best.size] = best[:count]
            scores[row, : best.size] = score[:count]
        return parts, scores

    def _find_likeliest(self, piece: int) -> tuple[CodePoints, Floats]:
        if chr(piece) in LOST:
            return np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float32)
        score = self._printed(piece)
        best = np.flatnonzero(score > _FITS)  # few: sorting all parts takes longer than all the rest
        best = best[np.lexsort((self._parts[best], -score[best]))[:_READINGS]]
        return self._parts[best], score[best]

    def _sorted_keys(self) -> NDArray[np.uint64]:
        if self._keys is None:
            keys = _pack(self._pieces[:, 0], self._pieces[:, 1], self._pieces[:, 2])
            order = np.lexsort((-self._penalty, keys))
            self._split_of_key, self._keys = order, np.append(keys[order], _NO_KEY)
        return self._keys

    def join(self, pieces: str, limit: int = 16, floor: float = -12.0) -> list[tuple[str, float]]:
        """Characters that may have fallen apart into `pieces` (two or three code points), the best first.

        The score is a log-probability-like sum in nats, at most 0; characters below `floor` are left out. At least
        one of the pieces must be its part or look like it.
        """
        chars, scores = self.candidates(pieces, floor)
        order = np.lexsort((chars, -scores))
        _, firsts = np.unique(chars[order], return_index=True)  # a character may have several splits
        order = order[np.sort(firsts)[:limit]]
        rounded = np.round(scores[order].astype(np.float64), 3)
        return list(zip(decode(chars[order]), rounded.tolist(), strict=True))

    def candidates(self, pieces: str, floor: float) -> tuple[CodePoints, Floats]:
        """What `join` finds, as arrays (k,), in no order, a character once for each of its splits."""
        rows, total = self._fits(pieces)
        keep = np.flatnonzero(total >= floor)
        return self._chars[rows[keep]], total[keep]

    def score(self, pieces: str, char: str) -> float | None:
        """The score that `join` gives `char` for `pieces`, without its floor; None where nothing fits."""
        rows, total = self._fits(pieces, ord(char))
        return round(float(total.max()), 3) if rows.size and total.max() > -np.inf else None

    def _fits(self, pieces: str, char: int | None = None) -> tuple[NDArray[np.intp], Floats]:
        """The splits (of `char`) into as many parts as there are `pieces`, and the score of each, -inf: no fit."""
        codes, classes = encode(pieces).tolist(), classify(encode(pieces))
        if len(codes) not in (2, 3):
            return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)
        rows, part_rows, penalty = self._by_size[len(codes)]
        if char is not None:
            mine = np.flatnonzero(self._chars[rows] == char)
            rows, part_rows, penalty = rows[mine], part_rows[:, mine], penalty[mine]
        total = penalty.copy()
        best = np.full(rows.size, _FLOOR, dtype=np.float32)
        for place, code in enumerate(codes):
            score = self._printed(code).take(part_rows[place])
            total += score
            if chr(code).isalnum() or classes[place] == RADICAL:  # a lone mark is no evidence
                np.maximum(best, score, out=best)
        total[best < _FITS] = -np.inf
        return rows, total

    def _score_piece(self, piece: int) -> Floats:
        """log P(`piece` | part) for every part, shape ``(len(self._parts),)``, read-only."""
        code = np.array([piece], dtype=np.uint32)
        score = _ALIKE - _SLOPE * (1 - self._shapes.matrix(self._parts, code)[:, 0])
        if chr(piece) in LOST:
            score[:] = _GONE
        elif piece == _BOX:  # a sign for a lost part that was read once more
            np.maximum(score, _GONE, out=score)
        first, last = np.searchsorted(self._forms[1], [piece, piece + 1])
        score[np.searchsorted(self._parts, self._forms[0][first:last])] = _FORM
        score[self._parts == _UNKNOWN] = _NAMELESS
        score[self._parts == piece] = _EXACT
        score.flags.writeable = False
        return score


def _pack(first: CodePoints, second: CodePoints, third: CodePoints) -> NDArray[np.uint64]:
    """Three code points of 21 bits each as one number."""
    return first.astype(np.uint64) << np.uint64(42) | second.astype(np.uint64) << np.uint64(21) | third


def _read(path: Path) -> Components:
    codes, starts = rows_of(path, 8)
    tabs, ends = codes == TAB, codes == NEWLINE
    form = codes[starts + 2] == _FORM_OF
    three = ~ends[starts + 6]
    good = tabs[starts + 1] & tabs[starts + 3] & ~tabs[starts + 4] & ~ends[starts + 4]
    good &= np.where(form, ends[starts + 5], ~ends[starts + 5] & ends[starts + 6 + three] & ~tabs[starts + 5])
    if not good.all():
        raise TableError(f"{path}:{line_of(codes, starts[~good][0])}: not a row of char, relation, pieces")
    split, alike = starts[~form], starts[form]
    if not split.size:
        raise TableError(f"{path} says of no character what it falls apart into")
    pieces = np.stack([codes[split + 4], codes[split + 5], np.where(three[~form], codes[split + 6], 0)], axis=1)
    penalty = np.full(split.size, _FRAME, dtype=np.float32)
    for relation, value in _RARER.items():
        penalty[codes[split + 2] == ord(relation)] = value
    forms = codes[alike], codes[alike + 4]
    return Components(codes[split], pieces.astype(np.uint32), penalty, forms, Shapes.load_parts())


@cache
def _shipped() -> Components:
    return _read(resource("components.tsv"))
