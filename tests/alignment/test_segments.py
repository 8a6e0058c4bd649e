"""Where two texts differ: stretches between anchors, scattered cuts, and the place where a cut had better start."""

from __future__ import annotations

import random
from itertools import pairwise

import Levenshtein
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import segments
from textfix.alignment.ops import Block
from textfix.alignment.segments import _best_slide, _common, _regrouped, _slid, _trusted, differing_blocks
from textfix.text.codepoints import encode

SMALL = st.text("甲乙丙", max_size=200)


def checked(a: str, b: str) -> list[Block]:
    """The blocks, which leave nothing else different and do not touch."""
    blocks, whole = differing_blocks(encode(a), encode(b))
    assert whole
    at = other = 0
    for i0, i1, j0, j1 in blocks:
        assert a[at:i0] == b[other:j0]
        assert i1 > i0 or j1 > j0
        at, other = i1, j1
    assert a[at:] == b[other:]
    assert all(i0 > i1 for (_, i1, _, _), (i0, _, _, _) in pairwise(blocks))
    return blocks


@given(SMALL, SMALL, st.booleans())
def test_what_two_texts_begin_and_end_with(a: str, b: str, same: bool) -> None:
    b = a + b if same else b
    begin = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    end = next((n for n, (x, y) in enumerate(zip(a[::-1], b[::-1], strict=False)) if x != y), min(len(a), len(b)))
    assert (_common(encode(a), encode(b), 1), _common(encode(a), encode(b), -1)) == (begin, end)


@pytest.mark.parametrize("at", [0, 1, 63, 64, 65, 191, 192, 193, 447, 448, 900, 999])
def test_a_long_common_start_is_searched_in_growing_steps(at: int) -> None:
    x = np.zeros(1000, dtype=np.uint32)
    y = x.copy()
    y[at] = 1
    assert (_common(x, y, 1), _common(x, y, -1)) == (at, 999 - at)
    assert _common(x, x, 1) == 1000


@pytest.mark.parametrize(
    ("area", "least"), [(0, 4), (1 << 10, 4), (1 << 11, 4), (1 << 13, 5), (1 << 19, 8), (1 << 20, 8), (1 << 31, 14)]
)
def test_longer_runs_are_asked_of_larger_gaps(area: int, least: int) -> None:
    assert _trusted(area) == least


# several sizes: each with other anchors


def noisy(size: int, seed: int = 1) -> tuple[str, str, int]:
    """A text, a copy with cuts and other characters, and how many of its characters these touched."""
    chance = random.Random(seed)
    base = [chr(0x4E00 + chance.randrange(3000)) for _ in range(size)]
    copy, touched, at = [], 0, 0
    while at < size:
        draw = chance.random()
        if draw < 0.01:
            copy.append(chr(0x9000 + chance.randrange(99)))
            touched += 1
        elif draw < 0.012:
            cut = chance.randrange(2, 60)
            touched += min(cut, size - at)
            at += cut - 1
        elif draw < 0.014:
            copy += [base[at], chr(0x9000 + chance.randrange(99))]
            touched += 1
        else:
            copy.append(base[at])
        at += 1
    return "".join(base), "".join(copy), touched


@pytest.mark.parametrize("size", [60, 700, 1800, 5_000, 40_000])
def test_little_more_differs_than_what_was_changed(size: int) -> None:
    a, b, touched = noisy(size)
    for blocks in (checked(a, b), checked(b, a)):
        found = sum(max(i1 - i0, j1 - j0) for i0, i1, j0, j1 in blocks)
        assert touched * 0.98 - 2 <= found <= touched * 1.02 + 2


@pytest.mark.parametrize("size", [300, 3_000, 30_000])
def test_half_a_text_beside_the_whole_is_two_cuts(size: int) -> None:
    a, _, _ = noisy(size)
    quarter = size // 4
    assert checked(a[quarter : 3 * quarter], a) == [(0, 0, 0, quarter), (2 * quarter, 2 * quarter, 3 * quarter, size)]


