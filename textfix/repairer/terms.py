"""Authority terms: what stands is protected, and a near miss is repaired where the context does not speak against it.

A noisy channel with two sources. The intended text is either what the language model expects or one of the terms,
each with the same small probability (a larger one where the document itself spells it right); against it stands the
text as it is. What the channel would have to have done is priced by its own weights. So an ordinary phrase that
happens to resemble a term is left alone (the model likes it as it is), and so is another name (the channel would not
have read the one for the other).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..alignment.ops import distance, plain_blocks
from ..channel import Channel
from ..edits import Edit, Scalar
from ..lm import CONTEXT, LanguageModel
from ..tables.terms import LONGEST, Hits, TermIndex, joined
from ..text.arrays import distinct
from ..text.classes import HAN, classify
from ..text.codepoints import CodePoints, encode
from .guard import Guard
from .view import View, view

__all__ = ["Terms"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The probability that any term of the list starts at a place, and the share of its occurrences in the document that
#: a term is expected to have among its misread ones; `_THIN` characters are added to those of the document.
_LISTED, _REPEATED, _THIN = 1 / 200, 0.5, 2000
#: What being a term can be worth, in nats: beside every name there are others of its kind that are on no list.
_WORTH = 6.0
#: log-probability that the channel loses or adds a character, or reads one for another that no table knows.
_LOST = _ADDED = -9.0
#: A pair is plausible when the channel gives it this much: for short terms nothing else will do.
_PLAUSIBLE = -10.5
#: Lengths from which a term may differ by a pair that is not plausible, and by a lost or added character.
_UNKNOWN_PAIR, _OTHER_LENGTH = 4, 5
#: Confidence is the logistic function of ``_SLOPE * (score - _EVEN)``, by length of the term (2, 3, 4, more).
_SLOPE, _EVEN, _MOST = 0.45, {2: 8.0, 3: 6.0, 4: 2.0}, 0.99
_EVEN_LONG = 0.0
#: Edits below this confidence are not even suggested.
_LEAST = 0.2
#: Characters that people change for each other on purpose, or that tell two names apart.
_EDITORIAL = (
    "一二三四五六七八九十百千万亿两〇零壹贰叁肆伍陆柒捌玖拾", "甲乙丙丁戊己庚辛壬癸", "东南西北中上下左右前后内外",
    "国省市县区州盟旗镇乡村街道", "年月日季", "大小新老正副第",
)  # fmt: skip
_BITS = 23
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """A near miss: kept characters ``start:end`` of a view against `term`, its channel price and pieces that differ."""

    start: int
    end: int
    term: int
    price: float
    blocks: tuple[tuple[int, int, int, int], ...]


class Terms:
    """A list of terms, ready to be looked for. Immutable once built; safe to share between threads."""

    def __init__(self, index: TermIndex, lm: LanguageModel, channel: Channel) -> None:
        self.index, self._lm, self._channel = index, lm, channel

    @classmethod
    def of(cls, terms: Iterable[str], lm: LanguageModel) -> Terms:
        """The index of `terms`, with the shipped channel."""
        return cls(TermIndex(terms), lm, Channel.load())

    def __reduce__(self) -> tuple[Any, ...]:
        return Terms._with, (self.index, self._lm)

    @classmethod
    def _with(cls, index: TermIndex, lm: LanguageModel) -> Terms:
        return cls(index, lm, Channel.load())

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
    def _alike(self) -> NDArray[np.bool_]:
        """A hash table of the pairs (observed, intended) that the channel thinks of: a few strangers are among them."""
        table = np.zeros(1 << _BITS, dtype=bool)
        observed = np.arange(0x3400, 0xA000, dtype=np.uint32)
        intended = self._channel.intended(observed)
        table[_slot(np.repeat(observed, intended.shape[1]), intended.ravel())] = True
        return table

    def _likely(self, observed: CodePoints, intended: CodePoints) -> NDArray[np.bool_]:
        return self._alike[_slot(observed, intended)]

    def stands(self, text: str, start: int, end: int) -> bool:
        """Whether a term stands in `text` over ``start:end`` or around it, white space within it overlooked."""
        low = max(0, start - 2 * LONGEST)
        kept = [i for i in range(low, min(len(text), end + 2 * LONGEST)) if not text[i].isspace()]
        chars = "".join(text[i] for i in kept)
        first = sum(i < start for i in kept)
        last = first + sum(start <= i < end for i in kept)
        for begin in range(max(0, first - LONGEST + 1), max(last, first)):
            for length in self._heads.get(chars[begin : begin + 2], ()):
                if begin + length > first and chars[begin : begin + length] in self._known:
                    return True
        return False

    def edits(self, text: str, guard: Guard, *, local: bool = False) -> list[Edit]:
        """Edits that put terms in the place of their near misses.

        `guard` protects everything but terms. With `local`, what the rest of the document holds is no evidence.
        """
        if len(text) < 2:
            return []
        v = view(text, self._lm)
        hits = self.index.search(v.codes, self._likely)
        hits = hits.take(v.paragraph[hits.start] == v.paragraph[hits.end - 1])
        whole = (hits.errors == 0) & (hits.end - hits.start == self.index.lengths[hits.term])
        standing = hits.take(whole)
        missed = [hits.take(~whole)]
        if not local:
            missed.append(self._pairs(v, standing))
        near = [n for some in missed for n in self._near(v, some, standing)]
        if not near:
            return []
        scores = self._scores(v, near, None if local else standing)
        return self._decide(v, near, scores, guard)

    def _pairs(self, v: View, standing: Hits) -> Hits:
        """Near misses of two characters: only of terms that the document spells right elsewhere."""
        terms = distinct(standing.term[standing.end - standing.start == 2])
        found = []
        for own in (0, 1):  # the character that is right
            chars = self.index.flat[self.index.starts[terms] + own]
            order = np.argsort(chars, kind="stable")
            low, high = (np.searchsorted(chars[order], v.codes, side) for side in ("left", "right"))
            at = np.flatnonzero(high > low)
            count = (high - low)[at]
            firsts = np.cumsum(count) - count
            term = terms[order[np.arange(int(count.sum())) + np.repeat(low[at] - firsts, count)]]
            start = np.repeat(at, count) - own
            inside = (start >= 0) & (start + 2 <= len(v))
            start, term = start[inside], term[inside]
            observed, intended = v.codes[start + 1 - own], self.index.flat[self.index.starts[term] + 1 - own]
            rows = np.flatnonzero((observed != intended) & (v.paragraph[start] == v.paragraph[start + 1]))
            rows = rows[self._likely(observed[rows], intended[rows])]
            found.append(Hits(start[rows], start[rows] + 2, term[rows], np.ones(rows.size, dtype=np.int64)))
        return joined(found)

    def _near(self, v: View, hits: Hits, standing: Hits) -> list[_Near]:
        """The hits that could be errors of the channel, with what that would cost."""
        index = self.index
        cover = np.zeros(len(v) + 1, dtype=np.int64)  # the length of the longest standing term over each character
        for length in distinct(index.lengths[standing.term]).tolist():
            rows = index.lengths[standing.term] == length
            open_ = np.bincount(standing.start[rows], minlength=len(v) + 1)
            close = np.bincount(standing.end[rows], minlength=len(v) + 1)
            cover[np.cumsum(open_ - close) > 0] = length
        same = hits.end - hits.start == index.lengths[hits.term]
        out = self._replaced(v, hits.take(same), cover)
        out += self._lost_or_added(v, hits.take(~same), cover)
        return sorted(out, key=lambda near: (near.start, near.end, near.term))

    def _replaced(self, v: View, hits: Hits, cover: Ints) -> list[_Near]:
        """Near misses of the term's own length."""
        index, n = self.index, self.index.lengths[hits.term]
        price = np.zeros(len(hits))
        good = np.ones(len(hits), dtype=bool)
        unknown = np.zeros(len(hits), dtype=bool)
        differ: list[list[int]] = [[] for _ in range(len(hits))]
        place = np.full(len(hits), -1, dtype=np.int64)
        for j in range(int(n.max(initial=0))):
            rows = np.flatnonzero(good & (n > j))
            at = hits.start[rows] + j
            observed, intended = v.codes[at], index.flat[index.starts[hits.term[rows]] + j]
            rows, at, observed, intended = _where(observed != intended, rows, at, observed, intended)
            if not rows.size:
                continue
            good[rows] &= _repairable(observed, intended) & (2 * cover[at] <= n[rows])
            log_prob = self._channel.log_prob(observed, intended)
            price[rows] += log_prob
            unknown[rows] |= log_prob < _PLAUSIBLE
            place[rows] = at
            for row in rows.tolist():
                differ[row].append(j)
        good &= ~unknown | (n >= _UNKNOWN_PAIR)
        # Among several terms that fit a place equally badly there is nothing to choose.
        key = (hits.start * (LONGEST + 1) + n) * (1 << 32) + place
        lonely = np.zeros(len(hits), dtype=bool)
        rows = np.flatnonzero(good)
        ordered = np.sort(key[rows])
        lonely[rows] = np.searchsorted(ordered, key[rows], "right") - np.searchsorted(ordered, key[rows]) == 1
        good &= ~unknown | lonely
        return [
            _Near(int(hits.start[r]), int(hits.end[r]), int(hits.term[r]), float(price[r]),
                  tuple((j, j + 1, j, j + 1) for j in differ[r]))
            for r in np.flatnonzero(good).tolist()
        ]  # fmt: skip

    def _lost_or_added(self, v: View, hits: Hits, cover: Ints) -> list[_Near]:
        """Near misses with a character too few or too many, by exact edit distance."""
        out = []
        for start, end, number in zip(hits.start.tolist(), hits.end.tolist(), hits.term.tolist(), strict=True):
            term = self.index[number]
            if len(term) < _OTHER_LENGTH:
                continue
            allowed = 1 if len(term) < 9 else 2
            observed = _string(v.codes[start:end])
            if distance(observed, term, allowed) > allowed:
                continue
            blocks = tuple(plain_blocks(observed, term))
            price = self._price(observed, term, blocks)
            inside = all(i0 > 0 and i1 < len(observed) for i0, i1, _, _ in blocks)
            if price is None or not inside or any(
                2 * cover[start + i0 : max(start + i1, start + i0 + 1)].max() > len(term) for i0, i1, _, _ in blocks
            ):
                continue
            out.append(_Near(start, end, number, price, blocks))
        return out

    def _price(self, observed: str, term: str, blocks: Iterable[tuple[int, int, int, int]]) -> float | None:
        """What the channel asks for all blocks; None where one of them is none of its doing."""
        price = 0.0
        for i0, i1, j0, j1 in blocks:
            old, new = encode(observed[i0:i1]), encode(term[j0:j1])
            both = min(old.size, new.size)
            if not (_repairable(old[:both], new[:both]).all() and _han(old[both:]) and _han(new[both:])):
                return None
            price += float(self._channel.log_prob(old[:both], new[:both]).sum()) if both else 0.0
            price += _ADDED * (old.size - both) + _LOST * (new.size - both)
        return price

    def _scores(self, v: View, near: Sequence[_Near], standing: Hits | None) -> Floats:
        """The log-odds of each near miss: the term in its place against the text as it stands."""
        stands = np.zeros(len(self.index), dtype=np.int64)
        if standing is not None:
            stands += np.bincount(standing.term, minlength=len(self.index))
        terms = np.array([m.term for m in near])
        listed = np.log(_LISTED / len(self.index) + _REPEATED * stands[terms] / (len(v) + _THIN))
        left = np.stack([v.stream[v.at[m.start] - CONTEXT : v.at[m.start]] for m in near])
        right = np.stack([v.stream[v.at[m.end - 1] + 1 :][:CONTEXT] for m in near])
        now, behind_now = self._read(left, [v.ids[m.start : m.end] for m in near], right)
        new = [self._lm.id_of(encode(self.index[m.term])) for m in near]
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

    def _decide(self, v: View, near: Sequence[_Near], scores: Floats, guard: Guard) -> list[Edit]:
        """The best of those that overlap, with its confidence among them."""
        order = sorted(range(len(near)), key=lambda k: (-scores[k], near[k].start, near[k].term))
        taken: list[tuple[int, int, frozenset[Any], float]] = []
        edits: list[list[Edit]] = []
        for k in order:
            m, length = near[k], len(self.index[near[k].term])
            even = _EVEN.get(length, _EVEN_LONG)
            confidence = _MOST / (1 + np.exp(-_SLOPE * (scores[k] - even)))
            if confidence < _LEAST:
                continue
            made = self._edits(v, m, float(confidence), float(scores[k]))
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

    def _edits(self, v: View, near: _Near, confidence: float, score: float) -> list[Edit]:
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


