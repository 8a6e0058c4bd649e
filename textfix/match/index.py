"""The index of authority documents, and how the sources of a scan are found in it and decided on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..alignment.anchors import sampled
from ..alignment.folding import skeleton
from ..text.arrays import distinct
from ..text.codepoints import CodePoints, encode
from .passages import LEAST, Passage, passages

__all__ = ["Index", "Match"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Length of the grams, and one in how many of them is kept (as a power of two).
GRAM, THIN = 8, 2
#: A collection of so many documents at least is assumed when the rarity of a gram is judged.
_WORLD = 1000
#: Postings looked at for every gram of a scan, on average; the commonest grams are left out first.
_POSTINGS = 64
#: Candidates that are aligned with a stretch, at most, and how much lighter than the heaviest they may be.
_CANDIDATES, _LIGHTEST = 6, 0.3
#: Hits further apart than this are looked at in separate windows, the heaviest ones, with so much around them.
_WINDOW, _WINDOWS, _AROUND = 2000, 8, 300
#: A stretch of the scan shorter than this is not searched for a source of its own.
_SHORTEST = 40
#: The least evidence for a document, in nats.
_EVIDENCE = 40.0
#: A document is a source where all sources together explain `_EXPLAINED` of the scan and it has one passage of `_BEST`
#: and a `_SHARE` of the scan or `_SIZE` characters of it; or where one passage alone scores `_QUOTED`.
_EXPLAINED, _BEST, _SHARE, _SIZE, _QUOTED = 0.7, 60.0, 0.1, 150, 300.0


@dataclass(frozen=True, slots=True)
class Match:
    """A document that a scan was taken from: its number in the index, its name, and the `passages` in scan order.

    `share` is the part of the scan's content, in [0, 1], that the passages hold; `evidence` says in nats how surprising
    the common grams would be in a document that has nothing to do with the scan.
    """

    document: int
    name: str
    share: float
    evidence: float
    passages: tuple[Passage, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "name": self.name,
            "share": round(self.share, 4),
            "evidence": round(self.evidence, 1),
            "passages": [[p.start, p.end, p.other_start, p.other_end] for p in self.passages],
        }


@dataclass(frozen=True, slots=True)
class _Hits:
    """Where grams of the scan stand (ascending), in which documents they are found, and how much each weighs."""

    place: Ints
    document: NDArray[np.int32]
    weight: Floats

    def within(self, start: int, end: int) -> _Hits:
        """Those in ``[start, end)``."""
        a, b = np.searchsorted(self.place, (start, end))
        return _Hits(self.place[a:b], self.document[a:b], self.weight[a:b])

    def of(self, number: int) -> _Hits:
        """Those in one document."""
        own = self.document == number
        return _Hits(self.place[own], self.document[own], self.weight[own])

    def inside(self, passages: Iterable[Passage]) -> float:
        """The weight of those in the passages."""
        return sum(float(self.within(p.start, p.end).weight.sum()) for p in passages)


@dataclass(frozen=True, slots=True)
class _Found:
    """A document's passages, in places of the skeletons, and the evidence for it."""

    document: int
    passages: list[Passage]
    evidence: float


