"""Authority terms: what stands is protected, and a near miss is repaired where the context does not speak against it.

A noisy channel with two sources. The intended text is either what the language model expects or one of the terms,
each with the same small probability (a larger one where the document itself spells it right); against it stands the
text as it is. What the channel would have to have done is priced by its own weights. So an ordinary phrase that
happens to resemble a term is left alone (the model likes it as it is), and so is another name (the channel would not
have read the one for the other).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..edits import Edit, Scalar
from ..lm import CONTEXT, LanguageModel
from ..tables.terms import LONGEST, Hits, TermIndex, joined
from ..text.arrays import distinct
from .guard import Guard
from .near_misses import NearMiss, NearMisses
from .view import View, view

__all__ = ["Terms"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The probability that any term of the list starts at a place, and the share of its occurrences in the document that
#: a term is expected to have among its misread ones; `_THIN` characters are added to those of the document.
_LISTED, _REPEATED, _THIN = 1 / 200, 0.5, 2000
#: What being a term can be worth, in nats: beside every name there are others of its kind that are on no list.
_WORTH = 6.0
#: Confidence is the logistic function of ``_SLOPE * (score - _EVEN)``, by length of the term (2, 3, 4, more).
_SLOPE, _EVEN, _MOST = 0.45, {2: 6.5, 3: 4.5, 4: 0.5}, 0.99
_EVEN_LONG = -1.5
#: Edits below this confidence are not even suggested.
_LEAST = 0.2


class Terms:
    """A list of terms, ready to be looked for. Immutable once built; safe to share between threads."""

    def __init__(self, index: TermIndex, lm: LanguageModel, channel: Channel) -> None:
        self.index, self._lm, self._channel = index, lm, channel
        self._misses = NearMisses(index, channel)

    @classmethod
    def of(cls, terms: Iterable[str], lm: LanguageModel, channel: Channel | None = None) -> Terms:
        """The index of `terms`, with the shipped channel unless another is given."""
        return cls(TermIndex(terms), lm, channel or Channel.load())

    def __reduce__(self) -> tuple[Any, ...]:
        return Terms, (self.index, self._lm, self._channel)

    @cached_property
    def _heads(self) -> dict[str, tuple[int, ...]]:
        """The first two characters of terms → the lengths that they may have, the longest first."""
        lengths: dict[str, set[int]] = {}
        for term in self.index.terms:
            lengths.setdefault(term[:2], set()).add(len(term))
        return {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.index.terms)

    @cached_property
    def _ids(self) -> NDArray[np.uint16]:
        """Model ids of all terms, one behind the other."""
        return self._lm.id_of(self.index.flat)

    def stands(self, text: str, start: int, end: int) -> bool:
        """Whether ``start:end`` of `text` meets a term that stands there; an insertion only if it would part one.

        White space within a term is overlooked.
        """
        low, high = max(0, start - 2 * LONGEST), min(len(text), end + 2 * LONGEST)
        kept = [i for i in range(low, high) if not text[i].isspace()]
        chars = "".join(text[i] for i in kept)
        before = sum(i < start for i in kept)
        for begin in range(max(0, before - LONGEST), before + end - start):
            for length in self._heads.get(chars[begin : begin + 2], ()):
                if begin + length <= len(kept) and chars[begin : begin + length] in self._known:
                    first, last = kept[begin], kept[begin + length - 1] + 1
                    if first < start < last or start <= first < end:
                        return True
        return False

    def edits(self, text: str, guard: Guard, *, local: bool = False) -> list[Edit]:
        """Edits that put terms in the place of their near misses.

        `guard` protects everything but terms. With `local`, what the rest of the document holds is no evidence.
        """
        if len(text) < 2:
            return []
        v = view(text, self._lm)
        hits = self.index.search(v.codes, self._misses.likely)
        hits = hits.take(v.paragraph[hits.start] == v.paragraph[hits.end - 1])
        whole = (hits.errors == 0) & (hits.end - hits.start == self.index.lengths[hits.term])
        standing = hits.take(whole)
        missed = hits.take(~whole)
        if not local:
            missed = joined([missed, self._misses.of_two(v, standing)])
        near = self._misses.find(v, missed, standing)
        if not near:
            return []
        scores = self._scores(v, near, None if local else standing)
        return self._decide(v, near, scores, guard)

    def _scores(self, v: View, near: Sequence[NearMiss], standing: Hits | None) -> Floats:
        """The log-odds of each near miss: the term in its place against the text as it stands."""
        stands = np.zeros(len(self.index), dtype=np.int64)
        if standing is not None:
            stands += np.bincount(standing.term, minlength=len(self.index))
        terms = np.array([m.term for m in near])
        listed = np.log(_LISTED / len(self.index) + _REPEATED * stands[terms] / (len(v) + _THIN))
        left = v.stream[v.at[[m.start for m in near]][:, None] + np.arange(-CONTEXT, 0)]
        right = v.stream[v.at[[m.end - 1 for m in near]][:, None] + np.arange(1, CONTEXT + 1)]
        now, behind_now = self._read(left, [v.ids[m.start : m.end] for m in near], right)
        firsts, sizes = self.index.starts[terms].tolist(), self.index.lengths[terms].tolist()
        new = [self._ids[first : first + size] for first, size in zip(firsts, sizes, strict=True)]
        then, behind_then = self._read(left, new, right)
        price = np.array([m.price for m in near])
        worth = np.minimum(np.logaddexp(then, listed) - then, _WORTH)
        return np.asarray(then + worth + behind_then - now - behind_now + price)

    def _read(
        self, left: NDArray[np.uint16], middle: Sequence[NDArray[np.uint16]], right: NDArray[np.uint16]
    ) -> tuple[Floats, Floats]:
        """The log-probability of each of `middle` between `left` and `right`, and of what is on its right."""
        own, behind = np.zeros(len(middle)), np.zeros(len(middle))
        sizes = np.array([m.size for m in middle])
        for size in distinct(sizes).tolist():
            rows = np.flatnonzero(sizes == size)
            ids = np.concatenate([left[rows], np.stack([middle[r] for r in rows.tolist()]), right[rows]], axis=1)
            columns = self._lm.score_columns(ids, CONTEXT)
            own[rows] = columns[:, :size].sum(axis=1)
            behind[rows] = columns[:, size:].sum(axis=1)
        return own, behind

    def _decide(self, v: View, near: Sequence[NearMiss], scores: Floats, guard: Guard) -> list[Edit]:
        """The best of those that overlap, with its confidence among them."""
        even = np.array([_EVEN.get(len(self.index[m.term]), _EVEN_LONG) for m in near])
        sure = _MOST / (1 + np.exp(-_SLOPE * (scores - even)))
        worth = np.flatnonzero(sure >= _LEAST).tolist()
        order = sorted(worth, key=lambda k: (-scores[k], near[k].start, near[k].term))
        taken: list[tuple[int, int, frozenset[Any], float]] = []
        edits: list[list[Edit]] = []
        for k in order:
            m = near[k]
            made = self._edits(v, m, float(sure[k]), float(scores[k]))
            mine = frozenset((e.start, e.end, e.replacement) for e in made)
            rivals = [(r, i) for i, r in enumerate(taken) if r[0] < m.end and m.start < r[1]]
            for (_, _, theirs, score), i in rivals:
                if theirs != mine and edits[i]:  # a rival that wants something else takes away from the certainty
                    share = 1 / (1 + np.exp(scores[k] - score))
                    edits[i] = [_less(e, share) for e in edits[i]]
            if rivals or not all(guard.allows(e.start, e.end) for e in made):
                continue
            taken.append((m.start, m.end, mine, float(scores[k])))
            edits.append(made)
        return [e for made in edits for e in made if e.confidence >= _LEAST]

    def _edits(self, v: View, near: NearMiss, confidence: float, score: float) -> list[Edit]:
        term = self.index[near.term]
        evidence: dict[str, Scalar] = {"term": term, "score": round(score, 2), "channel": round(near.price, 2)}
        out = []
        for i0, i1, j0, j1 in near.blocks:
            pairs = [(i0 + k, i0 + k + 1, term[j0 + k]) for k in range(min(i1 - i0, j1 - j0))]
            if len(pairs) < i1 - i0:
                pairs += [(i, i + 1, "") for i in range(i0 + len(pairs), i1)]
            elif len(pairs) < j1 - j0:
                pairs.append((i1, i1, term[j0 + len(pairs) : j1]))
            for a, b, new in pairs:
                start, end = v.span(near.start + a, b - a)
                if v.text[start:end] != new:
                    out.append(Edit(start, end, v.text[start:end], new, "term", confidence, evidence))
        return out


def _less(edit: Edit, share: float) -> Edit:
    return Edit(edit.start, edit.end, edit.observed, edit.replacement, edit.kind, float(edit.confidence * share),
                edit.evidence)  # fmt: skip
