"""What debris may have been: characters put together again, put back in their place, or read in their common form.

Every function proposes one kind of repair at given spots, as arrays (`Pieces`), the best few at each place by
language model and likeness.
"""

from __future__ import annotations

import numpy as np

from ..channel import LOOK_ALIKES, Channel
from ..lm import CONTEXT, LanguageModel
from ..tables.components import Components
from ..tables.shapes import Shapes
from ..tables.variants import SAFE, Variants
from ..text.classes import HAN, classify
from ..text.codepoints import CodePoints, decode
from .debris_spots import FAR, Spots
from .pieces import FORM, HALF, LOST, MOVED, SPLIT, Floats, Ints, Pieces, around
from .proposals import best_by_key
from .view import View

__all__ = ["proposals"]

#: Least score of a character that several pieces are joined to.
_FLOOR = -9.8
#: How many characters the language model expects at a place, and how many proposals of a kind are kept there.
_EXPECTED, _KEEP = 48, 3
#: Log-likelihood of a known variant, of a form that has other readings too, and of what the model alone proposes.
_VARIANT, _DOUBTFUL, _GUESS = -1.0, -2.0, -14.0


def proposals(
    v: View, lm: LanguageModel, components: Components, variants: Variants, channel: Channel, spots: Spots
) -> Pieces | None:
    """Every repair of debris worth weighing, or None where there is none."""
    parts = [
        *_pairs(v, lm, components, spots),
        *_trios(v, lm, components, spots),
        *_moved(v, lm, variants, spots),
        *_halves(v, lm, components, spots),
        *_forms(v, lm, variants, channel, spots),
    ]
    return Pieces.concatenate(parts) if parts else None


def _expected(v: View, lm: LanguageModel, start: Ints, length: int) -> CodePoints:
    """What the language model expects in place of `length` characters at each of `start`, (k, _EXPECTED)."""
    s = v.at[start][:, None]
    behind = np.minimum(s + (length + np.arange(CONTEXT)), v.stream.size - 1)
    ids, _ = lm.propose(v.stream[s + np.arange(-CONTEXT, 0)], v.stream[behind], _EXPECTED)
    return lm.code_of[ids]


def _best(
    v: View, lm: LanguageModel, group: int, start: Ints, length: int, slot: Ints, codes: CodePoints, prior: Floats
) -> list[Pieces]:
    """The `_KEEP` best of `codes` (m, size) in place of `length` at ``start[slot]``, each once a slot."""
    if not slot.size:
        return []
    order = np.lexsort((-prior, codes[:, 0], slot))
    slot, codes, prior = slot[order], codes[order], prior[order]
    new = np.ones(slot.size, dtype=bool)
    new[1:] = (slot[1:] != slot[:-1]) | (codes[1:, 0] != codes[:-1, 0])
    slot, codes, prior = slot[new], codes[new], prior[new]
    window = around(v, v.at[start[slot]][:, None], length, lm.id_of(codes))
    score = lm.score_windows(window, CONTEXT) + prior
    rows, margin, _ = best_by_key(np.asarray(score, dtype=np.float32), slot, _KEEP)
    return [Pieces.make(lm, group, start[slot[rows]], length, codes[rows], prior[rows], margin)]


def _pieces(v: View, start: Ints, length: int, spots: Spots) -> CodePoints:
    """The code points from each start, (k, length), marks of loss as ?."""
    at = start[:, None] + np.arange(length)
    return np.where(spots.loss[at], np.uint32(ord("?")), v.codes[at])


def _joined(components: Components, pieces: CodePoints, which: Ints) -> tuple[Ints, CodePoints, Floats]:
    """Slot, character and score of all that the pieces in the rows `which` may have been."""
    slots, codes, scores = [], [], []
    for row in which.tolist():
        chars, score = components.candidates(decode(pieces[row]), _FLOOR)
        slots.append(np.full(chars.size, row, dtype=np.int64))
        codes.append(chars)
        scores.append(score)
    none = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float32)
    if not slots:
        return none
    return np.concatenate(slots), np.concatenate(codes), np.concatenate(scores)


