"""Evidence for each proposal as a row of numbers: what the forest decides by.

Everything here is local: a feature looks at most `REACH` kept characters to either side, and never over a paragraph
break except through line lengths. What the document as a whole says is added by `estimates`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..lm import BOS, CONTEXT, EOS, LanguageModel
from ..lm.marks import NONE, answer_of
from ..lm.phrases import SIDE
from ..lm.towers import Known
from ..text.arrays import first_of_each, numbered
from ..text.classes import MARK, OTHER, classify
from ..text.codepoints import CodePoints
from .models import Models
from .proposals import Detail, Floats, Ints, Proposals
from .view import View

__all__ = ["FEATURES", "REACH", "features"]

REACH = 80
_LINE = 60  # a line's length counts up to this
_CLAUSE = 40  # distance to the next stop counts up to this
_NEAR = 10  # windows of the phrase table on either side
_FAR = 30  # nats: log-probabilities below count as this
_NO_ECHO = -20.0

#: Names of the columns, in order.
FEATURES = (
    "kind", "length", "size", "rank", "margin", "rival", "prior", "likeness", "seen", "errors",
    "gain", "low_before", "low_after", "own", "left", "right", "observed", "previous", "next",
    "disturbance", "disturbance_near", "suspects_near", "unigram_observed", "unigram_replacement",
    "mark_observed", "mark_replacement", "ascii_observed", "class_before", "class_behind",
    "break_before", "break_behind", "gap_before", "gap_behind", "from_line_start", "to_line_end", "line_length",
    "line_length_before", "token_length", "from_token_start",
    "stop_before", "stop_behind", "from_stop", "to_stop", "quote_before", "quote_behind", "from_quote", "to_quote",
    "bracket_before", "bracket_behind", "sentence_start", "said", "stood", "said_more", "said_less",
    "said_lead", "attested", "attested_before", "attested_near", "lean",
    "mark_said", "mark_stood", "mark_lead", "spelling", "letters", "echo",
)  # fmt: skip

_MARK_NUMBER = np.zeros(0x10000, dtype=np.int8)
_NUMBERED = "，。、；：“”（）《》·.—-%,;:()\"'|*[]{}〈〉【】〔〕=_°•!！?？"
for _i, _c in enumerate(_NUMBERED, 1):
    _MARK_NUMBER[ord(_c)] = _i


def _set(chars: str) -> NDArray[np.int8]:
    return np.array([_NUMBERED.index(c) + 1 for c in chars], dtype=np.int8)


_STOPS, _QUOTES, _BRACKETS = _set("，。、；：,;:！？"), _set('“”"'), _set("（）()")


def _mark(codes: NDArray[np.uint32]) -> NDArray[np.int8]:
    return np.where(codes < 0x10000, np.take(_MARK_NUMBER, codes, mode="clip"), 0).astype(np.int8)


def features(
    v: View,
    models: Models,
    log_probs: Floats,
    disturbance: Floats,
    suspicious: NDArray[np.bool_],
    attested: NDArray[np.bool_],
    p: Proposals,
    d: Detail,
    known: Known | None = None,
) -> Floats:
    """The feature matrix of `p`, float32, shape (m, len(FEATURES)).

    `log_probs` are those of the stream, `disturbance` (n,) and `suspicious` (n,) those of the kept characters,
    `attested` (n,) tells of the five from each kept character on whether the phrase table has them; `known` is what the
    mark model has said so far.
    """
    channel, unigrams = models.channel, models.unigrams
    n = len(v)
    start, end = p.start, p.start + p.length
    replaced = p.length > 0
    # An insertion clings to the character before it, and belongs to that one's paragraph.
    paragraph = v.paragraph[np.where(replaced, start, np.maximum(start - 1, 0))]
    edges = np.append(np.flatnonzero(v.breaks[:-1] == 2), n)
    first, last = edges[paragraph], edges[paragraph + 1]
    here, behind, before = np.minimum(start, n - 1), np.minimum(end, n - 1), np.maximum(start - 1, 0)
    opens, closes = start <= first, end >= last
    observed = np.where(replaced, v.codes[here], 0).astype(np.uint32)
    own = log_probs[v.at]
    marks = _mark(v.codes)
    counted = np.concatenate([[0], np.cumsum(suspicious)])
    near = [np.clip(start + k, first, last - 1) for k in range(-2, 3)]
    columns = [
        p.kind, p.length, p.size, p.rank, p.margin, _rivals(v, p, d, paragraph), p.prior,
        _likeness(channel, v, p), _seen(channel, v, p), np.log1p(channel.errors(observed)),
        d.gain, d.low_before, d.low_after, d.own, d.left, d.right, d.observed,
        np.where(opens, 0, own[before]), np.where(closes, 0, own[behind]),
        np.where(start < last, disturbance[here], 0),
        np.minimum.reduce([disturbance[k] for k in near]),
        counted[np.minimum(end + 12, last)] - counted[np.maximum(start - 12, first)],
        np.where(replaced, unigrams[v.ids[here]], 0), np.where(p.size > 0, unigrams[p.ids[:, 0]], 0),
        _mark(observed), _mark(p.codes[:, 0]), np.where(observed < 128, observed, 0),
        np.where(opens, 9, v.classes[before]), np.where(closes, 9, v.classes[behind]),
        v.breaks[start], v.breaks[np.minimum(end, n)], v.gap[start], v.gap[np.minimum(end, n)],
        *_line(v, start, end, replaced), *_token(v, start, replaced),
        *_nearest(marks, _STOPS, start, end, _CLAUSE, first, last),
        *_nearest(marks, _QUOTES, start, end, REACH, first, last),
        *_nearest(marks, _BRACKETS, start, end, REACH, first, last)[:2],
        _sentence_start(v, models.lm, np.where(closes, v.at[np.maximum(end - 1, 0)] + 1, v.at[behind])),
        p.said, p.stood, p.said - p.stood, p.best - p.said,
        np.where(p.said >= p.best, p.said - p.second, p.said - p.best),
        *_phrases(v, models, attested, p, first, last), _lean(channel, v, p),
        *_which_mark(v, models, p, first, last, known),
        *(_each_pair(p, v, by) for by in (channel.spellings.log_ratio, channel.spellings.agreement)),
        _echo(channel, v, p, opens, closes),
    ]  # fmt: skip
    out = np.empty((len(p), len(FEATURES)), dtype=np.float32)
    for i, column in enumerate(columns):
        out[:, i] = column
    return np.maximum(out, -4.0 * _FAR)


def _rivals(v: View, p: Proposals, d: Detail, paragraph: Ints) -> Floats:
    """Lead in score over the best other proposal that starts here or at a neighbour of the same paragraph."""
    score = d.gain + p.prior
    at = p.start + 1 + 2 * paragraph  # two empty places between paragraphs
    top = np.full(len(v) + 2 * int(v.paragraph[-1]) + 5, -50.0, dtype=np.float32)
    np.maximum.at(top, at, score)
    order = np.lexsort((-score, at))
    s = at[order]
    new = np.ones(s.size, dtype=bool)
    new[1:] = s[1:] != s[:-1]
    second = np.flatnonzero(~new & np.concatenate([[False], new[:-1]])) if s.size else np.empty(0, dtype=np.intp)
    runner = np.full_like(top, -50.0)
    runner[s[second]] = score[order[second]]
    best_here = np.where(score >= top[at], runner[at], top[at])
    return np.asarray(score - np.maximum.reduce([best_here, top[at - 1], top[at + 1]]), dtype=np.float32)


def _each_pair(p: Proposals, v: View, function: Callable[[CodePoints, CodePoints], Floats]) -> Floats:
    """The least of `function(observed, replacement)` over the characters of one-for-one and two-for-two proposals, the
    greatest over the two that one character replaces."""
    out = np.zeros(len(p), dtype=np.float32)
    for width in (1, 2):
        rows = np.flatnonzero((p.length == width) & (p.size == width))
        if rows.size:
            values = [function(v.codes[p.start[rows] + k], p.codes[rows, k]) for k in range(width)]
            out[rows] = np.minimum.reduce(values)
    rows = np.flatnonzero((p.length == 2) & (p.size == 1))
    if rows.size:
        values = [function(v.codes[p.start[rows] + k], p.codes[rows, 0]) for k in range(2)]
        out[rows] = np.maximum.reduce(values)
    return out


def _likeness(channel: Channel, v: View, p: Proposals) -> Floats:
    return _each_pair(p, v, channel.similarity)


def _seen(channel: Channel, v: View, p: Proposals) -> Floats:
    seen = _each_pair(p, v, channel.count)
    rows = np.flatnonzero((p.length == 2) & (p.size == 1))
    one = p.start[rows]
    seen[rows] = np.maximum(seen[rows], channel.wholes.count(v.codes[one], v.codes[one + 1], p.codes[rows, 0]))
    invented, lost = _invented(p), _lost(p)
    seen[invented] = channel.strays.invented(v.codes[p.start[invented]])
    seen[lost] = channel.strays.lost(p.codes[lost, 0])
    return np.log1p(seen)


def _invented(p: Proposals) -> Ints:
    """The proposals that take one character out."""
    return np.flatnonzero((p.length == 1) & (p.size == 0))


def _lost(p: Proposals) -> Ints:
    """The proposals that put one character in."""
    return np.flatnonzero((p.length == 0) & (p.size == 1))


def _echo(channel: Channel, v: View, p: Proposals, opens: NDArray[np.bool_], closes: NDArray[np.bool_]) -> Floats:
    """For one character to be taken out, the log-probability that one of its neighbours is read as it: engines print
    some glyphs twice, each time as something else (了予 for 予)."""
    out = np.full(len(p), _NO_ECHO, dtype=np.float32)
    rows = _invented(p)
    for step, edge in ((-1, opens), (1, closes)):
        beside = rows[~edge[rows]]
        at = p.start[beside]
        out[beside] = np.maximum(out[beside], channel.log_prob(v.codes[at], v.codes[at + step]))
    return out


def _phrases(
    v: View, models: Models, attested: NDArray[np.bool_], p: Proposals, first: Ints, last: Ints
) -> list[NDArray[Any]]:
    """How many windows of the phrase table are attested over what each proposal makes, over what stands there, and
    over the ten characters on either side."""
    ids = models.cloze.id_of(v.codes)
    start, end = p.start, p.start + p.length
    sides = models.cloze.surroundings(ids, start - 1, end, first, last, SIDE)
    left, right = sides[:, :SIDE], sides[:, SIDE:]
    made = np.zeros(len(p), dtype=np.int64)
    for size in range(p.codes.shape[1] + 1):
        rows = np.flatnonzero(p.size == size)
        middle = models.cloze.id_of(p.codes[rows, :size])
        made[rows] = models.phrases.around(left[rows], middle, right[rows])
    counted = np.concatenate([[0], np.cumsum(attested)])

    def count(low: Ints, high: Ints) -> Ints:
        return np.asarray(counted[np.clip(high, first, last)] - counted[np.clip(low, first, last)])

    before = count(start - SIDE, end)
    return [made, before, count(start - SIDE - _NEAR, start - SIDE) + count(end, end + _NEAR)]


def _which_mark(
    v: View, models: Models, p: Proposals, first: Ints, last: Ints, known: Known | None
) -> list[Floats]:
    """What the mark model says of the replacement, of what stands, and of the former beside the likeliest other answer;
    1, 1 and 0 where nothing is lost and no mark concerned."""
    out = np.ones((3, len(p)), dtype=np.float32)
    out[2] = 0
    observed = v.codes[np.minimum(p.start, len(v) - 1)]
    kind = v.classes[np.minimum(p.start, len(v) - 1)]
    concerned = (p.length == 0) | (kind == MARK) | (kind == OTHER) | (classify(p.codes[:, 0]) == MARK)
    rows = np.flatnonzero(concerned & (p.length < 2) & (p.size < 2))
    start, length = p.start[rows], p.length[rows]
    at = first_of_each(key := start * 2 + length)
    one, n = rows[at], len(v)
    ids = models.marks.id_of(v.codes)
    behind = np.minimum(p.start[one] + p.length[one], n)
    answers = models.marks.log_probs(ids, p.start[one] - 1, behind, first[one], last[one], known)
    said = answers[np.searchsorted(key[at], key)]
    every = np.arange(rows.size)
    new = np.where(p.size[rows] > 0, answer_of(p.codes[rows, 0]), NONE)
    old = np.where(length > 0, answer_of(observed[rows]), NONE)
    out[0, rows], out[1, rows] = said[every, new], said[every, old]
    said[every, new] = -np.inf
    out[2, rows] = out[0, rows] - said.max(axis=1)
    return list(out)


def _lean(channel: Channel, v: View, p: Proposals) -> Floats:
    """Towards which family of engines the confusions of one-for-one and two-for-two proposals lean, added up, and what
    is invented or lost."""
    out = np.zeros(len(p), dtype=np.float32)
    invented, lost = _invented(p), _lost(p)
    out[invented] = channel.strays.lean_invented(v.codes[p.start[invented]])
    out[lost] = channel.strays.lean_lost(p.codes[lost, 0])
    for k in range(p.codes.shape[1]):
        rows = np.flatnonzero((p.length == p.size) & (p.size > k))
        out[rows] += channel.lean(v.codes[p.start[rows] + k], p.codes[rows, k])
    return out


def _line(v: View, start: Ints, end: Ints, replaced: NDArray[np.bool_]) -> list[Ints]:
    """Distance from the line's start and to its end, its length and that of the line before, capped."""
    edges = np.flatnonzero(v.breaks > 0)
    line = np.maximum(np.searchsorted(edges, np.where(replaced, start, start - 1), side="right") - 1, 0)
    first = edges[line]
    last = edges[np.minimum(line + 1, edges.size - 1)]
    earlier = np.where(v.breaks[first] == 2, first, edges[np.maximum(line - 1, 0)])
    return [np.minimum(distance, _LINE) for distance in (start - first, last - end, last - first, first - earlier)]


