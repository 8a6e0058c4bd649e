"""Changed numbers: blocks of digits, widened to the whole numbers that they are part of."""

from __future__ import annotations

from collections.abc import Sequence

from .ops import Block

__all__ = ["NUMERALS", "take_numbers"]

_DIGITS = frozenset("0123456789")
_WITHIN = frozenset("0123456789.%")
#: Chinese numerals; one for another is a changed number, whatever the glyphs look like.
NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两")
_LONGEST = 16


def take_numbers(x: str, y: str, blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """The blocks in which a number differs, each the whole number, and the other blocks; both in order."""
    numbers: list[Block] = []
    rest: list[Block] = []
    floor = 0
    at = 0
    while at < len(blocks):
        block = blocks[at]
        at += 1
        if not _numeric(x, y, block):
            rest.append(block)
            floor = block[1]
            continue
        i0, i1, j0, j1 = block
        while i0 > floor and x[i0 - 1] in _WITHIN and y[j0 - 1] in _WITHIN:
            i0, j0 = i0 - 1, j0 - 1
        while True:
            limit = blocks[at][0] if at < len(blocks) else len(x)
            while i1 < limit and x[i1] in _WITHIN:
                i1, j1 = i1 + 1, j1 + 1
            if at == len(blocks) or i1 != limit or not _numeric(x, y, blocks[at]):
                break
            i1, j1 = blocks[at][1], blocks[at][3]
            at += 1
        numbers.append((i0, i1, j0, j1))
        floor = i1
    return numbers, rest


def _numeric(x: str, y: str, block: Block) -> bool:
    i0, i1, j0, j1 = block
    if i1 - i0 + j1 - j0 > _LONGEST:
        return False
    mine, other = x[i0:i1], y[j0:j1]
    both = set(mine) | set(other)
    if both <= _WITHIN:
        return not both.isdisjoint(_DIGITS) or (_beside_digit(x, i0, i1) and _beside_digit(y, j0, j1))
    return bool(mine) and bool(other) and both <= NUMERALS


def _beside_digit(text: str, start: int, end: int) -> bool:
    """Whether digits stand on both sides, so that a point between them is part of a number."""
    return text[start - 1 : start] in _DIGITS and text[end : end + 1] in _DIGITS
