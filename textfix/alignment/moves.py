"""Passages that both texts have, in different places: what one side lacks here and has left over there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..text.codepoints import CodePoints
from .anchors import matches
from .chain import Run, heaviest_chain, runs_of
from .ops import Block

__all__ = ["find_moves", "without_moves"]

#: The shortest passage that counts as moved, in characters without white space, and the share of it that must match.
_SHORTEST, _SHARE = 24, 0.5
_GRAM = 8
#: A passage has no hole longer than this; leftovers are searched at most so many times.
_HOLE, _ROUNDS = 40, 8
#: Up to so many characters at the rim of a passage go with it.
_RIM = 3
#: A code beyond Unicode stands between the leftovers, so that no gram crosses from one to the next.
_BORDER = np.uint32(0x110000)


def find_moves(x: CodePoints, y: CodePoints, blocks: Sequence[Block]) -> list[Block]:
    """Moved passages, as spans of `x` and of `y`, in the order of `x`; disjoint on both sides.

    Only what the alignment left over on both sides is looked at, a few times over: each time takes the longest
    passages and leaves what lies between them to the next. The work grows with the length of what is left over.
    """
    found: list[Block] = []
    rest = list(blocks)
    for _ in range(_ROUNDS):
        moves = _one_round(x, y, rest)
        if not moves:
            break
        found += moves
        rest, _ = without_moves(rest, moves)
    return sorted(found)


def _one_round(x: CodePoints, y: CodePoints, blocks: Sequence[Block]) -> list[Block]:
    """The heaviest chain of each pair of leftovers, as far as they are disjoint."""
    mine = [(i0, i1) for i0, i1, _, _ in blocks if i1 - i0 >= _SHORTEST]
    theirs = [(j0, j1) for _, _, j0, j1 in blocks if j1 - j0 >= _SHORTEST]
    if not mine or not theirs:
        return []
    text_x, starts_x = _leftovers(x, mine, 0)
    text_y, starts_y = _leftovers(y, theirs, 1)
    thin = max(0, (len(text_x) + len(text_y)).bit_length() - 18)
    runs = runs_of(*matches(text_x, text_y, _GRAM, thin), _GRAM)
    by_pair: dict[tuple[int, int], list[Run]] = {}
    for i, j, n in runs:
        pair = int(np.searchsorted(starts_x, i, "right")) - 1, int(np.searchsorted(starts_y, j, "right")) - 1
        by_pair.setdefault(pair, []).append((i, j, n))
    found: list[tuple[int, Block]] = []
    for (m, n), group in by_pair.items():
        chain = _densest(heaviest_chain(group, _GRAM), thin)
        i0, i1 = chain[0][0], chain[-1][0] + chain[-1][2]
        j0, j1 = chain[0][1], chain[-1][1] + chain[-1][2]
        size = sum(run[2] for run in chain) << thin
        if min(i1 - i0, j1 - j0) >= _SHORTEST and size >= _SHARE * max(i1 - i0, j1 - j0):
            by_x, by_y = mine[m][0] - int(starts_x[m]), theirs[n][0] - int(starts_y[n])
            found.append((size, _widened((i0 + by_x, i1 + by_x, j0 + by_y, j1 + by_y), mine[m], theirs[n])))
    kept: list[Block] = []
    for _, block in sorted(found, key=lambda item: (-item[0], item[1])):
        if not any(_overlap(block, other) for other in kept):
            kept.append(block)
    return sorted(kept)


def _widened(block: Block, mine: tuple[int, int], theirs: tuple[int, int]) -> Block:
    """The passage with the few characters left over before and behind it on both sides: most likely errors."""
    i0, i1, j0, j1 = block
    before, behind = min(i0 - mine[0], j0 - theirs[0]), min(mine[1] - i1, theirs[1] - j1)
    before, behind = before * (before <= _RIM), behind * (behind <= _RIM)
    return i0 - before, i1 + behind, j0 - before, j1 + behind


def _densest(chain: list[Run], thin: int) -> list[Run]:
    """The heaviest part of a chain that has no long hole in it on either side."""
    parts: list[list[Run]] = []
    for run in chain:
        last = parts[-1][-1] if parts else None
        hole = max(run[0] - last[0] - last[2], run[1] - last[1] - last[2]) if last else 0
        if last is None or hole > _HOLE << thin:
            parts.append([])
        parts[-1].append(run)
    return max(parts, key=lambda part: sum(run[2] for run in part))


def _leftovers(text: CodePoints, spans: Sequence[tuple[int, int]], side: int) -> tuple[CodePoints, np.ndarray]:
    """The spans of `text` behind one another, with a border after each, and where each starts."""
    border = np.array([_BORDER + np.uint32(side)], dtype=np.uint32)
    starts = np.cumsum([0, *(end - start + 1 for start, end in spans)])[:-1]
    return np.concatenate([part for start, end in spans for part in (text[start:end], border)]), starts


def _overlap(block: Block, other: Block) -> bool:
    return (block[0] < other[1] and other[0] < block[1]) or (block[2] < other[3] and other[2] < block[3])


def without_moves(blocks: Sequence[Block], moves: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """The blocks with the moved passages cut out of them, and these as one-sided blocks; both in order."""
    rest: list[Block] = []
    ends: list[Block] = []
    from_x = [(i0, i1) for i0, i1, _, _ in moves]
    from_y = sorted((j0, j1) for _, _, j0, j1 in moves)
    for i0, i1, j0, j1 in blocks:
        # What moved away comes first on each side; the rests of the two sides meet behind.
        for start, end in from_x:
            if i0 <= start and end <= i1:
                rest.append((i0, start, j0, j0))
                ends.append((start, end, j0, j0))
                i0 = end
        for start, end in from_y:
            if j0 <= start and end <= j1:
                rest.append((i0, i0, j0, start))
                ends.append((i0, i0, start, end))
                j0 = end
        rest.append((i0, i1, j0, j1))
    return [block for block in rest if block[0] < block[1] or block[2] < block[3]], ends