def _where(mask: NDArray[np.bool_], *arrays: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    return tuple(array[mask] for array in arrays)


def _slot(observed: CodePoints, intended: CodePoints) -> NDArray[np.uint64]:
    key = observed.astype(np.uint64) << np.uint64(21) | intended.astype(np.uint64)
    return (key * _MIX) >> np.uint64(64 - _BITS)


def _string(codes: CodePoints) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _han(codes: CodePoints) -> bool:
    return bool((classify(codes) == HAN).all()) and not (codes.size and _group(codes).any())


_GROUPS = np.zeros(0x10000, dtype=np.uint8)
for _number, _chars in enumerate(_EDITORIAL, 1):
    _GROUPS[[ord(c) for c in _chars]] = _number


def _group(codes: CodePoints) -> NDArray[np.uint8]:
    """The number of the group of `_EDITORIAL` that each is in, or 0."""
    return np.where(codes < 0x10000, _GROUPS[np.minimum(codes, 0xFFFF)], np.uint8(0))


def _repairable(observed: CodePoints, intended: CodePoints) -> NDArray[np.bool_]:
    """Which pairs are two Han characters that nobody changes for each other on purpose."""
    group = _group(observed)
    numeral = (group == 1) | (_group(intended) == 1)
    han = (classify(observed) == HAN) & (classify(intended) == HAN)
    return np.asarray(han & ~numeral & ((group == 0) | (group != _group(intended))))
