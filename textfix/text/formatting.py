"""Formatting rules: what OCR does to the setting of a text, undone by the conventions (GB/T 15834-2011).

Each rule looks at the whole text once as arrays and hands back `Edit`s; none reads another's result, so their
edits can be proposed together. The rules, as data:

======== ======================================================================================
width    ``,;:!?`` beside a Han character or a full-width mark become full-width; brackets by pairs
quote    straight double quotes are paired and turned; a turned quote that breaks the pairing is
         turned back; where the pairing is in doubt nothing is touched
space    one or two blanks between Han characters, marks and digits inside a sentence go;
         indentation, columns, and the blank behind a heading's number stay
======== ======================================================================================

A document that keeps the conventions comes back untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..edits import Edit
from .classes import DIGIT, HAN, LATIN, NEWLINE, SPACE
from .codepoints import CodePoints

__all__ = ["quotes", "spaces", "widths"]

Classes = NDArray[np.uint8]

#: Half-width mark → the full-width mark that Chinese text sets in its place.
FULL_WIDTH = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"}
_FULL_MARKS = "，。、；：！？（）《》〈〉“”‘’〔〕【】…「」『』"
#: Set by hand, above the default threshold and below certainty; not calibrated.
CONFIDENCE = {"width": 0.99, "quote": 0.97, "space": 0.98}

_HALF = np.zeros(0x10000, dtype=bool)
_HALF[[ord(c) for c in FULL_WIDTH]] = True
_FULL = np.zeros(0x10000, dtype=bool)
_FULL[[ord(c) for c in _FULL_MARKS]] = True


def _member(table: NDArray[np.bool_], codes: CodePoints) -> NDArray[np.bool_]:
    return np.take(table, codes, mode="clip") & (codes < 0x10000)


def _solid_neighbours(classes: Classes, at: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each position the nearest position to the left and right that is no blank (-1 and n at the ends)."""
    solid = np.flatnonzero(classes != SPACE)
    rank = np.searchsorted(solid, at)
    padded = np.concatenate(([-1], solid, [classes.size]))
    is_solid = classes[at] != SPACE
    return padded[rank], padded[rank + 1 + is_solid]


def widths(text: str, codes: CodePoints, classes: Classes) -> list[Edit]:
    """Half-width marks in Chinese surroundings → full width. Brackets change by pairs."""
    at = np.flatnonzero(_member(_HALF, codes))
    if not at.size:
        return []
    left, right = _solid_neighbours(classes, at)
    n = codes.size
    chinese = np.zeros(n + 2, dtype=bool)  # index shifted by one, so that -1 and n are "no"
    chinese[1:-1] = (classes == HAN) | _member(_FULL, codes)
    latin = np.zeros(n + 2, dtype=bool)
    latin[1:-1] = (classes == LATIN) | (classes == DIGIT)
    near_left, near_right = chinese[left + 1], chinese[right + 1]
    word_left, word_right = latin[left + 1], latin[right + 1]
    edits: list[Edit] = []
    plain = near_left | (near_right & ~(word_left & word_right))
    stack: list[tuple[int, bool]] = []
    for i, ok in zip(at.tolist(), plain.tolist(), strict=True):
        char = text[i]
        if char == "(":
            stack.append((i, ok))
        elif char == ")":
            if stack and "\n\n" not in text[stack[-1][0] : i]:
                j, opened = stack.pop()
                inside = bool((classes[j + 1 : i] == HAN).any())
                if inside or opened:
                    edits += [_width(j, "("), _width(i, ")")]
            elif text.rfind("（", max(0, i - 60), i) > text.rfind("）", max(0, i - 60), i):
                edits.append(_width(i, ")"))  # closes a full-width bracket
        elif ok and not _is_markup(text, i):
            edits.append(_width(i, char))
    for j, ok in stack:
        close = text.find("）", j, j + 60)
        if ok and close >= 0 and "（" not in text[j:close]:
            edits.append(_width(j, "("))
    return edits


def _width(i: int, char: str) -> Edit:
    return Edit(i, i + 1, char, FULL_WIDTH[char], "width", CONFIDENCE["width"], {"rule": "width"})


#: What stands before the semicolon of a character reference: &nbsp; &#160; &#xA0;
_REFERENCE = re.compile(r"&#?[0-9A-Za-z]{2,8}\Z")


def _is_markup(text: str, i: int) -> bool:
    """Whether the mark ends a character reference of HTML, or goes on into an address (https://…/重庆?id=1)."""
    if text[i] == ";":
        return _REFERENCE.search(text, max(0, i - 10), i) is not None
    behind = text[i + 1 : i + 2]
    if not (behind.isascii() and behind.isalnum()):
        return False
    before = text[max(0, i - 200) : i]
    return "://" in before[max(map(before.rfind, " \t\r\n\u3000")) + 1 :]


