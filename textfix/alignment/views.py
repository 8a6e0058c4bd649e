"""Differences for people: what changed inside a short span, and a diff that reads like a text.

The aligner has found the differences; diff-match-patch only says which characters inside one of them stayed, and
makes that readable (semantic clean-up). It runs without its time limit, on short spans alone, so that what it finds
depends on nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from diff_match_patch import diff_match_patch

from .model import Alignment, Difference

__all__ = ["elided", "spans", "word_diff"]

#: Longest product of lengths that is looked into; beyond it one side stands for the other as a whole.
_AREA = 1 << 16
#: Characters of context; differences that are nearer to each other than twice that share a line.
_CONTEXT = 12
#: From this length on a line ends before the next difference, however near.
_LINE = 80
#: What is longer than `_LONG` is shown by its head and its tail.
_LONG, _HEAD, _TAIL = 80, 44, 16
_VISIBLE = str.maketrans({"\n": "↵", "\r": "␍", "\t": "⇥"})

#: Mark-up of one part of a diff: called with the part and ``-`` or ``+``.
Mark = Callable[[str, str], str]


def spans(difference: Difference) -> list[tuple[int, str]]:
    """The parts of a difference in order: -1 with what is only observed, 1 only intended, 0 with what both have.

    The parts of -1 and 0 joined are what is observed, those of 0 and 1 what is intended; none is empty. A number is
    not cut: 22 for 21 is one number for another.
    """
    observed, intended = difference.observed, difference.intended
    if difference.kind == "number" or len(observed) * len(intended) > _AREA:
        parts = [(-1, observed), (1, intended)]
    else:
        engine = diff_match_patch()
        engine.Diff_Timeout = 0  # no limit: what is found must not depend on how busy the machine is
        parts = engine.diff_main(observed, intended, False)
        engine.diff_cleanupSemantic(parts)
    return [(sign, text) for sign, text in parts if text]


def word_diff(
    alignment: Alignment, name: str, other: str, *, kinds: frozenset[str] | None = None, mark: Mark | None = None
) -> Iterator[str]:
    """The lines of a diff by characters, each with its line end; no differences, no lines.

    A hunk has a head with both places (code points, half open) and the kinds, and one line of text: what only the
    first text has as ``[-…-]``, what only the second has as ``{+…+}``, line ends as ↵. It is made to be read; long
    stretches are shortened. `kinds` leaves out all others; `mark` colours parts for a terminal.
    """
    wanted = [d for d in alignment.differences if kinds is None or d.kind in kinds]
    if not wanted:
        return
    yield f"--- {name}\n"
    yield f"+++ {other}\n"
    hunks = list(_hunks(wanted))
    ends = [0, *(hunk[-1].end for hunk in hunks)]
    starts = [*(hunk[0].start for hunk in hunks[1:]), len(alignment.a)]
    for hunk, floor, ceiling in zip(hunks, ends, starts, strict=False):
        first, last = hunk[0], hunk[-1]
        kinds_here = Counter(d.kind for d in hunk)
        labels = ", ".join(kind if count == 1 else f"{kind} ×{count}" for kind, count in kinds_here.items())
        yield f"@@ {first.start}:{last.end} {first.other_start}:{last.other_end} @@ {labels}\n"
        left, right = max(floor, first.start - _CONTEXT), min(ceiling, last.end + _CONTEXT)
        yield f" {_line(alignment.a[left:right], left, hunk, mark)}\n"


def elided(text: str) -> str:
    """`text` in one visible line; of a long one the head and the tail, and how long it is."""
    if len(text) > _LONG:
        text = f"{text[:_HEAD]} … {text[-_TAIL:]} ({len(text):,} characters)"
    return text.translate(_VISIBLE)


def _hunks(differences: Sequence[Difference]) -> Iterator[list[Difference]]:
    hunk: list[Difference] = []
    for d in differences:
        near = 2 * _CONTEXT if hunk and d.start - hunk[0].start < _LINE else 0
        if hunk and d.start - hunk[-1].end > near:
            yield hunk
            hunk = []
        hunk.append(d)
    yield hunk


def _line(text: str, at: int, hunk: Sequence[Difference], mark: Mark | None) -> str:
    """`text`, which begins at `at` of the first text, with its differences marked up."""
    out: list[str] = []
    done = 0
    for d in hunk:
        out.append(text[done : d.start - at].translate(_VISIBLE))
        for sign, part in spans(d):
            shown = elided(part)
            if sign:
                shown = f"[-{shown}-]" if sign < 0 else f"{{+{shown}+}}"
                shown = mark(shown, "-" if sign < 0 else "+") if mark else shown
            out.append(shown)
        done = d.end - at
    return "".join([*out, text[done:].translate(_VISIBLE)])
