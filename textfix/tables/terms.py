"""An index of authority terms: where in a text a term stands, or something that differs from one by very little.

Every term puts a few *pieces* of itself into a hash table: for a term of length n and k allowed errors at least k + 1
pieces that no error can touch all at once (the pigeonhole argument of Navarro 2001), gapped where the term is short.
A text is looked up position by position, all at once; what comes back is compared in full. How many errors are looked
for depends on the length: none in two characters, one to eight, two from nine.

========  ==========================================  ============================
length    pieces                                      found
========  ==========================================  ============================
2         AB                                          standing terms only
3         AB, BC, A·C                                 one other character
4         ABC, BCD, A·CD, AB·D                        one other character
5         ABC, CDE, AB·D                              one other character; one lost or added beside the middle
6 to 8    the rarest three of each half               one edit
9 …       the rarest three of each third              two edits
========  ==========================================  ============================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..text.codepoints import CodePoints, encode

__all__ = ["LONGEST", "Hits", "TermIndex", "joined"]

Ints = NDArray[np.int64]

#: Which pairs of an observed and an intended character may be one misread for the other.
Likely = Callable[[CodePoints, CodePoints], NDArray[np.bool_]]

#: Longer terms are left out: no name is as long, and a title of that length is found by its words.
LONGEST = 64
#: The pieces: offsets of the characters that are in them.
_PATTERNS = ((0, 1), (0, 2), (0, 1, 2), (0, 2, 3), (0, 1, 3))
_AB, _A_C, _ABC, _A_CD, _AB_D = range(5)
_MIX = tuple(np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
#: Slots of the hash table for each piece in it.
_ROOM = 8
#: A block of the text that is looked up at once.
_BLOCK = 1 << 16
#: What no text has: fills up at the ends.
_NOTHING = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Where terms stand (`errors` 0) or nearly stand: ``text[start:end]`` against ``index[term]``, in order of both.

    Hits with errors of the same length as their term differ from it in `errors` characters; the other ones are
    *likely* to be one insertion or deletion away (two in long terms), which exact edit distance has to confirm.
    """

    start: Ints
    end: Ints
    term: Ints
    errors: Ints

    def __len__(self) -> int:
        return int(self.start.size)

    def take(self, rows: NDArray[Any]) -> Hits:
        """The hits of `rows`, a mask or indices."""
        return Hits(self.start[rows], self.end[rows], self.term[rows], self.errors[rows])


