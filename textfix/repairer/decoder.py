"""The decoder: suspicious spots → proposals with evidence → confidence → edits, in rounds.

Every round looks at the text as the rounds before have left it, makes the most certain edits that do not crowd each
other, and leaves the rest to the next, which sees better neighbours (easy first). A round that makes no edit ends the
repair; what was estimated from the document is then estimated again from the result, so that a second repair of it,
which starts from there, finds nothing to do either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..edits import Edit, Edits
from ..lm import LanguageModel
from ..text.classes import DIGIT, HAN, LATIN, MARK, OTHER, classify
from . import candidates
from .estimates import Estimates, estimate
from .features import FEATURES, features
from .forest import Decider
from .proposals import DELETE, INSERT, SHIFT, SPLIT, Floats, Proposals, detail
from .view import View, view

__all__ = ["Decoder", "Outcome", "Reading"]

#: A character disturbs itself and the four behind it; weights of their log-probabilities.
_WEIGHTS = (1.0, 0.8, 0.6, 0.5, 0.4)
#: Disturbance below which a character is suspicious, and log-probability below which a gap in front is.
SUSPICIOUS, THIN = -14.0, -5.0
#: Proposals that raise the log-probability by less are dropped unread.
_LEAST_GAIN = 1.0
#: Within one round, edits keep this many kept characters apart.
_APART = 5
#: Rounds at most; four are usual on a bad page.
_ROUNDS = 12
#: The second forest is asked about proposals of which the first thinks more than this.
_WORTH = 0.02
#: A mark is doubted where it or what follows is less likely than this.
_LIKELY_MARK, _LIKELY_BEHIND = -0.35, -9.0
#: Suggestions go down to this confidence.
_SUGGESTED = 0.2

_GAIN = FEATURES.index("gain")
_MARK_COLUMNS = (FEATURES.index("mark_observed"), FEATURES.index("mark_replacement"))
_KINDS = {DELETE: "noise", INSERT: "drop", SPLIT: "split", SHIFT: "shift"}

Allowed = Callable[[str, str, int, int], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What decoding a text led to: the `text`, `edits` of the input, `suggestions` for the result, `estimates`."""

    text: str
    edits: Edits
    suggestions: tuple[Edit, ...]
    estimates: Estimates


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One look at a text: its view, the proposals, their features and the first opinion of them."""

    view: View
    proposals: Proposals
    features: Floats
    opinion: NDArray[np.float64]

    @property
    def marks(self) -> NDArray[np.bool_]:
        """Which proposals concern marks."""
        return np.asarray((self.features[:, _MARK_COLUMNS] > 0).any(axis=1))

    def estimate(self, known: int = 0) -> Estimates:
        """The document's rates, `known` errors found by other means included."""
        return estimate(self.view, self.proposals, self.marks, self.opinion, known)


