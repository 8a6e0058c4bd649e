"""Debris of glyphs: characters that fell apart (扌L for 扎), lost a part (?口 for 和), or landed some places away.

Spots are found by arithmetic (`debris_spots`), what they may have been is proposed from the component table, the
language model and the look-alikes (`debris_proposals`), and a small logistic model (`debris_judge`) says how probably
each proposal is right. How much debris the document has is evidence, too, unless its rate is given.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..edits import Edit
from ..lm import LanguageModel
from ..tables.components import Components
from ..tables.variants import Variants
from ..text.classes import is_han
from .debris_judge import Judge, features
from .debris_proposals import proposals
from .debris_spots import QUICK, THOROUGH, Bounds, badly, find_spots
from .guard import Guard
from .pieces import FORM, HALF, LOST, MOVED, SPLIT, Floats, Pieces, detail
from .view import View

__all__ = ["DEBRIS_KINDS", "Debris"]

#: The kinds of the edits.
DEBRIS_KINDS = frozenset({"split", "shift", "glyph", "variant"})

#: Edits of one look at the text keep this many characters apart; the next look sees better neighbours.
_APART = 2
#: A proposal counts towards the document's rate of debris from this probability on.
_COUNTED = 0.5
#: What lies nearer than this is no evidence of debris elsewhere.
_HERE = 8
#: The rate is shrunk as if this many good characters, and half a piece of debris, stood before the document.
_CLEAN, _HALF = 1000.0, 0.5
#: A text of so many characters is weighed thoroughly only if a quick look finds a proposal that is so certain.
_LONG, _SURE = 2000, 0.8
#: Less probable proposals are not even suggested.
_SUGGESTED = 0.2
#: How an error rate that a caller fixes is shared out: how much is debris, and how many places read badly.
_SHARES = 0.2, 1.5
_KINDS = {SPLIT: "split", LOST: "split", MOVED: "shift", HALF: "shift", FORM: "glyph"}


class Debris:
    """Proposes what debris was. Immutable; safe to share between threads."""

    def __init__(
        self, lm: LanguageModel, components: Components, variants: Variants, channel: Channel, unigrams: Floats,
        judge: Judge,
    ) -> None:  # fmt: skip
        self.lm, self.components, self.variants, self.channel = lm, components, variants, channel
        self.unigrams, self.judge = unigrams, judge

    def evidence(self, v: View, log_probs: Floats, bounds: Bounds = THOROUGH) -> tuple[Pieces, Floats] | None:
        """The proposals for a text and their features, or None; `log_probs` are those of ``v.stream``."""
        spots = find_spots(v, log_probs, self.unigrams, self.components, self.variants, bounds)
        p = proposals(v, self.lm, self.components, self.variants, self.channel, spots)
        if p is None:
            return None
        d = detail(v, self.lm, log_probs, p)
        return p, features(v, spots, self.unigrams, p, d)

    def edits(self, v: View, log_probs: Floats, guard: Guard, error_rate: float | None = None) -> list[Edit]:
        """The most probable proposals that do not crowd each other as edits, suggestions among them.

        `error_rate` fixes what is otherwise estimated from the text.
        """
        quick = len(v) >= _LONG and error_rate is None
        found = self.evidence(v, log_probs, QUICK if quick else THOROUGH) if len(v) else None
        if found is None:
            return []
        confidence = self._confidence(v, log_probs, *found, error_rate)
        if quick and (confidence >= _SURE).any():
            found = self.evidence(v, log_probs) or found
            confidence = self._confidence(v, log_probs, *found)
        p, x = found
        out: list[Edit] = []
        for row in self._chosen(v, p, confidence, _SUGGESTED):
            start, length = int(p.start[row]), int(p.length[row])
            a, b = v.span(start, length)
            if not guard.allows(a, b):
                continue
            if p.group[row] in (SPLIT, LOST) and v.text[b : b + 1] == " " and is_han(v.text[b + 1 : b + 2]):
                b += 1  # the blank that a part's width left behind
            out.append(self._edit(v, p, x, row, a, b, float(confidence[row]), int(p.group[row])))
        return out

    def _confidence(
        self, v: View, log_probs: Floats, p: Pieces, x: Floats, error_rate: float | None = None
    ) -> NDArray[np.float64]:
        if error_rate is None:
            rates, level = self.rates(v, p, self.judge.opinion(p.group, x)), badly(v, log_probs)
        else:
            fixed, level = (max(error_rate * share, _HALF / 1e6) for share in _SHARES)
            rates = np.full(len(p), fixed)
        return self.judge.confidence(p.group, x, rates, level)

    @staticmethod
    def rates(v: View, p: Pieces, opinion: NDArray[np.float64]) -> NDArray[np.float64]:
        """How many pieces of debris there are for each character elsewhere in the text than at each proposal, (m,)."""
        rows = Debris._chosen(v, p, opinion, _COUNTED)
        found = np.zeros(len(v) + 1)
        np.add.at(found, p.start[rows] + 1, opinion[rows])
        until = np.cumsum(found)
        low, high = np.maximum(p.start - _HERE, 0), np.minimum(p.start + _HERE, len(v))
        return np.asarray((until[-1] - (until[high] - until[low]) + _HALF) / (len(v) + _CLEAN))

    def _edit(self, v: View, p: Pieces, x: Floats, row: int, a: int, b: int, confidence: float, group: int) -> Edit:
        observed, replacement = v.text[a:b], p.text(row)
        kind = _KINDS[group]
        if group == FORM and self.variants.of(observed) == replacement:
            kind = "variant"
        evidence = {"lm_gain": round(float(x[row, 0]), 2), "likeness": round(float(p.prior[row]), 2)}
        return Edit(a, b, observed, replacement, kind, confidence, evidence)

    @staticmethod
    def _chosen(v: View, p: Pieces, confidence: NDArray[np.float64], least: float) -> list[int]:
        """Rows of at least that confidence, the best first, that keep apart from each other."""
        rows = np.flatnonzero(confidence >= least)
        order = rows[np.lexsort((p.codes[rows, 0], p.length[rows], p.start[rows], -confidence[rows]))]
        room = _APART + 1
        place = p.start + room * v.paragraph[p.start]
        taken = np.zeros(len(v) + room * (int(v.paragraph[-1]) + 3), dtype=bool)
        out: list[int] = []
        for row in order.tolist():
            start, end = int(place[row]), int(place[row] + p.length[row])
            if not taken[start + _APART : end + _APART].any():
                taken[start : end + 2 * _APART] = True
                out.append(row)
        return out
