"""Edits shown as a unified diff. The edits are the alignment already, so nothing is searched and time is linear."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from .edits import Edit, Edits

__all__ = ["unified"]

#: How a changed stretch inside a line is marked up: called with the stretch and ``-`` (old) or ``+`` (new).
Mark = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines ``first:last`` of the old text that edits touch, and what they become (both with their line ends)."""

    first: int
    last: int
    old: list[str]
    new: list[str]


def unified(text: str, edits: Edits, name: str, *, context: int = 1, mark: Mark | None = None) -> Iterator[str]:
    """The lines of a unified diff from `text` to ``edits.apply(text)``, each with its line end.

    `context` is the number of equal lines around a change. Without `mark` the diff can be fed to ``patch``; with it
    every changed stretch is passed through `mark`, for a terminal. No edits, no lines.
    """
    if not edits:
        return
    lines = _lines(text)
    yield f"--- {name}\n"
    yield f"+++ {name}\n"
    grown = 0  # new line number minus old one, before the hunk
    for hunk in _hunks(list(_blocks(text, lines, edits, mark)), context):
        start = max(hunk[0].first - context, 0)
        stop = min(hunk[-1].last + context, len(lines))
        body: list[str] = []
        at = start
        for block in hunk:
            body += [" " + line for line in lines[at : block.first]]
            body += ["-" + line for line in block.old]
            body += ["+" + line for line in block.new]
            at = block.last
        body += [" " + line for line in lines[at:stop]]
        growth = sum(len(block.new) - len(block.old) for block in hunk)
        old, new = _range(start, stop - start), _range(start + grown, stop - start + growth)
        yield f"@@ -{old} +{new} @@\n"
        for line in body:
            yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
        grown += growth


def _lines(text: str) -> list[str]:
    """`text` cut behind each line feed, as ``patch`` counts lines."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _range(start: int, count: int) -> str:
    return f"{start + (count > 0)},{count}"


def _blocks(text: str, lines: Sequence[str], edits: Edits, mark: Mark | None) -> Iterator[_Block]:
    starts = [0, *accumulate(len(line) for line in lines)]  # of each line, and the end of the text

    def touched(edit: Edit) -> tuple[int, int]:
        return bisect_right(starts, edit.start, hi=len(lines)) - 1, bisect_right(starts, edit.end, hi=len(lines))

    group: list[Edit] = []
    first = last = 0
    for edit in edits:
        lo, hi = touched(edit)
        if group and lo >= last:
            yield _block(text, starts, first, last, group, mark)
            group = []
        if not group:
            first = max(lo, 0)
        group.append(edit)
        last = max(hi, first)
    yield _block(text, starts, first, last, group, mark)


def _block(text: str, starts: Sequence[int], first: int, last: int, edits: list[Edit], mark: Mark | None) -> _Block:
    old: list[str] = []
    new: list[str] = []
    at = starts[first]
    for edit in edits:
        same = text[at : edit.start]
        old += (same, _marked(edit.observed, "-", mark))
        new += (same, _marked(edit.replacement, "+", mark))
        at = edit.end
    tail = text[at : starts[last]]
    return _Block(first, last, _lines("".join([*old, tail])), _lines("".join([*new, tail])))


def _marked(stretch: str, sign: str, mark: Mark | None) -> str:
    if mark is None:
        return stretch
    return "\n".join(mark(part, sign) if part else "" for part in stretch.split("\n"))


def _hunks(blocks: Sequence[_Block], context: int) -> Iterator[list[_Block]]:
    """Blocks that are so near to each other that their context would meet."""
    hunk: list[_Block] = []
    for block in blocks:
        if hunk and block.first - hunk[-1].last > 2 * context:
            yield hunk
            hunk = []
        hunk.append(block)
    yield hunk
