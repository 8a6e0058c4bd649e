"""What the lines of a page say of a proposal.

A page is set on a grid: full lines are equally many characters wide, the first of a paragraph two less. One that is a
character short has lost one, unless the next line begins with what could not be parted; one that is too wide has
something invented. Where a line lacks a character, the likeliest of the gaps in it is the one. And where paragraphs
end with a stop, the one that does not has lost it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..text.arrays import numbered
from ..text.classes import DIGIT, LATIN
from .proposals import INSERT, Floats, Ints, Proposals
from .view import View

__all__ = ["GRID", "grid"]

#: Names of the columns, in order.
GRID = (
    "line_beyond", "line_like", "line_like_longer", "line_like_shorter", "line_half_wide", "line_count", "next_beyond",
    "line_missing", "line_slack", "loss_share", "loss_rank", "loss_sum", "line_ends", "others_closed",
)  # fmt: skip

#: Widths are in halves of a character. A line below the first may be a heading, and differences count up to the second;
#: so much less than usual is the last line of a paragraph.
_NARROW, _BEYOND, _SHORT = 20, 12, 8
#: By how much the first line of a paragraph is indented.
_INDENT = 4
#: What a line lacks of which that cannot be told.
_UNKNOWN = -13
#: What a text without a grid, as of one line for each paragraph, is taken for: a usual line of a usual page. (That it
#: has none must not tell that it is clean, though what the forests were fit on without one was.)
_USUAL = np.array([0, np.log1p(8), 0, 0, 0, np.log1p(20), 0, 0, 1], dtype=np.float32)


def _codes(chars: str) -> NDArray[np.uint32]:
    return np.array([ord(c) for c in chars], dtype=np.uint32)


#: Beside figures and letters what is half as wide as a character; in some faces it is wider, or narrower.
_HALF_WIDE = _codes(".%")
#: What must not open a line, what must not end one, and what a paragraph may end with.
_CLOSING, _OPENING = _codes("，。、；：！？”’）》〉】〕％,;:!?)%"), _codes("“‘（《〈【〔(")
_STOPS = _codes("。；：！？;:")
#: How an article's number begins, what it ends with, and how long it may be.
_NUMBER, _ARTICLES, _ARTICLE = ord("第"), _codes("条章节编"), 9
#: A share of nothing is 0.
_SHARED = 1e-6
#: One paragraph more is thought of, as often with a stop as without; and what is said of no end.
_HALF, _OPEN = 0.5, np.array([0, 0.5], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """``first`` (k,) places of the lines' first characters, ``wide`` (k,) their widths, ``half`` (n,) whether a
    character is half as wide as others, ``usual`` the width of a full line, 0 where no two lines are equally wide."""

    first: Ints
    wide: Ints
    half: NDArray[np.bool_]
    usual: int

    @staticmethod
    def of(v: View) -> Lines:
        """Those of a text."""
        half = (v.classes == DIGIT) | (v.classes == LATIN) | np.isin(v.codes, _HALF_WIDE)
        first = np.flatnonzero(v.breaks[:-1] > 0)
        wide = np.add.reduceat(np.where(half, 1, 2), first)
        common = np.bincount(wide, minlength=_NARROW + 1)[_NARROW:]
        none = common.max() < 2
        return Lines(first, wide, half, 0 if none else _NARROW + int(np.flatnonzero(common == common.max())[-1]))

    def at(self, p: Proposals) -> Ints:
        """The number of each proposal's line; something lost is of the line of the character before it."""
        place = np.where(p.length > 0, p.start, np.maximum(p.start - 1, 0))
        return np.asarray(np.searchsorted(self.first, place, side="right") - 1)

    def last(self, v: View) -> NDArray[np.bool_]:
        """Which lines are the last of their paragraphs, as far as their widths tell, (k,)."""
        return np.asarray(np.append(v.breaks[self.first[1:]] == 2, True) | (self.wide < self.usual - _SHORT))

    def lacking(self, v: View) -> tuple[Ints, Ints]:
        """By how much each line is narrower than it should be, `_UNKNOWN` for the last ones of paragraphs; and how much
        of that may have another reason than a loss: what opens the next line could not be parted, or the width of what
        stands there is not certain."""
        beyond, last = self.wide - self.usual, self.last(v)
        after = np.concatenate([[True], last[:-1]])
        opens = after & (np.abs(beyond + _INDENT) <= 1)
        indented = np.count_nonzero(opens) >= np.count_nonzero(after & (np.abs(beyond) <= 1))
        # A paragraph may also begin behind a full line, where that ends with a stop.
        ends = np.concatenate([[False], np.isin(v.codes[self.first[1:] - 1], _STOPS)])
        opens = (after | (ends & (beyond == -_INDENT))) if indented else np.zeros_like(after)
        lacks = np.where(last, _UNKNOWN, np.clip(-beyond - _INDENT * opens, _UNKNOWN + 1, _BEYOND))
        narrow = np.add.reduceat(np.isin(v.codes, _HALF_WIDE).astype(np.int64), self.first)
        return lacks, np.minimum(np.append(self._room(v), 0) + narrow + 2 * self._numbered(v), _BEYOND)

    def _numbered(self, v: View) -> NDArray[np.bool_]:
        """Which lines begin with the number of an article, behind which a space is printed that is not read."""
        found = v.codes[self.first] == _NUMBER
        place = self.first[found][:, None] + np.arange(2, _ARTICLE)
        ends = np.isin(v.codes[np.minimum(place, len(v) - 1)], _ARTICLES) & (place < len(v))
        found[found] = ends.any(axis=1)
        return np.asarray(found)

    def _room(self, v: View) -> Ints:
        """How much room there may be at the end of each line but the last, for what opens the next one."""
        n, start = len(v), self.first[1:]
        second = v.codes[np.minimum(start + 1, n - 1)]
        head = np.where(np.isin(v.codes[start], _OPENING) | np.isin(second, _CLOSING), 2, 1)
        # Figures and words are not parted.
        ends = np.flatnonzero(np.append(~self.half, True))
        token = ends[np.searchsorted(ends, start)] - start
        return np.asarray(np.maximum(head, token), dtype=np.int64)


