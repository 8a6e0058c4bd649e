"""Proposed repairs of debris as arrays, and what each does to the language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..lm import CONTEXT, LanguageModel
from ..text.codepoints import CodePoints
from .view import View

__all__ = [
    "FORM", "GROUPS", "HALF", "LONGEST", "LOST", "MOVED", "SPLIT", "Detail", "Floats", "Ints", "Pieces", "around",
    "detail",
]  # fmt: skip

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: A character that fell apart; one that also lost a part; one that moved; one of which a part moved; an odd form.
GROUPS = ("split", "lost", "moved", "half", "form")
SPLIT, LOST, MOVED, HALF, FORM = range(5)
#: A replacement has at most this many characters.
LONGEST = 4


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """`m` proposals: kept characters ``start : start + length`` of a view were ``codes[:size]``.

    ``group``   (m,) a number of one of `GROUPS`
    ``start``   (m,), ``length`` (m,), ``size`` (m,)
    ``ids``     (m, LONGEST) model ids of the replacement, 0 behind ``size``
    ``codes``   (m, LONGEST) its code points
    ``prior``   (m,) likeness of what is printed, in nats; for a glyph that moved, minus how far
    ``margin``  (m,) score above the best rival of the same group at the same place (below 0: behind it)
    """

    group: Ints
    start: Ints
    length: Ints
    size: Ints
    ids: NDArray[np.uint16]
    codes: CodePoints
    prior: Floats
    margin: Floats

    def __len__(self) -> int:
        return int(self.start.size)

    def text(self, row: int) -> str:
        """The replacement of one proposal."""
        return "".join(map(chr, self.codes[row, : self.size[row]].tolist()))

    @staticmethod
    def make(
        lm: LanguageModel, group: int, start: Ints, length: int, codes: CodePoints, prior: Floats,
        margin: Floats | None = None,
    ) -> Pieces:  # fmt: skip
        """Proposals of one group and shape; `codes` has shape (m, size)."""
        m, size = codes.shape
        ids = np.zeros((m, LONGEST), dtype=np.uint16)
        wide = np.zeros((m, LONGEST), dtype=np.uint32)
        ids[:, :size], wide[:, :size] = lm.id_of(codes), codes
        full = np.full(m, 12.0, dtype=np.float32) if margin is None else margin
        return Pieces(
            np.full(m, group, dtype=np.int64), start.astype(np.int64), np.full(m, length, dtype=np.int64),
            np.full(m, size, dtype=np.int64), ids, wide, prior.astype(np.float32), full,
        )  # fmt: skip

    @staticmethod
    def concatenate(parts: Sequence[Pieces]) -> Pieces:
        """All proposals of `parts`, in order; there is at least one part."""
        return Pieces(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Pieces)))


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """Log-probabilities around each proposal, in nats, all of shape (m,).

    ``gain`` after minus before, over the window that it disturbs; ``low_before``, ``low_after`` the least likely
    character of that window; ``own`` the mean over the replacement; ``right`` the four characters behind it;
    ``observed`` the mean over what is replaced.
    """

    gain: Floats
    low_before: Floats
    low_after: Floats
    own: Floats
    right: Floats
    observed: Floats


def detail(v: View, lm: LanguageModel, log_probs: Floats, p: Pieces) -> Detail:
    """Score proposals in full; `log_probs` are those of ``v.stream``."""
    s, k = v.at[p.start][:, None], np.arange(LONGEST + CONTEXT)
    length, size, last = p.length[:, None], p.size[:, None], log_probs.size - 1
    # All are as wide as the widest, so that the model is asked once: what stands further behind counts for nothing.
    replaced, new = k < size, k < size + CONTEXT
    behind = v.stream[np.minimum(s + length + np.maximum(k - size, 0), last)]
    window = np.where(replaced, p.ids.take(np.minimum(k, LONGEST - 1), axis=1), behind)
    after = lm.score_columns(np.concatenate([v.stream[s + np.arange(-CONTEXT, 0)], window], axis=1), CONTEXT)
    after = np.where(new, after, 0)
    k = np.arange(p.length.max() + CONTEXT)
    before = np.where(k < length + CONTEXT, log_probs[np.minimum(s + k, last)], 0)
    own = np.where(replaced, after, 0).sum(axis=1)
    total = after.sum(axis=1)
    observed = np.where(k < length, before, 0).sum(axis=1) / p.length
    out = (
        total - before.sum(axis=1), before.min(axis=1), after.min(axis=1), own / p.size, total - own, observed
    )  # fmt: skip
    return Detail(*(part.astype(np.float32) for part in out))


def around(v: View, s: Ints, length: int, ids: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """`ids` (m, size) in place of `length` characters at ``s`` (m, 1) of the stream, with four ids on either side."""
    behind = np.minimum(s + (length + np.arange(CONTEXT)), v.stream.size - 1)
    return np.concatenate([v.stream[s + np.arange(-CONTEXT, 0)], ids, v.stream[behind]], axis=1)
