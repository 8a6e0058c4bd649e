"""From witnesses to a text: the columns decided, set in the layout of the best witness, the disagreements listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..alignment.folding import skeleton
from ..channel import Channel
from ..errors import InputError, NothingInCommonError
from ..lm import LanguageModel, load_default
from ..text.codepoints import CodePoints, decode, encode
from .columns import GAP, Columns, columns_of
from .decide import Decision, decide

Ints = NDArray[np.int64]

__all__ = ["Disagreement", "Vote", "vote"]

#: A witness must share this much of its content, or of another's, with that other.
_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Disagreement:
    """``text[start:end]`` of the result, where witnesses differ; `choice` is what stands there.

    `readings` has one entry a witness, None for one that lacks the part. `confidence` is the probability, in [0, 1],
    of the choice among all combinations of the readings.
    """

    start: int
    end: int
    readings: tuple[str | None, ...]
    choice: str
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "start": self.start,
            "end": self.end,
            "readings": list(self.readings),
            "choice": self.choice,
            "confidence": round(self.confidence, 4),
        }


@dataclass(frozen=True, slots=True)
class Vote:
    """The `text` that the witnesses make together, and where they disagreed.

    `rates` are the estimated error rates of the witnesses, in [0, 1], 1 for one that reads nothing; the one that errs
    least, `base`, gave the layout.
    """

    text: str
    disagreements: tuple[Disagreement, ...]
    rates: tuple[float, ...]
    base: int

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "text": self.text,
            "rates": [round(rate, 5) for rate in self.rates],
            "base": self.base,
            "disagreements": [d.to_dict() for d in self.disagreements],
        }


def vote(texts: Sequence[str], *, lm: LanguageModel | None = None, channel: Channel | None = None) -> Vote:
    """The likeliest text of the page that all `texts` are readings of.

    Witnesses may lack parts; a part that only one has is taken from it. Of equal witnesses the first counts more.
    Raises `InputError` without a text, `NothingInCommonError` for a witness that is of another page.
    """
    if not texts:
        raise InputError("no witness to ask")
    sources = [encode(text) for text in texts]
    bones = [skeleton(source) for source in sources]
    columns = columns_of([bone for bone, _ in bones])
    _require_common(columns)
    decision = decide(columns, load_default() if lm is None else lm, channel or Channel.load())
    base = int(np.argmin(decision.rates))
    # From here on places are those in the texts; `blanks` are where the white space before each of them starts.
    kept = [at.astype(np.int64) for _, at in bones]
    places = np.stack([np.append(at, -1)[row] for at, row in zip(kept, columns.places, strict=True)])
    edges = [np.concatenate((at[:0] if not len(at) else [0], at[:-1] + 1, [-1])) for at in kept]
    blanks = np.stack([edge[row] for edge, row in zip(edges, columns.places, strict=True)])
    text, starts = _set(sources, columns, decision, places, blanks, base)
    found = tuple(_listed(sources, columns, decision, places, text, starts))
    return Vote(text, found, tuple(decision.rates.tolist()), base)


def _require_common(columns: Columns) -> None:
    """Raise where a witness has next to nothing in common with any other one."""
    codes = columns.codes
    sizes = (codes != GAP).sum(axis=1)
    for k, own in enumerate(codes):
        others = [m for m in range(len(codes)) if m != k and sizes[m]]
        if sizes[k] and others:
            shared = max(((codes[m] == own) & (own != GAP)).sum() / min(sizes[k], sizes[m]) for m in others)
            if shared < _SHARE:
                raise NothingInCommonError(f"witness {k + 1} has next to nothing in common with the others")


def _set(
    sources: Sequence[CodePoints], columns: Columns, decision: Decision, places: Ints, blanks: Ints, base: int
) -> tuple[str, Ints]:
    """The text, and where each column starts in it, with one more place for the end.

    White space is that of the base, or of the witness that a character is taken from where the base lacks the part.
    Of that on both sides of what is left out the longer remains.
    """
    out: list[str] = []
    pending = ""
    starts = np.zeros(len(columns) + 1, dtype=np.int64)
    size = last = 0  # `last` is what of the base has been set
    forms = _forms(sources, columns, decision, places, base)
    for column, char in enumerate(forms.tolist()):
        lender = base
        if not columns.present[base, column]:
            lender = int(np.argmax(places[:, column] >= 0))
        place, start = int(places[lender, column]), int(blanks[lender, column])
        blank = ""
        if place >= 0 and (lender != base or place >= last):
            blank = decode(sources[lender][start:place])
            last = last if lender != base else place + 1
        pending = max(pending, blank, key=len)
        starts[column] = size
        if decision.codes[column] != GAP:
            out += (pending, chr(char))
            starts[column] = size + len(pending)
            size += len(pending) + 1
            pending = ""
    starts[-1] = size
    out.append(max(pending, decode(sources[base][last:]), key=len))
    return "".join(out), starts


def _forms(
    sources: Sequence[CodePoints], columns: Columns, decision: Decision, places: Ints, base: int
) -> CodePoints:
    """In which form the chosen character of each column is set: the commonest one, a wide one, the base's."""
    raw = np.stack([np.append(source, np.uint32(0))[row] for source, row in zip(sources, places, strict=True)])
    chosen = (columns.codes == decision.codes) & (raw != 0)
    votes = ((raw[:, None, :] == raw[None, :, :]) & chosen[None, :, :]).sum(axis=1) * 4.0
    votes += (raw >= 0x2000) * 2.0
    votes[base] += 1.0
    votes[~chosen] = -1.0
    forms: CodePoints = np.take_along_axis(raw, votes.argmax(axis=0)[None, :], axis=0)[0]
    return forms


def _listed(
    sources: Sequence[CodePoints],
    columns: Columns,
    decision: Decision,
    places: Ints,
    text: str,
    starts: Ints,
) -> list[Disagreement]:
    """The runs of columns in which witnesses differ."""
    settled = columns.agreed & (decision.codes != GAP)
    edges = np.flatnonzero(np.diff(settled.astype(np.int8), prepend=1, append=1))
    out = []
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        readings = []
        for k, source in enumerate(sources):
            own = places[k, first:end]
            lacks = not columns.present[k, first:end].any()
            readings.append(None if lacks else decode(source[own[own >= 0]]))
        kept = np.flatnonzero(decision.codes[first:end] != GAP) + first
        start = int(starts[first])
        stop = int(starts[kept[-1]]) + 1 if len(kept) else start
        confidence = float(decision.confidence[first:end].min())
        out.append(Disagreement(start, stop, tuple(readings), text[start:stop], confidence))
    return out
