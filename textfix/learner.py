"""From pairs of an OCR text and its truth to a confusable table.

Only what OCR did is counted: nothing editorial, no setting, and no digits, since a digit must never be repaired
by a table. A displaced glyph counts as what was read for what it is; a character that came apart counts as its parts
with an ellipsis between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .alignment import Alignment, Difference, align
from .tables.confusable import TABLE_KINDS, Row, Table

__all__ = ["GENERATOR", "Pair", "learn", "rows_of"]

GENERATOR = "textfix learn"
#: Characters of context on each side of an example.
_CONTEXT = 6
#: Longer readings are accidents of one page.
_LONGEST = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """An OCR text and its truth (or the authority that it quotes); `name` goes into the table's sources."""

    ocr: str
    truth: str
    name: str


def learn(pairs: Iterable[Pair | Alignment]) -> Table:
    """The confusable table of all pairs; alignments that exist already are taken as they are, without a source.

    A row's `documents` says in how many pairs it was seen. Differences are counted as `align` classifies them.
    """
    rows: list[Row] = []
    sources: list[str] = []
    for pair in pairs:
        if isinstance(pair, Alignment):
            rows += rows_of(pair)
        else:
            rows += rows_of(align(pair.ocr, pair.truth))
            sources.append(pair.name)
    return Table(rows, sources, [GENERATOR])


def rows_of(alignment: Alignment) -> list[Row]:
    """The rows of one document, each with its count."""
    counts: dict[tuple[str, str, str], int] = {}
    examples: dict[tuple[str, str, str], str] = {}
    moved = (d for move in alignment.moves for d in move.differences)
    for difference in (*alignment.differences, *moved):
        key = _reading(difference)
        if key is not None:
            counts[key] = counts.get(key, 0) + 1
            examples.setdefault(key, _example(alignment.a, difference))
    return [Row(*key, count, 1, "", examples[key]) for key, count in counts.items()]


def _reading(difference: Difference) -> tuple[str, str, str] | None:
    """What was read, what it is, and how; None where there is nothing to learn."""
    if difference.kind not in TABLE_KINDS:
        return None
    observed, intended = difference.observed, difference.intended
    if difference.kind == "shift":
        observed = str(difference.evidence.get("displaced", observed))
        intended = str(difference.evidence.get("reads", intended))
    observed, intended = "".join(observed.split()), "".join(intended.split())
    if observed == intended or max(len(observed), len(intended)) > _LONGEST:
        return None
    if any(char.isdigit() for char in observed + intended):
        return None
    return observed, intended, difference.kind


def _example(text: str, difference: Difference) -> str:
    """The place in the OCR text, the error in braces, white space as single blanks."""
    left = text[max(0, difference.start - _CONTEXT) : difference.start]
    right = text[difference.end : difference.end + _CONTEXT]
    return " ".join(f"{left}{{{difference.observed}→{difference.intended}}}{right}".split())
