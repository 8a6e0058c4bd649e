"""`align`: two texts in, their classified differences out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..text.classes import NEWLINE
from ..text.classes import classify as classes_of
from ..text.codepoints import CodePoints, encode
from .attach import Piece, differences_of
from .cases import Skeletons
from .classify import classify
from .evidence import Evidence
from .folding import Positions, skeleton
from .model import Alignment, Move
from .moves import find_moves, without_moves
from .ops import Block
from .segments import differing_blocks
from .weights import Weights

__all__ = ["align", "line_starts"]


def align(a: str, b: str) -> Alignment:
    """Align `a` (an OCR text, an extract) with `b` (its truth, an authority). Takes any two strings.

    Time and memory grow nearly linearly with the lengths. Offsets count code points.
    """
    places, pieces, moves, complete = _compared(a, b)
    codes = encode(a), encode(b)
    differences = differences_of(a, b, codes, places, pieces)
    return Alignment(a, b, tuple(differences), tuple(_moved(a, b, places, block) for block in moves), complete)


def _moved(a: str, b: str, places: tuple[Positions, Positions], block: Block) -> Move:
    """A moved passage with the differences inside."""
    i0, i1, j0, j1 = block
    start, end = int(places[0][i0]), int(places[0][i1 - 1]) + 1
    other_start, other_end = int(places[1][j0]), int(places[1][j1 - 1]) + 1
    inside = align(a[start:end], b[other_start:other_end])
    shifted = tuple(d.shifted(start, other_start) for d in inside.differences)
    return Move(start, end, other_start, other_end, shifted)


def _compared(a: str, b: str) -> tuple[tuple[Positions, Positions], list[Piece], list[Block], bool]:
    """Where the skeleton characters of both texts stand, the pieces in which the skeletons differ, moved passages.

    The code points of the texts are given back before the long part of the work and made again after it: that
    is quick, and they are a fifth of the memory.
    """
    codes = encode(a)
    x, at_a = skeleton(codes)
    edges = line_starts(codes, at_a)
    y, at_b = skeleton(encode(b))
    del codes
    blocks, complete = differing_blocks(x, y)
    if not blocks:
        return (at_a, at_b), [], [], complete
    moves = find_moves(x, y, blocks)
    blocks, ends = without_moves(blocks, moves)
    pieces = classify(Skeletons.of(x, y, edges), blocks, Evidence.shipped(), Weights.shipped())
    return (at_a, at_b), _with_ends(pieces, ends), moves, complete


def _with_ends(pieces: list[Piece], ends: list[Block]) -> list[Piece]:
    """The pieces and both ends of every moved passage, in order; what is left over beside an end goes with it."""
    at = {(side, place) for i0, i1, j0, j1 in ends for side, place in ((0, i0), (0, i1), (1, j0), (1, j1))}
    out = [Piece(*end, "move") for end in ends]
    for p in pieces:
        beside = not at.isdisjoint(((0, p.i0), (0, p.i1), (1, p.j0), (1, p.j1)))
        if beside and (p.i0 == p.i1 or p.j0 == p.j1):
            p = Piece(p.i0, p.i1, p.j0, p.j1, "omission" if p.i0 == p.i1 else "insertion")
        out.append(p)
    return sorted(out, key=lambda p: (p.i0, p.j0, p.i1, p.j1))


def line_starts(codes: CodePoints, places: Positions) -> NDArray[np.bool_]:
    """Before which of the characters at `places` a line starts, the end of the text counted too."""
    lines = np.cumsum(classes_of(codes) == NEWLINE, dtype=np.int32)
    line = np.concatenate((lines[:1] * 0 - 1, lines[places], lines[-1:] + 1)) if len(codes) else np.zeros(1, np.int32)
    starts: NDArray[np.bool_] = np.diff(line) != 0 if len(codes) else np.ones(1, np.bool_)
    return starts
