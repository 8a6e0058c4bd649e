"""The edits that a repair made or only suggested, each with its surroundings: what a person is asked about."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from ..edits import Edit, Edits, Repair
from ..parts import Part

__all__ = [
    "CONTEXT", "SHOWN", "Context", "Proposal", "apart", "contexts_of", "proposals", "proposals_in", "surroundings",
]  # fmt: skip

#: Letters on either side by which a place is known again.
CONTEXT = 8
#: Characters on either side that a person is shown.
SHOWN = 28
#: How far to look for `CONTEXT` letters among blanks and marks.
_REACH = 64

Context = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit of the input that was made, or only suggested (`made` is false), and where it stands.

    `line` and `column` count from 1. `before` and `after` are the input around it, to be shown. `contexts` are its
    surroundings in the input, and what they come to by repairs, to be recognised by (see `contexts_of`).
    """

    edit: Edit
    made: bool
    line: int
    column: int
    before: str
    after: str
    contexts: tuple[Context, ...]

    @property
    def doubt(self) -> float:
        """The probability that what was done here, to make the edit or to leave it, is wrong."""
        return 1.0 - self.edit.confidence if self.made else self.edit.confidence


def surroundings(text: str, start: int, end: int) -> Context:
    """The last `CONTEXT` letters and digits before `start` in its line, and the first ones behind `end`.

    Blanks and marks do not count, because repairs of the setting change them everywhere; nor do other lines, because
    texts are also repaired paragraph by paragraph.
    """
    line = max(text.rfind("\n", 0, start) + 1, start - _REACH)
    stop = text.find("\n", end)
    behind = text[end : min(stop if stop >= 0 else len(text), end + _REACH)]
    before = "".join(char for char in text[line:start] if char.isalnum())
    after = "".join(char for char in behind if char.isalnum())
    return before[-CONTEXT:], after[:CONTEXT]


def proposals(text: str, repair: Repair) -> list[Proposal]:
    """What the repair of `text` made and suggested, in the order of the text."""
    lines = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
    every = [(edit, True) for edit in repair.edits] + [(edit, False) for edit in repair.suggestions]
    every.sort(key=lambda pair: (pair[0].start, pair[0].end))
    out: list[Proposal] = []
    for (edit, made), contexts in zip(every, contexts_of(text, repair, [edit for edit, _ in every]), strict=True):
        line = bisect_right(lines, edit.start)
        out.append(
            Proposal(
                edit,
                made,
                line,
                edit.start - lines[line - 1] + 1,
                text[max(edit.start - SHOWN, 0) : edit.start],
                text[edit.end : edit.end + SHOWN],
                contexts,
            )
        )
    return out


def proposals_in(part: Part, repair: Repair, offset: int = 0) -> list[Proposal]:
    """`proposals` of a part of a file, with lines and columns of the file.

    `offset` is the length of the texts of the parts before; the edits of the proposals count from there.
    """
    out: list[Proposal] = []
    line, at = part.line, 0
    for p in proposals(part.text, repair):
        start = part.place(p.edit)[0] if part.place else p.edit.start
        line += part.raw.count("\n", at, start) - part.raw.count("\n", start, at)
        at = start
        column = start - part.raw.rfind("\n", 0, start)
        out.append(replace(p, edit=p.edit.shifted(offset), line=line, column=column))
    return out


def contexts_of(text: str, repair: Repair, edits: list[Edit]) -> list[tuple[Context, ...]]:
    """For each of `edits`, made or suggested: its surroundings in `text`, and what they come to if all edits are made.

    The second, where they differ, stay the same when some of the neighbours are repaired and others are not.
    """
    every = Edits([*repair.edits, *apart(repair.suggestions, repair.edits)])
    whole = every.apply(text)
    ends = [edit.end for edit in every]
    grown = [0, *accumulate(len(edit.replacement) - len(edit.observed) for edit in every)]
    place = {edit: index for index, edit in enumerate(every)}
    out: list[tuple[Context, ...]] = []
    for edit in edits:
        index = place.get(edit)
        start = edit.start + grown[bisect_right(ends, edit.start) if index is None else index]
        end = start + len(edit.observed if index is None else edit.replacement)
        here, then = surroundings(text, edit.start, edit.end), surroundings(whole, start, end)
        out.append((here,) if here == then else (here, then))
    return out


def apart(edits: Iterable[Edit], others: Edits) -> Iterator[Edit]:
    """Those of `edits`, in their order, that can be made together with all of `others` and the earlier ones."""
    starts, ends = [other.start for other in others], [other.end for other in others]
    spans = {(other.start, other.end) for other in others}
    reach = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        span = edit.start, edit.end
        free = bisect_left(starts, edit.end) <= bisect_right(ends, edit.start) and span not in spans
        if free and edit.start >= reach:
            yield edit
            reach = edit.end
            spans.add(span)
