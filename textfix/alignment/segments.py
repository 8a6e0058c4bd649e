"""From two arrays of code points to the blocks in which they differ, in near-linear time.

Long stretches are cut at anchors (`anchors`, `chain`), from long sparse k-grams to short dense ones, until what lies
between them is small enough for exact edit operations (`ops`). A stretch without any anchor that is too large for
those stays one block: the work is bounded by the sizes of the texts, never by a clock.
"""

from __future__ import annotations

from ..text.codepoints import CodePoints, decode
from .anchors import matches, small_matches
from .chain import heaviest_chain, runs_of
from .ops import Block, affine_blocks, plain_blocks

__all__ = ["differing_blocks"]

#: Length of the k-grams, one in how many (as a power of two), and the size from which a stretch is cut with them.
_LEVELS = ((32, 6, 1 << 15), (16, 3, 1 << 12), (16, 0, 1 << 11), (8, 0, 0), (4, 0, 0))
#: Stretches up to this size (both texts together) are searched without arrays.
_SMALL = 1 << 11
#: Largest product of lengths for exact edit operations, plain and affine.
_PLAIN_AREA = 1 << 22
_AFFINE_AREA = 1 << 17
#: Blocks closer than this belong together where one of them is a cut.
_CLOSE = 4


def differing_blocks(x: CodePoints, y: CodePoints) -> tuple[list[Block], bool]:
    """The ordered, disjoint, non-touching blocks in which `x` and `y` differ; what lies between them is equal.

    The second value is False if a stretch was too large to look into and had no anchor, so that it came out as one
    block unexamined. Symmetric: with the texts exchanged, the blocks come out exchanged.
    """
    if len(y) < len(x) or (len(y) == len(x) and y.tobytes() < x.tobytes()):
        blocks, whole = _ordered(y, x)
        return [(j0, j1, i0, i1) for i0, i1, j0, j1 in blocks], whole
    return _ordered(x, y)


def _ordered(x: CodePoints, y: CodePoints) -> tuple[list[Block], bool]:
    solver = _Solver(x, y)
    solver.solve((0, len(x), 0, len(y)), 0)
    return _slid(solver.text_x, solver.text_y, _regrouped(x, y, solver.blocks)), solver.whole


def _common(x: CodePoints, y: CodePoints, step: int) -> int:
    """Length of the common prefix (`step` 1) or suffix (-1), looking no further than needed."""
    size = min(len(x), len(y))
    x, y = x[::step][:size], y[::step][:size]
    start, width = 0, 64
    while start < size:
        differs = x[start : start + width] != y[start : start + width]
        if differs.any():
            return start + int(differs.argmax())
        start += width
        width *= 2
    return size


