"""The passages of a document in a scan: what an alignment of the two explains, stretch by stretch.

The alignment is scored, a character in common for and what differs against it, and the passages are the maximal scoring
subsequences (Ruzzo and Tompa 1999). What OCR does to a page costs little; a text that merely shares set phrases falls
apart into short passages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..alignment.segments import differing_blocks
from ..text.codepoints import CodePoints

__all__ = ["LEAST", "Passage", "maximal", "passages"]

#: The least score of a passage.
LEAST = 30.0
#: Scores of a character that both have, of one that only the scan has (in short and in long differences), of a cut.
_EQUAL, _SHORT, _LONG, _CUT, _LONG_CUT = 1.0, -1.0, -2.0, -1.0, -5.0
_SHORT_LENGTH, _LONG_LENGTH = 3, 8


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """``scan[start:end]`` stands in the document at ``[other_start:other_end]``; offsets are code points.

    `score` is the number of common characters less the price of what differs.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    score: float

    def shifted(self, by: int, other_by: int) -> Passage:
        """The same passage where everything stands so many code points further right."""
        other = self.other_start + other_by, self.other_end + other_by
        return Passage(self.start + by, self.end + by, *other, self.score)


def passages(x: CodePoints, y: CodePoints) -> list[Passage]:
    """The passages of `y` in `x`, in order and disjoint."""
    blocks, _ = differing_blocks(x, y)
    return [p for p in maximal(_scored(blocks, len(x), len(y))) if p.score >= LEAST]


def _scored(blocks: Sequence[tuple[int, int, int, int]], size: int, other: int) -> Iterator[Passage]:
    """An alignment as a row of equal runs and differences, each with its score."""
    i = j = 0
    for i0, i1, j0, j1 in (*blocks, (size, size, other, other)):
        if i0 > i:
            yield Passage(i, i0, j, j0, _EQUAL * (i0 - i))
        length = i1 - i0
        price = _CUT if j1 - j0 <= length + _LONG_LENGTH else _LONG_CUT
        if length:
            price = length * (_SHORT if length <= _SHORT_LENGTH else _LONG)
        yield Passage(i0, i1, j0, j1, price)
        i, j = i1, j1


def maximal(row: Iterable[Passage]) -> list[Passage]:
    """The maximal scoring subsequences of `row`, in order (Ruzzo and Tompa 1999)."""
    sums: list[tuple[float, float]] = []  # of the row before each subsequence, and with it
    out: list[Passage] = []
    total = 0.0
    for item in row:
        before, total = total, total + item.score
        if item.score <= 0:
            continue
        at = len(out)
        new = item
        while True:
            left = at - 1
            while left >= 0 and sums[left][0] >= before:
                left -= 1
            if left < 0 or sums[left][1] >= total:
                break
            first = out[left]
            before = sums[left][0]
            new = Passage(first.start, item.end, first.other_start, item.other_end, total - before)
            at = left
        del out[at:], sums[at:]
        out.append(new)
        sums.append((before, total))
    return out


