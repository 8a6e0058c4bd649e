"""The class of every difference, with the evidence: OCR's work or a person's.

Rules decide what is plain (`cases`); what is left is measured (`features`) and put to a logistic model (`weights`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..edits import Scalar
from .attach import Piece
from .cases import SURE, Case, Skeletons, parts_of
from .evidence import Evidence
from .features import measure
from .ops import Block
from .weights import Weights

__all__ = ["classify"]

_BY_OCR = {"replaced": "glyph", "lost": "drop", "invented": "noise"}
_BY_PEOPLE = {"replaced": "substitution", "lost": "omission", "invented": "insertion"}
#: The features that users see beside the odds.
_SHOWN = ("likeness", "gain", "noise")
_EDITORIAL = frozenset(_BY_PEOPLE.values())


def classify(texts: Skeletons, blocks: Sequence[Block], evidence: Evidence, weights: Weights) -> list[Piece]:
    """The pieces of two skeletons, in order, given the blocks in which they differ."""
    wholes = parts_of(texts, blocks, evidence)
    measure(texts, wholes, evidence)
    out: list[Piece] = []
    for parts in wholes:
        out.extend(_united([part if isinstance(part, Piece) else _decide(part, weights) for part in parts]))
    return out


def _decide(case: Case, weights: Weights) -> Piece:
    """A case as a piece of the more likely party's kind."""
    if case.variant:
        return Piece(*case.block, "variant", SURE)
    odds = weights.odds(case.model, case.features)
    chance = 1 / (1 + math.exp(-max(odds, -500.0)))
    evidence: dict[str, Scalar] = {"odds": round(odds, 2)}
    evidence |= {name: round(case.features[name], 2) for name in _SHOWN if name in case.features}
    if odds >= 0:
        return Piece(*case.block, _BY_OCR[case.model], chance, evidence)
    return Piece(*case.block, _BY_PEOPLE[case.model], 1 - chance, evidence)


def _united(pieces: Sequence[Piece]) -> list[Piece]:
    """Editorial pieces of one block that touch are one; so is what is equal between two of them."""
    out: list[Piece] = []
    for piece in pieces:
        last = out[-1] if out else None
        if piece.kind == "":
            continue
        if last is not None and piece.kind in _EDITORIAL and last.kind in _EDITORIAL:
            i0, j0, i1, j1 = last.i0, last.j0, piece.i1, piece.j1
            if piece.i0 - last.i1 <= 1:
                kind = "omission" if i0 == i1 else "insertion" if j0 == j1 else "substitution"
                strongest = max(last, piece, key=lambda p: len(p.evidence))
                out[-1] = Piece(i0, i1, j0, j1, kind, min(last.confidence, piece.confidence), strongest.evidence)
                continue
        out.append(piece)
    return out
