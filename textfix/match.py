"""Which authority a scan was taken from: documents found by shared rare k-grams, checked by alignment.

Containment counts, not resemblance: a scan quotes, abridges and garbles. An inverted index of sampled k-grams gives
candidates, weighed by how rare their grams are (Zobel and Moffat 2006; sampling after Manber 1994). Each candidate is
aligned with the scan, and the stretches that it explains are the maximal scoring subsequences of that alignment (Ruzzo
and Tompa 1999). Set phrases and borrowed clauses explain a sentence here and there, a source explains page after page:
that, and not a count of common grams, decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .alignment.anchors import sampled
from .alignment.folding import skeleton
from .alignment.segments import differing_blocks
from .text.codepoints import CodePoints, encode

__all__ = ["Index", "Match", "Part", "Passage", "parts_of"]

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
#: Scores of a character that both have, of one that only the scan has (in short and in long differences), of a cut.
_EQUAL, _SHORT, _LONG, _CUT, _LONG_CUT = 1.0, -1.0, -2.0, -1.0, -5.0
_SHORT_LENGTH, _LONG_LENGTH = 3, 8
#: The least score of a passage, and the least evidence (nats) for a document.
_PASSAGE, _EVIDENCE = 30.0, 40.0
#: A document is a source where all sources together explain `_EXPLAINED` of the scan and it has one passage of `_BEST`
#: and a `_SHARE` of the scan or `_SIZE` characters of it; or where one passage alone scores `_QUOTED`.
_EXPLAINED, _BEST, _SHARE, _SIZE, _QUOTED = 0.7, 60.0, 0.1, 150, 300.0


@dataclass(frozen=True, slots=True)
class Passage:
    """``scan[start:end]`` stands in the document at ``[other_start:other_end]``; offsets are code points.

    `score` is the number of common characters less the price of what differs.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    score: float


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
class Part:
    """``scan[start:end]`` goes with one source."""

    start: int
    end: int
    match: Match


@dataclass(frozen=True, slots=True)
class _Hits:
    """Where grams of the scan stand (ascending), in which documents they are found, and how much each weighs."""

    place: Ints
    document: NDArray[np.int32]
    weight: Floats

    def within(self, start: int, end: int) -> _Hits:
        a, b = np.searchsorted(self.place, (start, end))
        return _Hits(self.place[a:b], self.document[a:b], self.weight[a:b])


@dataclass(slots=True)
class _Found:
    """A document's passages in the skeleton of the scan, while they are collected."""

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
            own = _distinct(sampled(skeleton(encode(text))[0], GRAM, THIN)[0])
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
        found = self._explained(x, hits)
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

    def _explained(self, x: CodePoints, hits: _Hits) -> list[_Found]:
        """For every stretch the document that explains most of it; what that leaves is looked at again."""
        found: dict[int, _Found] = {}
        stretches = [(0, len(x))]
        while stretches:
            start, end = stretches.pop()
            best = self._best(x, start, end, hits.within(start, end - GRAM + 1))
            if best is None:
                continue
            held = found.setdefault(best.document, _Found(best.document, [], 0.0))
            held.passages += best.passages
            held.evidence += best.evidence
            edges = [start, *(edge for p in best.passages for edge in (p.start, p.end)), end]
            gaps = zip(edges[::2], edges[1::2], strict=True)
            stretches += [gap for gap in gaps if gap[1] - gap[0] >= _SHORTEST]
        return [found[number] for number in sorted(found)]

    def _best(self, x: CodePoints, start: int, end: int, hits: _Hits) -> _Found | None:
        """The document with the highest score in ``x[start:end]``, of equal ones the first; None without a passage."""
        weights = np.bincount(hits.document, hits.weight, minlength=len(self)) if len(hits.place) else np.zeros(1)
        heaviest = np.argsort(-weights, kind="stable")[:_CANDIDATES]
        least = max(_EVIDENCE, _LIGHTEST * float(weights[heaviest[0]]))
        best, score = None, 0.0
        for number in heaviest[weights[heaviest] >= least].tolist():
            own = hits.document == number
            mine = _Hits(hits.place[own], hits.document[own], hits.weight[own])
            passages = self._passages(x, start, end, number, mine)
            total = sum(p.score for p in passages)
            if total > score:
                inside = np.zeros(len(mine.place), dtype=np.bool_)
                for p in passages:
                    inside |= (mine.place >= p.start) & (mine.place < p.end)
                best, score = _Found(number, passages, float(mine.weight[inside].sum())), total
        return best

    def _passages(self, x: CodePoints, start: int, end: int, number: int, hits: _Hits) -> list[Passage]:
        """The passages of one document in ``x[start:end]``, in order and disjoint, in places of the skeletons."""
        y, _ = skeleton(encode(self.texts[number]))
        out: list[Passage] = []
        for a, b in _windows(hits, start, end):
            blocks, _ = differing_blocks(x[a:b], y)
            out += [
                Passage(p.start + a, p.end + a, p.other_start, p.other_end, p.score)
                for p in _maximal(_scored(blocks, b - a, len(y)))
                if p.score >= _PASSAGE
            ]
        return out

    def _accepted(self, found: Sequence[_Found], places: NDArray[np.int32], size: int) -> tuple[Match, ...]:
        """The sources among the documents that explain something, with places in the texts."""
        least = max(_PASSAGE, min(_BEST, 0.6 * size))
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
            for p in sorted(found.passages, key=lambda p: p.start)
        )  # fmt: skip


