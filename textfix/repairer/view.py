"""The content view of a text: model ids without white space, with everything a spot needs to know of its place.

The decoder never sees blanks, line ends or widths; it works on a *stream* of model ids in which every paragraph
(ended by a blank line) is framed by boundary ids, so that no context runs across a paragraph break. `at` leads
from kept characters to the stream, `pos` to the text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..lm import BOS, CONTEXT, EOS, LanguageModel
from ..text.classes import NEWLINE, classify
from ..text.codepoints import CodePoints, encode

__all__ = ["Look", "View", "look", "view"]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """`n` kept characters of a text.

    ``ids``        (n,) uint16, model ids
    ``codes``      (n,) uint32, code points as they stand in the text
    ``classes``    (n,) uint8, `textfix.text.classes`
    ``pos``        (n,) offsets in the text
    ``stream``     (s,) uint16, ids with paragraph frames and padding
    ``at``         (n,) index of each kept character in ``stream``
    ``breaks``     (n+1,) line ends between the character before and this one: 0, 1, or 2 for a paragraph break;
                   the ends of the text count as paragraph breaks
    ``gap``        (n+1,) how many characters of white space stand in front, at most 9; 9 at paragraph breaks
    ``paragraph``  (n,) number of the paragraph that each character is in
    """

    text: str
    ids: NDArray[np.uint16]
    codes: CodePoints
    classes: NDArray[np.uint8]
    pos: NDArray[np.int64]
    stream: NDArray[np.uint16]
    at: NDArray[np.int64]
    breaks: NDArray[np.uint8]
    gap: NDArray[np.int64]
    paragraph: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.ids.size)

    def span(self, start: int, length: int) -> tuple[int, int]:
        """The text span of `length` kept characters from `start`; an insertion clings to the character before."""
        if length == 0:
            place = int(self.pos[start - 1]) + 1 if start > 0 else int(self.pos[0])
            return place, place
        return int(self.pos[start]), int(self.pos[start + length - 1]) + 1


def view(text: str, lm: LanguageModel) -> View:
    """The content view of `text` under the vocabulary of `lm`."""
    codes = encode(text)
    ids, pos = lm.encode(codes)
    n = ids.size
    newlines = np.flatnonzero(codes == 0x0A) if "\n" in text else np.empty(0, dtype=np.intp)
    if any(c in text for c in "\r\u2028\u2029"):
        newlines = np.flatnonzero(classify(codes) == NEWLINE)
        # "\r\n" is one line end.
        second = (codes[newlines] == 0x0A) & (newlines > 0) & (codes[np.maximum(newlines - 1, 0)] == 0x0D)
        newlines = newlines[~second]
    breaks = np.full(n + 1, 2, dtype=np.uint8)
    gap = np.full(n + 1, 9, dtype=np.int64)
    if n > 1:
        breaks[1:-1] = np.minimum(np.diff(np.searchsorted(newlines, pos)), 2)
        gap[1:-1] = np.where(breaks[1:-1] == 2, 9, np.minimum(np.diff(pos) - 1, 9))
    # A frame is four end ids and a begin id, so that neither side's window reaches over it.
    paragraph = np.cumsum(breaks[:-1] == 2) - 1
    at = np.arange(n) + (CONTEXT + 1) * (paragraph + 1) - 1
    stream = np.full((int(at[-1]) + 1 if n else CONTEXT) + CONTEXT, EOS, dtype=np.uint16)
    stream[at[breaks[:-1] == 2] - 1] = BOS
    stream[at] = ids
    kept = codes[pos]
    return View(text, ids, kept, classify(kept), pos, stream, at, breaks, gap, paragraph)


#: Windows around changes cost so much more, each, than a place of a whole text.
_DEARER = 20


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A text as the model reads it: its view, and the log-probability of every id of the stream, (s,)."""

    view: View
    log_probs: NDArray[np.float32]


def look(text: str, lm: LanguageModel, before: Look | None = None) -> Look:
    """The view of `text` and what `lm` thinks of it; of what stands as it stood `before`, that is known."""
    v = view(text, lm)
    if before is not None and before.view.stream.size == v.stream.size:
        changed = np.flatnonzero(v.stream != before.view.stream)
        if changed.size * _DEARER < v.stream.size:
            return Look(v, _changed(v.stream, before.log_probs, changed, lm))
    return Look(v, lm.log_prob(v.stream, context=np.empty(0, dtype=np.uint16)))


def _changed(
    stream: NDArray[np.uint16], known: NDArray[np.float32], changed: NDArray[np.intp], lm: LanguageModel
) -> NDArray[np.float32]:
    """The log-probabilities of a stream of which all but the places `changed` was scored before (`known`)."""
    out = known.copy()
    if changed.size:
        at = changed[:, None] + np.arange(-CONTEXT, CONTEXT + 1)
        inside = np.clip(at, 0, stream.size - 1)
        scores = lm.score_columns(stream[inside], CONTEXT)
        # The first ids of a text have less before them than a window has.
        full = (inside[:, CONTEXT:] == at[:, CONTEXT:]) & (at[:, CONTEXT:] >= CONTEXT)
        out[at[:, CONTEXT:][full]] = scores[full]
    return out
