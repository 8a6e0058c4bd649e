"""Alignment: covers both texts, is exact on short ones, symmetric, and bounded on hostile ones."""

from __future__ import annotations

import random
import time
from functools import cache

import Levenshtein
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.alignment import Alignment, align
from textfix.alignment.anchors import matches, small_matches
from textfix.alignment.chain import heaviest_chain
from textfix.alignment.folding import fold, skeleton
from textfix.alignment.ops import EXTEND, EXTEND_SHORTER, OPEN, REPLACE, affine_blocks, plain_blocks
from textfix.alignment.segments import differing_blocks
from textfix.text.codepoints import decode, encode

from ..pace import at_most

any_text = st.text(st.sampled_from("资源型地区ab1 \n\u3000,，“\"”、。硏研"), max_size=40) | st.text(max_size=30)
letters = st.text(st.sampled_from("甲乙丙"), max_size=9)


def check(alignment: Alignment, a: str, b: str) -> None:
    """The invariants: disjoint, ordered, real differences; both texts come back from the other one."""
    at = other = 0
    for d in alignment.differences:
        assert at <= d.start <= d.end
        assert other <= d.other_start <= d.other_end
        assert a[at : d.start] == b[other : d.other_start]
        assert (d.observed, d.intended) == (a[d.start : d.end], b[d.other_start : d.other_end])
        assert d.observed != d.intended
        at, other = d.end, d.other_end
    assert a[at:] == b[other:]
    assert alignment.rebuilt() == (a, b)


@given(any_text, any_text)
def test_covers_both_sides_of_any_pair(a: str, b: str) -> None:
    check(align(a, b), a, b)


@given(any_text)
def test_a_text_has_no_difference_from_itself(text: str) -> None:
    assert align(text, text).differences == ()


@given(any_text, any_text)
def test_blocks_are_symmetric(a: str, b: str) -> None:
    x, y = fold(encode(a)), fold(encode(b))
    there, _ = differing_blocks(x, y)
    back, _ = differing_blocks(y, x)
    if len(x) != len(y) or not np.array_equal(x, y):
        assert there == [(i0, i1, j0, j1) for j0, j1, i0, i1 in back]


@given(st.lists(st.sampled_from("甲乙丙丁戊"), min_size=1, max_size=30), st.integers(0, 29), st.integers(0, 4))
def test_costs_what_the_exact_aligner_costs_where_nothing_was_cut(chars: list[str], at: int, by: int) -> None:
    a = "".join(chars)
    at %= len(a)
    b = a[:at] + "甲乙丙丁戊"[by] + a[at + 1 :]
    blocks, _ = differing_blocks(encode(a), encode(b))
    assert sum(max(i1 - i0, j1 - j0) for i0, i1, j0, j1 in blocks) == Levenshtein.distance(a, b)


@given(letters, letters)
def test_plain_blocks_cost_the_edit_distance(a: str, b: str) -> None:
    cost = sum(Levenshtein.distance(a[i0:i1], b[j0:j1]) for i0, i1, j0, j1 in plain_blocks(a, b))
    assert cost == Levenshtein.distance(a, b)


def gotoh(x: str, y: str) -> int:
    """The affine minimum by plain recursion: the oracle."""

    @cache
    def best(i: int, j: int, gap: str) -> int:
        if i == len(x) and j == len(y):
            return 0
        found = 1 << 30
        if i < len(x) and j < len(y):
            found = best(i + 1, j + 1, "") + (0 if x[i] == y[j] else REPLACE)
        if i < len(x):
            found = min(found, best(i + 1, j, "x") + EXTEND_SHORTER + (0 if gap == "x" else OPEN))
        if j < len(y):
            found = min(found, best(i, j + 1, "y") + EXTEND + (0 if gap == "y" else OPEN))
        return found

    return best(0, 0, "")


@given(letters, letters)
def test_affine_blocks_reach_the_affine_minimum(a: str, b: str) -> None:
    if len(a) > len(b):
        a, b = b, a
    blocks = affine_blocks(encode(a), encode(b))
    at = other = 0
    for i0, i1, j0, j1 in blocks:
        assert a[at:i0] == b[other:j0]
        at, other = i1, j1
    assert a[at:] == b[other:]
    # Joined blocks hide how they were priced, so each is priced again by the oracle.
    assert sum(gotoh(a[i0:i1], b[j0:j1]) for i0, i1, j0, j1 in blocks) == gotoh(a, b)