class TermIndex:
    """Immutable; safe to share between threads, and pickled as its arrays."""

    def __init__(self, terms: Iterable[str]) -> None:
        """White space in terms is dropped, and so are terms of fewer than 2 or more than `LONGEST` characters."""
        self.terms = tuple(sorted({t for t in ("".join(term.split()) for term in terms) if 1 < len(t) <= LONGEST}))
        self.flat: CodePoints = encode("".join(self.terms))
        self.lengths = np.fromiter((len(t) for t in self.terms), dtype=np.int64, count=len(self.terms))
        self.starts: Ints = np.cumsum(self.lengths) - self.lengths
        keys, term, offset = self._pieces()
        bits = max(int(_ROOM * keys.size).bit_length(), 10)
        self._shift = np.uint64(64 - bits)
        slot = (keys >> self._shift).astype(np.int64)
        order = np.argsort(slot, kind="stable")
        self._term, self._offset = term[order].astype(np.int32), offset[order].astype(np.int8)
        self._heads = np.zeros((1 << bits) + 1, dtype=np.int32)
        np.cumsum(np.bincount(slot, minlength=1 << bits), out=self._heads[1:])
        self._taken = self._heads[1:] > self._heads[:-1]
        sizes = np.bincount(self.lengths, minlength=6)
        used = (sizes[2] + sizes[3], sizes[3], sizes[4:].sum(), sizes[4], sizes[4] + sizes[5])
        self._patterns = tuple(p for p in range(5) if used[p])

    def __len__(self) -> int:
        return len(self.terms)

    def __getitem__(self, term: int) -> str:
        return self.terms[term]

    def __repr__(self) -> str:
        return f"<TermIndex of {len(self):,} terms>"

    def _pieces(self) -> tuple[NDArray[np.uint64], Ints, Ints]:
        """Key, term and offset of every piece."""
        parts: list[tuple[NDArray[np.uint64], Ints, Ints]] = []

        def put(terms: Ints, offset: Ints | int, pattern: int) -> None:
            offsets = np.broadcast_to(np.asarray(offset, dtype=np.int64), terms.shape)
            at = self.starts[terms] + offsets
            parts.append((_keys([self.flat[at + step] for step in _PATTERNS[pattern]], pattern), terms, offsets))

        for length, pieces in _SHORT.items():
            terms = np.flatnonzero(self.lengths == length)
            for offset, pattern in pieces:
                put(terms, offset, pattern)
        long = np.flatnonzero(self.lengths >= 6)
        padded = np.concatenate([self.flat, np.zeros(2, dtype=np.uint32)])
        keys = _keys([padded[:-2], padded[1:-1], padded[2:]], _ABC)
        rough = (keys >> np.uint64(64 - 20)).astype(np.int64)
        within = np.ones(keys.size, dtype=bool)  # pieces that do not run into the next term
        ends = self.starts + self.lengths
        within[np.concatenate([ends - 1, ends - 2])] = False
        often = np.bincount(rough[within], minlength=1 << 20)[rough]
        for several in (2, 3):
            terms = long[(self.lengths[long] >= 9) == (several == 3)]
            for part in range(several):
                low = self.lengths[terms] * part // several
                width = self.lengths[terms] * (part + 1) // several - low - 2
                best = low.copy()
                count = often[self.starts[terms] + low]
                for step in range(1, int(width.max(initial=0))):
                    other = np.where(step < width, often[np.minimum(self.starts[terms] + low + step, keys.size - 1)],
                                     np.iinfo(np.int64).max)  # fmt: skip
                    best = np.where(other < count, low + step, best)
                    count = np.minimum(count, other)
                put(terms, best, _ABC)
        return tuple(np.concatenate([part[k] for part in parts]) for k in range(3))  # type: ignore[return-value]

    def search(self, codes: CodePoints, likely: Likely | None = None) -> Hits:
        """All hits in `codes`, which should hold no white space.

        A term of three characters that differs in one is a hit only if `likely` (observed, intended) thinks so.
        """
        if not self.terms or codes.size < 2:
            return joined([])
        pad = np.full(LONGEST + 3, _NOTHING, dtype=np.uint32)
        text = np.concatenate([pad, codes, pad])
        found = []
        for begin in range(0, codes.size, _BLOCK):
            at, post = self._look_up(text, pad.size + begin, pad.size + min(begin + _BLOCK, codes.size))
            term = self._term[post].astype(np.int64)
            start = at - self._offset[post]
            found += [self._same_length(text, start, term, likely), self._other_length(text, start, term)]
        hits = joined(found)
        inside = (hits.start >= pad.size) & (hits.end <= pad.size + codes.size)
        return Hits(hits.start - pad.size, hits.end - pad.size, hits.term, hits.errors).take(inside)

    def _look_up(self, text: CodePoints, begin: int, end: int) -> tuple[Ints, Ints]:
        """Places in ``begin:end`` and the entries of the hash table that they may be, side by side."""
        places, posts = [], []
        values = text[begin : end + 4].astype(np.uint64)
        products = [values * m for m in _MIX]
        for pattern in self._patterns:
            key = _combine([products[k][s : s + end - begin] for k, s in enumerate(_PATTERNS[pattern])], pattern)
            slot = key >> self._shift
            at = np.flatnonzero(self._taken[slot])
            low = self._heads[slot[at]].astype(np.int64)
            count = self._heads[slot[at] + np.uint64(1)] - low
            places.append(np.repeat(at + begin, count))
            firsts = np.cumsum(count) - count
            posts.append(np.arange(int(count.sum())) + np.repeat(low - firsts, count))
        return np.concatenate(places), np.concatenate(posts)

    def _same_length(self, text: CodePoints, start: Ints, term: Ints, likely: Likely | None) -> Hits:
        """Those with few enough other characters in their places."""
        short = np.flatnonzero(self.lengths[term] == 3)
        if likely is not None and short.size:
            keep = np.ones(term.size, dtype=bool)
            for j in range(3):  # one of them at most differs, whatever the piece
                observed, intended = text[start[short] + j], self.flat[self.starts[term[short]] + j]
                rows = np.flatnonzero(observed != intended)
                keep[short[rows]] &= likely(observed[rows], intended[rows])
            start, term = start[keep], term[keep]
        n, first = self.lengths[term], self.starts[term]
        allowed = _allowed(n)
        errors = np.zeros(term.size, dtype=np.int64)
        rows = np.arange(term.size)
        for j in range(int(n.max(initial=0))):
            rows = rows[n[rows] > j] if j > 1 else rows
            errors[rows] += self.flat[first[rows] + j] != text[start[rows] + j]
            rows = rows[errors[rows] <= allowed[rows]]
        good = errors <= allowed
        return Hits(start[good], start[good] + n[good], term[good], errors[good])

    def _other_length(self, text: CodePoints, start: Ints, term: Ints) -> Hits:
        """Those whose ends fit when one or two characters are taken to be lost or added inside."""
        keep = self.lengths[term] >= 5
        start, term = start[keep], term[keep]
        n, first = self.lengths[term], self.starts[term]
        head, tail = self.flat[first], self.flat[first + n - 1]
        heads = {by: head == text[start + by] for by in range(-2, 3)}
        tails = {by: tail == text[start + n - 1 + by] for by in range(-2, 3)}
        out = []
        for shift in (-2, -1, 1, 2):  # the text has so many more
            room = n >= (9 if abs(shift) == 2 else 5)
            for before in {0, shift // 2, shift}:  # so many of them stand before the piece, the others behind it
                rows = np.flatnonzero(room & heads[-before] & tails[shift - before])
                begin, length = start[rows] - before, n[rows] + shift
                out.append(Hits(begin, begin + length, term[rows], np.full(rows.size, abs(shift))))
        return joined(out)


#: Length → offset and pattern of the pieces of shorter terms.
_SHORT = {
    2: ((0, _AB),),
    3: ((0, _AB), (1, _AB), (0, _A_C)),
    4: ((0, _ABC), (1, _ABC), (0, _A_CD), (0, _AB_D)),
    5: ((0, _ABC), (2, _ABC), (0, _AB_D)),
}


def _allowed(length: Ints) -> Ints:
    """How many other characters a term of that length may have to be a hit."""
    return np.where(length < 3, 0, np.where(length < 9, 1, 2))


def _keys(columns: list[CodePoints], pattern: int) -> NDArray[np.uint64]:
    """The keys of pieces whose characters are `columns`."""
    return _combine([column.astype(np.uint64) * _MIX[k] for k, column in enumerate(columns)], pattern)


def _combine(products: list[NDArray[np.uint64]], pattern: int) -> NDArray[np.uint64]:
    key = products[0] + products[1]
    if len(products) == 3:
        key += products[2] ^ (products[2] >> np.uint64(29))
    key ^= key >> np.uint64(32)
    key += np.uint64(pattern)
    key *= _MIX[0]
    return key


def joined(parts: Sequence[Hits]) -> Hits:
    """All hits of `parts`, each once, in order."""
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return Hits(none, none, none, none)
    start, end, term, errors = (np.concatenate([getattr(p, n) for p in parts]) for n in ("start", "end", "term",
                                                                                          "errors"))  # fmt: skip
    order = np.lexsort((term, end, start))
    start, end, term, errors = start[order], end[order], term[order], errors[order]
    fresh = np.ones(start.size, dtype=bool)
    fresh[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1]) | (term[1:] != term[:-1])
    return Hits(start[fresh], end[fresh], term[fresh], errors[fresh])