class Index:
    """Authority documents, ready to be asked which of them a scan was taken from. Immutable.

    Takes three bytes for every character beside the texts themselves. The same documents in the same order give the
    same answers.
    """

    def __init__(self, documents: Iterable[tuple[str, str]]) -> None:
        """`documents` are pairs of a name and a text."""
        self.names: tuple[str, ...] = ()
        self.texts: tuple[str, ...] = ()
        names, texts, hashes, owners = [], [], [], []
        for number, (name, text) in enumerate(documents):
            names.append(name)
            texts.append(text)
            own = distinct(sampled(skeleton(encode(text))[0], GRAM, THIN)[0])
            hashes.append(own)
            owners.append(np.full(len(own), number, dtype=np.int32))
        self.names, self.texts = tuple(names), tuple(texts)
        keys = np.concatenate([*hashes, np.empty(0, np.uint64)])
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._owners = np.concatenate([*owners, np.empty(0, np.int32)])[order]

    def __len__(self) -> int:
        return len(self.names)

    def find(self, scan: str) -> tuple[Match, ...]:
        """The documents that `scan` quotes or abridges, in the order of their first passages; none if there are none.

        Where several documents have a passage alike, the one is named that explains the most.
        """
        x, places = skeleton(encode(scan))
        hits = self._hits(x)
        found = self._settled(x, hits, self._candidates(x, hits))
        return self._accepted(found, places, len(x))

    def _hits(self, x: CodePoints) -> _Hits:
        hashes, place = sampled(x, GRAM, THIN)
        first = np.searchsorted(self._keys, hashes, "left")
        count = np.searchsorted(self._keys, hashes, "right") - first
        rarest = np.argsort(count, kind="stable")
        fits = np.zeros(len(count), dtype=np.bool_)
        fits[rarest[np.cumsum(count[rarest]) <= _POSTINGS * max(len(count), _SHORTEST)]] = True
        kept = np.flatnonzero(fits & (count > 0))
        first, count, place = first[kept], count[kept], place[kept]
        gram = np.repeat(np.arange(len(kept)), count)
        within = np.arange(len(gram)) - np.repeat(np.cumsum(count) - count, count)
        weight = np.log((len(self) + _WORLD) / np.maximum(count, 1))
        return _Hits(place[gram], self._owners[first[gram] + within], weight[gram])

    def _candidates(self, x: CodePoints, hits: _Hits) -> list[int]:
        """For every stretch the document that explains most of it; what that leaves is looked at again."""
        found: set[int] = set()
        stretches = [(0, len(x))]
        while stretches:
            start, end = stretches.pop()
            number, best = self._best(x, start, end, hits.within(start, end - GRAM + 1))
            if not best:
                continue
            found.add(number)
            edges = [start, *(edge for p in best for edge in (p.start, p.end)), end]
            gaps = zip(edges[::2], edges[1::2], strict=True)
            stretches += [gap for gap in gaps if gap[1] - gap[0] >= _SHORTEST]
        return sorted(found)

    def _best(self, x: CodePoints, start: int, end: int, hits: _Hits) -> tuple[int, list[Passage]]:
        """The document with the highest score in ``x[start:end]``, of equal ones the first, and its passages."""
        weights = np.bincount(hits.document, hits.weight, minlength=len(self)) if len(hits.place) else np.zeros(1)
        heaviest = np.argsort(-weights, kind="stable")[:_CANDIDATES]
        least = max(_EVIDENCE, _LIGHTEST * float(weights[heaviest[0]]))
        best, most, score = -1, list[Passage](), 0.0
        for number in heaviest[weights[heaviest] >= least].tolist():
            own = self._passages(x, start, end, number, hits.of(number))
            total = sum(p.score for p in own)
            if total > score:
                best, most, score = number, own, total
        return best, most

    def _settled(self, x: CodePoints, hits: _Hits, candidates: Sequence[int]) -> list[_Found]:
        """What each candidate explains best: passages in the order of their scores, later ones without what is taken.

        So a set phrase inside a passage stays with it, though another document has the phrase, too. What is left over
        is looked at again, since a document may have been quoted in another order.
        """
        taken = np.zeros(len(x), dtype=np.bool_)
        found: dict[int, list[Passage]] = {}
        size = -1
        while size < (size := int(taken.sum())):
            queue = [
                (-p.score, n, p)
                for start, end in _free(taken, 0, len(x))
                for n in candidates
                for p in self._passages(x, start, end, n, hits.of(n).within(start, end - GRAM + 1))
            ]
            self._take(x, queue, taken, found)
        return [
            _Found(number, sorted(found[number]), hits.of(number).inside(found[number])) for number in sorted(found)
        ]

    def _take(
        self,
        x: CodePoints,
        queue: list[tuple[float, int, Passage]],
        taken: NDArray[np.bool_],
        found: dict[int, list[Passage]],
    ) -> None:
        """Move the passages of `queue`, by score and document, to `found`, as far as their places are not `taken`."""
        heapify(queue)
        while queue:
            _, number, passage = heappop(queue)
            free = _free(taken, passage.start, passage.end)
            if free == [(passage.start, passage.end)]:
                found.setdefault(number, []).append(passage)
                taken[passage.start : passage.end] = True
                continue
            for start, end in free:
                y = skeleton(encode(self.texts[number]))[0][passage.other_start : passage.other_end]
                for rest in passages(x[start:end], y):
                    heappush(queue, (-rest.score, number, rest.shifted(start, passage.other_start)))

    def _passages(self, x: CodePoints, start: int, end: int, number: int, hits: _Hits) -> list[Passage]:
        """The passages of one document in ``x[start:end]``, in order and disjoint, in places of the skeletons."""
        out: list[Passage] = []
        if not len(hits.place):
            return out
        y, _ = skeleton(encode(self.texts[number]))
        for a, b in _windows(hits, start, end):
            out += [p.shifted(a, 0) for p in passages(x[a:b], y)]
        return out

    def _accepted(self, found: Sequence[_Found], places: NDArray[np.int32], size: int) -> tuple[Match, ...]:
        """The sources among the documents that explain something, with places in the texts."""
        least = max(LEAST, min(_BEST, 0.6 * size))
        solid = [f for f in found if f.evidence >= _EVIDENCE and _top(f) >= least and _is_part(f, size)]
        whole = sum(map(_length, solid)) >= _EXPLAINED * size
        matches = [
            Match(f.document, self.names[f.document], _length(f) / size, f.evidence, self._placed(f, places))
            for f in solid
            if whole or _top(f) >= _QUOTED
        ]
        return tuple(sorted(matches, key=lambda m: m.passages[0].start))

    def _placed(self, found: _Found, at_x: NDArray[np.int32]) -> tuple[Passage, ...]:
        """The passages with places in the texts instead of their skeletons."""
        _, at_y = skeleton(encode(self.texts[found.document]))
        return tuple(
            Passage(
                int(at_x[p.start]), int(at_x[p.end - 1]) + 1, int(at_y[p.other_start]), int(at_y[p.other_end - 1]) + 1,
                p.score,
            )
            for p in found.passages
        )  # fmt: skip


def _windows(hits: _Hits, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of ``[start, end)`` around the hits, in order and disjoint."""
    edges = np.flatnonzero(np.diff(hits.place) > _WINDOW) + 1
    groups = np.split(np.arange(len(hits.place)), edges)
    heaviest = sorted(groups, key=lambda group: -float(hits.weight[group].sum()))[:_WINDOWS]
    for group in sorted(heaviest, key=lambda group: int(group[0])):
        yield max(start, int(hits.place[group[0]]) - _AROUND), min(end, int(hits.place[group[-1]]) + GRAM + _AROUND)


def _free(taken: NDArray[np.bool_], start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of ``[start, end)`` that are not taken and long enough for a passage, in order."""
    edges = np.flatnonzero(np.diff(taken[start:end].astype(np.int8), prepend=1, append=1)) + start
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(a, b) for a, b in pairs if b - a >= LEAST]


def _top(found: _Found) -> float:
    return max(p.score for p in found.passages)


def _length(found: _Found) -> int:
    return sum(p.end - p.start for p in found.passages)


def _is_part(found: _Found, size: int) -> bool:
    return _length(found) >= min(_SHARE * size, _SIZE)
