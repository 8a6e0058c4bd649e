"""Whether an edit brought the text nearer to the truth, judged by itself where it stands.

The rule is that of the project's independent scorer (`../shared/tools/score.py`), of which this is another writing:
`scripts/bench/evaluate.py` compares the two. The neighbourhood of an edit, twelve characters of content on both sides,
is compared before and after with that part of the truth which an exact alignment puts there. All other errors stay as
they are, so verdicts do not depend on each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..edits import Edit
from ..text.content import BLANK, content

__all__ = ["Operation", "Verdict", "verdicts_of"]

#: ``(tag, i0, i1, j0, j1)`` as `textfix.alignment.ops.operations` gives them.
Operation = tuple[str, int, int, int, int]
#: Characters of content on both sides of an edit, and of the truth beyond where they should end.
_MARGIN, _SLACK = 12, 2
_BLANK = frozenset(BLANK)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An edit that changes content, and by how many operations it brought the text nearer to the truth."""

    edit: Edit
    gain: int


def verdicts_of(ocr: str, truth: str, edits: Iterable[Edit], ops: Sequence[Operation]) -> list[Verdict]:
    """The verdicts on those of the `edits` of `ocr` that change more than white space and width.

    `ops` are the operations from the content of `ocr` to that of `truth`.
    """
    folded, target = content(ocr), content(truth)
    kept = np.flatnonzero(np.fromiter((char not in _BLANK for char in ocr), np.bool_, len(ocr)))
    starts = [op[1] for op in ops]
    out: list[Verdict] = []
    for edit in edits:
        new = content(edit.replacement)
        if content(edit.observed) == new:
            continue
        first, last = (int(i) for i in np.searchsorted(kept, (edit.start, edit.end)))
        low, high = max(0, first - _MARGIN), min(len(folded), last + _MARGIN)
        start, end = _image(ops, starts, low, last=False), _image(ops, starts, high, last=True)
        wanted = target[max(0, start - _SLACK) : end + _SLACK]
        was = folded[low:high]
        now = folded[low:first] + new + folded[last:high]
        out.append(Verdict(edit, _distance(was, wanted) - _distance(now, wanted)))
    return out


def _image(ops: Sequence[Operation], starts: Sequence[int], place: int, *, last: bool) -> int:
    """Where a place in the content of the OCR text falls in that of the truth."""
    if not ops:
        return 0
    tag, i0, _, j0, j1 = ops[max(0, bisect_right(starts, place) - 1)]
    if tag == "equal":
        return j0 + min(place - i0, j1 - j0)
    return j1 if last else j0


def _distance(piece: str, text: str) -> int:
    """Edit distance of `piece` to the part of `text` that fits it best (Sellers 1980)."""
    codes = np.array([ord(char) for char in text], dtype=np.uint32)
    slope = np.arange(len(codes) + 1)
    row = np.zeros_like(slope)
    for n, char in enumerate(piece, 1):
        diagonal = row[:-1] + (codes != ord(char))
        row = row + 1
        row[0] = n
        np.minimum(row[1:], diagonal, out=row[1:])
        row = np.minimum.accumulate(row - slope) + slope  # what the character before leaves, one more a step
    return int(row.min())