@pytest.mark.parametrize("size", [300, 3_000])
def test_a_long_insertion_is_one_block(size: int) -> None:
    a, _, _ = noisy(size)
    other, _, _ = noisy(size // 2, seed=2)
    other = "".join(chr(ord(char) + 0x2000) for char in other)
    at = size // 3
    assert checked(a[:at] + other + a[at:], a) == [(at, at + len(other), at, at)]


CHANGES = st.lists(st.tuples(st.integers(0, 29), st.sampled_from("子丑")), max_size=3)


@given(st.text("甲乙丙丁戊己", max_size=30), CHANGES)
def test_few_other_characters_cost_the_edit_distance(a: str, changes: list[tuple[int, str]]) -> None:
    chars = list(a)
    for at, char in changes:
        if at < len(chars):
            chars[at] = char
    b = "".join(chars)
    assert sum(max(i1 - i0, j1 - j0) for i0, i1, j0, j1 in checked(a, b)) == Levenshtein.distance(a, b)


def test_what_has_no_anchor_and_is_too_large_is_left_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = encode("甲" * 300), encode("乙" * 400)
    assert differing_blocks(x, y) == ([(0, 300, 0, 400)], True)
    monkeypatch.setattr(segments, "_AFFINE_AREA", 1 << 10)
    monkeypatch.setattr(segments, "_PLAIN_AREA", 1 << 10)
    assert differing_blocks(x, y) == ([(0, 300, 0, 400)], False)
    assert differing_blocks(y, x) == ([(0, 400, 0, 300)], False)


@given(st.text("甲乙", min_size=1, max_size=6), st.text("甲乙", min_size=1, max_size=6))
def test_exchanged_texts_have_exchanged_blocks(a: str, b: str) -> None:
    there, _ = differing_blocks(encode(a), encode(b))
    back, _ = differing_blocks(encode(b), encode(a))
    assert there == [(i0, i1, j0, j1) for j0, j1, i0, i1 in back]


# scattered cuts


@pytest.mark.parametrize(
    ("blocks", "grouped"),
    [
        ([(0, 1, 0, 1), (1, 2, 1, 2)], [(0, 2, 0, 2)]),  # touching: one
        ([(0, 1, 0, 1), (2, 3, 2, 3)], [(0, 1, 0, 1), (2, 3, 2, 3)]),  # close, but no cut
        ([(0, 1, 0, 1), (1, 1, 1, 2), (9, 9, 10, 11)], [(0, 1, 0, 2), (9, 9, 10, 11)]),
        ([], []),
    ],
)
def test_what_touches_is_joined(blocks: list[Block], grouped: list[Block]) -> None:
    x, y = encode("甲乙丙丁戊己庚辛壬癸"), encode("子丑寅卯辰巳午未申酉戌亥")
    assert _regrouped(x, y, blocks) == grouped


@pytest.mark.parametrize(("gap", "together"), [(1, True), (3, True), (4, False)])
def test_close_blocks_are_aligned_again_where_one_is_a_cut(gap: int, together: bool) -> None:
    """A cut of eight, half of it taken to stand before a word, and the other half behind it."""
    middle = "丙丁戊己"[:gap]
    x, y = encode("甲" + middle + "癸"), encode("甲" + middle + "子丑寅卯辰巳午未" + middle + "癸")
    torn = [(1, 1, 1, 5), (1 + gap, 1 + gap, 5 + gap, 9 + gap)]
    assert _regrouped(x, y, torn) == ([(1 + gap, 1 + gap, 1 + gap, 9 + gap)] if together else torn)
    small = [(1, 1, 1, 3), (1 + gap, 1 + gap, 3 + gap, 5 + gap)]
    assert _regrouped(x, y, small) == small  # cuts shorter than four are left as they are


# where a cut starts


def slow_slide(text: str, start: int, end: int, left: int, right: int) -> int:
    """The place behind the strongest mark, the nearest of equals, the left one first, that gives the same rest."""
    worth = {"。": 4, "!": 4, "?": 4, ";": 3, ":": 2, ",": 2, "、": 1}
    rest = text[:start] + text[end:]
    best = (worth.get(text[start - 1 : start], 0), 0)
    for by in [*range(-1, -left - 1, -1), *range(1, right + 1)]:
        low, high = start + by, end + by
        if low < 0 or high > len(text) or text[:low] + text[high:] != rest:
            continue
        rank = worth.get(text[low - 1 : low], 0)
        if rank > best[0]:
            best = (rank, by)
    return best[1]


@given(st.text("甲乙。、,", min_size=2, max_size=16), st.data())
def test_a_cut_starts_behind_the_strongest_mark(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    left, right = data.draw(st.integers(0, start)), data.draw(st.integers(0, len(text) - end))
    assert _best_slide(text, start, end, left, right) == slow_slide(text, start, end, left, right)


def test_cuts_of_both_texts_are_slid_as_far_as_their_neighbours_let_them() -> None:
    authority = "甲乙。丙丁戊。己庚。丙丁壬"
    extract = "甲乙。丙丁壬"
    # The cut may be 戊。己庚。丙丁 or 丙丁戊。己庚。: the second starts behind a full stop.
    assert _slid(extract, authority, [(5, 5, 5, 12)]) == [(3, 3, 3, 10)]
    assert _slid(authority, extract, [(5, 12, 5, 5)]) == [(3, 10, 3, 3)]
    neighbour = [(2, 3, 2, 3), (5, 5, 5, 12)]  # two characters away: the cut may come no nearer than one
    assert _slid(extract, authority, neighbour) == neighbour
    assert _slid(extract, authority, [(1, 2, 1, 2), (5, 5, 5, 12)]) == [(1, 2, 1, 2), (3, 3, 3, 10)]


def test_a_cut_slides_right_too_but_not_into_the_next_block() -> None:
    authority, extract = "甲丙。丁丙。戊己", "甲丙。戊己"
    # 丙。丁 or 。丁丙 or 丁丙。: the last starts behind the full stop
    assert _slid(extract, authority, [(1, 1, 1, 4)]) == [(3, 3, 3, 6)]
    assert _slid(extract, authority, [(1, 1, 1, 4), (4, 5, 7, 8)]) == [(3, 3, 3, 6), (4, 5, 7, 8)]
    close = [(1, 1, 1, 4), (3, 4, 6, 7)]
    assert _slid(extract, authority, close) == close
    assert _slid(extract, authority, [(1, 1, 1, 4), (5, 5, 8, 8)]) == [(3, 3, 3, 6), (5, 5, 8, 8)]


def test_single_characters_and_replacements_are_not_slid() -> None:
    assert _slid("。甲甲", "。甲甲甲", [(3, 3, 3, 4)]) == [(3, 3, 3, 4)]
    assert _slid("。甲乙甲乙", "。甲乙甲乙甲乙", [(5, 5, 5, 7)]) == [(1, 1, 1, 3)]
    assert _slid("。甲乙甲乙", "。甲乙子丑寅", [(3, 5, 3, 6)]) == [(3, 5, 3, 6)]


def test_a_cut_is_slid_no_farther_than_64() -> None:
    for far, by in ((32, -64), (33, 0)):
        text = "。" + "甲乙" * far
        at = len(text)
        assert _slid(text, text + "甲乙", [(at, at, at, at + 2)]) == [(at + by, at + by, at + by, at + by + 2)]
