"""What an alignment is: the differences of two texts, each with its place in both, its kind and the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..edits import CONTENT_KINDS, FORMAT_KINDS, KINDS, Scalar
from .rates import ErrorRates, rates_of

__all__ = ["DIFFERENCE_KINDS", "EDITORIAL_KINDS", "OCR_KINDS", "Alignment", "Difference", "Move"]

#: What people do to a text, as against what OCR does to it. Reported, never learned, never repaired.
EDITORIAL_KINDS: Mapping[str, str] = {
    "number": "another number: a digit or numeral differs",
    "omission": "the first text leaves out what the second has",
    "insertion": "the first text has what the second has not",
    "substitution": "other words in the same place",
    "move": "a passage that stands in another place",
}
#: What OCR does to the content of a text.
OCR_KINDS = CONTENT_KINDS - {"number", "term"}
DIFFERENCE_KINDS: Mapping[str, str] = {k: v for k, v in KINDS.items() if k not in {"number", "term"}} | dict(
    EDITORIAL_KINDS
)


@dataclass(frozen=True, slots=True)
class Difference:
    """``a[start:end]``, which reads `observed`, stands for ``b[other_start:other_end]``, which reads `intended`.

    `kind` is one of `DIFFERENCE_KINDS`. `confidence` is the probability in [0, 1] that the kind's party is right:
    OCR for the kinds of an edit, people for the editorial ones. `evidence` says why, flat and JSON-ready.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    observed: str
    intended: str
    kind: str
    confidence: float = 1.0
    evidence: Mapping[str, Scalar] = field(default_factory=dict, compare=False)

    @property
    def editorial(self) -> bool:
        """Whether people made this difference."""
        return self.kind in EDITORIAL_KINDS

    def shifted(self, by: int, other_by: int) -> Difference:
        """The same difference where everything stands so many code points further right."""
        return replace(
            self,
            start=self.start + by,
            end=self.end + by,
            other_start=self.other_start + other_by,
            other_end=self.other_end + other_by,
        )

    @property
    def formatting(self) -> bool:
        """Whether only the setting differs, not the content."""
        return self.kind in FORMAT_KINDS

    @property
    def ocr(self) -> bool:
        """Whether OCR made this difference, in content."""
        return self.kind in OCR_KINDS

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "start": self.start,
            "end": self.end,
            "other_start": self.other_start,
            "other_end": self.other_end,
            "observed": self.observed,
            "intended": self.intended,
            "kind": self.kind,
            "confidence": round(self.confidence, 4),
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Move:
    """``a[start:end]`` is ``b[other_start:other_end]``, in another order than the text around it.

    `differences` are those between the two passages, with places in the whole texts.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    differences: tuple[Difference, ...] = ()

    def shifted(self, by: int, other_by: int) -> Move:
        """The same move where everything stands so many code points further right."""
        inside = tuple(d.shifted(by, other_by) for d in self.differences)
        return Move(self.start + by, self.end + by, self.other_start + other_by, self.other_end + other_by, inside)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "start": self.start,
            "end": self.end,
            "other_start": self.other_start,
            "other_end": self.other_end,
            "differences": [d.to_dict() for d in self.differences],
        }


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two texts and their differences, in order and disjoint on both sides; all between them is equal.

    `moves` are passages that both texts have in different places; both ends of one are among the differences, under
    the kind ``move``. `complete` is False where a stretch had no anchor and was too large to be looked into.
    """

    a: str = field(repr=False)
    b: str = field(repr=False)
    differences: tuple[Difference, ...]
    moves: tuple[Move, ...] = ()
    complete: bool = True

    @property
    def content(self) -> tuple[Difference, ...]:
        """The differences in content: all but width, quotes, spaces and layout."""
        return tuple(d for d in self.differences if not d.formatting)

    def equal_runs(self) -> Iterator[tuple[int, int, int]]:
        """``(start, other_start, length)`` of every stretch between the differences that is equal in both."""
        at = other = 0
        for d in self.differences:
            if d.start > at:
                yield at, other, d.start - at
            at, other = d.end, d.other_end
        if len(self.a) > at:
            yield at, other, len(self.a) - at

    def rebuilt(self) -> tuple[str, str]:
        """Both texts, put together from the equal runs of the *other* text and the differences: a check."""
        out_a: list[str] = []
        out_b: list[str] = []
        at = other = 0
        for d in self.differences:
            out_a += (self.b[other : d.other_start], d.observed)
            out_b += (self.a[at : d.start], d.intended)
            at, other = d.end, d.other_end
        out_a.append(self.b[other:])
        out_b.append(self.a[at:])
        return "".join(out_a), "".join(out_b)

    def counts(self) -> dict[str, int]:
        """How many differences of every kind, in the order of `DIFFERENCE_KINDS`; kinds without one are left out."""
        kinds = [d.kind for d in self.differences]
        return {kind: n for kind in DIFFERENCE_KINDS if (n := kinds.count(kind))}

    def error_rates(self) -> ErrorRates:
        """The character error rate of `a` as a reading of `b`, and the rate that counts only what OCR did."""
        return rates_of(self)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form, without the texts."""
        return {
            "lengths": [len(self.a), len(self.b)],
            "complete": self.complete,
            "error_rates": self.error_rates().to_dict(),
            "counts": self.counts(),
            "differences": [d.to_dict() for d in self.differences],
            "moves": [m.to_dict() for m in self.moves],
        }
