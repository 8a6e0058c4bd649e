"""`align`: two texts in, their classified differences out."""

from __future__ import annotations

from ..text.codepoints import encode
from .attach import Piece, differences_of
from .folding import skeleton
from .model import Alignment
from .segments import differing_blocks

__all__ = ["align"]


def align(a: str, b: str) -> Alignment:
    """Align `a` (an OCR text, an extract) with `b` (its truth, an authority). Takes any two strings.

    Time and memory grow nearly linearly with the lengths. Offsets count code points.
    """
    codes = encode(a), encode(b)
    x, at_a = skeleton(codes[0])
    y, at_b = skeleton(codes[1])
    blocks, complete = differing_blocks(x, y)
    pieces = [Piece(*block, kind=_plain_kind(block)) for block in blocks]
    return Alignment(a, b, tuple(differences_of(a, b, codes, (at_a, at_b), pieces)), (), complete)


def _plain_kind(block: tuple[int, int, int, int]) -> str:
    i0, i1, j0, j1 = block
    return "omission" if i0 == i1 else "insertion" if j0 == j1 else "substitution"