def parts_of(scan: str, matches: Sequence[Match]) -> list[Part]:
    """`scan` cut into parts that each go with one of `matches`; together they are the whole scan.

    Cuts are made between passages of different documents, at a line end if there is one, else behind a sentence.
    """
    passages = sorted(((p, m) for m in matches for p in m.passages), key=lambda item: item[0].start)
    parts: list[Part] = []
    for passage, match in passages:
        if parts and parts[-1].match is match:
            parts[-1] = Part(parts[-1].start, passage.end, match)
            continue
        start = _cut(scan, parts[-1].end, passage.start) if parts else 0
        if parts:
            parts[-1] = Part(parts[-1].start, start, parts[-1].match)
        parts.append(Part(start, passage.end, match))
    if parts:
        parts[-1] = Part(parts[-1].start, len(scan), parts[-1].match)
    return parts


def _cut(scan: str, start: int, end: int) -> int:
    """Where between two passages the scan goes over from one document to the other."""
    for stop in "\n。":
        at = scan.find(stop, start, end)
        if at >= 0:
            return at + 1
    return end


def _distinct(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    ordered = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


def _windows(hits: _Hits, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of ``[start, end)`` around the hits, in order and disjoint."""
    edges = np.flatnonzero(np.diff(hits.place) > _WINDOW) + 1
    groups = np.split(np.arange(len(hits.place)), edges)
    heaviest = sorted(groups, key=lambda group: -float(hits.weight[group].sum()))[:_WINDOWS]
    for group in sorted(heaviest, key=lambda group: int(group[0])):
        yield max(start, int(hits.place[group[0]]) - _AROUND), min(end, int(hits.place[group[-1]]) + GRAM + _AROUND)


def _scored(blocks: Sequence[tuple[int, int, int, int]], size: int, other: int) -> Iterator[Passage]:
    """An alignment as a row of equal runs and differences, each with its score."""
    i = j = 0
    for i0, i1, j0, j1 in (*blocks, (size, size, other, other)):
        if i0 > i:
            yield Passage(i, i0, j, j0, _EQUAL * (i0 - i))
        length = i1 - i0
        price = _CUT if j1 - j0 <= length + _LONG_LENGTH else _LONG_CUT
        if length:
            price = length * (_SHORT if length <= _SHORT_LENGTH else _LONG)
        yield Passage(i0, i1, j0, j1, price)
        i, j = i1, j1


def _maximal(row: Iterable[Passage]) -> list[Passage]:
    """The maximal scoring subsequences of `row`, in order (Ruzzo and Tompa 1999)."""
    sums: list[tuple[float, float]] = []  # of the row before each subsequence, and with it
    out: list[Passage] = []
    total = 0.0
    for item in row:
        before, total = total, total + item.score
        if item.score <= 0:
            continue
        at = len(out)
        new = item
        while True:
            left = at - 1
            while left >= 0 and sums[left][0] >= before:
                left -= 1
            if left < 0 or sums[left][1] >= total:
                break
            first = out[left]
            before = sums[left][0]
            new = Passage(first.start, item.end, first.other_start, item.other_end, total - before)
            at = left
        del out[at:], sums[at:]
        out.append(new)
        sums.append((before, total))
    return out


def _top(found: _Found) -> float:
    return max(p.score for p in found.passages)


def _length(found: _Found) -> int:
    return sum(p.end - p.start for p in found.passages)


def _is_part(found: _Found, size: int) -> bool:
    return _length(found) >= min(_SHARE * size, _SIZE)