def _token(v: View, start: Ints, replaced: NDArray[np.bool_]) -> list[Ints]:
    """Length of the run without white space that the place is in, and the distance from its start, capped."""
    edges = np.flatnonzero(v.gap > 0)
    run = np.maximum(np.searchsorted(edges, np.where(replaced, start, start - 1), side="right") - 1, 0)
    first, last = edges[run], edges[np.minimum(run + 1, edges.size - 1)]
    return [np.minimum(last - first, 40), np.minimum(start - first, 40)]


def _belongs(marks: NDArray[np.int8], wanted: NDArray[np.int8]) -> NDArray[np.bool_]:
    table = np.zeros(len(_NUMBERED) + 1, dtype=bool)
    table[wanted] = True
    return table[marks]


def _nearest(
    marks: NDArray[np.int8], wanted: NDArray[np.int8], start: Ints, end: Ints, cap: int, first: Ints, last: Ints
) -> list[Ints]:
    """The nearest of `wanted` before and behind in the paragraph ``first : last`` (its number, 0 from `cap` on), and
    the distances, capped."""
    at = np.flatnonzero(_belongs(marks, wanted))
    if not at.size:
        zero, far = np.zeros(start.size, np.int64), np.full(start.size, cap, np.int64)
        return [zero, zero, far, far]
    i, j = np.searchsorted(at, start) - 1, np.searchsorted(at, end)
    left, right = at[np.maximum(i, 0)], at[np.minimum(j, at.size - 1)]
    back = np.where((i >= 0) & (left >= first), np.minimum(start - left, cap), cap)
    ahead = np.where((j < at.size) & (right < last), np.minimum(right - end, cap), cap)
    before = np.where(back < cap, marks[left], 0)
    behind = np.where(ahead < cap, marks[right], 0)
    return [before.astype(np.int64), behind.astype(np.int64), back, ahead]


def _sentence_start(v: View, lm: LanguageModel, place: Ints) -> Floats:
    """How well what follows would open a paragraph: the log-probability of three ids after a begin, (m,)."""
    unique, inverse = numbered(place)
    begin = np.full((unique.size, CONTEXT), EOS, dtype=np.uint16)
    begin[:, -1] = BOS
    following = v.stream[np.minimum(unique[:, None] + np.arange(3), v.stream.size - 1)]
    return lm.score_windows(np.concatenate([begin, following], axis=1), CONTEXT)[inverse]
