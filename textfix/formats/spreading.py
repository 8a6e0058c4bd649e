"""Spread edits of a text over the characters of a document that has no place for some of them.

An edit may reach over the end of a word or a line. Words and lines are boxes on the page: they stay, and so do the
blanks and line ends between them, which are markup. So the replacement is aligned with what it replaces, every new
character goes to the word of the old one for which it stands, and what is left of a word may be nothing: its box stays,
empty. 彳|壬 read as two words becomes 任| with the second one empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..edits import Edit, Edits

__all__ = ["Spread", "spread"]

_OPENING = frozenset("“‘（《〈【〔「『([{<")
#: Prices: dropping or adding a character, or putting one in place of another; nothing takes a gap's place.
_STEP, _NEVER = 2, 1000
#: Dropping the gap between two words costs less than a character: it stays anyway.
_GAP = 1
#: Edits are spread again at most this often; blanks beside a gap come to rest after two or three times.
_AGAIN = 8


@dataclass(slots=True)
class Spread:
    """What becomes of a text: `new` characters in the place of old ones, and what is `inserted`.

    `inserted` maps an index to the text put in there and whether it belongs to the character before it. `made` are the
    edits as they can be made: those of the input less what would change gaps.
    """

    new: dict[int, str] = field(default_factory=dict)
    inserted: dict[int, tuple[str, bool]] = field(default_factory=dict)
    made: Edits = field(default_factory=Edits)


def spread(text: str, held: frozenset[int], edits: Iterable[Edit], heads: frozenset[int] = frozenset()) -> Spread:
    """Spread `edits` of `text` over those of its characters that are `held` by the document.

    `heads` are the indices at which a word begins; no blank is put in there. What has been made can be made again:
    edits that bring blanks beside gaps are spread until that is so.
    """
    out = _spread(text, held, edits, heads)
    for _ in range(_AGAIN):
        again = _spread(text, held, out.made, heads)
        if again.made.apply(text) == out.made.apply(text):
            break
        out = again
    return out


def _spread(text: str, held: frozenset[int], edits: Iterable[Edit], heads: frozenset[int]) -> Spread:
    out = Spread()
    made: list[Edit] = []
    for edit in edits:
        replacement = _one(out, text, held, edit, heads)
        if replacement != edit.observed:
            made.append(
                Edit(edit.start, edit.end, edit.observed, replacement, edit.kind, edit.confidence, edit.evidence)
            )
    out.made = Edits(made)
    return out


def _one(out: Spread, text: str, held: frozenset[int], edit: Edit, heads: frozenset[int]) -> str:
    """Spread one edit; returns what stands in its place then, gaps included."""
    kept: dict[int, str] = {}
    added: dict[int, str] = {}
    for i, char in _align(edit, held):
        if i >= 0:
            kept[i] = char
        else:
            added[~i] = added.get(~i, "") + char
    placed: dict[int, str] = {}
    for at, chars in added.items():
        wanted = "".join(c for c in chars if c not in "\n\r\u2028\u2029")
        home = _home(at, edit, held, before=wanted[:1] not in _OPENING)
        if home is None or not wanted:
            continue
        place, behind = home
        beyond = place if behind else place - 1
        if wanted.isspace() and (place in heads or beyond not in held or text[beyond].isspace()):
            continue  # at the end of a word, where there is a blank already or the script sets none
        placed[place] = placed.get(place, "") + wanted
        before, side = out.inserted.get(place, ("", behind))
        out.inserted[place] = (before + wanted, side)
    pieces: list[str] = []
    for i in range(edit.start, edit.end):
        pieces.append(placed.get(i, ""))
        if i not in held:
            pieces.append(text[i])
            continue
        new = kept.get(i, "")
        pieces.append(new)
        if new != text[i]:
            out.new[i] = new
    pieces.append(placed.get(edit.end, ""))
    return "".join(pieces)


def _home(at: int, edit: Edit, held: frozenset[int], *, before: bool) -> tuple[int, bool] | None:
    """Where text can be put in near `at`: the index in front of which it goes, and whether it clings to what is before.

    On the way over gaps the search stays within the edit and the characters that touch it.
    """
    left = next((i for i in range(at - 1, edit.start - 2, -1) if i in held), None)
    right = next((i for i in range(at, edit.end + 1) if i in held), None)
    if left is not None and right is not None and (left == at - 1) != (right == at):
        before = left == at - 1  # a gap on one side only: it belongs to the other
    if left is not None and (before or right is None):
        return left + 1, True
    return None if right is None else (right, False)


def _align(edit: Edit, held: frozenset[int]) -> list[tuple[int, str]]:
    """A cheapest alignment of what was observed with its replacement (Wagner & Fischer 1974, gaps kept apart).

    Pairs of an index of the text and the character that takes its place; ``~index`` for one put in before the index.
    Of equal ones the leftmost replacement wins: of 彳壬 → 任 the first is replaced and the second dropped.
    """
    x, y = edit.observed, edit.replacement
    real = [edit.start + i in held for i in range(len(x))]
    cost = [[j * _STEP for j in range(len(y) + 1)]]
    for i, char in enumerate(x):
        drop = _STEP if real[i] else _GAP
        above = cost[-1]
        row = [above[0] + drop]
        for j, other in enumerate(y):
            pair = 0 if char == other else _STEP if real[i] and not other.isspace() else _NEVER
            row.append(min(above[j] + pair, above[j + 1] + drop, row[j] + _STEP))
        cost.append(row)
    out: list[tuple[int, str]] = []
    i, j = len(x), len(y)
    while i or j:
        here = cost[i][j]
        if i and here == cost[i - 1][j] + (_STEP if real[i - 1] else _GAP):
            i -= 1
        elif j and here == cost[i][j - 1] + _STEP:
            j -= 1
            out.append((~(edit.start + i), y[j]))
        else:
            i, j = i - 1, j - 1
            if real[i]:
                out.append((edit.start + i, y[j]))
    out.reverse()
    return out
