"""Displaced glyphs: a character, or a part of one, that was read some places away from where it stands.

院所硏 for 研院所: 研 is missing in one place and a form of it is left over in another. 扌青少岀 for 批青少: 批 came
apart; one part stayed, what is left over further on is the other. Either way the two differences are one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from ..text.codepoints import CodePoints
from .attach import Piece
from .evidence import Evidence
from .ops import Block

__all__ = ["ELLIPSIS", "take_shifts"]

#: Stands for the characters between the parts of a glyph that came apart.
ELLIPSIS = "…"
#: The farthest that a glyph is taken to land away, in characters.
_FARTHEST = 8
#: Glyphs from this likeness on can be one and the same.
_ALIKE = 0.6


def take_shifts(
    x: CodePoints, y: CodePoints, blocks: Sequence[Block], numbers: Sequence[Block], evidence: Evidence
) -> tuple[list[Piece], list[Block]]:
    """Pairs of neighbouring blocks that are one displaced glyph, as pieces, and the other blocks; both in order.

    `numbers` are the blocks that were taken out of `blocks` before; no glyph is displaced across one.
    """
    starts = [(i0, j0) for i0, _, j0, _ in numbers]
    pieces: list[Piece] = []
    rest: list[Block] = []
    at = 0
    while at < len(blocks):
        first = blocks[at]
        second = blocks[at + 1] if at + 1 < len(blocks) else None
        found = None
        if second is not None and second[0] - first[1] <= _FARTHEST and not _number_between(starts, first, second):
            found = _displaced(x, y, first, second, evidence) or _apart(x, y, first, second, evidence)
        if second is None or found is None:
            rest.append(first)
            at += 1
            continue
        displaced, reads = found
        by = second[0] - first[1] if first[1] == first[0] or ELLIPSIS in displaced else first[1] - second[0]
        pieces.append(
            Piece(
                first[0],
                second[1],
                first[2],
                second[3],
                "shift",
                0.95,
                {"displaced": displaced, "reads": reads, "by": by},
            )
        )
        at += 2
    return pieces, rest


def _number_between(starts: Sequence[tuple[int, int]], first: Block, second: Block) -> bool:
    """Whether one of the numbers, given by their `starts` in order, stands between the two blocks."""
    at = bisect_left(starts, (first[0], first[2]))
    return at < len(starts) and starts[at] < (second[0], second[2])


def _sizes(block: Block) -> tuple[int, int]:
    return block[1] - block[0], block[3] - block[2]


def _displaced(
    x: CodePoints, y: CodePoints, first: Block, second: Block, evidence: Evidence
) -> tuple[str, str] | None:
    """A glyph missing in one block and left over in the other: what was read, and what it reads."""
    sizes = _sizes(first), _sizes(second)
    if sizes == ((0, 1), (1, 0)):
        read, stands = x[second[0] : second[1]], y[first[2] : first[3]]
    elif sizes == ((1, 0), (0, 1)):
        read, stands = x[first[0] : first[1]], y[second[2] : second[3]]
    else:
        return None
    if first[1] == second[0] or not evidence.is_han(stands) or float(evidence.likeness(read, stands)[0]) < _ALIKE:
        return None
    return chr(int(read[0])), chr(int(stands[0]))


def _apart(x: CodePoints, y: CodePoints, first: Block, second: Block, evidence: Evidence) -> tuple[str, str] | None:
    """A character that came apart: a part of it stayed, something is left over beside."""
    sizes = _sizes(first), _sizes(second)
    if sizes == ((1, 1), (1, 0)):
        stayed, whole = int(x[first[0]]), int(y[first[2]])
    elif sizes == ((1, 0), (1, 1)):
        stayed, whole = int(x[second[0]]), int(y[second[2]])
    else:
        return None
    left = x[second[0] : second[1]] if sizes[1] == (1, 0) else x[first[0] : first[1]]
    if not evidence.is_han(left) or not evidence.part_of(chr(stayed), chr(whole)):
        return None
    return chr(int(x[first[0]])) + ELLIPSIS + chr(int(x[second[0]])), chr(whole)
