"""Debris of glyphs: characters that fell apart (扌L for 扎), lost a part (?口 for 和), or landed some places away.

Engines print such debris with code points that ordinary text has no use for: lone components, old forms, a question
mark or a Latin letter between Han characters. Only those spots are looked at. What may have stood there comes from the
component table, and the language model must want it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..edits import Edit
from ..lm import CONTEXT, UNK_HAN, LanguageModel
from ..tables.components import LOST, Components
from ..tables.variants import SAFE, Variants
from ..text.classes import HAN, LATIN, RADICAL, is_han
from .guard import Guard
from .proposals import Floats, Ints, places
from .view import View, view

__all__ = ["Debris", "Piece"]

#: Characters rarer than this (natural log-probability without context) are odd.
_RARE = -13.0
#: What stands for a part that was lost; 口 is a part of its own.
_MARKS_OF_LOSS = LOST.replace("口", "")
#: A displaced glyph is looked for this many characters away.
_FAR = 3
#: log-odds of a proposal = slope * (gain + component score - offset), set so that the clean documents keep their text.
_SLOPE, _OFFSET = 0.6, 6.0
#: A question mark or box between Han characters of one line is hardly ever meant: it lowers the offset by this.
_LOST_BONUS = 5.0
#: Log-prior of a glyph that moved by one place, and of each place more; and of a part whose other half moved.
_MOVED, _FURTHER, _HALF = -3.0, -1.0, -5.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One proposal: kept characters ``start : start + length`` were `replacement`."""

    start: int
    length: int
    replacement: str
    kind: str
    score: float
    evidence: str