class _Solver:
    """Collects the blocks of one pair, left to right."""

    def __init__(self, x: CodePoints, y: CodePoints) -> None:
        self.x, self.y = x, y
        self.text_x, self.text_y = decode(x), decode(y)
        self.blocks: list[Block] = []
        self.whole = True

    def solve(self, gap: Block, level: int) -> None:
        """Append the blocks of ``x[i0:i1]`` against ``y[j0:j1]``. Recursion is as deep as there are levels."""
        i0, i1, j0, j1 = gap
        p, q = i1 - i0, j1 - j0
        if p == 0 or q == 0:
            if p or q:
                self.blocks.append(gap)
            return
        if p == q == 1:
            if self.x[i0] != self.y[j0]:
                self.blocks.append(gap)
            return
        small = p * q <= _PLAIN_AREA
        if small and abs(p - q) <= 8 + max(p, q) // 8 and self._plain(gap, 8 + max(p, q) // 3):
            return
        same = _common(self.x[i0:i1], self.y[j0:j1], 1)
        i0, j0 = i0 + same, j0 + same
        same = _common(self.x[i0:i1], self.y[j0:j1], -1)
        i1, j1 = i1 - same, j1 - same
        gap = (i0, i1, j0, j1)
        p, q = i1 - i0, j1 - j0
        if p == 0 or q == 0:
            if p or q:
                self.blocks.append(gap)
            return
        if min(p, q) < 4 and p * q <= _AFFINE_AREA:
            self._affine(gap)
            return
        while level < len(_LEVELS) and p + q < _LEVELS[level][2]:
            level += 1
        for deeper in range(level, len(_LEVELS)):
            if self._anchored(gap, deeper):
                return
        if p * q <= _AFFINE_AREA:
            self._affine(gap)
        elif not (p * q <= _PLAIN_AREA and self._plain(gap, (p + q) // 2)):
            self.whole = False
            self.blocks.append(gap)

    def _plain(self, gap: Block, limit: int) -> bool:
        """Exact operations, unless they find little in common (more than `limit` edits)."""
        i0, i1, j0, j1 = gap
        blocks = plain_blocks(self.text_x[i0:i1], self.text_y[j0:j1])
        if sum(max(b - a, d - c) for a, b, c, d in blocks) > limit:
            return False
        self.blocks.extend((a + i0, b + i0, c + j0, d + j0) for a, b, c, d in blocks)
        return True

    def _affine(self, gap: Block) -> None:
        i0, i1, j0, j1 = gap
        blocks = affine_blocks(self.x[i0:i1], self.y[j0:j1])
        self.blocks.extend((a + i0, b + i0, c + j0, d + j0) for a, b, c, d in blocks)

    def _anchored(self, gap: Block, level: int) -> bool:
        """Cut the gap at its anchors and solve what lies between; False if there are none to trust."""
        i0, i1, j0, j1 = gap
        k, thin, _ = _LEVELS[level]
        if i1 - i0 + j1 - j0 <= _SMALL:
            found = small_matches(self.text_x[i0:i1], self.text_y[j0:j1], k)
        else:
            found = matches(self.x[i0:i1], self.y[j0:j1], k, thin)
        chain = heaviest_chain(runs_of(*found, k), k)
        least = _trusted((i1 - i0) * (j1 - j0))
        chain = [run for run in chain if run[2] >= least]
        if not chain:
            return False
        at_i, at_j = i0, j0
        for i, j, n in chain:
            self.solve((at_i, i + i0, at_j, j + j0), level + 1)
            at_i, at_j = i + i0 + n, j + j0 + n
        self.solve((at_i, i1, at_j, j1), level + 1)
        return True


def _trusted(area: int) -> int:
    """The length from which a shared run in a gap of `area` is hardly chance: set phrases recur in official prose."""
    return max(4, area.bit_length() // 2 - 2)


def _regrouped(x: CodePoints, y: CodePoints, blocks: list[Block]) -> list[Block]:
    """Join blocks that touch, and align again where a cut was scattered over several close blocks."""
    out: list[Block] = []
    cluster: list[Block] = []
    for block in blocks:
        if cluster and block[0] - cluster[-1][1] >= _CLOSE:
            out.extend(_settled(x, y, cluster))
            cluster = []
        if cluster and cluster[-1][1] == block[0] and cluster[-1][3] == block[2]:
            cluster[-1] = (cluster[-1][0], block[1], cluster[-1][2], block[3])
        else:
            cluster.append(block)
    out.extend(_settled(x, y, cluster))
    return out


def _settled(x: CodePoints, y: CodePoints, cluster: list[Block]) -> list[Block]:
    """The blocks of one cluster, by affine alignment if a cut is among them."""
    if len(cluster) < 2:
        return cluster
    i0, i1, j0, j1 = cluster[0][0], cluster[-1][1], cluster[0][2], cluster[-1][3]
    longest = max(abs((b - a) - (d - c)) for a, b, c, d in cluster)
    if longest < _CLOSE or (i1 - i0) * (j1 - j0) > _AFFINE_AREA:
        return cluster
    return [(a + i0, b + i0, c + j0, d + j0) for a, b, c, d in affine_blocks(x[i0:i1], y[j0:j1])]


#: Behind which characters a cut had better start: ends of sentences, of clauses, of items.
_ENDS = {"。": 4, "!": 4, "?": 4, ";": 3, ":": 2, ",": 2, "、": 1}
#: How far a cut is slid at most.
_FARTHEST = 64


def _slid(x: str, y: str, blocks: list[Block]) -> list[Block]:
    """Every block that only one text has, moved to the place among equal ones where it starts behind a mark."""
    out: list[Block] = []
    for n, (i0, i1, j0, j1) in enumerate(blocks):
        by = 0
        if (i0 == i1) != (j0 == j1) and max(i1 - i0, j1 - j0) > 1:
            # As far as the neighbours are away, without touching them; equally far in both texts.
            left = i0 - out[-1][1] - 1 if out else i0
            right = blocks[n + 1][0] - i1 - 1 if n + 1 < len(blocks) else len(x) - i1
            text, start, end = (y, j0, j1) if i0 == i1 else (x, i0, i1)
            by = _best_slide(text, start, end, min(left, _FARTHEST), min(right, _FARTHEST))
        out.append((i0 + by, i1 + by, j0 + by, j1 + by))
    return out


def _best_slide(text: str, start: int, end: int, left: int, right: int) -> int:
    """How far to move ``text[start:end]``, at most so far left or right, over characters that repeat at its ends."""
    best, rank = 0, _ENDS.get(text[start - 1 : start], 0)
    for step, limit in ((-1, left), (1, right)):
        by = 0
        while abs(by) < limit:
            edge = by if step > 0 else by - 1
            if text[start + edge] != text[end + edge]:
                break
            by += step
            if _ENDS.get(text[start + by - 1 : start + by], 0) > rank:
                best, rank = by, _ENDS[text[start + by - 1]]
    return best
