"""The cases among the differences: what rules decide, and what has to be weighed.

Most differences decide themselves: digits are numbers, marks are marks, what is missing at length is an omission. Left
are Han characters for Han characters, and single ones lost or invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..text.codepoints import CodePoints, decode
from .attach import Piece
from .evidence import Evidence, han
from .numbers import NUMERALS, take_numbers
from .ops import Block
from .refine import refine
from .shifts import take_shifts

__all__ = ["SURE", "Case", "Part", "Skeletons", "parts_of"]

#: Marks that stand between clauses and sentences, the stronger the higher.
_STOPS = {"。": 3, "!": 3, "?": 3, ";": 2, ":": 2, ",": 1, "、": 1}
_QUOTES = frozenset("\"'")
#: Lost marks and debris without a Han character are OCR's up to these lengths; Latin words from `_WORD` on are not.
_MARKS, _DEBRIS, _WORD, _INVENTED = 3, 4, 3, 3
#: Into how many pieces a character falls at most (`refine`).
_PIECES = 3
#: The confidence in what a rule decides for OCR.
SURE = 0.98


@dataclass(slots=True)
class Case:
    """A block that a model decides: which one (replaced, lost, invented), and on what features.

    Pairs of Han characters are one case each; `run` holds those that stand side by side, and reads as a whole.
    """

    block: Block
    model: str
    ragged: bool  # cut from a block with more characters on one side
    run: Block
    variant: bool = False  # both are forms of one character
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skeletons:
    """Two texts without white space, as code points and as strings, and what is known about each character."""

    x: CodePoints
    y: CodePoints
    text_x: str
    text_y: str
    han_x: NDArray[np.bool_]
    han_y: NDArray[np.bool_]
    edges: NDArray[np.bool_]  # whether a line of the first text starts before x[i]; one longer than x

    @classmethod
    def of(cls, x: CodePoints, y: CodePoints, edges: NDArray[np.bool_]) -> Skeletons:
        """From folded code points without white space."""
        return cls(x, y, decode(x), decode(y), han(x), han(y), edges)


Part = Piece | Case


def parts_of(texts: Skeletons, blocks: Sequence[Block], evidence: Evidence) -> list[list[Part]]:
    """For every block its parts, in order: pieces where the class is plain, cases without features elsewhere."""
    numbers, rest = take_numbers(texts.text_x, texts.text_y, blocks)
    shifts, rest = take_shifts(texts.x, texts.y, rest, numbers, evidence)
    wholes: list[list[Part]] = [[Piece(*block, "number")] for block in numbers]
    wholes += [[shift] for shift in shifts]
    wholes += [_parts(texts, block, evidence) for block in rest]
    wholes.sort(key=lambda parts: (_block(parts[0])[0], _block(parts[0])[2]))
    return wholes


def _block(part: Part) -> Block:
    return part.block if isinstance(part, Case) else (part.i0, part.i1, part.j0, part.j1)


def _parts(texts: Skeletons, block: Block, evidence: Evidence) -> list[Part]:
    """The parts of one block, in order."""
    if block[0] == block[1]:
        lost = _lost_mark(texts, block)
        if lost is not None:
            return lost
    ragged = block[1] - block[0] != block[3] - block[2]
    parts = [_part(texts, part, ragged) for part in refine(texts.x, texts.y, block, evidence)]
    _find_runs(parts)
    return [_beside_cut(part, parts[n - 1 : n], parts[n + 1 : n + 2]) for n, part in enumerate(parts)]


def _find_runs(parts: Sequence[Part]) -> None:
    """Give every pair of Han characters the run of pairs that it stands in."""
    run: list[Case] = []
    for part in (*parts, None):
        if isinstance(part, Case) and part.model == "replaced":
            run.append(part)
            continue
        for case in run:
            case.run = (run[0].block[0], run[-1].block[1], run[0].block[2], run[-1].block[3])
        run = []


def _beside_cut(part: Part, before: Sequence[Part], after: Sequence[Part]) -> Part:
    """What was added right beside a cut replaces it."""
    if isinstance(part, Case) and part.model != "replaced":
        other = "omission" if part.model == "invented" else "insertion"
        if any(isinstance(piece, Piece) and piece.kind == other for piece in (*before, *after)):
            return Piece(*part.block, "insertion" if part.model == "invented" else "omission")
    return part


def _part(texts: Skeletons, block: Block, ragged: bool) -> Part:
    i0, i1, j0, j1 = block
    if i0 == i1:
        return _missing(texts, block, ragged)
    if j0 == j1:
        return _extra(texts, block, ragged)
    observed, intended = texts.text_x[i0:i1], texts.text_y[j0:j1]
    if observed == intended:
        return Piece(*block, "")
    if max(i1 - i0, j1 - j0) > _PIECES:
        return Piece(*block, "substitution")
    if _has_digit(observed + intended) or set(observed + intended) <= NUMERALS:
        return Piece(*block, "number")  # never OCR's, whatever the glyphs look like
    if i1 - i0 != j1 - j0:
        return Piece(*block, "split" if i1 - i0 > j1 - j0 else "merge", SURE)
    han_x, han_y = bool(texts.han_x[i0]), bool(texts.han_y[j0])
    if han_x and han_y:
        return Case(block, "replaced", ragged, block)
    if not han_x and _in_word(texts.text_x, i0):
        return Piece(*block, "substitution", 0.8)
    if not han_x and not han_y:
        kind = "quote" if {observed, intended} <= _QUOTES else "mark"
        return Piece(*block, "glyph" if observed.isalnum() or intended.isalnum() else kind, SURE)
    return Piece(*block, "glyph", SURE)


def _lost_mark(texts: Skeletons, block: Block) -> list[Part] | None:
    """A cut that begins and ends with a mark: people leave one of them, so OCR lost it."""
    i, _, j0, j1 = block
    first, last = _STOPS.get(texts.text_y[j0], 0), _STOPS.get(texts.text_y[j1 - 1], 0)
    if j1 - j0 <= _MARKS or not first or not last:
        return None
    if texts.text_x[i - 1 : i] in _STOPS or texts.text_x[i : i + 1] in _STOPS:
        return None
    if i == 0 or (i == len(texts.text_x) and first < _STOPS["。"]):
        return None  # an extract that begins or ends inside a sentence
    if first >= last:
        return [Piece(i, i, j0, j0 + 1, "drop", 0.9), Piece(i, i, j0 + 1, j1, "omission")]
    return [Piece(i, i, j0, j1 - 1, "omission"), Piece(i, i, j1 - 1, j1, "drop", 0.9)]


def _missing(texts: Skeletons, block: Block, ragged: bool) -> Part:
    """What only the second text has."""
    text = texts.text_y[block[2] : block[3]]
    if set(text) <= _QUOTES:
        return Piece(*block, "quote", SURE)
    if not any(texts.han_y[block[2] : block[3]]) and not any(c.isalnum() for c in text) and len(text) <= _MARKS:
        return Piece(*block, "drop", SURE)
    if len(text) == 1 and texts.han_y[block[2]]:
        return Case(block, "lost", ragged, block)
    return Piece(*block, "omission")


def _extra(texts: Skeletons, block: Block, ragged: bool) -> Part:
    """What only the first text has."""
    text = texts.text_x[block[0] : block[1]]
    if set(text) <= _QUOTES:
        return Piece(*block, "quote", SURE)
    if _has_digit(text):
        return Piece(*block, "insertion")
    if any(texts.han_x[block[0] : block[1]]):
        return Case(block, "invented", ragged, block) if len(text) <= _INVENTED else Piece(*block, "insertion")
    letters = sum(c.isalpha() for c in text)
    return Piece(*block, "noise", SURE) if len(text) <= _DEBRIS and letters < _WORD else Piece(*block, "insertion")


def _has_digit(text: str) -> bool:
    return any("0" <= c <= "9" for c in text)


def _in_word(text: str, at: int) -> bool:
    """Whether the character is a letter of a Latin word of at least `_WORD` letters."""
    start = end = at
    while start > 0 and at - start < _WORD and _latin(text[start - 1]):
        start -= 1
    while end < len(text) and end - at < _WORD and _latin(text[end]):
        end += 1
    return _latin(text[at]) and end - start >= _WORD


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
