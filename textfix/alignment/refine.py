"""Inside one block: which character was read for which, when the numbers of characters differ.

猛 for 秀山县锰 is a cut and a look-alike; 扌L for 扎 is one character in two. A small dynamic programme finds the
cheapest explanation in pairs, splits, merges and one-sided rests, by likeness of the glyphs.
"""

from __future__ import annotations

import numpy as np

from ..text.codepoints import CodePoints, decode
from .evidence import Evidence, han
from .ops import Block

__all__ = ["refine"]

#: Blocks with more characters than this on both sides are left whole.
_LONGEST = 24
#: In blocks up to this length characters that fell apart or ran together are looked for.
_SMALL = 8
#: Of a long cut so many characters more than the other text has are looked at, at each end.
_REACH = 8
#: Prices. A pair costs from `_PAIR` (no likeness) down to a tenth of it; a character that fell apart or two that
#: ran together little; what only one text has, a price to open and one for every character.
_PAIR, _CLASSES, _COMPOSED, _OPEN, _EXTRA_X, _EXTRA_Y = 1.0, 0.9, 0.15, 0.8, 0.5, 0.03

#: From this many characters more on one side, unlike characters are not paired; alike from this likeness on.
_CHANCE, _ALIKE = 1, 0.35
#: Marks that end a sentence or clause, and what it costs to pair one at the end of a cut with another mark: less than
#: to add a character, more than to find its equal.
_STOPS, _EDGE = frozenset("。;!?"), 0.9


def refine(x: CodePoints, y: CodePoints, block: Block, evidence: Evidence) -> list[Block]:
    """`block` cut into ordered blocks that touch: one to one, several to one, one to several, or one-sided."""
    i0, i1, j0, j1 = block
    p, q = i1 - i0, j1 - j0
    if min(p, q) > _LONGEST:
        return [block]
    if p == q:
        return [(i0 + n, i0 + n + 1, j0 + n, j0 + n + 1) for n in range(p)]
    if not p or not q:
        return [block]
    if q < p:
        return [(a, b, c, d) for c, d, a, b in _refined(y[j0:j1], x[i0:i1], (j0, i0), evidence)]
    return _refined(x[i0:i1], y[j0:j1], (i0, j0), evidence)


def _refined(x: CodePoints, y: CodePoints, start: tuple[int, int], evidence: Evidence) -> list[Block]:
    """`refine` for the shorter text `x` and the longer `y`."""
    p, q = len(x), len(y)
    if p == 1 and q > 2 * (p + _REACH) and not evidence.is_han(x):
        same = np.flatnonzero(y == x[0])
        if len(same):  # a mark beside two cuts stays with its equal
            k = int(same[0])
            steps = [(0, 0, 0, k), (0, 1, k, k + 1), (1, 1, k + 1, q)]
            return [(start[0] + a, start[0] + b, start[1] + c, start[1] + d) for a, b, c, d in steps if b > a or d > c]
    # Of a long cut only the ends can pair with anything.
    end = p + _REACH
    hidden = max(0, q - 2 * end)
    shown = np.concatenate((y[:end], y[q - end :])) if hidden else y
    steps = []
    for a, b, c, d in _steps(x, shown, evidence):
        if hidden and c == end and (not steps or steps[-1][3] == end):
            steps.append((a, a, end, end + hidden))
        behind = hidden * (c >= end)  # no step leads across: only small blocks have steps wider than one character
        steps.append((a, b, c + behind, d + behind))
    if hidden and steps[-1][3] == end:
        steps.append((p, p, end, q))
    if q - p > _CHANCE and any(b > a and c == d for a, b, c, d in steps):
        steps = [(0, p, 0, 0), (p, p, 0, q)]  # a cut explains no additions: other words in the same place
    return [(start[0] + a, start[0] + b, start[1] + c, start[1] + d) for a, b, c, d in _joined(steps)]


def _pair_costs(x: CodePoints, y: CodePoints, evidence: Evidence) -> list[list[float]]:
    """The price of every character of `x` read for every one of `y`.

    Beside a longer cut or addition a pair must be alike to be believed: anything finds a partner there by chance.
    """
    alike = evidence.likeness(x[:, None], y[None, :]).astype(np.float64)
    other = han(x)[:, None] != han(y)[None, :]
    costs = _PAIR * (1 - _CLASSES * alike)
    costs[other & (alike < 0.5)] = 1.3 * _PAIR
    marks = ~han(x)[:, None] & ~han(y)[None, :]
    costs[marks] = 0.3 * _PAIR
    if len(y) - len(x) > _CHANCE:
        costs[alike < _ALIKE] = 2.0 * _PAIR
        for i, j in ((0, 0), (-1, -1)):  # what stands at the end of a cut may be a mark misread
            if marks[i, j] and chr(int(y[j])) in _STOPS:
                costs[i, j] = _EDGE
    costs[x[:, None] == y[None, :]] = 0.0
    table: list[list[float]] = costs.tolist()
    return table


def _steps(x: CodePoints, y: CodePoints, evidence: Evidence) -> list[Block]:
    """The cheapest path through the grid, as its single steps."""
    p, q = len(x), len(y)
    pair = _pair_costs(x, y, evidence)
    text_x, text_y = decode(x), decode(y)
    small = max(p, q) <= _SMALL
    far = float("inf")
    # Three layers: the last step was a match of some kind, an extra of x, an extra of y.
    best = [[[far] * 3 for _ in range(q + 1)] for _ in range(p + 1)]
    came: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    best[0][0][0] = 0.0

    def reach(i: int, j: int, layer: int, cost: float, i_old: int, j_old: int, layer_old: int) -> None:
        if cost < best[i][j][layer] - 1e-9:
            best[i][j][layer] = cost
            came[i, j, layer] = (i_old, j_old, layer_old)

    for i in range(p + 1):
        for j in range(q + 1):
            for layer in range(3):
                cost = best[i][j][layer]
                if cost == far:
                    continue
                if i < p:
                    reach(i + 1, j, 1, cost + _EXTRA_X + (_OPEN if layer != 1 else 0), i, j, layer)
                if j < q:
                    reach(i, j + 1, 2, cost + _EXTRA_Y + (_OPEN if layer != 2 else 0), i, j, layer)
                if i < p and j < q:
                    reach(i + 1, j + 1, 0, cost + pair[i][j], i, j, layer)
                for n in (2, 3) if small else ():
                    if j < q and i + n <= p and evidence.composition(text_x[i : i + n], text_y[j]) is not None:
                        reach(i + n, j + 1, 0, cost + _COMPOSED, i, j, layer)
                    if i < p and j + n <= q and evidence.composition(text_y[j : j + n], text_x[i]) is not None:
                        reach(i + 1, j + n, 0, cost + _COMPOSED, i, j, layer)
    layer = min(range(3), key=lambda n: best[p][q][n])
    i, j = p, q
    steps: list[Block] = []
    while i or j:
        i_old, j_old, layer = came[i, j, layer]
        steps.append((i_old, i, j_old, j))
        i, j = i_old, j_old
    steps.reverse()
    return steps


def _joined(steps: list[Block]) -> list[Block]:
    """Extras of one side that touch are one block."""
    out: list[Block] = []
    for step in steps:
        i0, i1, j0, j1 = step
        if out:
            a, b, c, d = out[-1]
            if (i0 == i1 and a == b) or (j0 == j1 and c == d):
                out[-1] = (a, i1, c, j1)
                continue
        out.append(step)
    return out
