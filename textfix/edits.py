"""What a fix is: an `Edit`, a disjoint ordered sequence of them (`Edits`), and the `Repair` they make.

Offsets count code points (Python string indices), half open, of the *input* text. An edit remembers what it
observed, so a sequence can be checked against the text that it is applied to, and inverted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, overload

from .errors import EditError, brief

__all__ = ["CONTENT_KINDS", "FORMAT_KINDS", "KINDS", "Edit", "Edits", "Repair", "Scalar"]

Scalar = str | int | float | bool | None

#: Kinds of an edit, in the order of the registry. Documented for users in the README.
KINDS: Mapping[str, str] = {
    "glyph": "one character read as another that looks like it",
    "split": "one character read as several",
    "merge": "several characters read as one",
    "shift": "a character, or a part of one, that landed some places away",
    "drop": "a character or mark that the engine lost",
    "noise": "debris: characters that stand for nothing on the page",
    "mark": "one punctuation mark read as another",
    "variant": "an old, traditional or compatibility form of the same character",
    "number": "a step in a numbering sequence, proved by its neighbours",
    "term": "a near miss of a term from an authority file",
    "width": "punctuation or letters of the wrong width",
    "quote": "quotation marks that are straight, unpaired or turned",
    "space": "white space where the script has none",
    "layout": "line breaks and page debris between lines",
}

#: Kinds that never change the content of the text, only how it is set.
FORMAT_KINDS = frozenset({"width", "quote", "space", "layout"})
CONTENT_KINDS = frozenset(KINDS) - FORMAT_KINDS


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``text[start:end]``, which reads `observed`, by `replacement`.

    `confidence` is the probability in [0, 1] that the edit is right. `evidence` says why, as flat JSON-ready
    values (for instance ``{"rule": "width"}`` or ``{"lm_gain": 11.2, "channel": -3.1}``); it takes no part in
    comparison.
    """

    start: int
    end: int
    observed: str
    replacement: str
    kind: str
    confidence: float = 1.0
    evidence: Mapping[str, Scalar] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise EditError(f"edit span {brief(self.start)}:{brief(self.end)} is not a span")
        if self.end - self.start != len(self.observed):
            length = brief(self.end - self.start)
            raise EditError(f"edit at {brief(self.start)}: span of {length} but observed {brief(self.observed)}")
        if self.observed == self.replacement:
            raise EditError(f"edit at {self.start} replaces {brief(self.observed)} by itself")
        if self.kind not in KINDS:
            raise EditError(f"edit at {self.start}: unknown kind {brief(self.kind)}")
        if not 0.0 <= self.confidence <= 1.0:
            raise EditError(f"edit at {self.start}: confidence {self.confidence} is not a probability")

    def shifted(self, by: int) -> Edit:
        """The same edit in a text where everything stands `by` code points further right."""
        return Edit(
            self.start + by, self.end + by, self.observed, self.replacement, self.kind, self.confidence, self.evidence
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `Edit.from_dict` is its inverse."""
        return {
            "start": self.start,
            "end": self.end,
            "observed": self.observed,
            "replacement": self.replacement,
            "kind": self.kind,
            "confidence": self.confidence,
            "evidence": dict(self.evidence),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Edit:
        """Read `to_dict`'s form; raises `EditError` on a row that is not one."""
        try:
            start, end, confidence = row["start"], row["end"], row.get("confidence", 1.0)
            texts = row["observed"], row["replacement"], row["kind"]
            evidence = row.get("evidence", {})
        except (KeyError, TypeError, AttributeError) as error:
            raise EditError(f"not an edit: {type(error).__name__} {error}") from error
        if type(start) is not int or type(end) is not int or type(confidence) not in (int, float):
            given = f"start {brief(start)}, end {brief(end)}, confidence {brief(confidence)}"
            raise EditError(f"not an edit: {given} must be numbers")
        if not 0 <= confidence <= 1:  # a whole number may be too large to be made a float
            raise EditError(f"not an edit: confidence {brief(confidence)} is not a probability")
        if not all(isinstance(text, str) for text in texts):
            raise EditError(f"not an edit: observed, replacement and kind must be strings, not {brief(texts)}")
        if not isinstance(evidence, Mapping) or not all(isinstance(v, Scalar) for v in evidence.values()):
            raise EditError(f"not an edit: evidence {brief(evidence)} is not an object of plain values")
        return cls(start, end, *texts, float(confidence), dict(evidence))


class Edits(Sequence[Edit]):
    """An ordered sequence of disjoint edits of one text. Immutable, hashable, picklable.

    Two edits may touch but not overlap, and at most one insertion may stand at a place (an insertion that
    touches the start of a replacement comes before it).
    """

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[Edit] = ()) -> None:
        ordered = tuple(sorted(items, key=lambda e: (e.start, e.end)))
        for left, right in pairwise(ordered):
            if right.start < left.end or (left.start, left.end) == (right.start, right.end):
                raise EditError(f"edits overlap: {left.start}:{left.end} and {right.start}:{right.end}")
        self._items = ordered

    @overload
    def __getitem__(self, index: int) -> Edit: ...
    @overload
    def __getitem__(self, index: slice) -> Edits: ...
    def __getitem__(self, index: int | slice) -> Edit | Edits:
        return Edits(self._items[index]) if isinstance(index, slice) else self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Edit]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return self._items == other._items if isinstance(other, Edits) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple((e.start, e.end, e.replacement) for e in self._items))

    def __repr__(self) -> str:
        return f"Edits({list(self._items)!r})"

    def __reduce__(self) -> tuple[type[Edits], tuple[tuple[Edit, ...]]]:
        return Edits, (self._items,)

    def apply(self, text: str) -> str:
        """The text with every edit made. Raises `EditError` where an edit does not fit `text`."""
        out: list[str] = []
        at = 0
        for edit in self._items:
            if text[edit.start : edit.end] != edit.observed or edit.end > len(text):
                raise EditError(
                    f"edit at {edit.start} expects {edit.observed!r} but the text has "
                    f"{text[edit.start : edit.end]!r}"
                )
            out.append(text[at : edit.start])
            out.append(edit.replacement)
            at = edit.end
        out.append(text[at:])
        return "".join(out)

    def inverse(self) -> Edits:
        """The edits that lead back: ``edits.inverse().apply(edits.apply(text)) == text``."""
        back: list[Edit] = []
        moved = 0
        for edit in self._items:
            start = edit.start + moved
            back.append(
                Edit(
                    start,
                    start + len(edit.replacement),
                    edit.replacement,
                    edit.observed,
                    edit.kind,
                    edit.confidence,
                    edit.evidence,
                )
            )
            moved += len(edit.replacement) - len(edit.observed)
        return Edits(_joined(back))

    def then(self, later: Edits, text: str) -> Edits:
        """One sequence with the effect of this one on `text` followed by `later` on its result.

        An edit of `later` that writes on text written by this one is merged with it; the merged edit carries
        the later kind if that changes content, the product of the confidences, and both evidences. What undoes
        itself is gone. All other edits are taken over as they are. Raises `EditError` where an edit does not fit.
        """
        return _compose(self, later, text)

    def only(self, kinds: Iterable[str]) -> Edits:
        """The edits whose kind is among `kinds`."""
        wanted = frozenset(kinds)
        return Edits(e for e in self._items if e.kind in wanted)

    def within(self, start: int, end: int) -> Edits:
        """The edits that lie in ``start:end``, with offsets relative to `start`."""
        return Edits(e.shifted(-start) for e in self._items if start <= e.start and e.end <= end)


