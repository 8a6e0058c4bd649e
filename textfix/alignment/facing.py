"""Two texts side by side as one HTML page: rows that belong together, differences coloured by kind, filters.

The texts are cut into rows where both have the same line end or end of a sentence, so a page of any length is a list
of short rows, and a browser lays out only those in sight. Without scripts it is still all there to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..edits import KINDS
from ..pages import asset, escape, group_of, kind_class, page
from .model import DIFFERENCE_KINDS, EDITORIAL_KINDS, Alignment, Difference
from .views import elided, spans

__all__ = ["Row", "facing_page", "rows_of"]

#: A row ends behind line ends, and behind the first end of a sentence from this length on.
_ROW = 240
#: Differences longer than this have a row of their own, and are folded.
_FOLDED = 400
_END = re.compile(r"\n+|[。！？；]|[^\n。！？；]{1000}")
_BODY = """<header class="wrap top">
<h1><span lang="zh">{name}</span> <span class="muted">beside</span> <span lang="zh">{other}</span></h1>
{head}
</header>
<nav class="wrap noprint" aria-label="Kinds of differences">
{filters}
<label class="only"><input type="checkbox" id="only"> only rows with differences shown</label>
<label class="only keys"><input type="checkbox" id="keys" checked> keys <kbd>n</kbd> and <kbd>p</kbd></label>
</nav>
<main id="texts" tabindex="-1">
<div class="table wrap" role="table" aria-label="Both texts, row by row">
<div class="row head" role="row"><div role="columnheader" class="a" lang="zh">{name}</div>
<div role="columnheader" class="b" lang="zh">{other}</div></div>
{rows}
</div>
</main>
<footer class="bar noprint" aria-label="The difference looked at">
<button id="back" aria-label="previous difference" aria-keyshortcuts="p" title="previous (p)">◀</button>
<button id="next" aria-label="next difference" aria-keyshortcuts="n" title="next (n)">▶</button>
<div id="about" aria-live="polite">
<span class="muted">Touch a difference, or step from one to the next here.</span></div>
</footer>"""
_GROUPS = {"ocr": "OCR", "editorial": "Edited by people", "format": "Setting"}
_MEANING = {**KINDS, **EDITORIAL_KINDS}


@dataclass(frozen=True, slots=True)
class Row:
    """``a[start:end]`` stands beside ``b[other_start:other_end]``, with the differences from `first` to `last`."""

    start: int
    end: int
    other_start: int
    other_end: int
    first: int
    last: int


def rows_of(alignment: Alignment) -> Iterator[Row]:
    """The rows of an alignment, in order; together they are both texts, and no difference is cut."""
    at, other, first = 0, 0, 0

    def row(end: int, other_end: int, last: int) -> Iterator[Row]:
        nonlocal at, other, first
        if end > at or other_end > other:
            yield Row(at, end, other, other_end, first, last)
        at, other, first = end, other_end, last

    i = j = 0
    for n, d in enumerate([*alignment.differences, None]):
        stop = len(alignment.a) if d is None else d.start
        for found in _END.finditer(alignment.a, i, stop):
            end, other_end = found.end(), j + found.end() - i
            if found[0][0] == "\n" or max(end - at, other_end - other) > _ROW:
                yield from row(end, other_end, n)
        if d is None:
            break
        long = max(len(d.observed), len(d.intended)) > _FOLDED
        if long:
            yield from row(d.start, d.other_start, n)
        i, j = d.end, d.other_end
        if long:
            yield from row(i, j, n + 1)
    yield from row(len(alignment.a), len(alignment.b), len(alignment.differences))


def facing_page(alignment: Alignment, name: str, other: str, *, kinds: frozenset[str] | None = None) -> str:
    """The page; `name` and `other` are what it calls the texts.

    `kinds` are switched on at first; without it all but those of the setting, unless nothing else differs.
    """
    counts = alignment.counts()
    if kinds is None or kinds >= counts.keys():
        kinds = frozenset(k for k in counts if group_of(k) != "format") or frozenset(counts)
    drawing = _Drawing(alignment)
    rows = "\n".join(drawing.row(row) for row in rows_of(alignment))
    body = _BODY.format(
        name=escape(name),
        other=escape(other),
        head=_head(alignment),
        filters=_filters(counts),
        rows=rows,
    )
    return page(
        f"{name} beside {other}",
        body,
        css=asset("facing.css") + "".join(_off(kind) for kind in DIFFERENCE_KINDS),
        js=asset("facing.js"),
        data={
            "differences": drawing.data(),
            "meanings": {kind: _MEANING[kind] for kind in DIFFERENCE_KINDS},
            "off": [kind for kind in counts if kind not in kinds],
        },
    )


def _head(alignment: Alignment) -> str:
    """How much of both texts differs."""
    rates, count = alignment.error_rates(), len(alignment.differences)
    unexamined = "A long stretch has nothing in common with the other text and was left unexamined."
    warning = "" if alignment.complete else f"<p><strong>{unexamined}</strong></p>\n"
    return f"""<p class="muted">{len(alignment.a):,} and {len(alignment.b):,} characters, {count:,} differences</p>
{warning}<details><summary>Error rates: {_rate(rates.plain)} plain, {_rate(rates.ocr)} OCR alone</summary>
<p>Plain: {rates.errors:,} characters replaced, lost or invented, of {rates.characters:,} in the right text.
OCR alone: {rates.ocr_errors:,} of {rates.ocr_characters:,}, what people changed or left out counted neither above nor
below the line. White space and the width of marks do not count.</p></details>"""


def _rate(rate: float | None) -> str:
    return "undefined" if rate is None else f"{100 * rate:.2f}%"


def _off(kind: str) -> str:
    """The rules by which a kind that is switched off looks like plain text, without a walk over all marks."""
    off = f".off-{kind} .k-{kind}"
    return f"{off}{{background:none;box-shadow:none}}{off}.gap,{off} .nl{{display:none}}{off} b{{all:unset}}\n"


def _filters(counts: dict[str, int]) -> str:
    out: list[str] = []
    for group, title in _GROUPS.items():
        kinds = [kind for kind in counts if group_of(kind) == group]
        if kinds:
            total = sum(counts[kind] for kind in kinds)
            chips = "".join(
                f'<button class="chip" aria-pressed="true" data-kind="{kind}" title="{escape(_MEANING[kind])}">'
                f'<span class="swatch {kind_class(kind)}"></span>{kind} <b>{counts[kind]:,}</b></button>'
                for kind in kinds
            )
            every = f'<button class="chip all" aria-pressed="true" data-group="{group}">'
            every += f"{title} <b>{total:,}</b></button>"
            out.append(f'<div class="group" role="group" aria-label="{title}">{every}{chips}</div>')
    return "\n".join(out) or "<p>The texts are equal.</p>"


class _Drawing:
    """The HTML of both sides. Differences inside moved passages are numbered behind the others."""

    def __init__(self, alignment: Alignment) -> None:
        self.a, self.b = alignment.a, alignment.b
        self.moves = alignment.moves
        self.differences: list[Difference] = list(alignment.differences)
        self.inner: list[tuple[int, int]] = []
        for move in alignment.moves:
            self.inner.append((len(self.differences), len(self.differences) + len(move.differences)))
            self.differences += move.differences
        self.outer = len(alignment.differences)

    def data(self) -> list[list[Any]]:
        """What the script knows of each difference: kind, confidence, places, both readings, evidence."""
        return [
            [
                d.kind,
                round(d.confidence, 3),
                [d.start, d.end, d.other_start, d.other_end],
                elided(d.observed),
                elided(d.intended),
                {key: round(v, 3) if isinstance(v, float) else v for key, v in d.evidence.items()},
            ]
            for d in self.differences
        ]

    def row(self, row: Row) -> str:
        inside = self.differences[row.first : row.last]
        kinds = " ".join(sorted({d.kind for d in inside}))
        sides = (
            f'<div class="{cls}" role="cell" lang="zh">{self._side(side, span, range(row.first, row.last))}</div>'
            for cls, side, span in (("a", 0, (row.start, row.end)), ("b", 1, (row.other_start, row.other_end)))
        )
        return f'<div class="row{"" if inside else " quiet"}" role="row" data-kinds="{kinds}">{"".join(sides)}</div>'

    def _side(self, side: int, span: tuple[int, int], numbers: Sequence[int]) -> str:
        """One text from `span` with the differences of these numbers marked."""
        text = self.b if side else self.a
        at, end = span
        out: list[str] = []
        for n in numbers:
            d = self.differences[n]
            start, stop = (d.other_start, d.other_end) if side else (d.start, d.end)
            out += (escape(text[at:start]), self._mark(n, side))
            at = stop
        return "".join([*out, escape(text[at:end])])

    def _mark(self, n: int, side: int) -> str:
        d = self.differences[n]
        text = d.intended if side else d.observed
        head = f'<mark class="{kind_class(d.kind)}{"" if text else " gap"}" data-d="{n}">'
        inside = self._moved(n, side) if d.kind == "move" else _parts(d, side)
        if len(text) > _FOLDED:
            return (
                f"<details class=long><summary>{head}{escape(elided(text))}</mark></summary>"
                f"{head.replace('data-d', 'data-of')}{inside}</mark></details>"
            )
        return f"{head}{inside}</mark>"

    def _moved(self, n: int, side: int) -> str:
        """A moved passage with the differences inside it."""
        d = self.differences[n]
        start, end = (d.other_start, d.other_end) if side else (d.start, d.end)
        for move, numbers in zip(self.moves, self.inner, strict=True):
            low, high = (move.other_start, move.other_end) if side else (move.start, move.end)
            if n < self.outer and start <= low and high <= end and low < high:
                return self._side(side, (start, end), range(*numbers))
        return _visible(d.intended if side else d.observed)


def _parts(d: Difference, side: int) -> str:
    """One reading of a difference; where it has something in common with the other, what has not stands out."""
    own, length = (1, len(d.intended)) if side else (-1, len(d.observed))
    shown = [(sign, text) for sign, text in spans(d) if sign in (0, own)]
    return "".join(
        f"<b>{_visible(text)}</b>" if sign and len(text) < length else _visible(text) for sign, text in shown
    )


def _visible(text: str) -> str:
    """HTML of a part of a difference, line ends shown."""
    return escape(text).replace("\n", '<i class="nl"></i>\n')
