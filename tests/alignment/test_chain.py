"""Anchors and chains: which grams are shared, which runs they make, and which chain of runs is the heaviest."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import anchors
from textfix.alignment.anchors import matches, sampled, small_matches
from textfix.alignment.chain import Run, heaviest_chain, runs_of
from textfix.text.codepoints import encode

TEXTS = st.text("甲乙丙", max_size=50)

# grams


def pairs(found: tuple[np.ndarray, np.ndarray]) -> list[tuple[int, int]]:
    return sorted(zip(*(side.tolist() for side in found), strict=True))


def shared(a: str, b: str, k: int, rare: int) -> list[tuple[int, int]]:
    """Every pair of places of every gram that does not make more than `rare` pairs."""
    grams_a, grams_b = ([text[n : n + k] for n in range(len(text) - k + 1)] for text in (a, b))
    count_a, count_b = Counter(grams_a), Counter(grams_b)
    return [
        (i, j)
        for i, gram in enumerate(grams_a)
        for j, other in enumerate(grams_b)
        if gram == other and count_a[gram] * count_b[gram] <= rare
    ]


@given(TEXTS, TEXTS, st.sampled_from([2, 4]), st.integers(1, 9))
def test_common_grams_are_left_out(a: str, b: str, k: int, rare: int) -> None:
    assert pairs(small_matches(a, b, k, rare)) == shared(a, b, k, rare)


@given(TEXTS, TEXTS, st.sampled_from([2, 4, 8]), st.integers(1, 9))
def test_arrays_leave_out_the_commonest_where_there_are_too_many(a: str, b: str, k: int, rare: int) -> None:
    """At most four pairs for every gram of both texts; up to which number of pairs, is the same for all grams."""
    budget = 4 * sum(max(len(text) - k + 1, 0) for text in (a, b))
    fitting = [0] + [limit for limit in range(1, rare + 1) if len(shared(a, b, k, limit)) <= budget]
    assert pairs(matches(encode(a), encode(b), k, rare=rare)) == shared(a, b, k, fitting[-1])


@pytest.mark.parametrize("k", [1, 2, 8, 32])
def test_grams_of_long_texts_are_hashed_in_blocks(monkeypatch: pytest.MonkeyPatch, k: int) -> None:
    codes = encode("甲乙丙丁戊己庚辛" * 40 + "子丑寅卯" * 20)
    whole, places = sampled(codes, k, 0)
    assert places.tolist() == list(range(len(codes) - k + 1))
    grams = [codes[n : n + k].tobytes() for n in places.tolist()]
    assert len(set(whole.tolist())) == len(set(grams)) == len(set(zip(whole.tolist(), grams, strict=True)))
    monkeypatch.setattr(anchors, "_BLOCK", 37)
    again, there = sampled(codes, k, 0)
    assert (again.tolist(), there.tolist()) == (whole.tolist(), places.tolist())


def test_a_sample_depends_on_the_gram_alone() -> None:
    """About one in so many; the same grams of both texts, wherever they stand; in the order of the text."""
    chance = np.random.default_rng(3)
    codes = chance.integers(0x4E00, 0x9000, 60_000).astype(np.uint32)
    every, _ = sampled(codes, 16, 0)
    hashes, places = sampled(codes, 16, 3)
    assert len(every) / 8 == pytest.approx(len(places), rel=0.1)
    assert (np.diff(places) > 0).all()
    assert np.array_equal(every[places], hashes)
    moved, there = sampled(np.concatenate([codes[:77], codes]), 16, 3)
    assert set(hashes.tolist()) <= set(moved.tolist())
    assert set((places + 77).tolist()) <= set(there.tolist())


def test_sampled_grams_are_matched_where_they_stand() -> None:
    chance = np.random.default_rng(4)
    x = chance.integers(0x4E00, 0x9000, 9_000).astype(np.uint32)
    y = np.concatenate([x[2_000:], x[:1_000]])
    i, j = matches(x, y, 16, thin=2)
    assert 1500 < len(i) < 2500
    assert set((j - i).tolist()) == {-2_000, 7_000}
    assert all(np.array_equal(x[a : a + 16], y[b : b + 16]) for a, b in zip(i.tolist(), j.tolist(), strict=True))


def test_what_only_hashes_alike_is_no_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anchors, "_hashes", lambda codes, k: np.zeros(max(len(codes) - k + 1, 0), dtype=np.uint64))
    assert pairs(matches(encode("甲乙丙"), encode("丙乙丁"), 1)) == [(1, 1), (2, 0)]


@pytest.mark.parametrize(("a", "b"), [("", ""), ("甲", ""), ("", "甲乙"), ("甲乙丙", "甲乙丙丁")])
def test_texts_that_are_shorter_than_a_gram_share_none(a: str, b: str) -> None:
    assert pairs(matches(encode(a), encode(b), 4)) == pairs(small_matches(a, b, 4)) == []


# runs


@given(TEXTS, TEXTS, st.sampled_from([2, 4]))
def test_runs_are_the_longest_stretches_of_grams(a: str, b: str, k: int) -> None:
    found = runs_of(*small_matches(a, b, k, rare=10**6), k)
    covered: set[tuple[int, int]] = set()
    for i, j, n in found:
        assert a[i : i + n] == b[j : j + n]
        covered |= {(i + step, j + step) for step in range(n)}
    assert covered == {(i + step, j + step) for i, j in shared(a, b, k, 10**6) for step in range(k)}
    assert found == sorted(found)
    for (i, j, n), (i2, j2, _) in pairwise(sorted(found, key=lambda run: (run[1] - run[0], run[0]))):
        if j - i == j2 - i2:
            assert i2 > i + n  # what touches is one


# chains


def run_end(run: Run) -> tuple[int, int]:
    return run[0] + run[2], run[1] + run[2]


def heaviest(runs: list[Run], k: int) -> float:
    """The greatest weight of a chain whose runs are each on a diagonal of their own, far from the others."""
    score: list[float] = []
    for i, j, n in runs:
        best = 0.0
        for (i0, j0, n0), before in zip(runs, score, strict=False):
            slack = min(n0 // 2, 8)
            if i0 + n0 - slack <= i and j0 + n0 - slack <= j:
                best = max(best, before - 0.75 * k)
        score.append(best + n)
    return max(score)


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 12), st.integers(1, 30)), min_size=1, max_size=10,
        unique_by=lambda run: run[1],
    ),
    st.sampled_from([4, 16]),
)  # fmt: skip
def test_the_heaviest_chain_across_diagonals(drawn: list[tuple[int, int, int]], k: int) -> None:
    runs = sorted((200 * (12 - step) + i, 400 * (12 - step) + i, n) for i, step, n in drawn)
    by_end = {run_end(run): run for run in runs}
    chain = heaviest_chain(runs, k)
    kept = [by_end[run_end(run)] for run in chain]
    assert sum(n for _, _, n in kept) - 0.75 * k * (len(kept) - 1) == heaviest(runs, k)


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(-3, 3), st.integers(1, 30)), min_size=1, max_size=9))
def test_crossing_runs_on_far_diagonals_are_weighed_too(drawn: list[tuple[int, int, int]]) -> None:
    """Chains are weighed as they would be one by one: the search tree finds the best that ends before."""
    runs = sorted({step: (i + 500, i + 500 + 150 * step, n) for i, step, n in drawn}.values())
    kept = [next(r for r in runs if run_end(r) == run_end(run)) for run in heaviest_chain(runs, 8)]
    assert sum(n for _, _, n in kept) - 6.0 * (len(kept) - 1) == heaviest(runs, 8)


@pytest.mark.parametrize(("stray", "taken"), [(24, False), (25, True)])
def test_a_stray_run_has_to_be_longer_than_leaving_and_coming_back(stray: int, taken: bool) -> None:
    """Twice three quarters of k, where the diagonal is far."""
    runs = [(0, 0, 100), (100, 400, stray), (500, 500, 50)]
    assert heaviest_chain(runs, 16) == (runs if taken else [runs[0], runs[2]])


@pytest.mark.parametrize(("by", "stray", "taken"), [(30, 7, False), (30, 9, True), (-40, 9, True), (-40, 7, False)])
def test_a_diagonal_near_by_costs_less(by: int, stray: int, taken: bool) -> None:
    """Twice a quarter of k."""
    runs = [(0, 100, 100), (150, 250 + by, stray), (500, 600, 50)]
    assert heaviest_chain(runs, 16) == (runs if taken else [runs[0], runs[2]])


def test_a_run_begins_anew_where_joining_costs_more() -> None:
    assert heaviest_chain([(0, 0, 12), (100, 500, 40)], 16) == [(100, 500, 40)]
    assert heaviest_chain([(0, 0, 13), (100, 500, 40)], 16) == [(0, 0, 13), (100, 500, 40)]
    assert heaviest_chain([(0, 0, 3)], 16) == [(0, 0, 3)]
    assert heaviest_chain([], 16) == []


def test_among_copies_the_chain_stays_in_the_one_that_it_is_in() -> None:
    runs = [(0, 0, 40), (50, 50, 40), (50, 450, 40), (100, 100, 40), (100, 500, 40)]
    assert heaviest_chain(runs, 16) == [(0, 0, 40), (50, 50, 40), (100, 100, 40)]


@pytest.mark.parametrize(("overlap", "both"), [(1, True), (8, True), (9, False)])
def test_true_neighbours_may_overlap_a_little(overlap: int, both: bool) -> None:
    """By eight characters at most, and half of the first; the start of the second is cut."""
    runs = [(0, 0, 100), (100 - overlap, 100 - overlap + 5, 60)]
    cut = (100, 105, 60 - overlap)
    assert heaviest_chain(runs, 16) == ([runs[0], cut] if both else [runs[0]])
    short = [(0, 0, 6), (3, 4, 20)]
    assert heaviest_chain(short, 4) == [(0, 0, 6), (6, 7, 17)]
    assert heaviest_chain([(0, 0, 6), (2, 3, 20)], 4) == [(2, 3, 20)]
