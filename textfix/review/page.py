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

__all__ = ["LIMIT", "Report"]

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


class Report:
    """Collects proposals for a page. Memory is bounded: of more than `limit` edits the most doubtful are kept."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: list[tuple[str, Proposal]] = []
        self._kinds: Counter[str] = Counter()
        self._made = 0

    def add(self, file: str, found: Iterable[Proposal]) -> None:
        """Proposals for the file that messages call `file`."""
        for p in found:
            self._kinds[p.edit.kind] += 1
            self._made += p.made
            self._kept.append((file, p))
            if len(self._kept) > 2 * self._limit + 1000:
                self._kept = self._shown()

    def _shown(self) -> list[tuple[str, Proposal]]:
        """The most doubtful ones, in the order in which they are shown."""

        def key(item: tuple[str, Proposal]) -> tuple[float, str, int, int, str]:
            file, p = item
            return -p.doubt, file, p.edit.start, p.edit.end, p.edit.replacement

        return heapq.nsmallest(self._limit, self._kept, key=key)

    def html(self, title: str) -> str:
        """The page, with the edits in the order of their doubt. The same edits give the same page."""
        shown, total = self._shown(), self._kinds.total()
        files = sorted({file for file, _ in shown})
        number = {file: at for at, file in enumerate(files)}
        rows = [_row(number[file], p) for file, p in shown]
        digest = sha256(json.dumps([files, rows]).encode()).hexdigest()[:16]
        about = {"id": digest, "format": FORMAT, "version": VERSION, "total": total}
        chips = " ".join(
            f'<button type="button" data-kind="{kind}" aria-pressed="true" title="{escape(KINDS[kind])}">'
            f'<span class="swatch {kind_class(kind)}"></span>{kind} <small>{self._kinds[kind]}</small></button>'
            for kind in KINDS
            if self._kinds[kind]
        )
        left = total - self._made
        summary = f"{total} edits, {self._made} made and {left} only suggested"
        body = _BODY.format(title=escape(title), summary=summary, chips=chips, made=self._made, left=left)
        data = {"about": about, "files": files, "items": rows}
        return page(title, body, css=asset("review.css"), js=asset("review.js"), data=data)


def _row(file: int, p: Proposal) -> list[Any]:
    """A proposal as ``assets/review.js`` takes it apart."""
    edit = p.edit
    evidence = {key: round(value, 4) if isinstance(value, float) else value for key, value in edit.evidence.items()}
    place = [file, p.line, p.column, int(p.made)]
    what = [edit.observed, edit.replacement, edit.kind, round(edit.confidence, 4), evidence]
    return [*place, *what, p.before, p.after, [list(context) for context in p.contexts]]