class Debris:
    """Proposes what debris was. Immutable; safe to share between threads."""

    def __init__(self, lm: LanguageModel, components: Components, variants: Variants, unigrams: Floats) -> None:
        self.lm, self.components, self.variants, self.unigrams = lm, components, variants, unigrams

    def spots(self, v: View) -> Ints:
        """Kept characters that ordinary text has no use for."""
        han = v.classes == HAN
        near = np.zeros(len(v), dtype=bool)
        together = v.breaks[1:-1] < 2  # neighbours in one paragraph
        near[1:] |= han[:-1] & together
        near[:-1] |= han[1:] & together
        odd = (v.classes == RADICAL) | (han & ((self.unigrams[v.ids] < _RARE) | (v.ids == UNK_HAN)))
        odd[self.variants.find(v.codes, SAFE)[0]] = True
        lost = np.logical_or.reduce([v.codes == ord(c) for c in _MARKS_OF_LOSS])
        latin = v.classes == LATIN
        alone = latin.copy()
        alone[1:] &= ~(latin[:-1] & together)
        alone[:-1] &= ~(latin[1:] & together)
        return np.flatnonzero(near & (odd | lost | alone))

    def edits(self, text: str, guard: Guard) -> list[Edit]:
        """The best proposal at each spot as an edit, the more certain first where they overlap."""
        v = view(text, self.lm)
        if not len(v) or not self.spots(v).size:
            return []
        log_probs = self.lm.log_prob(v.stream, context=np.empty(0, dtype=np.uint16))
        pieces = sorted(self.pieces(v, log_probs), key=lambda piece: (-piece.score, piece.start, piece.replacement))
        taken = np.zeros(len(v) + 1, dtype=bool)
        out: list[Edit] = []
        for piece in pieces:
            if piece.score < 0:
                break
            a, b = v.span(piece.start, piece.length)
            if taken[piece.start : piece.start + piece.length].any() or not guard.allows(a, b):
                continue
            taken[piece.start : piece.start + piece.length] = True
            if piece.kind == "split" and text[b : b + 1] == " " and is_han(text[b + 1 : b + 2]):
                b += 1  # the blank that a part's width left behind
            if text[a:b] != piece.replacement:
                confidence = 1.0 / (1.0 + math.exp(-piece.score))
                out.append(Edit(a, b, text[a:b], piece.replacement, piece.kind, confidence, {"why": piece.evidence}))
        return out

    def pieces(self, v: View, log_probs: Floats) -> list[Piece]:
        """Scored proposals for every spot, in text order; `score` is in log-odds."""
        found: list[Piece] = []
        for spot in self.spots(v).tolist():
            found += self._scored(v, log_probs, self._split(v, spot))
            found += self._scored(v, log_probs, self._moved(v, spot))
            found += self._scored(v, log_probs, self._half(v, spot))
        return found

    def _split(self, v: View, spot: int) -> Iterable[tuple[int, int, str, float, str]]:
        """The spot with one or two neighbours as the pieces of one character."""
        for start, length in ((spot, 2), (spot - 1, 2), (spot, 3), (spot - 1, 3), (spot - 2, 3)):
            if start < 0 or start + length > len(v) or (v.breaks[start + 1 : start + length] > 0).any():
                continue
            pieces = "".join(map(chr, v.codes[start : start + length].tolist()))
            if any(c.isdigit() for c in pieces):
                continue
            bonus = _LOST_BONUS if pieces[0] in _MARKS_OF_LOSS and self._inside(v, start, length) else 0.0
            for char, score in self.components.join(pieces, limit=24, floor=-9.0):
                yield start, length, char, score + bonus, "split"

    @staticmethod
    def _inside(v: View, start: int, length: int) -> bool:
        """Whether Han characters of the same line stand on both sides."""
        end = start + length
        if start == 0 or end >= len(v) or v.breaks[start] or v.breaks[end]:
            return False
        return bool(v.classes[start - 1] == HAN and v.classes[end] == HAN)

    def _moved(self, v: View, spot: int) -> Iterable[tuple[int, int, str, float, str]]:
        """The spot's character some places to the left or right."""
        char = self.variants.of(chr(int(v.codes[spot]))) or chr(int(v.codes[spot]))
        if v.classes[spot] != HAN:
            return
        for away in range(1, _FAR + 1):
            for start, end in ((spot - away, spot + 1), (spot, spot + away + 1)):
                if start < 0 or end > len(v) or (v.breaks[start + 1 : end] > 1).any():
                    continue
                rest = "".join(map(chr, np.delete(v.codes[start:end], spot - start).tolist()))
                if any(c.isdigit() for c in rest):
                    continue
                moved = char + rest if start < spot else rest + char
                yield start, end - start, moved, _MOVED + _FURTHER * (away - 1), "shift"

    def _half(self, v: View, spot: int) -> Iterable[tuple[int, int, str, float, str]]:
        """The spot is one part of a character; its other part landed up to three places further on."""
        whole = self.components.with_part(chr(int(v.codes[spot])))
        whole = "".join(c for c in whole if self.unigrams[self.lm.vocabulary.id_of(np.array([ord(c)]))[0]] > _RARE)
        if not whole:
            return
        odd = set(self.spots(v).tolist())
        for away in range(2, _FAR + 2):
            end = spot + away + 1
            other = spot + away
            if end > len(v) or other not in odd or (v.breaks[spot + 1 : end] > 0).any():
                continue
            if not (v.classes[spot + 1 : other] == HAN).all():
                continue
            between = "".join(map(chr, v.codes[spot + 1 : other].tolist()))
            lost = self.variants.of(chr(int(v.codes[other])))
            for char in whole:
                yield spot, away + 1, char + between, _HALF, "shift"
                if lost is not None:
                    yield spot, away + 1, char + between + lost, _HALF, "shift"

    def _scored(self, v: View, log_probs: Floats, proposals: Iterable[tuple[int, int, str, float, str]]) -> list[Piece]:
        """The proposals with their log-odds, the gain of the language model included."""
        rows = list(proposals)
        out: list[Piece] = []
        by_shape: dict[tuple[int, int], list[tuple[int, int, str, float, str]]] = {}
        for row in rows:
            by_shape.setdefault((row[1], len(row[2])), []).append(row)
        for (length, size), group in by_shape.items():
            starts = np.array([row[0] for row in group], dtype=np.int64)
            codes = np.array([[ord(c) for c in row[2]] for row in group], dtype=np.uint32).reshape(len(group), size)
            gain = self._gain(v, log_probs, starts, length, self.lm.vocabulary.id_of(codes))
            for (start, _, replacement, score, kind), won in zip(group, gain.tolist(), strict=True):
                odds = _SLOPE * (won + score - _OFFSET)
                out.append(Piece(start, length, replacement, kind, odds, f"gain {won:.1f}, parts {score:.1f}"))
        return out

    def _gain(self, v: View, log_probs: Floats, starts: Ints, length: int, ids: NDArray[np.uint16]) -> Floats:
        s = places(v, starts, length)[:, None]
        behind = np.minimum(s + (length + np.arange(CONTEXT)), v.stream.size - 1)
        window = np.concatenate([v.stream[s + np.arange(-CONTEXT, 0)], ids, v.stream[behind]], axis=1)
        before = log_probs[np.minimum(s + np.arange(length + CONTEXT), log_probs.size - 1)].sum(axis=1)
        return np.asarray(self.lm.score_windows(window, CONTEXT) - before, dtype=np.float32)