class Decoder:
    """Finds and decides content edits. Immutable once built; safe to share between threads."""

    def __init__(self, lm: LanguageModel, channel: Channel, decider: Decider) -> None:
        self.lm, self.channel, self.decider = lm, channel, decider

    @cached_property
    def unigrams(self) -> Floats:
        """Log-probability of every id without context, (size,)."""
        return self.lm.score_columns(np.arange(self.lm.vocabulary.size, dtype=np.uint16)[:, None], 0)[:, 0]

    def evidence(self, v: View) -> tuple[Proposals, Floats]:
        """Every proposal worth a look, and its features."""
        log_probs = self.lm.log_prob(v.stream, context=np.empty(0, dtype=np.uint16))
        disturbance = _disturbance(v, log_probs)
        suspicious = disturbance < SUSPICIOUS
        p = self._propose(v, log_probs, suspicious)
        d = detail(v, self.lm, log_probs, p)
        rows = np.flatnonzero(d.gain > _LEAST_GAIN)
        p, d = p.take(rows), d.take(rows)
        x = features(v, self.lm, self.channel, log_probs, disturbance, suspicious, self.unigrams, p, d)
        return p, x

    def _propose(self, v: View, log_probs: Floats, suspicious: NDArray[np.bool_]) -> Proposals:
        lm, channel, n = self.lm, self.channel, len(v)
        mark = (v.classes == MARK) | (v.classes == OTHER)
        digit, latin = v.classes == DIGIT, v.classes == LATIN
        parts = [candidates.known_pairs(v, lm)]
        han = np.flatnonzero(suspicious & ~digit & ~latin & ~mark)
        if han.size:
            parts.append(candidates.substitutions(v, lm, channel, log_probs, han))
            firsts = han[:-1][np.diff(han) == 1]
            firsts = firsts[(v.classes[firsts] == HAN) & (v.classes[firsts + 1] == HAN) & (v.breaks[firsts + 1] < 2)]
            if firsts.size:
                parts.append(candidates.neighbouring_pairs(v, lm, channel, firsts, self.unigrams))
        own = log_probs[v.at]
        behind = log_probs[v.at + 1] + log_probs[v.at + 2]
        doubted = mark & ((own < _LIKELY_MARK) | (behind < _LIKELY_BEHIND) | suspicious)
        marks = np.flatnonzero(doubted)
        if marks.size:
            parts.append(candidates.mark_substitutions(v, lm, channel, log_probs, marks))
            odd = marks[suspicious[marks]]
            if odd.size:
                parts.append(candidates.substitutions(v, lm, channel, log_probs, odd, han_only=True))
        doubtful = np.flatnonzero((suspicious | doubted) & ~digit)
        if doubtful.size:
            parts.append(candidates.deletions(doubtful))
            two = doubtful[doubtful + 1 < n]
            two = two[(suspicious[two + 1] | doubted[two + 1]) & ~digit[two + 1]]
            parts.append(candidates.deletions(two, 2))
        thin = np.zeros(n + 1, dtype=bool)
        thin[:-1] = suspicious | (v.breaks[:-1] == 1) | (own < THIN)
        thin[n] = True
        thin[0] = False
        gaps = np.flatnonzero(thin)
        if gaps.size:
            parts.append(candidates.insertions(v, lm, log_probs, gaps, 8))
        return Proposals.concatenate([part for part in parts if len(part)])

    def _read(self, text: str, memory: dict[str, Reading]) -> Reading | None:
        if text not in memory:
            v = view(text, self.lm)
            if not len(v):
                return None
            p, x = self.evidence(v)
            memory.clear()
            memory[text] = Reading(v, p, x, self.decider.opinion(x))
        return memory[text]

    def _confidence(self, reading: Reading, estimates: Estimates) -> NDArray[np.float64]:
        columns = estimates.columns(reading.view, reading.proposals, reading.opinion)
        worth = np.flatnonzero(reading.opinion > _WORTH)
        confidence = np.zeros(len(reading.proposals))
        confidence[worth] = self.decider.second.probability(np.hstack([reading.features[worth], columns[worth]]))
        return confidence

    def decode(
        self,
        text: str,
        threshold: float,
        *,
        estimates: Estimates | None = None,
        allowed: Allowed | None = None,
        readings: dict[str, Reading] | None = None,
        known: int = 0,
    ) -> Outcome:
        """Repair the content of `text` with edits of at least `threshold`.

        `estimates` fixes what is otherwise estimated from the text. `allowed` is asked for the present text, the kind
        and the span of an edit before it is made. `readings` remembers the last text between calls; `known`
        errors were found in the text by other means.
        """
        memory = {} if readings is None else readings
        made, source = Edits(), text
        reading = self._read(text, memory)
        if reading is None:
            return Outcome(text, made, (), estimates or Estimates.fixed(0.0))
        first = now = estimates or reading.estimate(known)
        for _ in range(_ROUNDS):
            chosen = self._choose(reading, self._confidence(reading, now), threshold, allowed)
            if not chosen:
                settled = estimates or reading.estimate(known)
                if settled == now:
                    break
                now = settled
                continue
            step = Edits(chosen)
            made = made.then(step, source)
            text = step.apply(text)
            reading = self._read(text, memory)
            if reading is None:
                break
        rest: tuple[Edit, ...] = ()
        if reading is not None:
            rest = tuple(self._choose(reading, self._confidence(reading, now), _SUGGESTED, allowed))
        return Outcome(text, made, rest, first)

    def _choose(
        self, reading: Reading, confidence: NDArray[np.float64], threshold: float, allowed: Allowed | None
    ) -> list[Edit]:
        """The most certain edits of one round, which do not crowd each other."""
        rows = np.flatnonzero(confidence >= threshold)
        if not rows.size:
            return []
        p, v = reading.proposals, reading.view
        order = rows[np.lexsort((p.codes[rows, 0], p.kind[rows], p.start[rows], -confidence[rows]))]
        # Paragraphs lie so far apart here that they cannot crowd each other.
        room = 2 * _APART + 1
        place = p.start + room * v.paragraph[np.where(p.length > 0, p.start, np.maximum(p.start - 1, 0))]
        taken = np.zeros(len(v) + room * (int(v.paragraph[-1]) + 3), dtype=bool)
        edits: list[Edit] = []
        for row in order.tolist():
            start, length = int(place[row]), int(p.length[row])
            if taken[start + _APART : start + length + 1 + _APART].any():
                continue
            made = list(self._edits(reading, row, float(confidence[row])))
            if allowed is not None and not all(allowed(v.text, e.kind, e.start, e.end) for e in made):
                continue
            edits += made
            taken[start : start + length + 1 + 2 * _APART] = True
        return edits

    def _edits(self, reading: Reading, row: int, confidence: float) -> Sequence[Edit]:
        v, p = reading.view, reading.proposals
        start, length, size, kind = (int(a[row]) for a in (p.start, p.length, p.size, p.kind))
        new = p.text(row)
        evidence = {
            "lm_gain": round(float(reading.features[row, _GAIN]), 2),
            "channel": round(float(p.prior[row]), 2),
        }
        if length != size:
            a, b = v.span(start, length)
            return [Edit(a, b, v.text[a:b], new, _KINDS[kind], confidence, evidence)]
        out = []
        for k in range(length):  # one for one, also where white space stands between them
            a, b = v.span(start + k, 1)
            if v.text[a:b] != new[k]:
                name = _KINDS.get(kind) or ("glyph" if _is_han(new[k]) else "mark")
                out.append(Edit(a, b, v.text[a:b], new[k], name, confidence, evidence))
        return out


def _is_han(char: str) -> bool:
    return int(classify(np.array([ord(char)], dtype=np.uint32))[0]) == HAN


def _disturbance(v: View, log_probs: Floats) -> Floats:
    out = np.zeros(len(v), dtype=np.float32)
    for k, weight in enumerate(_WEIGHTS):
        out += np.float32(weight) * log_probs[v.at + k]
    return out
