"""What a fix is: an `Edit`, a disjoint ordered sequence of them (`Edits`), and the `Repair` they make.

Offsets count code points (Python string indices), half open, of the *input* text. An edit remembers what it
observed, so a sequence can be checked against the text that it is applied to, and inverted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from .errors import EditError

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
            raise EditError(f"edit span {self.start}:{self.end} is not a span")
        if self.end - self.start != len(self.observed):
            raise EditError(f"edit at {self.start}: span of {self.end - self.start} but observed {self.observed!r}")
        if self.observed == self.replacement:
            raise EditError(f"edit at {self.start} replaces {self.observed!r} by itself")
        if self.kind not in KINDS:
            raise EditError(f"edit at {self.start}: unknown kind {self.kind!r}")
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
            return cls(
                int(row["start"]),
                int(row["end"]),
                str(row["observed"]),
                str(row["replacement"]),
                str(row["kind"]),
                float(row.get("confidence", 1.0)),
                dict(row.get("evidence", {})),
            )
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, EditError):
                raise
            raise EditError(f"not an edit: {error}") from error


class Edits(Sequence[Edit]):
    """An ordered sequence of disjoint edits of one text. Immutable, hashable, picklable.

    Two edits may touch but not overlap, and at most one insertion may stand at a place (an insertion that
    touches the start of a replacement comes before it).
    """

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[Edit] = ()) -> None:
        ordered = tuple(sorted(items, key=lambda e: (e.start, e.end)))
        for left, right in zip(ordered, ordered[1:], strict=False):
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

        Edits of `later` that overlap text written by this one are merged with it; the merged edit carries the
        kind of the last of them that changes content, the product of the confidences, and both evidences.
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
    """Join insertions that would stand at one place (two deletions side by side, inverted, do)."""
    out: list[Edit] = []
    for edit in edits:
        if out and out[-1].end == edit.start and (out[-1].start == out[-1].end or edit.start == edit.end):
            last = out.pop()
            out.append(
                _merge((last, edit), last.start, last.observed + edit.observed, last.replacement + edit.replacement)
            )
        else:
            out.append(edit)
    return out


def _compose(first: Edits, second: Edits, text: str) -> Edits:
    """`Edits.then`. Walks both sequences over the intermediate text and glues what touches."""
    if not first or not second:
        return first or second
    # Each first edit occupies [a, b) of the intermediate text; group with second edits that touch it.
    spans: list[tuple[int, int, int, Edit]] = []  # intermediate start, end, order, edit
    moved = 0
    for edit in first:
        a = edit.start + moved
        spans.append((a, a + len(edit.replacement), 0, edit))
        moved += len(edit.replacement) - len(edit.observed)
    spans.extend((edit.start, edit.end, 1, edit) for edit in second)
    spans.sort(key=lambda s: (s[0], s[1], s[2]))
    groups: list[list[tuple[int, int, int, Edit]]] = []
    reach = -1
    for span in spans:
        empty = bool(groups) and (span[0] == span[1] or groups[-1][-1][0] == groups[-1][-1][1])
        if groups and (span[0] < reach or (span[0] == reach and empty)):
            groups[-1].append(span)
            reach = max(reach, span[1])
        else:
            groups.append([span])
            reach = span[1]
    middle = first.apply(text)
    out: list[Edit] = []
    moved = 0  # input offset = intermediate offset - moved
    for group in groups:
        lo = min(s[0] for s in group)
        hi = max(s[1] for s in group)
        mine = [s[3] for s in group if s[2] == 0]
        later = [s[3] for s in group if s[2] == 1]
        start = lo - moved
        grown = sum(len(e.replacement) - len(e.observed) for e in mine)
        observed = text[start : hi - moved - grown]
        replacement = Edits(e.shifted(-lo) for e in later).apply(middle[lo:hi])
        moved += grown
        if observed == replacement:
            continue
        out.append(_merge([*mine, *later], start, observed, replacement))
    return Edits(out)


@dataclass(frozen=True, slots=True)
class Repair:
    """The outcome of a repair: the new `text`, the `edits` that lead to it, and what was left alone.

    `suggestions` are edits that were not certain enough to make. `report` holds what was estimated from the
    document as a whole (its error rate, its script) and warnings, as flat JSON-ready values.
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
