"""Rows of the table: one figure of textfix beside that of one peer, from the same run."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

__all__ = ["Row", "as_markdown", "as_table"]


@dataclass(frozen=True)
class Row:
    """A figure of textfix and that of a peer, both in `unit`.

    `better` is ``"more"`` or ``"less"``. `peer` is empty where textfix stands alone. `least` says that the peer was
    stopped: its figure is at least (with ``"less"``) or at most (with ``"more"``) what stands there.
    """

    suite: str
    case: str
    unit: str
    better: str
    ours: float | None
    peer: str = ""
    theirs: float | None = None
    stopped: bool = False

    @property
    def ratio(self) -> float | None:
        """textfix / peer; `None` where a quotient says nothing."""
        if self.ours is None or self.theirs is None or self.ours < 0 or self.theirs <= 0:
            return None
        return self.ours / self.theirs

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "ratio": self.ratio}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Row:
        return cls(**{key: value for key, value in row.items() if key != "ratio"})


def as_table(rows: Sequence[Row]) -> str:
    """The table for a terminal, one line a row."""
    head = ("suite", "case", "unit", "", "textfix", "peer", "its figure", "textfix / peer")
    lines = [head]
    for row in rows:
        theirs = _bound(row) + _figure(row.theirs) if row.peer else ""
        lines.append((row.suite, row.case, row.unit, _arrow(row), _figure(row.ours), row.peer, theirs, _ratio(row)))
    widths = [max(_width(line[n]) for line in lines) for n in range(len(head))]
    right = {4, 6, 7}
    out = []
    for line in lines:
        cells = [_padded(cell, width, n in right) for n, (cell, width) in enumerate(zip(line, widths, strict=True))]
        out.append("  ".join(cells).rstrip())
    out.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(out)


def as_markdown(rows: Iterable[Row]) -> str:
    """The table for a page: one line a case, the peers beside each other, their ratios in brackets."""
    out = ["| suite | case | unit | textfix | peers (textfix / peer) |", "|---|---|---|---:|---|"]
    for (suite, case, unit), group in groupby(rows, lambda r: (r.suite, r.case, r.unit)):
        of_case = list(group)
        peers = []
        for row in of_case:
            if row.peer:
                ratio = _ratio(row)
                peers.append(f"{row.peer} {_bound(row)}{_figure(row.theirs)}" + (f" ({ratio})" if ratio else ""))
        ours = next((row.ours for row in of_case if row.ours is not None), None)
        out.append(f"| {suite} | {case} | {unit} {_arrow(of_case[0])} | {_figure(ours)} | {', '.join(peers)} |")
    return "\n".join(out)


def _arrow(row: Row) -> str:
    return {"more": "↑", "less": "↓"}[row.better]


def _bound(row: Row) -> str:
    """A peer that was stopped needs more time than that, or does less in it."""
    return {"more": "<", "less": ">"}[row.better] if row.stopped else ""


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return ""
    flipped = {"more": ">", "less": "<"}[row.better] if row.stopped else ""
    return f"{flipped}{_figure(row.ratio)}×"


def _figure(value: float | None) -> str:
    """Three digits, thousands apart."""
    if value is None:
        return "–"
    if value == 0 or (float(value).is_integer() and abs(value) < 1000):
        return f"{value:.0f}"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{round(value, places):,.{places}f}" if abs(value) < 1000 else f"{round(value, 2 - _digits(value)):,.0f}"


def _digits(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if right else text + blank