def grid(v: View, p: Proposals, opinion: NDArray[np.float64]) -> Floats:
    """The columns for each proposal, (m, len(GRID)); `opinion` (m,) is the first forest's."""
    lines = Lines.of(v)
    line = lines.at(p)
    if not lines.usual:
        none = np.tile(_USUAL, (len(p), 1)), _losses(p, line, opinion), np.tile(_OPEN, (len(p), 1))
        return np.concatenate(none, axis=1)
    return np.concatenate([_widths(v, lines, line), _losses(p, line, opinion), _ends(v, lines, p, line)], axis=1)


def _widths(v: View, lines: Lines, line: Ints) -> Floats:
    """By how much the line is wider than most are; how many other lines are as wide, and a character wider and
    narrower; its half-wide characters; how many lines there are; by how much the next line is wider than most; what the
    line lacks, and how much of that may have a reason."""
    wide, usual = lines.wide, lines.usual
    alike = np.bincount(wide)

    def how_many(width: Ints) -> Floats:
        there = (width >= 0) & (width < alike.size)
        return np.log1p(np.where(there, alike.take(width, mode="clip"), 0)).astype(np.float32)

    own = wide[line]
    lacks, slack = lines.lacking(v)
    columns = (
        np.clip(own - usual, -_BEYOND, _BEYOND), np.log1p(alike[own] - 1), how_many(own + 2), how_many(own - 2),
        np.add.reduceat(lines.half.astype(np.int64), lines.first)[line],
        np.full(len(line), np.log1p(lines.first.size)),
        np.clip(np.append(wide[1:], 0)[line] - usual, -_NARROW, _BEYOND), lacks[line], slack[line],
    )  # fmt: skip
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)


def _losses(p: Proposals, line: Ints, opinion: NDArray[np.float64]) -> Floats:
    """Of something lost: its share of what the first forest believes lost in the line, in how many gaps of the line
    that is likelier, and how much it believes lost there in all, (m, 3); 0 of other proposals."""
    out = np.zeros((len(p), 3), dtype=np.float32)
    rows = np.flatnonzero(p.kind == INSERT)
    if not rows.size:
        return out
    likely = opinion[rows]
    gaps, which = numbered(p.start[rows])
    best = np.zeros(gaps.size)
    np.maximum.at(best, which, likely)
    of_gap = np.zeros(gaps.size, dtype=np.int64)
    of_gap[which] = line[rows]
    total = np.bincount(of_gap, weights=best)[of_gap]
    # Gaps by line, the likeliest first: the rank is the place among those of the line.
    order = np.lexsort((-best, of_gap))
    starts = np.searchsorted(of_gap[order], of_gap[order])
    rank = np.empty(gaps.size)
    rank[order] = np.arange(gaps.size) - starts
    out[rows, 0] = likely / (total[which] + _SHARED)
    out[rows, 1] = np.minimum(rank[which], _BEYOND)
    out[rows, 2] = total[which]
    return out


def _ends(v: View, lines: Lines, p: Proposals, line: Ints) -> Floats:
    """What ends with something lost: 0 no line, 1 a line, 2 a paragraph of one line, 3 a longer one; and what share of
    the others of that kind ends with a stop, (m, 2)."""
    last = lines.last(v)
    kind = 1 + last + (last & ~np.concatenate([[True], last[:-1]]))
    ends = np.append(lines.first[1:], len(v)) - 1
    closed = np.isin(v.codes[ends], _STOPS)
    many, stops = np.bincount(kind, minlength=4), np.bincount(kind, weights=closed, minlength=4)
    share = (stops[kind] - closed + _HALF) / (many[kind] - 1 + 2 * _HALF)
    at_end = (p.kind == INSERT) & (p.start == ends[line] + 1)
    return np.where(at_end[:, None], np.stack([kind[line], share[line]], axis=1), _OPEN).astype(np.float32)
