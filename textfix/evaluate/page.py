"""An evaluation as one page: the figures with their intervals, the plots, and every number behind them as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..pages import asset, escape, kind_class, page
from . import plots
from .evaluation import Evaluation
from .intervals import FIGURES, RESAMPLES, Figure
from .plots import Change
from .table import Format, shown

__all__ = ["evaluation_page"]

#: Documents that have a row of their own in the plot; of more, those with the most errors.
_ROWS = 60
#: Confusions in the heat map and in the table.
_CELLS, _LISTED = 32, 60


def evaluation_page(x: Evaluation, title: str) -> str:
    """The page; `title` says what was evaluated."""
    sections = [_figures(x), _changes(x), _confusions(x)]
    if x.repaired:
        sections.insert(2, _reliability(x))
    sections += [_kinds(x), _documents(x)]
    pairs, names = len(x.documents), len({document.name for document in x.documents})
    characters = x.counts()["characters"]
    body = (
        f'<header class="wrap top"><h1>Evaluation of <span lang="zh">{escape(title)}</span></h1>'
        f'<p class="muted">{pairs:,} texts of {names:,} documents, {characters:,} characters of truth</p></header>\n'
        f'<main class="wrap">{"".join(sections)}</main>'
    )
    return page(f"Evaluation of {title}", body, css=asset("evaluation.css"))


def _figures(x: Evaluation) -> str:
    columns = shown(x)
    rows = [(name or ".", figures) for name, figures in x.group_figures.items()] if len(x.groups) > 1 else []
    rows.append(("all", x.figures))
    body = [[escape(name), *(_figure(figures[key], write) for key, _, write in columns)] for name, figures in rows]
    terms = "".join(f"<dt>{name.replace('_', ' ')}</dt><dd>{escape(text)}</dd>" for name, text in FIGURES.items())
    note = (
        f"In brackets the 95% interval by a bootstrap over documents ({RESAMPLES:,} draws with a fixed seed). "
        if len({document.name for document in x.documents}) > 1
        else ""
    )
    return (
        "<h2>Figures</h2>"
        + _table(["set", *(title for _, title, _ in columns)], body, numbers=range(1, len(columns) + 1))
        + f'<p class="muted">{note}</p><details><summary>What the figures are</summary><dl>{terms}</dl></details>'
    )


def _figure(figure: Figure, write: Format) -> str:
    if figure.low is None:
        return write(figure.value)
    return f'{write(figure.value)} <span class="range">[{write(figure.low)}, {write(figure.high)}]</span>'


def _changes(x: Evaluation) -> str:
    changes = []
    for d in x.documents:
        if d.counts["characters"]:
            before, after = (d.counts[when] / d.counts["characters"] for when in ("before", "after"))
            changes.append(Change(f"{d.group}/{d.name}" if d.group else d.name, before, after))
    changes.sort(key=lambda c: (-c.before, c.label))
    scattered = _scroll(plots.changes_scattered(changes)) if x.repaired and len(changes) > _ROWS else ""
    some = f'<p class="muted">The {_ROWS} texts with the highest error rates.</p>' if len(changes) > _ROWS else ""
    rows = some + _scroll(plots.changes_by_document(changes[:_ROWS]))
    if not x.repaired:
        return f"<h2>Error rate by document</h2>{rows}"
    return f"<h2>Error rate by document, before and after</h2>{_legend()}{scattered}{rows}"


def _legend() -> str:
    marks = (
        ('<circle class="before" cx="7" cy="7" r="4.5"/>', "before"),
        ('<circle class="after" cx="7" cy="7" r="4.5"/>', "after"),
        ('<path class="after bad" d="M7 1.5l5.5 9.5h-11z"/>', "after, and worse"),
    )
    return '<p class="legend">{}</p>'.format(
        " ".join(f'<svg width="14" height="14" aria-hidden="true">{mark}</svg> {text}' for mark, text in marks)
    )


def _reliability(x: Evaluation) -> str:
    bins = x.calibration()
    error = x.calibration_error()
    if error is None:
        return "<h2>Can confidences be believed?</h2><p>No edit changed content.</p>"
    rows = [
        [f"{b.low:.2f} to {b.high:.2f}", f"{b.count:,}", f"{b.confidence:.3f}", f"{b.right:.3f}"] for b in bins
    ]
    return (
        "<h2>Can confidences be believed?</h2>"
        f"<p>Edits and suggestions that change content, each judged by itself. Calibration error {error:.3f}.</p>"
        f'<div class="beside">{_scroll(plots.reliability(bins))}'
        f"{_table(['confidence', 'edits', 'mean', 'right'], rows, numbers=range(1, 4))}</div>"
    )


def _confusions(x: Evaluation) -> str:
    found = x.confusions()
    if not found:
        return "<h2>Confusions</h2><p>None.</p>"
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    for (observed, intended, _), count, repaired, _ in found:
        if len(cells) < _CELLS and len(observed) < 3 and len(intended) < 3:
            before = cells.get((observed, intended), (0, 0))
            cells[observed, intended] = before[0] + count, before[1] + repaired
    rows = [
        [
            f'<span lang="zh">{escape(observed) or "∅"}</span>',
            f'<span lang="zh">{escape(intended) or "∅"}</span>',
            _kind(kind),
            f"{count:,}",
            *([f"{repaired:,}"] if x.repaired else []),
            f"{documents:,}",
        ]
        for (observed, intended, kind), count, repaired, documents in found[:_LISTED]
    ]
    head = ["read as", "is", "kind", "count", *(["repaired"] if x.repaired else []), "documents"]
    return (
        f"<h2>Confusions</h2><p>The {len(cells)} most frequent; ∅ is nothing: a character lost or invented.</p>"
        + _scroll(plots.heat_map(cells))
        + f"<details><summary>The first {len(rows)} as a table</summary>"
        + f"{_table(head, rows, numbers=range(3, 6))}</details>"
    )


def _kinds(x: Evaluation) -> str:
    kinds = x.kinds()
    edits = x.edits()
    rows = [
        [_kind(kind), f"{n['before']:,}", *([f"{n['after']:,}"] if x.repaired else [])] for kind, n in kinds.items()
    ]
    head = ["kind", "before", "after"] if x.repaired else ["kind", "count"]
    out = "<h2>Differences from the truth, by kind</h2>" + _table(head, rows, numbers=range(1, 3))
    if edits:
        keys = ("made", "right", "idle", "wrong")
        made = [[_kind(kind), *(f"{n[key]:,}" for key in keys)] for kind, n in edits.items()]
        out += (
            "<h2>Edits, by kind</h2><p>Edits that change content are judged: right brought the text nearer to the "
            "truth, wrong took it away from it, idle neither.</p>"
            + _table(["kind", *keys], made, numbers=range(1, 5))
        )
    return out


def _documents(x: Evaluation) -> str:
    keys = ["characters", "before", "after", "right", "idle", "wrong", "errors", "repaired"]
    if not x.repaired:
        keys = ["characters", "before", "errors"]
    rows = [
        [escape(f"{d.group}/{d.name}" if d.group else d.name), *(f"{d.counts[key]:,}" for key in keys)]
        for d in x.documents
    ]
    return (
        "<h2>Documents</h2><details><summary>All counts</summary>"
        + _table(["document", *keys], rows, numbers=range(1, len(keys) + 1))
        + "</details>"
    )


def _kind(kind: str) -> str:
    return f'<span class="swatch {kind_class(kind)}"></span>{kind}'


def _scroll(svg: str) -> str:
    """A plot that is moved sideways where it is wider than the screen; by keyboard, too."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="plot">{svg}</div>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: range) -> str:
    """A table of HTML cells; the columns in `numbers` are set to the right."""

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f'<{tag}{" class=n" if n in numbers else ""}>{cell}</{tag}>' for n, cell in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    whole = f"<table><thead><tr>{cells('th', head)}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="group" aria-label="table">{whole}</div>'