def _pairs(v: View, lm: LanguageModel, components: Components, spots: Spots) -> list[Pieces]:
    start = spots.pairs
    if not start.size:
        return []
    pieces = _pieces(v, start, 2, spots)
    loose = spots.loose[start] | spots.loose[start + 1]
    slot, codes, prior = _joined(components, pieces, np.flatnonzero(loose))
    exact = components.combine(pieces)
    likely = _expected(v, lm, start, 2)
    row, column, score = components.sharing(pieces, likely)
    slot = np.concatenate([slot, exact[0], row])
    codes = np.concatenate([codes, exact[1], likely[row, column]])
    prior = np.concatenate([prior, exact[2], score]).astype(np.float32)
    lost = (spots.strange[start] | spots.strange[start + 1])[slot]
    parts = []
    for group, rows in ((SPLIT, ~lost), (LOST, lost)):
        keep = rows & (prior >= _FLOOR)
        parts += _best(v, lm, group, start, 2, slot[keep], codes[keep, None], prior[keep])
    return parts


def _trios(v: View, lm: LanguageModel, components: Components, spots: Spots) -> list[Pieces]:
    start = spots.trios
    if not start.size:
        return []
    slot, codes, prior = components.combine(_pieces(v, start, 3, spots))
    return _best(v, lm, SPLIT, start, 3, slot, codes[:, None], prior)


def _moved(v: View, lm: LanguageModel, variants: Variants, spots: Spots) -> list[Pieces]:
    """The stretches with the moved glyph put back, in its common form where it stands in another."""
    parts = []
    for far in range(1, FAR + 1):
        for right in (True, False):
            start = spots.moved[(spots.far == far) & (spots.right == right)]
            if not start.size:
                continue
            codes = v.codes[start[:, None] + np.arange(far + 1)]
            codes = np.roll(codes, 1 if right else -1, axis=1)
            for place in (0, far) if far == 1 else (0 if right else far,):
                codes[:, place] = variants.normalise(codes[:, place])
            parts.append(Pieces.make(lm, MOVED, start, far + 1, codes, np.full(start.size, -float(far), np.float32)))
    return parts


def _halves(v: View, lm: LanguageModel, components: Components, spots: Spots) -> list[Pieces]:
    """Characters of which one part stayed and the other landed up to three places further on."""
    parts: list[Pieces] = []
    loose = np.flatnonzero((spots.loose & (v.classes != HAN)) | spots.odd)
    marked = set(loose.tolist())
    for spot in loose.tolist():
        for away in range(2, FAR + 2):
            end = spot + away
            if end not in marked or (v.gap[spot + 1 : end + 1] > 0).any():
                continue
            if not (v.classes[spot + 1 : end] == HAN).all():
                continue
            whole, prior = components.candidates(chr(int(v.codes[spot])) + chr(int(v.codes[end])), _FLOOR)
            between = np.broadcast_to(v.codes[spot + 1 : end], (whole.size, away - 1))
            codes = np.concatenate([whole[:, None], between], axis=1)
            slot = np.zeros(whole.size, dtype=np.int64)
            parts += _best(v, lm, HALF, np.array([spot]), away + 1, slot, codes, prior)
    return parts


def _forms(v: View, lm: LanguageModel, variants: Variants, channel: Channel, spots: Spots) -> list[Pieces]:
    """One character for an odd one: its common form, look-alikes, and what the model expects."""
    start = np.flatnonzero(spots.odd & (v.classes == HAN))
    if not start.size:
        return []
    observed = v.codes[start]
    common = variants.normalise(observed)
    alike = Shapes.load().neighbours(observed, LOOK_ALIKES)[0]
    codes = np.concatenate([alike, _expected(v, lm, start, 1), common[:, None]], axis=1)
    slot, column = np.nonzero((codes != 0) & (codes != observed[:, None]) & (classify(codes) == HAN))
    chosen = codes[slot, column]
    prior = np.maximum(channel.log_prob(observed[slot], chosen), np.float32(_GUESS))
    safe = np.zeros(start.size, dtype=bool)
    safe[variants.find(observed, SAFE)[0]] = True
    known = np.where(safe, np.float32(_VARIANT), np.float32(_DOUBTFUL))[slot]
    prior = np.where(chosen == common[slot], np.maximum(prior, known), prior).astype(np.float32)
    return _best(v, lm, FORM, start, 1, slot.astype(np.int64), chosen[:, None], prior)
