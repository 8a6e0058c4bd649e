"""The review page: every edit that was made or suggested, the most doubtful first, to be decided on by keyboard.

One file that asks the network for nothing. What is decided stays in the browser until it is downloaded as
``decisions.json`` (`textfix.review.decisions`).
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from ..edits import KINDS
from ..pages import asset, escape, kind_class, page
from .decisions import FORMAT, VERSION
from .proposals import Proposal

__all__ = ["LIMIT", "review_page"]

#: Edits that a page shows unless said otherwise; a browser takes more, a person does not.
LIMIT = 20_000

_BODY = """
<header class="bar"><div class="wrap">
<div class="top"><h1>{title}</h1><span class="noprint">
<button id="load" type="button">Load decisions</button><input id="file" type="file" accept=".json" hidden>
<button id="save" type="button" class="main">Download decisions.json <kbd>d</kbd></button></span></div>
<p id="status" class="muted" role="status">{summary}</p>
<div class="filters noprint">{chips}
<button type="button" data-show="made" aria-pressed="true">made <small>{made}</small></button>
<button type="button" data-show="left" aria-pressed="true">suggested <small>{left}</small></button>
<label><input id="open" type="checkbox"> undecided only</label>
<input id="search" type="search" placeholder="text or file name ( / )" aria-label="Only edits with this text">
</div></div></header>
<main class="wrap"><noscript>This page needs JavaScript to show its edits.</noscript>
<p id="cut" class="muted" hidden></p>
<ol id="list" lang="en"></ol><p id="none" class="muted" hidden>No edit is left by these filters.</p></main>
<footer class="keys noprint"><div class="wrap"><kbd>j</kbd> <kbd>k</kbd> next, previous · <kbd>a</kbd> accept ·
<kbd>r</kbd> reject · <kbd>Shift</kbd>+<kbd>a</kbd>/<kbd>r</kbd> the same everywhere · <kbd>u</kbd> take back ·
<kbd>n</kbd> next undecided · <kbd>d</kbd> download</div></footer>
"""


def review_page(title: str, items: Iterable[tuple[str, Proposal]], *, limit: int = LIMIT) -> str:
    """The page for `items`, each with the name of its file, which are shown in the order of their doubt.

    Of more than `limit` the most doubtful are shown, and the page says so. The same items give the same page.
    """
    kinds: Counter[str] = Counter()
    total = made = 0

    def counted() -> Iterable[tuple[float, str, int, int, Proposal]]:
        nonlocal total, made
        for file, p in items:
            total, made = total + 1, made + p.made
            kinds[p.edit.kind] += 1
            yield -p.doubt, file, p.edit.start, p.edit.end, p

    shown = heapq.nsmallest(limit, counted(), key=lambda row: row[:4])
    files = sorted({row[1] for row in shown})
    number = {file: at for at, file in enumerate(files)}
    rows = [_row(number[file], p) for _, file, _, _, p in shown]
    digest = sha256(json.dumps([files, rows]).encode()).hexdigest()[:16]
    about = {"id": digest, "format": FORMAT, "version": VERSION, "total": total}
    data = {"about": about, "files": files, "items": rows}
    chips = " ".join(
        f'<button type="button" data-kind="{kind}" aria-pressed="true" title="{escape(KINDS[kind])}">'
        f'<span class="swatch {kind_class(kind)}"></span>{kind} <small>{kinds[kind]}</small></button>'
        for kind in KINDS
        if kinds[kind]
    )
    summary = f"{total} edits, {made} made and {total - made} only suggested"
    body = _BODY.format(title=escape(title), summary=summary, chips=chips, made=made, left=total - made)
    return page(title, body, css=asset("review.css"), js=asset("review.js"), data=data)


def _row(file: int, p: Proposal) -> list[Any]:
    """A proposal as ``assets/review.js`` takes it apart."""
    edit = p.edit
    evidence = {key: round(value, 4) if isinstance(value, float) else value for key, value in edit.evidence.items()}
    place = [file, p.line, p.column, int(p.made)]
    what = [edit.observed, edit.replacement, edit.kind, round(edit.confidence, 4), evidence]
    return [*place, *what, p.before, p.after, [list(context) for context in p.contexts]]
