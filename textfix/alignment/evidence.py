"""What speaks for OCR and what for a person: likeness of glyphs, their parts, and how well each reading reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..text.classes import HAN, RADICAL, classify
from ..text.codepoints import CodePoints

if TYPE_CHECKING:
    from ..lm import Model
    from ..tables.components import Components
    from ..tables.shapes import Shapes
    from ..tables.variants import Variants

__all__ = ["Evidence", "Readings", "Span", "han"]

Floats = NDArray[np.float32]
#: ``y[j0:j1]``, and what was observed in its place.
Span = tuple[int, int, CodePoints]

#: Characters on each side of a difference that take part in how a reading is scored.
_REACH = 4
#: The worst fit of pieces that still counts, in nats: one of two is the part itself, the other is anything.
_LOOSEST = -9.5


class Evidence:
    """The shipped knowledge of glyphs and of language, behind three questions."""

    def __init__(self, shapes: Shapes, components: Components, variants: Variants, model: Model) -> None:
        self.shapes, self.components, self.variants, self.model = shapes, components, variants, model
        # The pieces of a fallen-apart character are looked up in a big table; the same ones come again and again.
        self.composition = lru_cache(maxsize=4096)(self._composition)

    @classmethod
    def shipped(cls) -> Evidence:
        """The one of the shipped resources, loaded once."""
        return _shipped()

    def likeness(self, observed: CodePoints, intended: CodePoints) -> Floats:
        """How alike the glyphs of pairs are, in [0, 1]; forms of one character are alike. Shapes broadcast."""
        likeness = self.shapes.similarity(observed, intended)
        likeness[self.same(observed, intended)] = 1.0
        return likeness

    def same(self, observed: CodePoints, intended: CodePoints) -> NDArray[np.bool_]:
        """Which pairs are forms of one character."""
        normal: NDArray[np.bool_] = self.variants.normalise(observed) == self.variants.normalise(intended)
        return normal

    def _composition(self, pieces: str, whole: str) -> float | None:
        """How well `pieces` fit a way in which `whole` falls apart, in nats (at most 0); None if they do not."""
        if len(whole) != 1 or not 2 <= len(pieces) <= 3:
            return None
        score = self.components.score(pieces, whole)
        return score if score is not None and score >= _LOOSEST else None

    def part_of(self, piece: str, whole: str) -> bool:
        """Whether `piece` is printed like a part of `whole`."""
        return any(piece in parts for parts in self.components.parts(whole))

    @staticmethod
    def is_han(codes: CodePoints) -> bool:
        """Whether all of `codes` are Han characters or radicals."""
        return bool(han(codes).all())

    def readings(self, authority: CodePoints) -> Readings:
        """Scores of readings in the context of `authority`, the second text without white space."""
        return Readings(self.model, authority)


class Readings:
    """How well observed and intended characters read between their neighbours in the authority.

    The authority's context is the cleaner of the two; beside a difference both texts are the same anyway.
    """

    def __init__(self, model: Model, authority: CodePoints) -> None:
        from ..lm.vocabulary import BOS, DROP, EOS, UNK

        self._model = model
        table = model.vocabulary.table
        ids = table[np.minimum(authority, len(table) - 1)]
        ids[ids == DROP] = UNK
        pad = np.ones(_REACH, np.uint16)
        self._ids = np.concatenate((pad * np.uint16(BOS), ids, pad * np.uint16(EOS)))
        self._table = table

    def rarity(self, codes: CodePoints) -> Floats:
        """The log-probability of characters without any context, shape of `codes`."""
        return self._model.score_columns(self._table[codes][:, None], 0)[:, 0]

    def score(self, spans: Sequence[Span]) -> Floats:
        """For every span the log-probability of the observed and of the intended, shape ``(n, 2)``, in nats.

        Both count the characters themselves and the `_REACH` after them.
        """
        out = np.empty((len(spans), 2), np.float32)
        rows: dict[int, list[tuple[int, int, NDArray[np.uint16]]]] = {}
        for n, (j0, j1, observed) in enumerate(spans):
            left, right = self._ids[j0 : j0 + _REACH], self._ids[j1 + _REACH : j1 + 2 * _REACH]
            for side, middle in enumerate((self._table[observed], self._ids[j0 + _REACH : j1 + _REACH])):
                rows.setdefault(len(middle), []).append((n, side, np.concatenate((left, middle, right))))
        for group in rows.values():
            scores = self._model.score_windows(np.stack([ids for _, _, ids in group]), _REACH)
            out[[n for n, _, _ in group], [side for _, side, _ in group]] = scores
        return out


def han(codes: CodePoints) -> NDArray[np.bool_]:
    """Which of `codes` are Han characters or radicals, same shape."""
    classes = classify(codes)
    mask: NDArray[np.bool_] = (classes == HAN) | (classes == RADICAL)
    return mask


@cache
def _shipped() -> Evidence:
    from ..lm import load_default
    from ..tables.components import Components
    from ..tables.shapes import Shapes
    from ..tables.variants import Variants

    return Evidence(Shapes.load(), Components.load(), Variants.load(), load_default())
