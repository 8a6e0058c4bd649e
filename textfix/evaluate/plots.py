"""Plots as inline SVG, in the colours of the page so that they follow its theme. Each says in words what it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..pages import escape
from .evaluation import Believed

__all__ = ["Change", "changes_by_document", "changes_scattered", "heat_map", "reliability"]

_WIDTH = 720
#: z of a 95% interval.
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Change:
    """The error rate of a document before and after the repair, as shares."""

    label: str
    before: float
    after: float


def changes_by_document(changes: Sequence[Change]) -> str:
    """A row a document: a ring where its error rate was, a dot where it is, a line in between."""
    left, top, step = 190, 34, 18
    height = top + step * len(changes) + 12
    most = max(0.01, *(max(c.before, c.after) for c in changes), 0.0)
    ticks = _ticks(most)
    scale = (_WIDTH - left - 30) / ticks[-1]
    out = []
    for tick in ticks:
        x = left + tick * scale
        out.append(_line(x, top - 6, x, height - 10, "grid"))
        out.append(_text(x, top - 14, _per_cent(tick), "middle"))
    for n, change in enumerate(changes):
        y = top + step * (n + 0.5)
        one, two = left + change.before * scale, left + change.after * scale
        worse = change.after > change.before
        out.append(
            f"<g>{_tip(f'{change.label}: {_per_cent(change.before, 2)} before, {_per_cent(change.after, 2)} after')}"
            + _text(left - 10, y + 4, _cut(change.label, 26), "end")
            + _line(one, y, two, y, "worse" if worse else "better")
            + _circle(one, y, 4.5, "before")
            + (_triangle(two, y, "after bad") if worse else _circle(two, y, 4.5, "after"))
            + "</g>"
        )
    return _svg(height, "Error rate by document: a ring before the repair, a dot after it", out)


def changes_scattered(changes: Sequence[Change]) -> str:
    """A dot a document: across its error rate before, up the one after; on square-root axes, for many are low."""
    left, top, size = 70, 30, 440
    most = max(0.01, *(max(c.before, c.after) for c in changes), 0.0)
    ticks = [t for t in (0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0) if t <= most * 1.05]

    def at(value: float) -> float:
        return math.sqrt(value / (most * 1.05)) * size

    out = [_line(left, top + size, left + size, top, "diagonal")]
    out.append(_text(left + 0.36 * size, top + 0.72 * size, "no change", "start"))
    for tick in ticks:
        x, y = left + at(tick), top + size - at(tick)
        out += [_line(x, top, x, top + size, "grid"), _line(left, y, left + size, y, "grid")]
        out += [_text(x, top + size + 18, _per_cent(tick), "middle"), _text(left - 8, y + 4, _per_cent(tick), "end")]
    out.append(_text(left + size / 2, top + size + 40, "error rate before →", "middle"))
    out.append(_text(left - 8, top - 14, "after ↑", "start"))
    for change in changes:
        x, y = left + at(change.before), top + size - at(change.after)
        tip = _tip(f"{change.label}: {_per_cent(change.before, 2)} before, {_per_cent(change.after, 2)} after")
        worse = change.after > change.before
        shape = _triangle(x, y, "after bad point") if worse else _circle(x, y, 4, "after point")
        out.append(f"<g>{tip}{shape}</g>")
    title = "Error rate after the repair against the one before, a dot a document"
    return _svg(top + size + 50, title, out, left + size + 20)


def heat_map(cells: Mapping[tuple[str, str], tuple[int, int]]) -> str:
    """What was read, across, for what it is, down, with counts; `cells` maps (read, is) to (count, repaired)."""
    rows = _ordered(is_ for _, is_ in cells)
    columns = _ordered(read for read, _ in cells)
    step, left, top = 30, 70, 62
    most = max((count for count, _ in cells.values()), default=1)
    out = [_text(left, 14, "read as →", "start"), _text(8, top - 10, "is ↓", "start")]
    for n, char in enumerate(columns):
        out.append(_text(left + step * (n + 0.5), top - 10, _name(char), "middle", "zh"))
    for n, char in enumerate(rows):
        out.append(_text(left - 10, top + step * (n + 0.5) + 5, _name(char), "end", "zh"))
    right, bottom = left + step * len(columns), top + step * len(rows)
    out += [_line(left, y, right, y, "grid") for y in range(top, bottom + 1, step)]
    out += [_line(x, top, x, bottom, "grid") for x in range(left, right + 1, step)]
    for (read, is_), (count, repaired) in sorted(cells.items()):
        x, y = left + step * columns.index(read), top + step * rows.index(is_)
        opacity = 0.08 + 0.42 * math.sqrt(count / most)
        tip = _tip(f"{_name(is_)} read as {_name(read)}: {count} times, {repaired} of them repaired")
        out.append(
            f'<g>{tip}<rect class="heat" x="{x}" y="{y}" width="{step}" height="{step}" fill-opacity="{opacity:.2f}"/>'
            + _text(x + step / 2, y + step / 2 + 5, str(count), "middle", "count")
            + "</g>"
        )
    return _svg(bottom + 12, "Confusions: what was read for what it is, with counts", out, right + 20)


def reliability(bins: Sequence[Believed]) -> str:
    """The share that is right in every bin of confidence, with its 95% interval (Wilson 1927), and how many edits."""
    left, top, size, below = 70, 30, 400, 90
    out = [_line(left, top + size, left + size, top, "diagonal")]
    out.append(_text(left + 0.36 * size, top + 0.72 * size, "as sure as right", "start"))
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x, y = left + tick * size, top + size - tick * size
        out += [_line(x, top, x, top + size, "grid"), _line(left, y, left + size, y, "grid")]
        out += [_text(x, top + size + 18, f"{tick:.1f}", "middle"), _text(left - 8, y + 4, _per_cent(tick), "end")]
    out.append(_text(left + size / 2, top + size + 38, "confidence →", "middle"))
    out.append(_text(left - 8, top - 14, "right ↑", "start"))
    most = max((b.count for b in bins), default=1)
    floor = top + size + 56 + below
    for b in bins:
        x, y = left + b.confidence * size, top + size - b.right * size
        low, high = _wilson(b.right, b.count)
        tip = _tip(f"confidence {b.low:.2f} to {b.high:.2f}: {b.count} edits, {_per_cent(b.right, 1)} right")
        bar = below * b.count / most
        start, width = left + b.low * size, max((b.high - b.low) * size - 1, 1)
        out.append(
            f"<g>{tip}{_line(x, top + size - low * size, x, top + size - high * size, 'range')}"
            f'{_circle(x, y, 5, "after")}<rect class="bar" x="{start:.1f}" y="{floor - bar:.1f}" '
            f'width="{width:.1f}" height="{bar:.1f}"/></g>'
        )
    out.append(_line(left, floor, left + size, floor, "axis"))
    out.append(_text(left - 8, floor - below + 8, f"{most:,}", "end"))
    out.append(_text(left - 8, floor, "edits", "end"))
    return _svg(floor + 16, "Reliability of the confidence of edits and suggestions", out, left + size + 20)


def _wilson(share: float, count: int) -> tuple[float, float]:
    """The 95% interval of a share of `count` (Wilson 1927)."""
    z = _Z * _Z / count
    middle = (share + z / 2) / (1 + z)
    half = _Z * math.sqrt(share * (1 - share) / count + z / (4 * count)) / (1 + z)
    return max(0.0, middle - half), min(1.0, middle + half)


def _ticks(most: float) -> list[float]:
    """Round steps from 0 to beyond `most`."""
    rough = most / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return [n * step for n in range(math.ceil(most / step - 1e-9) + 1)]


def _ordered(names: Iterable[str]) -> list[str]:
    """Without repeats, in the order of their first coming; nothing at all comes last."""
    seen = dict.fromkeys(names)
    return [name for name in seen if name] + [name for name in seen if not name]


def _per_cent(value: float, digits: int | None = None) -> str:
    return f"{100 * value:.{digits}f}%" if digits is not None else f"{100 * value:.4g}%"


def _name(char: str) -> str:
    return char or "∅"


def _cut(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _svg(height: float, title: str, parts: Iterable[str], width: float = _WIDTH) -> str:
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return f'<svg class="plot" {size} role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'


def _tip(text: str) -> str:
    return f"<title>{escape(text)}</title>"


def _text(x: float, y: float, text: str, anchor: str, cls: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{cls}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, cls: str) -> str:
    return f'<line class="{cls}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _circle(x: float, y: float, r: float, cls: str) -> str:
    return f'<circle class="{cls}" cx="{x:.1f}" cy="{y:.1f}" r="{r}"/>'


def _triangle(x: float, y: float, cls: str) -> str:
    return f'<path class="{cls}" d="M{x:.1f} {y - 5.5:.1f}l5.5 9.5h-11z"/>'
