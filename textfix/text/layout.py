"""Hard line wraps: line ends where the page was too narrow, not where the writer ended a line.

Asked for with ``--reflow``; by default every line end stays. In a block of lines (blocks end at blank lines) a line end
goes if the line is about as wide as the wide lines of its block, the next one does not look like the beginning of
something (indented, numbered, a label), and no sentence ends there; one may end there in a block that indents its
paragraphs. Widths are columns: two for a Han character or full-width mark, one for others. Between two Latin words a
blank takes the place of the line end; between two figures the line end stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from ..edits import Edit
from .classes import is_han

__all__ = ["reflow"]

#: Blocks whose wide lines have fewer columns are lists, tables or verse.
_WIDE = 40
#: A line is full if it lacks at most so many columns: a mark that must not begin a line takes a character with it.
_RAGGED = 6
#: The share of the lines that a block's width is not less than.
_SHARE = 0.8
_CONFIDENCE = 0.9
_LINE = re.compile(r"([^\r\n\u2028\u2029]*)(\r\n|[\r\n\u2028\u2029]|\Z)")
_STOPS = frozenset("。！？!?：:；;…")
_CLOSING = "”’」』）)】》〉 \t\u3000"
#: What a line begins with that is not the rest of the line before.
_BEGINS = re.compile(
    r"[ \t\u3000]|第[一二三四五六七八九十百千零〇0-9]{1,7}[编章节条款部分]|[（(][一二三四五六七八九十百0-9]{1,4}[）)]"
    r"|[一二三四五六七八九十百]{1,4}、|[0-9]{1,3}[.．、](?![0-9])|[①-⑳●○■□◆•·★※—-]|附[件表图录则]|目\s*录|注：|来源："
)


def reflow(text: str) -> list[Edit]:
    """Edits, of kind ``layout``, that take out hard line wraps."""
    edits: list[Edit] = []
    for lines in _blocks(text):
        widths = [_width(text[start:end]) for start, end, _ in lines]
        wide = float(np.quantile(np.array(widths), _SHARE, method="higher"))
        if wide < _WIDE or len(lines) < 2:
            continue
        indented = any(text[start] in " \t\u3000" for start, _, _ in lines)
        for (start, end, behind), (after, stop, _), width in zip(lines, lines[1:], widths, strict=False):
            if width < wide - _RAGGED or _BEGINS.match(text, after, stop):
                continue
            last = text[start:end].rstrip(_CLOSING)[-1:]
            if last in _STOPS and not indented:
                continue
            joint = _joint(text[start:end].rstrip()[-1], text[after])
            if joint is not None:
                at = start + len(text[start:end].rstrip())
                edits.append(Edit(at, behind, text[at:behind], joint, "layout", _CONFIDENCE, {"rule": "reflow"}))
    return edits


def _blocks(text: str) -> Iterator[list[tuple[int, int, int]]]:
    """The lines of each block: start, end, and where the next line starts."""
    block: list[tuple[int, int, int]] = []
    for match in _LINE.finditer(text):
        if match[1].strip():
            block.append((match.start(), match.end(1), match.end()))
        elif block:
            yield block
            block = []
        if not match[2]:
            break
    if block:
        yield block


def _width(line: str) -> int:
    return sum(1 + (char > "\u2e7f" or char in "“”‘’…—") for char in line.rstrip())


def _joint(left: str, right: str) -> str | None:
    """What stands between the two characters once the line end is gone; None where it has to stay."""
    if left.isdigit() and right.isdigit():
        return None
    wordy = [char.isalpha() and not is_han(char) and char < "\u2e80" for char in (left, right)]
    return " " if all(wordy) or (wordy[0] and right.isdigit()) or (left.isdigit() and wordy[1]) else ""