def _merge(parts: Sequence[Edit], start: int, observed: str, replacement: str) -> Edit:
    """One edit for several that touch each other."""
    content = [e for e in parts if e.kind in CONTENT_KINDS]
    lead = (content or list(parts))[-1]
    evidence: dict[str, Scalar] = {}
    confidence = 1.0
    for part in parts:
        evidence.update(part.evidence)
        confidence *= part.confidence
    return Edit(start, start + len(observed), observed, replacement, lead.kind, confidence, evidence)


def _joined(edits: Sequence[Edit]) -> list[Edit]:
    """Join insertions at one place (deletions side by side become that when they are inverted)."""
    out: list[Edit] = []
    for edit in edits:
        if out and out[-1].start == out[-1].end == edit.start == edit.end:
            last = out.pop()
            edit = _merge((last, edit), last.start, "", last.replacement + edit.replacement)
        out.append(edit)
    return out


@dataclass(slots=True)
class _Cluster:
    """Edits of two sequences that write on the same stretch ``start:end`` of the text between them."""

    start: int
    end: int
    first: list[Edit] = field(default_factory=list)
    later: list[Edit] = field(default_factory=list)


def _meet(first: Edit, span: tuple[int, int], later: Edit) -> bool:
    """Whether `first`, which wrote ``span`` of the text between, and `later` have to become one edit.

    They do if they overlap, and where both, side by side, would leave it open which comes first in the input.
    """
    (a, b), (c, d) = span, (later.start, later.end)
    if c == d and (a == b or first.start == first.end):  # an insertion at a deletion or beside an insertion
        return a <= c <= b
    return a < d and c < b  # what is empty meets what it is inside of


