"""An evaluation as text: sets, intervals, kinds and confusions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .evaluation import Evaluation
from .intervals import Figure
from .measure import Measured

__all__ = ["COLUMNS", "per_cent", "shown", "table"]

Format = Callable[[float | None], str]


def per_cent(value: float | None) -> str:
    """A share as people read it."""
    return "-" if value is None else f"{100 * value:.2f}%"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


#: Figure, what a column calls it, how it is written; those behind the first two need a repair.
COLUMNS: tuple[tuple[str, str, Format], ...] = (
    ("cer_before", "CER", per_cent),
    ("ocr_cer_before", "OCR only", per_cent),
    ("cer_after", "CER after", per_cent),
    ("ocr_cer_after", "OCR only after", per_cent),
    ("cut", "cut", per_cent),
    ("precision", "precision", _share),
    ("recall", "recall", _share),
    ("harm", "harm", _count),
)
_WITHOUT_REPAIR = 2
_CONFUSIONS = 12


def shown(x: Evaluation) -> tuple[tuple[str, str, Format], ...]:
    """The columns that mean something for `x`."""
    return COLUMNS if x.repaired else COLUMNS[:_WITHOUT_REPAIR]


def table(x: Evaluation) -> str:
    """The figures of every set and of all, with intervals, and the most frequent confusions."""
    columns = shown(x)
    rows = [["set", "pairs", "characters", *(title for _, title, _ in columns)]]
    if len(x.groups) > 1:
        rows += [_row(name, x.groups[name], figures, columns) for name, figures in x.group_figures.items()]
    rows.append(_row("all", x.documents, x.figures, columns))
    for end in ("low", "high"):
        values = [getattr(x.figures[name], end) for name, _, _ in columns]
        if any(value is not None for value in values):
            edge = f"95% {end}"
            rows.append([edge, "", "", *(write(value) for value, (_, _, write) in zip(values, columns, strict=True))])
    lines = _aligned(rows)
    edits = x.edits()
    if edits:
        lines += ["", "edits           made  right   idle  wrong"]
        lines += [f"{kind:12} {n['made']:7} {n['right']:6} {n['idle']:6} {n['wrong']:6}" for kind, n in edits.items()]
    confusions = x.confusions()[:_CONFUSIONS]
    if confusions:
        lines += ["", f"most frequent confusions (read as → is: count{', repaired' if x.repaired else ''})"]
        for (observed, intended, kind), count, repaired, _ in confusions:
            gone = f", {repaired}" if x.repaired else ""
            lines.append(f"  {observed or '∅'} → {intended or '∅'}: {count}{gone} ({kind})")
    return "\n".join(lines) + "\n"


def _row(
    name: str,
    documents: Sequence[Measured],
    figures: dict[str, Figure],
    columns: Sequence[tuple[str, str, Format]],
) -> list[str]:
    characters = sum(document.counts["characters"] for document in documents)
    values = (write(figures[figure].value) for figure, _, write in columns)
    return [name or ".", str(len(documents)), str(characters), *values]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The first column set to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(n) for cell, n in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
