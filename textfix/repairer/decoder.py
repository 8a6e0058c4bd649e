"""The decoder: suspicious spots → proposals with evidence → confidence → edits, in rounds.

Every round looks at the text as the rounds before have left it, makes the most certain edits that do not crowd each
other, and leaves the rest to the next, which sees better neighbours (easy first). A round that makes no edit ends the
repair; what was estimated from the document is then estimated again from the result, so that a second repair of it,
which starts from there, finds nothing to do either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ..edits import Edit, Edits
from ..lm.towers import Known
from ..text.classes import HAN, classify
from .detector import phrased
from .estimates import WORTH, Estimates, estimate
from .features import FEATURES, features
from .forest import Decider
from .models import Models
from .places import Places
from .proposals import DELETE, INSERT, SPLIT, Detail, Floats, Proposals
from .renewal import Renewal
from .scoring import proposals
from .view import Look, View, look

__all__ = ["Decoder", "Depth", "Outcome", "Reading"]

#: A character disturbs itself and the four behind it; weights of their log-probabilities.
_WEIGHTS = (1.0, 0.8, 0.6, 0.5, 0.4)
#: A text of so many characters is looked at quickly first, or closer, and thoroughly only if it seems to err more than
#: this. Closer looks are at places that have log-odds less by so much, too.
_LONG, _MEDIUM, _ERRS, _CLOSER = 3000, 1000, 5e-4, 1.5
#: Proposals that raise the log-probability by less are dropped unread, but those that the cloze model thinks so much
#: likelier than what stands, and that lower it by no more than this: beside what is wrong, too, n-grams are misled.
_LEAST_GAIN, _FAVOURED, _LEAST = 1.0, -1.0, -6.0
#: Within one round, edits keep this many kept characters apart.
_APART = 5
#: Characters on either side of which the evidence for a place asks what is attested and suspicious, and some more.
_SEEN = 24
#: Rounds at most; four are usual on a bad page, twelve were seen.
_ROUNDS = 24
#: What is at least so certain is done before the rest.
_SURE = (0.98, 0.95)
#: Suggestions go down to this confidence.
_SUGGESTED = 0.2

_GAIN, _LEAN = FEATURES.index("gain"), FEATURES.index("lean")
_MARK_COLUMNS = (FEATURES.index("mark_observed"), FEATURES.index("mark_replacement"))
_KINDS = {DELETE: "noise", INSERT: "drop", SPLIT: "split"}

Allowed = Callable[[str, str, int, int], bool]


class Depth(IntEnum):
    """Where a text is looked at: where it is more likely wrong than not, where that is likely, or where it may be."""

    QUICK, CLOSER, THOROUGH = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What decoding a text led to: the `text`, `edits` of the input, `suggestions` for the result, `estimates`."""

    text: str
    edits: Edits
    suggestions: tuple[Edit, ...]
    estimates: Estimates


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One look at a text: its view, the proposals, their features and the first opinion of them; and what the mark
    model has said so far."""

    view: View
    proposals: Proposals
    features: Floats
    opinion: NDArray[np.float64]
    depth: Depth = Depth.THOROUGH
    detail: Detail = field(default_factory=Detail.none)
    known: Known = field(default_factory=dict)

    @property
    def marks(self) -> NDArray[np.bool_]:
        """Which proposals concern marks."""
        return np.asarray((self.features[:, _MARK_COLUMNS] > 0).any(axis=1))

    @property
    def group(self) -> NDArray[np.intp]:
        """What each proposal is for the calibration: 0 other glyphs, 1 other marks, 2 noise taken out, 3 a loss made
        good."""
        kind = self.proposals.kind
        return np.select([kind == DELETE, kind == INSERT, self.marks], [2, 3, 1], 0).astype(np.intp)

    @property
    def lean(self) -> Floats:
        """Towards which engine each confusion leans."""
        return self.features[:, _LEAN]

    def estimate(self, known: int = 0) -> Estimates:
        """The document's rates, `known` errors found by other means included."""
        return estimate(self.view, self.proposals, self.marks, self.opinion, self.lean, known)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Proposals worth a look, what they do to the language model, and their features."""

    proposals: Proposals
    detail: Detail
    features: Floats
    known: Known


#: A reading, and the edits that were made since.
After = tuple[Reading, Edits]
#: Readings of the present text, by depth.
Memory = dict[tuple[str, Depth], Reading]


class Decoder:
    """Finds and decides content edits. Immutable once built; safe to share between threads."""

    def __init__(self, models: Models, decider: Decider) -> None:
        self.models, self.decider = models, decider

    def evidence(
        self, seen: Look, *, depth: Depth = Depth.THOROUGH, after: After | None = None
    ) -> Evidence | None:
        """Every proposal worth a look and its features; None where nothing is.

        `after` is a reading of the text before some edits, of which much still holds.
        """
        v, log_probs, models = seen.view, seen.log_probs, self.models
        detector = self.decider.detector
        if depth is Depth.THOROUGH:
            attested = phrased(v, models)
            spot_odds, gap_odds = detector.scores(v, log_probs, models, attested)
            spots, gaps = (np.flatnonzero(o > b) for o, b in zip((spot_odds, gap_odds), detector.thorough, strict=True))
        else:
            less = _CLOSER if depth is Depth.CLOSER else 0.0
            bounds = detector.quick[0] - less, detector.quick[1] - less
            spots, gaps = detector.above(v, log_probs, models, bounds)
            near = _around(np.concatenate([spots, gaps]), len(v))
            attested = phrased(v, models, near)
            spot_odds, gap_odds = detector.scores(v, log_probs, models, attested, near)
        if not spots.size and not gaps.size:
            return None
        renewal = Renewal.of(after[0].view, v, after[1], models.cloze.reach) if after else None
        if renewal:
            spots, gaps = renewal.anew(spots, gaps)
        p, d = proposals(v, models, log_probs, Places.of(v, models, spots, gaps, spot_odds, gap_odds))
        rows = np.flatnonzero(_worth_reading(p, d))
        p, d = p.take(rows), d.take(rows)
        if after and renewal:
            p, d = renewal.merged((after[0].proposals, after[0].detail), (p, d))
        suspicious = spot_odds > detector.thorough[0]
        known = after[0].known if after else {}
        x = features(v, models, log_probs, _disturbance(v, log_probs), suspicious, attested, p, d, known)
        return Evidence(p, d, x, known)

    def _read(
        self, text: str, memory: Memory, depth: Depth, seen: Look | None = None, after: After | None = None
    ) -> Reading:
        """The reading of `text`, remembered as long as the next one is of the same text."""
        key = text, depth
        if key not in memory:
            seen = look(text, self.models.lm) if seen is None else seen
            found = self.evidence(seen, depth=depth, after=after) if len(seen.view) else None
            if any(known != text for known, _ in memory):
                memory.clear()
            if found is None:
                memory[key] = Reading(seen.view, _NONE, _NO_FEATURES, np.empty(0), depth)
            else:
                opinion = self.decider.opinion(found.features)
                memory[key] = Reading(
                    seen.view, found.proposals, found.features, opinion, depth, found.detail, found.known
                )
        return memory[key]

    def _confidence(self, reading: Reading, estimates: Estimates) -> NDArray[np.float64]:
        columns = estimates.columns(reading.view, reading.proposals, reading.opinion, reading.lean)
        worth = np.flatnonzero(reading.opinion > WORTH)
        confidence = np.zeros(len(reading.proposals))
        odds = self.decider.second.log_odds(np.hstack([reading.features[worth], columns[worth]]))
        confidence[worth] = self.decider.calibrated(odds, reading.group[worth])
        return confidence

    def decode(
        self,
        text: str,
        threshold: float,
        *,
        estimates: Estimates | None = None,
        allowed: Allowed | None = None,
        readings: Memory | None = None,
        known: int = 0,
        seen: Look | None = None,
    ) -> Outcome:
        """Repair the content of `text` with edits of at least `threshold`.

        `estimates` fixes what is otherwise estimated from the text. `allowed` is asked for the present text, the kind
        and the span of an edit before it is made. `readings` remembers the last text between calls; `known`
        errors were found in the text by other means; `seen` is a look at it, if there was one.
        """
        memory = {} if readings is None else readings
        made, source = Edits(), text
        reading = self._first(text, memory, estimates, known, seen)
        first = now = estimates or reading.estimate(known)
        confidence = self._confidence(reading, now)
        for _ in range(_ROUNDS):
            chosen = self._surest(reading, confidence, threshold, allowed)
            if not chosen:
                settled = estimates or reading.estimate(known)
                if settled == now:
                    break
                now = settled
                confidence = self._confidence(reading, now)
                continue
            step = Edits(chosen)
            made = made.then(step, source)
            text = step.apply(text)
            reading = self._read(text, memory, reading.depth, after=(reading, step))
            confidence = self._confidence(reading, now)
        rest = self._choose(reading, confidence, _SUGGESTED, allowed)
        return Outcome(text, made, tuple(rest), first)

    def _first(self, text: str, memory: Memory, estimates: Estimates | None, known: int, seen: Look | None) -> Reading:
        """A text that is not short and seems clean at a quick look, or a closer one, is not looked at thoroughly."""
        if estimates is None and len(text) >= _MEDIUM:
            quick = self._read(text, memory, Depth.QUICK if len(text) >= _LONG else Depth.CLOSER, seen)
            if quick.estimate(known).error_rate < _ERRS:
                return quick
        errs = estimates is None or estimates.error_rate >= _ERRS
        return self._read(text, memory, Depth.THOROUGH if errs else Depth.QUICK, seen)

    def _surest(
        self, reading: Reading, confidence: NDArray[np.float64], threshold: float, allowed: Allowed | None
    ) -> list[Edit]:
        """The edits of the next round: only the most certain ones, as long as there are such. What stands beside them
        is judged again with them made."""
        for bound in (*(sure for sure in _SURE if sure > threshold), threshold):
            if chosen := self._choose(reading, confidence, bound, allowed):
                return chosen
        return []

    def _choose(
        self, reading: Reading, confidence: NDArray[np.float64], threshold: float, allowed: Allowed | None
    ) -> list[Edit]:
        """The most certain edits of one round, which do not crowd each other."""
        return [edit for _, made in self.chosen(reading, confidence, threshold, allowed) for edit in made]

    def chosen(
        self, reading: Reading, confidence: NDArray[np.float64], threshold: float, allowed: Allowed | None
    ) -> list[tuple[int, list[Edit]]]:
        """The proposals of `_choose`, by number, with their edits."""
        rows = np.flatnonzero(confidence >= threshold)
        if not rows.size:
            return []
        p, v = reading.proposals, reading.view
        order = rows[np.lexsort((p.codes[rows, 0], p.kind[rows], p.start[rows], -confidence[rows]))]
        # Paragraphs lie so far apart here that they cannot crowd each other.
        room = 2 * _APART + 1
        place = p.start + room * v.paragraph[np.where(p.length > 0, p.start, np.maximum(p.start - 1, 0))]
        taken = np.zeros(len(v) + room * (int(v.paragraph[-1]) + 3), dtype=bool)
        chosen: list[tuple[int, list[Edit]]] = []
        for row in order.tolist():
            start, length = int(place[row]), int(p.length[row])
            if taken[start + _APART : start + length + 1 + _APART].any():
                continue
            made = list(self._edits(reading, row, float(confidence[row])))
            if allowed is not None and not all(allowed(v.text, e.kind, e.start, e.end) for e in made):
                continue
            chosen.append((row, made))
            taken[start : start + length + 1 + 2 * _APART] = True
        return chosen

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
                name = "glyph" if _is_han(new[k]) else "mark"
                out.append(Edit(a, b, v.text[a:b], new[k], name, confidence, evidence))
        return out


_NONE = Proposals.none()
_NO_FEATURES = np.empty((0, len(FEATURES)), dtype=np.float32)


def _around(places: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The places among `size` no further than `_SEEN` from one of `places`."""
    near = np.zeros(size + 1, dtype=np.int64)
    np.add.at(near, np.maximum(places - _SEEN, 0), 1)
    np.add.at(near, np.minimum(places + _SEEN + 1, size), -1)
    return np.flatnonzero(np.cumsum(near)[:size] > 0)


def _worth_reading(p: Proposals, d: Detail) -> NDArray[np.bool_]:
    """Which proposals are worth their features. That a lost Han character is likely says little without n-grams, unless
    it is likelier than nothing."""
    lost_han = (p.kind == INSERT) & (classify(p.codes[:, 0]) == HAN)
    favoured = (p.said - p.stood > np.where(lost_han, 0.0, _FAVOURED)) & (d.gain > _LEAST)
    return np.asarray((d.gain > _LEAST_GAIN) | favoured)


def _is_han(char: str) -> bool:
    return int(classify(np.array([ord(char)], dtype=np.uint32))[0]) == HAN


def _disturbance(v: View, log_probs: Floats) -> Floats:
    out = np.zeros(len(v), dtype=np.float32)
    for k, weight in enumerate(_WEIGHTS):
        out += np.float32(weight) * log_probs[v.at + k]
    return out