@given(st.text("ab", max_size=60), st.text("ab", max_size=60), st.sampled_from([4, 8]))
def test_shared_grams_are_the_same_with_and_without_arrays(a: str, b: str, k: int) -> None:
    x, y = encode(a), encode(b)
    wanted = {(i, j) for i in range(len(a) - k + 1) for j in range(len(b) - k + 1) if a[i : i + k] == b[j : j + k]}
    found = set(zip(*(m.tolist() for m in small_matches(a, b, k, rare=10**6)), strict=True))
    arrays = set(zip(*(m.tolist() for m in matches(x, y, k, rare=10**4)), strict=True))
    assert found == wanted
    assert arrays <= wanted


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 9)), max_size=12))
def test_a_chain_keeps_the_order_of_both_texts(runs: list[tuple[int, int, int]]) -> None:
    chain = heaviest_chain(sorted(runs), 4)
    end_i = end_j = 0
    for i, j, n in chain:
        assert i >= end_i
        assert j >= end_j
        assert n > 0
        end_i, end_j = i + n, j + n


def test_one_cut_is_one_difference() -> None:
    text = "".join(chr(0x4E00 + 37 * n % 6000) for n in range(600))
    alignment = align(text[:100] + text[180:300] + text[302:], text)
    assert [(d.start, d.other_end - d.other_start) for d in alignment.content] == [(100, 80), (220, 2)]


def test_setting_is_no_difference_in_content() -> None:
    alignment = align('他说:"好, 行"\n', "他说：“好，行”")
    assert alignment.content == ()
    assert alignment.counts() == {"width": 2, "quote": 2, "space": 1, "layout": 1}


def test_lone_surrogates_and_high_planes_are_taken() -> None:
    a, b = "甲\ud800乙𠀀丙", "甲\ud801乙𠀀丁"
    check(align(a, b), a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("甲" * 200_000, "甲" * 199_000),
        ("甲乙" * 100_000, "乙甲丙" * 60_000),
        ("".join(map(chr, range(0x4E00, 0x8000))) * 8, "".join(map(chr, range(0xA000, 0xD000))) * 8),
        ("", "甲" * 200_000),
        ("甲乙丙丁" * 40_000 + "戊", "戊" + "甲乙丙丁" * 40_000),
    ],
    ids=["equal", "periodic", "disjoint", "empty", "rotated"],
)
def test_hostile_texts_stay_bounded(a: str, b: str) -> None:
    with at_most(turns=50):  # a quadratic aligner needs minutes
        check(align(a, b), a, b)


def test_time_grows_nearly_linearly_on_noisy_copies() -> None:
    rng = random.Random(7)
    base = [chr(0x4E00 + int(rng.paretovariate(0.7)) % 3000) for _ in range(160_000)]
    noisy = [chr(0x4E00 + rng.randrange(3000)) if rng.random() < 0.02 else c for c in base]
    spent = []
    for size in (20_000, 160_000):
        a, b = "".join(noisy[:size]), "".join(base[:size])
        began = time.process_time()
        align(a, b)
        spent.append(time.process_time() - began)
    assert spent[1] < 8**1.5 * spent[0] + 0.2


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_cuts_and_noise_in_a_longer_text_are_found(seed: int) -> None:
    rng = random.Random(seed)
    base = "".join(chr(0x4E00 + rng.randrange(2500)) for _ in range(3000))
    cut = base[:700] + base[900:1500] + base[2200:]
    noisy = "".join(chr(0x9000 + rng.randrange(99)) if rng.random() < 0.02 else c for c in cut)
    x, y = skeleton(encode(noisy))[0], skeleton(encode(base))[0]
    blocks, complete = differing_blocks(x, y)
    assert complete
    cost = sum(max(i1 - i0, j1 - j0) for i0, i1, j0, j1 in blocks)
    assert cost <= 1.01 * Levenshtein.distance(noisy, base) + 1
    assert decode(y)[700:900] in "".join(base[j0:j1] for _, _, j0, j1 in blocks)
