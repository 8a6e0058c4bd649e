"""Error rates of an alignment: the plain one, and the one that counts only what OCR did.

Both count edit operations (characters replaced, lost or invented; Levenshtein 1966) on the *content* of the texts:
white space left out, marks in one width (`textfix.text.content`).

=========  ===========================================  ==========================================================
rate       numerator                                    denominator
=========  ===========================================  ==========================================================
plain      operations in all differences                characters of the second text
OCR-only   operations in the differences that OCR made  characters of the second text that the first one has: all
                                                        but those in editorial differences; moved passages count
=========  ===========================================  ==========================================================

An editorial cut is an error of every character for the plain rate and none for the OCR-only one, which leaves it out
above and below the line. Digits that differ are editorial by rule, so a misread digit is not in the OCR-only rate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..text.content import content
from .ops import distance

if TYPE_CHECKING:
    from .model import Alignment, Difference

__all__ = ["ErrorRates", "rates_of"]

#: Largest product of lengths of a difference that is looked into; a larger one, which the aligner left unexamined,
#: counts with the length of its longer side.
_AREA = 1 << 24


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Counts of edit operations and of the characters that they are a share of. They add up over documents."""

    errors: int = 0
    characters: int = 0
    ocr_errors: int = 0
    ocr_characters: int = 0

    def __add__(self, other: ErrorRates) -> ErrorRates:
        return ErrorRates(
            self.errors + other.errors,
            self.characters + other.characters,
            self.ocr_errors + other.ocr_errors,
            self.ocr_characters + other.ocr_characters,
        )

    @property
    def plain(self) -> float | None:
        """Operations in all differences a character of the second text; None if that has no content."""
        return self.errors / self.characters if self.characters else None

    @property
    def ocr(self) -> float | None:
        """Operations in OCR's differences a character that the first text has of the second; None if it has none."""
        return self.ocr_errors / self.ocr_characters if self.ocr_characters else None

    def summary(self) -> str:
        """One line for people."""
        return (
            f"character error rate {_percent(self.plain)} ({self.errors:,}/{self.characters:,}), "
            f"of OCR alone {_percent(self.ocr)} ({self.ocr_errors:,}/{self.ocr_characters:,})"
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; a rate without a denominator is null."""
        return {
            "plain": {"rate": _rounded(self.plain), "errors": self.errors, "characters": self.characters},
            "ocr_only": {"rate": _rounded(self.ocr), "errors": self.ocr_errors, "characters": self.ocr_characters},
        }


def rates_of(alignment: Alignment) -> ErrorRates:
    """The error rates of ``alignment.a`` as a reading of ``alignment.b``.

    The operations are those of the alignment: at most a little more than the exact edit distance has.
    """
    moves = alignment.moves
    inside = [d for move in moves for d in move.differences]
    characters = len(content(alignment.b))
    moved = sum(len(content(alignment.b[move.other_start : move.other_end])) for move in moves)
    return ErrorRates(
        errors=_operations(alignment.differences),
        characters=characters,
        ocr_errors=_operations(d for d in (*alignment.differences, *inside) if d.ocr),
        ocr_characters=characters + moved - _edited(alignment.differences) - _edited(inside),
    )


def _operations(differences: Iterable[Difference]) -> int:
    total = 0
    for d in differences:
        observed, intended = content(d.observed), content(d.intended)
        small = len(observed) * len(intended) <= _AREA
        total += distance(observed, intended) if small else max(len(observed), len(intended))
    return total


def _edited(differences: Iterable[Difference]) -> int:
    """Content characters of the second text that stand in editorial differences."""
    return sum(len(content(d.intended)) for d in differences if d.editorial)


def _percent(rate: float | None) -> str:
    return "undefined" if rate is None else f"{100 * rate:.2f}%"


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 6)
