"""Near misses of authority terms: hits of the index that the channel could have made of a term, and at what price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..alignment.ops import Block, distance, plain_blocks
from ..channel import Channel
from ..tables.terms import LONGEST, Hits, TermIndex, joined
from ..text.arrays import distinct
from ..text.classes import HAN, classify
from ..text.codepoints import CodePoints, decode, encode
from .view import View

__all__ = ["NearMiss", "NearMisses"]

Ints = NDArray[np.int64]

#: log-probability that the channel loses or adds a character, or reads one for another that no table knows.
_LOST = _ADDED = -9.0
#: A pair is plausible when the channel gives it this much: for short terms nothing else will do.
_PLAUSIBLE = -10.5
#: Lengths from which a term may differ by a pair that is not plausible, and by a lost or added character.
_UNKNOWN_PAIR, _OTHER_LENGTH = 4, 5
#: Characters that people change for each other on purpose, or that tell two names apart.
_EDITORIAL = (
    "一二三四五六七八九十百千万亿两〇零壹贰叁肆伍陆柒捌玖拾", "甲乙丙丁戊己庚辛壬癸", "东南西北中上下左右前后内外",
    "国省市县区州盟旗镇乡村街道", "年月日季", "大小新老正副第",
)  # fmt: skip
_BITS = 23
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class NearMiss:
    """A near miss: kept characters ``start:end`` of a view against `term`, its channel price and pieces that differ."""

    start: int
    end: int
    term: int
    price: float
    blocks: tuple[Block, ...]


class NearMisses:
    """Finds them. Immutable once built; safe to share between threads."""

    def __init__(self, index: TermIndex, channel: Channel) -> None:
        self.index, self._channel = index, channel

    @cached_property
    def _alike(self) -> NDArray[np.bool_]:
        """A hash table of the pairs (observed, intended) that the channel thinks of: a few strangers are among them."""
        table = np.zeros(1 << _BITS, dtype=bool)
        observed = np.arange(0x3400, 0xA000, dtype=np.uint32)
        intended, _ = self._channel.intended(observed)
        table[_slot(np.repeat(observed, intended.shape[1]), intended.ravel())] = True
        return table

    def likely(self, observed: CodePoints, intended: CodePoints) -> NDArray[np.bool_]:
        """Whether each pair is among the channel's candidates."""
        return self._alike[_slot(observed, intended)]

    def of_two(self, v: View, standing: Hits) -> Hits:
        """Near misses of two characters: only of terms that the document spells right elsewhere."""
        terms = distinct(standing.term[standing.end - standing.start == 2])
        found = []
        for own in (0, 1):  # the character that is right
            chars = self.index.flat[self.index.starts[terms] + own]
            order = np.argsort(chars, kind="stable")
            wanted = np.zeros(0x10000, dtype=bool)
            wanted[np.minimum(chars, 0xFFFF)] = True
            at = np.flatnonzero(wanted[np.minimum(v.codes, 0xFFFF)])
            low, high = (np.searchsorted(chars[order], v.codes[at], side) for side in ("left", "right"))
            count = high - low
            firsts = np.cumsum(count) - count
            term = terms[order[np.arange(int(count.sum())) + np.repeat(low - firsts, count)]]
            start = np.repeat(at, count) - own
            inside = (start >= 0) & (start + 2 <= len(v))
            start, term = start[inside], term[inside]
            observed, intended = v.codes[start + 1 - own], self.index.flat[self.index.starts[term] + 1 - own]
            rows = np.flatnonzero((observed != intended) & (v.paragraph[start] == v.paragraph[start + 1]))
            rows = rows[self.likely(observed[rows], intended[rows])]
            found.append(Hits(start[rows], start[rows] + 2, term[rows], np.ones(rows.size, dtype=np.int64)))
        return joined(found)

    def find(self, v: View, hits: Hits, standing: Hits) -> list[NearMiss]:
        """The hits that could be errors of the channel, with what that would cost."""
        cover = np.zeros(len(v) + 1, dtype=np.int64)  # the length of the longest standing term over each character
        length = standing.end - standing.start
        for size in distinct(length).tolist():
            cover[standing.start[length == size][:, None] + np.arange(size)] = size
        same = hits.end - hits.start == self.index.lengths[hits.term]
        out = self._replaced(v, hits.take(same), cover)
        out += self._lost_or_added(v, hits.take(~same), cover)
        return sorted(out, key=lambda near: (near.start, near.end, near.term))

    def _replaced(self, v: View, hits: Hits, cover: Ints) -> list[NearMiss]:
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
            NearMiss(int(hits.start[r]), int(hits.end[r]), int(hits.term[r]), float(price[r]),
                  tuple((j, j + 1, j, j + 1) for j in differ[r]))
            for r in np.flatnonzero(good).tolist()
        ]  # fmt: skip

    def _lost_or_added(self, v: View, hits: Hits, cover: Ints) -> list[NearMiss]:
        """Near misses with a character too few or too many, by exact edit distance."""
        out = []
        for start, end, number in zip(hits.start.tolist(), hits.end.tolist(), hits.term.tolist(), strict=True):
            term = self.index[number]
            if len(term) < _OTHER_LENGTH:
                continue
            allowed = 1 if len(term) < 9 else 2
            observed = decode(v.codes[start:end])
            if distance(observed, term, allowed) > allowed:
                continue
            blocks = tuple(plain_blocks(observed, term))
            price = self._price(observed, term, blocks)
            inside = all(i0 > 0 and i1 < len(observed) for i0, i1, _, _ in blocks)
            if price is None or not inside or any(
                2 * cover[start + i0 : max(start + i1, start + i0 + 1)].max() > len(term) for i0, i1, _, _ in blocks
            ):
                continue
            out.append(NearMiss(start, end, number, price, blocks))
        return out

    def _price(self, observed: str, term: str, blocks: Iterable[Block]) -> float | None:
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


def _where(mask: NDArray[np.bool_], *arrays: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    return tuple(array[mask] for array in arrays)


def _slot(observed: CodePoints, intended: CodePoints) -> NDArray[np.uint64]:
    key = observed.astype(np.uint64) << np.uint64(21) | intended.astype(np.uint64)
    return (key * _MIX) >> np.uint64(64 - _BITS)


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