def _compose(first: Edits, second: Edits, text: str) -> Edits:
    """`Edits.then`. Walks both sequences over the intermediate text and merges what meets."""
    middle = first.apply(text)
    walk: list[tuple[int, int, bool, Edit]] = [(e.start, e.end, True, e) for e in second]
    moved = 0
    for edit in first:
        start = edit.start + moved
        walk.append((start, start + len(edit.replacement), False, edit))
        moved += len(edit.replacement) - len(edit.observed)
    # At one place what is empty comes first, then what `first` wrote, so that nothing meets two clusters.
    walk.sort(key=lambda step: (step[0], step[0] < step[1], step[2]))

    clusters: list[_Cluster] = []
    wrote: tuple[Edit, tuple[int, int]] | None = None  # the newest edit of `first`, and what it wrote
    rewrote: Edit | None = None  # the newest edit of `second`
    for start, end, is_later, edit in walk:
        if is_later:
            rewrote = edit
        else:
            wrote = edit, (start, end)
        if wrote is not None and rewrote is not None and _meet(*wrote, rewrote):
            clusters[-1].end = max(clusters[-1].end, end)
        else:
            clusters.append(_Cluster(start, end))
        (clusters[-1].later if is_later else clusters[-1].first).append(edit)

    out: list[Edit] = []
    moved = 0  # intermediate offset minus input offset, behind the clusters so far
    for cluster in clusters:
        start = cluster.start - moved
        moved += sum(len(e.replacement) - len(e.observed) for e in cluster.first)
        observed = text[start : cluster.end - moved]
        part = Edits(e.shifted(-cluster.start) for e in cluster.later)
        replacement = part.apply(middle[cluster.start : cluster.end])
        if observed != replacement:
            out.append(_merge([*cluster.first, *cluster.later], start, observed, replacement))
    return Edits(out)


@dataclass(frozen=True, slots=True)
class Repair:
    """The outcome of a repair: the new `text`, the `edits` that lead to it, and what was left alone.

    `suggestions` are edits of the input, too, that were not certain enough to make. `report` holds what was estimated
    from the document as a whole (its error rate, its script) and warnings, as flat JSON-ready values.
    """

    text: str
    edits: Edits
    suggestions: tuple[Edit, ...] = ()
    report: Mapping[str, Scalar] = field(default_factory=dict, compare=False)

    @property
    def changed(self) -> bool:
        """Whether any edit was made."""
        return bool(self.edits)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "text": self.text,
            "edits": [e.to_dict() for e in self.edits],
            "suggestions": [e.to_dict() for e in self.suggestions],
            "report": dict(self.report),
        }