_OPEN, _CLOSE = "“", "”"
_AFTER_CLOSE = frozenset("，。、；：！？）》〕】…")
_BEFORE_OPEN = frozenset("，。、；：！？（《〔【…")


def quotes(text: str) -> list[Edit]:
    """Double quotation marks: straight ones paired and turned, wrongly turned ones turned back.

    Works by paragraph (a blank line, or a line end behind a full stop, ends one). Every mark is assigned open or
    close by a two-state path whose costs come from the neighbours; a paragraph whose best path leaves a mark
    unpaired is touched only where the direction is certain from the neighbours alone.
    """
    edits: list[Edit] = []
    for marks in _quote_groups(text):
        edits += _turn(text, marks)
    return edits


def _quote_groups(text: str) -> Iterator[list[int]]:
    """Positions of the double quotation marks, by paragraph."""
    marks = _positions(text, '"“”＂〝〞')
    if "".join(text[i] for i in marks) == "“”" * (len(marks) // 2):
        return  # every mark is turned and paired
    group: list[int] = []
    for i in marks:
        if group and _paragraph_between(text, group[-1], i):
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def _positions(text: str, chars: str) -> list[int]:
    found: list[int] = []
    for char in chars:
        i = text.find(char)
        while i >= 0:
            found.append(i)
            i = text.find(char, i + 1)
    return sorted(found)


def _paragraph_between(text: str, a: int, b: int) -> bool:
    i = text.find("\n", a, b)
    while i >= 0:
        before = text[max(0, i - 8) : i].rstrip(" \t\u3000\r")[-1:]
        if before in ("。", "！", "？", "”", "") or text[i + 1 : i + 2] in ("\n", "\r", "\u3000", " "):
            return True
        i = text.find("\n", i + 1, b)
    return False


def _lean(text: str, i: int) -> float:
    """Evidence of the neighbours that the mark at `i` opens (positive) or closes (negative), in nats."""
    left = text[i - 1 : i]
    right = text[i + 1 : i + 2]
    lean = 0.0
    if right in _AFTER_CLOSE or right in ("\n", ""):
        lean -= 3.0
    if left in _BEFORE_OPEN or left in ("\n", "", "\u3000"):
        lean += 2.0
    if left == " ":
        lean += 0.5
    if right == " ":
        lean -= 0.5
    if left in ("。", "！", "？"):
        lean -= 1.5  # a full stop stands inside the closing mark as often as before an opening one
    return lean


def _turn(text: str, marks: Sequence[int]) -> list[Edit]:
    # Viterbi over states closed (0) and open (1) between marks.
    inf = float("inf")
    cost = [0.0, inf]
    back: list[tuple[tuple[int, bool], tuple[int, bool]]] = []
    for i in marks:
        lean = _lean(text, i)
        observed = text[i]
        as_open = max(0.0, -lean) + (4.0 if observed == _CLOSE else 0.0)
        as_close = max(0.0, lean) + (4.0 if observed == _OPEN else 0.0)
        unpaired = 6.0
        to_open = min((cost[0] + as_open, (0, True)), (cost[1] + as_open + unpaired, (1, True)))
        to_closed = min((cost[1] + as_close, (1, False)), (cost[0] + as_close + unpaired, (0, False)))
        back.append((to_closed[1], to_open[1]))
        cost = [to_closed[0], to_open[0]]
    state = 0 if cost[0] <= cost[1] + 6.0 else 1
    broken = state == 1
    opens: list[bool] = []
    for step in reversed(back):
        previous, is_open = step[state]
        broken |= previous == state
        opens.append(is_open)
        state = previous
    opens.reverse()
    foreign = [_foreign(text, marks, opens, k) for k in range(len(marks))]
    edits: list[Edit] = []
    for k, (i, is_open) in enumerate(zip(marks, opens, strict=True)):
        wanted = _OPEN if is_open else _CLOSE
        if text[i] == wanted or foreign[k]:
            continue
        lean = _lean(text, i)
        sure = not broken or (abs(lean) > 1.0 and (lean > 0) == is_open)
        if sure or _partner_fits(text, marks, opens, k):
            edits.append(Edit(i, i + 1, text[i], wanted, "quote", CONFIDENCE["quote"], {"rule": "quote"}))
    return edits


def _partner(opens: Sequence[bool], k: int) -> int | None:
    """The mark that makes a pair with mark `k`, if its neighbour does."""
    j = k + 1 if opens[k] else k - 1
    return j if 0 <= j < len(opens) and opens[j] != opens[k] else None


def _partner_fits(text: str, marks: Sequence[int], opens: Sequence[bool], k: int) -> bool:
    """Whether the mark forms a near pair (at most 30 characters, no sentence end inside) with its neighbour."""
    j = _partner(opens, k)
    if j is None:
        return False
    a, b = sorted((marks[k], marks[j]))
    return b - a <= 30 and not any(stop in text[a:b] for stop in "。！？；")


def _foreign(text: str, marks: Sequence[int], opens: Sequence[bool], k: int) -> bool:
    """Whether the mark belongs to inches, code or English. Both marks of a pair do, or none.

    Where only one stands among Latin letters or digits ("ISO" 标准), the outside decides: a pair that touches a letter
    or digit there is foreign (5" x 6"的).
    """
    alone = _among_latin(text, marks[k])
    j = _partner(opens, k)
    if j is None or _among_latin(text, marks[j]) == alone:
        return alone
    a, b = sorted((marks[k], marks[j]))
    outside = text[max(0, a - 1) : a] + text[b + 1 : b + 2]
    return any(c.isascii() and c.isalnum() for c in outside)


def _among_latin(text: str, i: int) -> bool:
    around = text[max(0, i - 3) : i].rstrip(" ")[-1:] + text[i + 1 : i + 4].lstrip(" ")[:1]
    return bool(around) and all(c.isascii() for c in around)


_BLANKS = frozenset(" \u00a0")
#: What begins the next item of a list: 1. 指标表 2. 任务分工. Not a decimal (2.5).
_ITEM = re.compile(r"[0-9]{1,2}(?:[.．](?![0-9])|[)）、])")
#: What an address is made of: everything in ASCII that can be seen.
_ADDRESS = "".join(map(chr, range(0x21, 0x7F)))
#: A blank behind these is part of the setting: 第三条 为了…, 图 1, 附件 2.
_LABELS = frozenset("图表件录栏")


def spaces(text: str, classes: Classes, codes: CodePoints) -> list[Edit]:
    """Stray blanks between Han characters, marks and digits inside a sentence.

    Runs of at most two blanks with text on both sides of the same line. A blank between two Han characters goes
    only inside running text, where the language model has no say here: see `repairer.spacing` for the doubtful ones.
    """
    blank = classes == SPACE
    if not blank.any():
        return []
    edge = np.diff(np.concatenate(([0], blank.view(np.int8), [0])))
    starts, ends = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    inner = (starts > 0) & (ends < codes.size) & (ends - starts <= 2)
    starts, ends = starts[inner], ends[inner]
    left, right = classes[starts - 1], classes[np.minimum(ends, codes.size - 1)]
    full_left, full_right = _member(_FULL, codes[starts - 1]), _member(_FULL, codes[np.minimum(ends, codes.size - 1)])
    half_left = _member(_HALF, codes[starts - 1])
    body_left = (left == HAN) | (left == DIGIT) | full_left
    body_right = (right == HAN) | (right == DIGIT) | full_right
    wanted = (
        ((left == HAN) & (right == DIGIT))
        | ((left == DIGIT) & (right == HAN))
        | (full_left & body_right)
        | (body_left & full_right)
        | (half_left & (right == HAN))
    ) & (left != NEWLINE) & (right != NEWLINE)
    edits: list[Edit] = []
    for a, b in zip(starts[wanted].tolist(), ends[wanted].tolist(), strict=True):
        if set(text[a:b]) <= _BLANKS and not _set_on_purpose(text, a, b):
            edits.append(Edit(a, b, text[a:b], "", "space", CONFIDENCE["space"], {"rule": "space"}))
    return edits


def _set_on_purpose(text: str, a: int, b: int) -> bool:
    """Blanks set on purpose: behind a heading's number, a label, an address; before an item; between quotations."""
    begin = max(text.rfind("\n", 0, a) + 1, a - 12)
    head = text[begin:a].lstrip(" \u3000\t")
    at_line_start = begin == 0 or text[begin - 1] == "\n"
    if at_line_start and head and all(c.isdigit() or c in ".．、()（）" for c in head):
        return True
    if text[a - 1] in _LABELS and text[b].isdigit():
        return True
    number = head.rstrip("0123456789.-—－")
    if number != head and number.rstrip(" ")[-1:] in _LABELS and number[-1:] == " ":
        return True
    if text[a - 1] == _CLOSE and text[b] == _OPEN:
        return True
    if text[a - 1] in "：:" and text[b].isdigit():
        return True
    if text[b] not in _FULL_MARKS and _is_address(text, a):
        return True
    if _ITEM.match(text, b):
        return True
    # A mark in front of which a blank stands at the start of a line's only word (a table cell) is left.
    return at_line_start and len(head) <= 1 and text[a - 1] not in _FULL_MARKS


def _is_address(text: str, end: int) -> bool:
    """Whether what ends at `end` is a URL or a mail address, which only a blank keeps apart from what follows."""
    line = text[max(text.rfind("\n", 0, end) + 1, end - 200) : end]
    word = line[len(line.rstrip(_ADDRESS)) :]
    return "://" in word or "@" in word or word.startswith("www.")
