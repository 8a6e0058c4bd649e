"""Windows: an endless text in bounded pieces, each of which is repaired as a document of its own.

A text of at most `size` characters is one window. A longer one is cut at the first paragraph break (a blank line)
behind `size` characters; a paragraph that goes on for more than `PARAGRAPH` characters from there is cut at its last
line end, else behind its last full stop, else where it is. Where the cuts are depends on the text alone, not on the
pieces in which it arrives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from .edits import Edit, Edits, Repair, Scalar

__all__ = ["PARAGRAPH", "WINDOW", "in_windows", "joined", "windows"]

#: Characters of a window, unless said otherwise. Repairing takes up to 6 kB of memory for each.
WINDOW = 40_000
#: Characters that a paragraph may take beyond the window.
PARAGRAPH = 10_000

#: A line end, white space, and another line end. "\\r\\n" is one line end.
_BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|[\n\u2028\u2029])[^\S\r\n\u2028\u2029]*(?:\r\n|\r(?!\n)|[\n\u2028\u2029])")
_STOPS = "。！？"


def windows(pieces: Iterable[str], size: int = WINDOW) -> Iterator[str]:
    """The text that arrives in `pieces`, in windows of at least `size` (the last may be shorter) and at most
    ``size + PARAGRAPH + 1`` characters. A window is handed out as soon as its end has arrived."""
    if size < 1:
        raise ValueError(f"a window holds at least one character, not {size}")
    text, at = "", 0
    for piece in pieces:
        text, at = text[at:] + piece, 0
        while cut := _cut(text, at, size):
            yield text[at:cut]
            at = cut
    if at < len(text):
        yield text[at:]


def _cut(text: str, at: int, size: int) -> int:
    """Where the window that begins at `at` ends, or 0 while that cannot be told."""
    least, most = at + size, at + size + PARAGRAPH
    if len(text) < least:
        return 0
    known = len(text) - text.endswith("\r")  # the other half of a line end may be on its way
    begin = at + len(text[at:least].rstrip())  # the white space around `least` counts as a whole
    while (match := _BLANK_LINE.search(text, begin, known)) and match.end() <= most:
        if match.end() >= least:
            return match.end()
        begin = match.end() - 1  # the line end of one blank line begins the next
    if len(text) <= most:
        return 0
    cut = max(text.rfind(end, least - 1, most) for end in ("\n", "\r", "\u2028", "\u2029")) + 1
    cut = cut or max(text.rfind(stop, least - 1, most) for stop in _STOPS) + 1 or most
    return cut + (text[cut - 1 : cut + 1] == "\r\n")


def in_windows(repair: Callable[[str], Repair], text: str, size: int = WINDOW) -> Repair:
    """`text` repaired window by window, as one repair. A text of one window is repaired as it is."""
    cuts = list(windows([text], size))
    if len(cuts) < 2:
        return repair(text)
    return joined(cuts, [repair(cut) for cut in cuts])


def joined(texts: Sequence[str], repairs: Sequence[Repair]) -> Repair:
    """The repairs of texts that follow each other as one repair of all of them.

    In its report ``windows`` is their number and ``error_rate`` the mean over their characters; for everything else the
    first that says something counts.
    """
    if len(repairs) == 1:
        return repairs[0]
    edits: list[Edit] = []
    suggestions: list[Edit] = []
    report: dict[str, Scalar] = {"windows": len(repairs)} if repairs else {}
    at, wrong = 0, 0.0
    for text, repair in zip(texts, repairs, strict=True):
        edits += (edit.shifted(at) for edit in repair.edits)
        suggestions += (edit.shifted(at) for edit in repair.suggestions)
        report = {**repair.report, **report}
        rate = repair.report.get("error_rate")
        wrong += len(text) * (rate if isinstance(rate, float) else 0.0)
        at += len(text)
    if "error_rate" in report:
        report["error_rate"] = round(wrong / at, 6)
    return Repair("".join(repair.text for repair in repairs), Edits(edits), tuple(suggestions), report)
