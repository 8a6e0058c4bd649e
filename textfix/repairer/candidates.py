"""Candidates for the suspicious spots, from the channel and from both sides of the language model.

Every function proposes one kind of edit at given spots, scores what it proposes by the language model and the channel,
and hands back only the best few at each spot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..channel import Channel
from ..lm import CONTEXT, LanguageModel
from ..text.arrays import first_of_each
from ..text.classes import DIGIT, HAN, LATIN, OTHER, RADICAL, classify
from ..text.codepoints import CodePoints
from .proposals import DELETE, INSERT, PAIR, SUBSTITUTE, Floats, Ints, Proposals, best_by_key, places
from .view import View

__all__ = [
    "MARKS",
    "deletions",
    "insertions",
    "known_pairs",
    "mark_substitutions",
    "neighbouring_pairs",
    "substitutions",
]


def _codes(chars: str) -> CodePoints:
    return np.array([ord(c) for c in chars], dtype=np.uint32)


#: Marks that an engine confuses or loses.
MARKS = _codes("，。、；：“”（）《》")
_MARK_TARGETS = np.concatenate([MARKS, _codes("—·%")])
_NUMERAL = np.zeros(0x10000, dtype=bool)
_NUMERAL[_codes("一二三四五六七八九十百千万亿两〇零")] = True
#: Candidates that the model expects, beside those of the channel.
_EXPECTED = 24
_KEEP_HAN, _KEEP_MARK, _KEEP_INSERTED = 2, 3, 3
#: Characters whose misreading is systematic but far in shape or class: 一 for a dash, 十 for a plus …
_FIXED = {"一": "—", "十": "+", "丶": "、", "°": "。", "o": "。"}
_FIXED_PAIRS = {"一一": "——"}


#: Forms of one mark: which of them stands is a matter of setting, not of content.
_FORMS = (_codes("“”\"‘’'＂＇〝〞„"), _codes("—-－–―─"))


def _fold(codes: CodePoints) -> CodePoints:
    """`codes` with the forms of one mark made equal."""
    out = codes
    for forms in _FORMS:
        out = np.where(np.logical_or.reduce([out == form for form in forms]), forms[0], out)
    return out


def _is_numeral(codes: CodePoints) -> NDArray[np.bool_]:
    return np.take(_NUMERAL, codes, mode="clip") & (codes < 0x10000)


def _around(v: View, start: Ints, length: int) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """The four ids before each place and the four behind what is replaced, both (m, 4)."""
    s = places(v, start, length)[:, None]
    right = np.minimum(s + (length + np.arange(CONTEXT)), v.stream.size - 1)
    return v.stream[s + np.arange(-CONTEXT, 0)], v.stream[right]


def _before(v: View, log_probs: Floats, start: Ints, length: int) -> Floats:
    """The log-probability of what is replaced and of the four ids behind it, (m,)."""
    s = places(v, start, length)[:, None]
    window = np.minimum(s + np.arange(length + CONTEXT), log_probs.size - 1)
    return np.asarray(log_probs[window].sum(axis=1), dtype=np.float32)


def _chosen(p: Proposals, score: Floats, limit: int) -> Proposals:
    """The `limit` best proposals at each start, with margin and rank."""
    rows, margin, rank = best_by_key(score, p.start, limit)
    best = p.take(rows)
    best.margin[:] = margin
    best.rank[:] = rank
    return best


def _distinct(start: Ints, codes: CodePoints) -> NDArray[np.intp]:
    """Indices of the first of each (start, code), in order of both; starts and codes may repeat."""
    key = start.astype(np.uint64) << np.uint64(32) | codes.astype(np.uint64)
    return first_of_each(key)


def _one_for_one(
    v: View, lm: LanguageModel, log_probs: Floats, spots: Ints, slot: Ints, p: Proposals, keep: int
) -> Proposals:
    """Score single characters in the slots of `spots` and keep the best."""
    left, right = _around(v, spots, 1)
    gain = lm.score_slots(left, right, slot, p.ids[:, 0]) - _before(v, log_probs, spots, 1)[slot]
    return _chosen(p, gain + p.prior, keep)


def substitutions(
    v: View, lm: LanguageModel, channel: Channel, log_probs: Floats, spots: Ints, *, han_only: bool = False
) -> Proposals:
    """One character for another at each of `spots`: what the channel knows it for, and what the model expects.

    Digits, Latin letters, symbols and radicals are never proposed, nor one numeral for another.
    """
    observed = v.codes[spots]
    known = channel.intended(observed)
    left, right = _around(v, spots, 1)
    expected, _ = lm.propose(left, right, _EXPECTED)
    characters = lm.vocabulary
    codes = np.concatenate([known, characters.code_of[expected]], axis=1)
    slot = np.repeat(np.arange(spots.size), codes.shape[1])
    flat = codes.ravel()
    start = spots[slot]
    ids = characters.id_of(flat)
    classes = classify(flat)
    good = (flat != 0) & (flat != v.codes[start]) & (ids != v.ids[start])
    good &= (classes != DIGIT) & (classes != LATIN) & (classes != OTHER) & (classes != RADICAL)
    good &= ~(_is_numeral(v.codes[start]) & _is_numeral(flat))
    if han_only:
        good &= classes == HAN
    rows = np.flatnonzero(good)
    rows = rows[_distinct(start[rows], flat[rows])]
    start, flat, ids, slot = start[rows], flat[rows], ids[rows], slot[rows]
    prior = channel.log_prob(v.codes[start], flat)
    p = Proposals.make(SUBSTITUTE, start, 1, ids[:, None], flat[:, None], prior)
    return _one_for_one(v, lm, log_probs, spots, slot, p, _KEEP_HAN)


def mark_substitutions(v: View, lm: LanguageModel, channel: Channel, log_probs: Floats, spots: Ints) -> Proposals:
    """One mark for another at each of `spots`."""
    slot = np.repeat(np.arange(spots.size), _MARK_TARGETS.size)
    start, flat = spots[slot], np.tile(_MARK_TARGETS, spots.size)
    ids = lm.vocabulary.id_of(flat)
    rows = np.flatnonzero((ids != v.ids[start]) & (_fold(flat) != _fold(v.codes[start])))
    start, flat, ids, slot = start[rows], flat[rows], ids[rows], slot[rows]
    p = Proposals.make(SUBSTITUTE, start, 1, ids[:, None], flat[:, None], channel.log_prob(v.codes[start], flat))
    return _one_for_one(v, lm, log_probs, spots, slot, p, _KEEP_MARK)


def known_pairs(v: View, lm: LanguageModel) -> Proposals:
    """Systematic misreadings across classes: 一一 for ——, 一 for —, 十 for +."""
    parts = []
    for observed, intended in {**_FIXED_PAIRS, **_FIXED}.items():
        hits = np.flatnonzero(v.codes == ord(observed[0]))
        if len(observed) == 2:
            hits = hits[hits + 1 < len(v)]
            hits = hits[v.codes[hits + 1] == ord(observed[1])]
        if hits.size:
            codes = np.broadcast_to(_codes(intended), (hits.size, len(intended)))
            prior = np.full(hits.size, -5.0, dtype=np.float32)
            kind = SUBSTITUTE if len(observed) == 1 else PAIR
            parts.append(Proposals.make(kind, hits, len(observed), lm.vocabulary.id_of(codes), codes, prior))
    return Proposals.concatenate(parts)


def deletions(spots: Ints, length: int = 1) -> Proposals:
    """Nothing in place of `length` characters at each of `spots`."""
    none = np.empty((spots.size, 0))
    prior = np.full(spots.size, -9.0, dtype=np.float32)
    return Proposals.make(DELETE, spots, length, none.astype(np.uint16), none.astype(np.uint32), prior)


def insertions(v: View, lm: LanguageModel, log_probs: Floats, gaps: Ints, expected: int) -> Proposals:
    """A character in front of each of `gaps`: a mark, or what the model expects between the neighbours."""
    left, right = _around(v, gaps, 0)
    guessed, _ = lm.propose(left, right, expected)
    marks = np.broadcast_to(MARKS, (gaps.size, MARKS.size))
    codes = np.concatenate([marks, lm.vocabulary.code_of[guessed]], axis=1)
    slot = np.repeat(np.arange(gaps.size), codes.shape[1])
    flat = codes.ravel()
    classes = classify(flat)
    rows = np.flatnonzero((flat != 0) & (classes != DIGIT) & (classes != LATIN) & (classes != OTHER))
    rows = rows[_distinct(gaps[slot[rows]], flat[rows])]
    slot, flat = slot[rows], flat[rows]
    ids = lm.vocabulary.id_of(flat)
    gain = lm.score_slots(left, right, slot, ids) - _before(v, log_probs, gaps, 0)[slot]
    prior = np.full(flat.size, -8.0, dtype=np.float32)
    p = Proposals.make(INSERT, gaps[slot], 0, ids[:, None], flat[:, None], prior)
    return _chosen(p, gain, _KEEP_INSERTED)


def neighbouring_pairs(
    v: View, lm: LanguageModel, channel: Channel, firsts: Ints, unigrams: Floats, keep: int = 8
) -> Proposals:
    """Two wrong characters side by side: joint proposals for each of `firsts` and the character behind it.

    Neither neighbour can be trusted, so the first is ranked by what stands before it and the second by what follows.
    """
    first = _one_sided(v, lm, channel, firsts, unigrams, keep, forward=True)
    second = _one_sided(v, lm, channel, firsts + 1, unigrams, keep, forward=False)
    codes = np.stack([np.repeat(first[0], keep, axis=1), np.tile(second[0], (1, keep))], axis=2).reshape(-1, 2)
    prior = (np.repeat(first[1], keep, axis=1) + np.tile(second[1], (1, keep))).ravel()
    slot = np.repeat(np.arange(firsts.size), keep * keep)
    rows = np.flatnonzero((codes != 0).all(axis=1))
    codes, prior, slot = codes[rows], prior[rows], slot[rows]
    ids = lm.vocabulary.id_of(codes)
    left, right = _around(v, firsts, 2)
    window = np.concatenate([left[slot], ids, right[slot]], axis=1)
    p = Proposals.make(PAIR, firsts[slot], 2, ids, codes, prior)
    return _chosen(p, lm.score_windows(window, CONTEXT) + prior, 1)


def _one_sided(
    v: View, lm: LanguageModel, channel: Channel, spots: Ints, unigrams: Floats, keep: int, *, forward: bool
) -> tuple[CodePoints, Floats]:
    """The `keep` best Han candidates at each spot by the channel and one side alone: codes and priors, (m, keep)."""
    left, right = _around(v, spots, 1)
    known = channel.intended(v.codes[spots])
    expected, _ = lm.propose(left, right, _EXPECTED)
    codes = np.concatenate([known, lm.vocabulary.code_of[expected]], axis=1)
    width = codes.shape[1]
    flat = codes.ravel()
    slot = np.repeat(np.arange(spots.size), width)
    ids = np.where(flat == 0, 0, lm.vocabulary.id_of(flat)).astype(np.uint16)
    good = (classify(flat) == HAN) & (flat != v.codes[spots][slot])
    prior = channel.log_prob(v.codes[spots][slot], flat)
    if forward:
        side = lm.score_columns(np.concatenate([left[slot], ids[:, None]], axis=1), CONTEXT)[:, 0]
    else:
        side = lm.score_windows(np.concatenate([ids[:, None], right[slot]], axis=1), 1) + 0.5 * unigrams[ids]
    score = np.where(good, prior + side, np.float32(-1e9)).reshape(-1, width)
    # The same character may be proposed twice; its second place is taken out.
    order = np.argsort(-score, axis=1, kind="stable")
    ranked = np.take_along_axis(codes, order, axis=1)
    twice = np.zeros_like(ranked, dtype=bool)
    for back in (1, 2):
        twice[:, back:] |= ranked[:, back:] == ranked[:, :-back]
    best = np.where(twice | (np.take_along_axis(score, order, axis=1) < -1e8), 0, ranked)[:, :keep].astype(np.uint32)
    return best, np.take_along_axis(prior.reshape(-1, width), order, axis=1)[:, :keep]
