"""The class of every difference, with the evidence: OCR's work or a person's.

Most differences decide themselves: digits are numbers, marks are marks, what is missing at length is an omission. The
hard ones, Han characters for Han characters and single ones lost or invented, are each put to a logistic model
(`weights`): are the glyphs alike, does the intended read better than the observed, how rare is what was read.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..edits import CONTENT_KINDS, Scalar
from ..text.codepoints import CodePoints, decode
from .attach import Piece
from .evidence import Evidence, Span, han
from .model import EDITORIAL_KINDS
from .numbers import NUMERALS, take_numbers
from .ops import Block
from .refine import refine
from .shifts import take_shifts
from .weights import Weights

__all__ = ["Case", "Skeletons", "cases_of", "classify"]

#: Marks that stand between clauses and sentences, the stronger the higher.
_STOPS = {"。": 3, "!": 3, "?": 3, ";": 2, ":": 2, ",": 1, "、": 1}
_QUOTES = frozenset("\"'")
#: Lost marks and debris without a Han character are OCR's up to these lengths; Latin words from `_WORD` on are not.
_MARKS, _DEBRIS, _WORD, _INVENTED = 3, 4, 3, 3
#: Into how many pieces a character falls at most (`refine`).
_PIECES = 3
_SURE = 0.98
#: Cuts and additions up to this length count as edits of the text; longer ones say what was quoted.
_SMALL = 60
#: Gains are cut off here, in nats a character.
_GAIN = 20.0
#: An edit is near within so many characters.
_NEAR = 6
#: Errors and doubtful differences are counted within so many.
_AROUND = 15
_BY_OCR = {"replaced": "glyph", "lost": "drop", "invented": "noise"}
_BY_PEOPLE = {"replaced": "substitution", "lost": "omission", "invented": "insertion"}
#: The features that users see beside the odds.
_SHOWN = ("likeness", "gain", "noise")
_EDITORIAL = frozenset({"omission", "insertion", "substitution"})


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


def classify(texts: Skeletons, blocks: Sequence[Block], evidence: Evidence, weights: Weights) -> list[Piece]:
    """The pieces of two skeletons, in order, given the blocks in which they differ."""
    wholes = cases_of(texts, blocks, evidence)
    out: list[Piece] = []
    for parts in wholes:
        out.extend(_united([part if isinstance(part, Piece) else _decide(texts, part, weights) for part in parts]))
    return out


def cases_of(texts: Skeletons, blocks: Sequence[Block], evidence: Evidence) -> list[list[Piece | Case]]:
    """For every block its parts in order: pieces where the class is plain, cases with their features elsewhere."""
    numbers, rest = take_numbers(texts.text_x, texts.text_y, blocks)
    shifts, rest = take_shifts(texts.x, texts.y, rest, evidence)
    wholes: list[list[Piece | Case]] = [[Piece(*block, "number")] for block in numbers]
    wholes += [[shift] for shift in shifts]
    wholes += [_parts(texts, block, evidence) for block in rest]
    wholes.sort(key=lambda parts: (_block(parts[0])[0], _block(parts[0])[2]))
    cases = [part for parts in wholes for part in parts if isinstance(part, Case)]
    plain = sum(isinstance(p, Piece) and p.kind in CONTENT_KINDS for parts in wholes for p in parts)
    seen = len(texts.x) - sum(block[1] - block[0] for block in blocks)
    small = sum(
        isinstance(p, Piece) and p.kind in EDITORIAL_KINDS and max(p.i1 - p.i0, p.j1 - p.j0) <= _SMALL
        for parts in wholes
        for p in parts
    )
    rates = {"noise": _rate(plain, seen), "edits": _rate(small, seen)}
    _measure(texts, cases, evidence, rates)
    _look_around(wholes)
    return wholes


def _rate(count: int, size: int) -> float:
    """The logarithm of how many there are in 1,000 characters, drawn towards a middle where the text is short."""
    return math.log((count + 0.5) / (size + 250) * 1000)


def _block(part: Piece | Case) -> Block:
    return part.block if isinstance(part, Case) else (part.i0, part.i1, part.j0, part.j1)


def _parts(texts: Skeletons, block: Block, evidence: Evidence) -> list[Piece | Case]:
    """The parts of one block, in order."""
    if block[0] == block[1]:
        lost = _lost_mark(texts, block)
        if lost is not None:
            return lost
    ragged = block[1] - block[0] != block[3] - block[2]
    parts = [_part(texts, part, ragged) for part in refine(texts.x, texts.y, block, evidence)]
    _find_runs(parts)
    return [_beside_cut(part, parts[n - 1 : n], parts[n + 1 : n + 2]) for n, part in enumerate(parts)]


def _find_runs(parts: Sequence[Piece | Case]) -> None:
    """Give every pair of Han characters the run of pairs that it stands in."""
    run: list[Case] = []
    for part in (*parts, None):
        if isinstance(part, Case) and part.model == "replaced":
            run.append(part)
            continue
        for case in run:
            case.run = (run[0].block[0], run[-1].block[1], run[0].block[2], run[-1].block[3])
        run = []


def _beside_cut(part: Piece | Case, before: Sequence[Piece | Case], after: Sequence[Piece | Case]) -> Piece | Case:
    """What was added right beside a cut replaces it."""
    if isinstance(part, Case) and part.model != "replaced":
        other = "omission" if part.model == "invented" else "insertion"
        if any(isinstance(piece, Piece) and piece.kind == other for piece in (*before, *after)):
            return Piece(*part.block, "insertion" if part.model == "invented" else "omission")
    return part


def _part(texts: Skeletons, block: Block, ragged: bool) -> Piece | Case:
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
    if _has_digit(observed + intended):  # never OCR's, whatever the glyphs look like
        return Piece(*block, "number")
    if i1 - i0 != j1 - j0:
        return Piece(*block, "split" if i1 - i0 > j1 - j0 else "merge", _SURE)
    han_x, han_y = bool(texts.han_x[i0]), bool(texts.han_y[j0])
    if han_x and han_y:
        return Case(block, "replaced", ragged, block)
    if not han_x and _in_word(texts.text_x, i0):
        return Piece(*block, "substitution", 0.8)
    if not han_x and not han_y:
        kind = "quote" if {observed, intended} <= _QUOTES else "mark"
        return Piece(*block, "glyph" if observed.isalnum() or intended.isalnum() else kind, _SURE)
    return Piece(*block, "glyph", _SURE)


def _lost_mark(texts: Skeletons, block: Block) -> list[Piece | Case] | None:
    """A cut that begins and ends with a mark: people leave one of them, so OCR lost it."""
    i, _, j0, j1 = block
    first, last = _STOPS.get(texts.text_y[j0], 0), _STOPS.get(texts.text_y[j1 - 1], 0)
    if j1 - j0 <= _MARKS or not first or not last:
        return None
    if texts.text_x[i - 1 : i] in _STOPS or texts.text_x[i : i + 1] in _STOPS:
        return None
    if first >= last:
        return [Piece(i, i, j0, j0 + 1, "drop", 0.9), Piece(i, i, j0 + 1, j1, "omission")]
    return [Piece(i, i, j0, j1 - 1, "omission"), Piece(i, i, j1 - 1, j1, "drop", 0.9)]


def _missing(texts: Skeletons, block: Block, ragged: bool) -> Piece | Case:
    """What only the second text has."""
    text = texts.text_y[block[2] : block[3]]
    if set(text) <= _QUOTES:
        return Piece(*block, "quote", _SURE)
    if not any(texts.han_y[block[2] : block[3]]) and not any(c.isalnum() for c in text) and len(text) <= _MARKS:
        return Piece(*block, "drop", _SURE)
    if len(text) == 1 and texts.han_y[block[2]]:
        return Case(block, "lost", ragged, block)
    return Piece(*block, "omission")


def _extra(texts: Skeletons, block: Block, ragged: bool) -> Piece | Case:
    """What only the first text has."""
    text = texts.text_x[block[0] : block[1]]
    if set(text) <= _QUOTES:
        return Piece(*block, "quote", _SURE)
    if _has_digit(text):
        return Piece(*block, "insertion")
    if any(texts.han_x[block[0] : block[1]]):
        return Case(block, "invented", ragged, block) if len(text) <= _INVENTED else Piece(*block, "insertion")
    letters = sum(c.isalpha() for c in text)
    return Piece(*block, "noise", _SURE) if len(text) <= _DEBRIS and letters < _WORD else Piece(*block, "insertion")


def _measure(texts: Skeletons, cases: Sequence[Case], evidence: Evidence, rates: Mapping[str, float]) -> None:
    """Fill in the features of all cases at once; `rates` are those of the whole text."""
    readings = evidence.readings(texts.y)
    runs = sorted({case.run for case in cases})
    spans: list[Span] = [(j0, j1, texts.x[i0:i1]) for i0, i1, j0, j1 in runs]
    scores = dict(zip(runs, readings.score(spans).astype(np.float64).tolist(), strict=True))
    observed = np.concatenate([texts.x[:0], *(texts.x[c.block[0] : c.block[1]] for c in cases)])
    intended = np.concatenate([texts.y[:0], *(texts.y[c.block[2] : c.block[3]] for c in cases)])
    paired = [case for case in cases if case.model == "replaced"]
    same = evidence.same(
        np.concatenate([texts.x[:0], *(texts.x[c.block[0] : c.block[1]] for c in paired)]),
        np.concatenate([texts.y[:0], *(texts.y[c.block[2] : c.block[3]] for c in paired)]),
    )
    for case, variant in zip(paired, same.tolist(), strict=True):
        case.variant = variant
    rare_x, rare_y = _Running(readings.rarity(observed)), _Running(readings.rarity(intended))
    alike = _likenesses(texts, runs, evidence)
    for case in cases:
        i0, i1, j0, j1 = case.block
        a, b, c, d = case.run
        read, meant = scores[case.run]
        gain = (meant - read) / max(b - a, d - c)
        features = {
            "gain": min(max(gain, -_GAIN), _GAIN),
            "reads well": meant / (d - c + 4),
            "several": float(b - a > 1),
            "ragged": float(case.ragged),
            **rates,
        }
        if i0 < i1:
            features["rarity read"] = sum(rare_x.take(i1 - i0)) / (i1 - i0)
        if j0 < j1:
            features["rarity meant"] = sum(rare_y.take(j1 - j0)) / (j1 - j0)
        if case.model == "replaced":
            features["likeness"] = alike[case.run][i0 - a]
            features["run likeness"] = sum(alike[case.run]) / (b - a)
        else:
            features["edge"] = float(texts.edges[i0] or texts.edges[i1])
        case.features = features


def _likenesses(texts: Skeletons, runs: Sequence[Block], evidence: Evidence) -> dict[Block, list[float]]:
    """For every run of pairs the likeness of each."""
    pairs = [run for run in runs if run[1] - run[0] == run[3] - run[2]]
    values = _Running(
        evidence.likeness(
            np.concatenate([texts.x[:0], *(texts.x[i0:i1] for i0, i1, _, _ in pairs)]),
            np.concatenate([texts.y[:0], *(texts.y[j0:j1] for _, _, j0, j1 in pairs)]),
        )
    )
    return {run: values.take(run[1] - run[0]) for run in pairs}


def _look_around(wholes: Sequence[Sequence[Piece | Case]]) -> None:
    """Note what stands close by: people's edits come in clusters, and so do OCR's errors."""
    pieces = [part for parts in wholes for part in parts if isinstance(part, Piece)]
    cases = [part for parts in wholes for part in parts if isinstance(part, Case)]
    edits = _Places([(p.i0, p.i1) for p in pieces if p.kind in EDITORIAL_KINDS])
    errors = _Places([(p.i0, p.i1) for p in pieces if p.kind in CONTENT_KINDS])
    doubts = _Places([(c.block[0], c.block[1]) for c in cases])
    for case in cases:
        i0, i1 = case.run[0], case.run[1]
        mine = i1 - i0 if case.model == "replaced" else 1
        case.features = {
            **case.features,
            "near edit": float(edits.within(i0 - _NEAR, i1 + _NEAR) > 0),
            "near errors": math.log1p(errors.within(i0 - _AROUND, i1 + _AROUND)),
            "near doubts": math.log1p(doubts.within(i0 - _AROUND, i1 + _AROUND) - mine),
        }


class _Places:
    """Ordered spans, to be counted."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def within(self, start: int, end: int) -> int:
        """How many spans reach into ``start:end``."""
        return bisect_left(self._starts, end) - bisect_right(self._ends, start)


class _Running:
    """Hands out an array piece by piece."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        self._values: list[float] = values.astype(np.float64).tolist()
        self._at = 0

    def take(self, size: int) -> list[float]:
        self._at += size
        return self._values[self._at - size : self._at]


def _decide(texts: Skeletons, case: Case, weights: Weights) -> Piece:
    """A case as a piece of the more likely party's kind."""
    if case.variant:
        return Piece(*case.block, "variant", _SURE)
    odds = weights.odds(case.model, case.features)
    chance = 1 / (1 + math.exp(-max(odds, -500.0)))
    i0, i1, j0, j1 = case.block
    evidence: dict[str, Scalar] = {"odds": round(odds, 2)}
    evidence |= {name: round(case.features[name], 2) for name in _SHOWN if name in case.features}
    if odds >= 0:
        return Piece(i0, i1, j0, j1, _BY_OCR[case.model], chance, evidence)
    both = texts.text_x[i0:i1] + texts.text_y[j0:j1]
    kind = "number" if case.model == "replaced" and set(both) <= NUMERALS else _BY_PEOPLE[case.model]
    return Piece(i0, i1, j0, j1, kind, 1 - chance, evidence)


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
