"""From the pieces of two skeletons to the differences of the two texts: white space and widths come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..edits import Scalar
from ..text.codepoints import CodePoints
from .folding import Positions
from .model import Difference

__all__ = ["Piece", "differences_of"]

Ints = NDArray[np.int64]

_CHUNK = 1 << 16
_NEWLINES = frozenset("\n\r\u2028\u2029")
_QUOTES = frozenset("\"'“”‘’„‟‚‛〝〞〟＂＇")


@dataclass(frozen=True, slots=True)
class Piece:
    """A classified difference of two skeletons: ``x[i0:i1]`` stands for ``y[j0:j1]``. Pieces may touch."""

    i0: int
    i1: int
    j0: int
    j1: int
    kind: str
    confidence: float = 1.0
    evidence: Mapping[str, Scalar] = field(default_factory=dict)


def differences_of(
    a: str, b: str, codes: tuple[CodePoints, CodePoints], places: tuple[Positions, Positions], pieces: Sequence[Piece]
) -> list[Difference]:
    """The differences of `a` and `b`, given the pieces of their skeletons, in order.

    `codes` are the code points of both texts and `places` where every skeleton character stands in them.
    """
    return list(_Attacher(a, b, codes, places).run(pieces))


class _Attacher:
    def __init__(
        self, a: str, b: str, codes: tuple[CodePoints, CodePoints], places: tuple[Positions, Positions]
    ) -> None:
        self.a, self.b = a, b
        self.codes_a, self.codes_b = codes
        self.at_a, self.at_b = places
        self.pos_a = self.pos_b = 0  # everything before is done

    def run(self, pieces: Sequence[Piece]) -> Iterator[Difference]:
        events = self._events(pieces)
        event = next(events, None)
        for piece in pieces:
            while event is not None and event[0] < piece.i0:
                yield from self._setting(*event)
                event = next(events, None)
            self._pass(piece.i0, piece.j0)
            yield from self._content(piece)
        while event is not None:
            yield from self._setting(*event)
            event = next(events, None)
        self._pass(len(self.at_a), len(self.at_b))
        yield from self._blank(len(self.a), len(self.b))

    def _events(self, pieces: Sequence[Piece]) -> Iterator[tuple[int, int, bool]]:
        """Matching skeleton characters ``(i, j)`` before which there is white space, or that are set differently."""
        ends = np.array([(0, 0), *((p.i1, p.j1) for p in pieces)], dtype=np.int64)
        starts = np.array([p.i0 for p in pieces] + [len(self.at_a)], dtype=np.int64)
        for start_i, start_j, size in _chunks(ends[:, 0], ends[:, 1], starts - ends[:, 0]):
            first = np.cumsum(size) - size
            within = np.arange(int(size.sum()))
            i = within + np.repeat(start_i - first, size)
            j = within + np.repeat(start_j - first, size)
            at_a, at_b = self.at_a[i], self.at_b[j]
            other = self.codes_a[at_a] != self.codes_b[at_b]
            blank = np.ones(len(i), np.bool_)
            blank[1:] = (np.diff(at_a) != np.diff(i)) | (np.diff(at_b) != np.diff(j))
            where = np.flatnonzero(other | blank)
            yield from zip(i[where].tolist(), j[where].tolist(), other[where].tolist(), strict=True)

    def _pass(self, i: int, j: int) -> None:
        """Everything before the skeleton characters `i` and `j` is done."""
        if i:
            self.pos_a = max(self.pos_a, int(self.at_a[i - 1]) + 1)
        if j:
            self.pos_b = max(self.pos_b, int(self.at_b[j - 1]) + 1)

    def _setting(self, i: int, j: int, other: bool) -> Iterator[Difference]:
        """The white space before a pair of matching characters, and their own forms."""
        self._pass(i, j)
        p, q = int(self.at_a[i]), int(self.at_b[j])
        yield from self._blank(p, q)
        if other:
            kind = "quote" if self.a[p] in _QUOTES else "width"
            yield Difference(p, p + 1, q, q + 1, self.a[p], self.b[q], kind)
            self.pos_a, self.pos_b = p + 1, q + 1

    def _blank(self, end_a: int, end_b: int) -> Iterator[Difference]:
        """White space up to ``a[end_a]`` and ``b[end_b]``."""
        blank_a, blank_b = self.a[self.pos_a : end_a], self.b[self.pos_b : end_b]
        if blank_a != blank_b:
            kind = "space" if _NEWLINES.isdisjoint(blank_a) and _NEWLINES.isdisjoint(blank_b) else "layout"
            yield Difference(self.pos_a, end_a, self.pos_b, end_b, blank_a, blank_b, kind)
        self.pos_a, self.pos_b = end_a, end_b

    def _content(self, piece: Piece) -> Iterator[Difference]:
        start_a, end_a = _span(self.at_a, piece.i0, piece.i1, self.pos_a, self.a)
        start_b, end_b = _span(self.at_b, piece.j0, piece.j1, self.pos_b, self.b)
        after_a = self.a[end_a : _place(self.at_a, piece.i1, self.a)]
        after_b = self.b[end_b : _place(self.at_b, piece.j1, self.b)]
        if piece.i0 == piece.i1:
            start_a = end_a = self.pos_a + _split(self.a[self.pos_a : end_a], self.b[self.pos_b : start_b], after_b)
            if self.a[self.pos_a : start_a] != self.b[self.pos_b : start_b] and start_a == self.pos_a:
                start_b = self.pos_b
        elif piece.j0 == piece.j1:
            start_b = end_b = self.pos_b + _split(self.b[self.pos_b : end_b], self.a[self.pos_a : start_a], after_a)
            if self.a[self.pos_a : start_a] != self.b[self.pos_b : start_b] and start_b == self.pos_b:
                start_a = self.pos_a
        yield from self._blank(start_a, start_b)
        yield Difference(
            start_a,
            end_a,
            start_b,
            end_b,
            self.a[start_a:end_a],
            self.b[start_b:end_b],
            piece.kind,
            piece.confidence,
            piece.evidence,
        )
        self.pos_a, self.pos_b = end_a, end_b


def _place(at: Positions, index: int, text: str) -> int:
    """Where a skeleton character stands in `text`; the end, behind the last."""
    return int(at[index]) if index < len(at) else len(text)


def _span(at: Positions, lo: int, hi: int, done: int, text: str) -> tuple[int, int]:
    """Where the skeleton characters ``lo:hi`` stand; an empty span is all the white space at the place."""
    if lo == hi:
        return done, _place(at, lo, text)
    return int(at[lo]), int(at[hi - 1]) + 1


def _chunks(start_i: Ints, start_j: Ints, size: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Runs of `size` characters, cut and gathered so that each share has about `_CHUNK` characters: bounded memory."""
    parts = np.maximum(-(-size // _CHUNK), 1)
    part = np.arange(int(parts.sum())) - np.repeat(np.cumsum(parts) - parts, parts)
    skip = part * _CHUNK
    start_i, start_j = np.repeat(start_i, parts) + skip, np.repeat(start_j, parts) + skip
    size = np.minimum(np.repeat(size, parts) - skip, _CHUNK)
    share = np.cumsum(size) // _CHUNK
    bounds = [0, *(np.flatnonzero(np.diff(share)) + 1).tolist(), len(size)]
    for low, high in pairwise(bounds):
        yield start_i[low:high], start_j[low:high], size[low:high]


def _split(blank: str, before: str, after: str) -> int:
    """How much of the white space `blank` stands before a piece that this text lacks.

    The other text has `before` and `after` around it. As much as possible is to be equal: first all before, then all
    after.
    """
    if blank == before:
        return len(blank)
    if blank == after:
        return 0
    if before and blank.startswith(before):
        return len(before)
    if after and blank.endswith(after):
        return len(blank) - len(after)
    return len(blank) if before else 0
