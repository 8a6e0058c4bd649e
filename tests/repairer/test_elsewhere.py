"""What the rest of the document says of a proposal, against strings and counting by hand."""

from __future__ import annotations

from math import log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.lm import load_default
from textfix.repairer.elsewhere import ELSEWHERE, elsewhere
from textfix.repairer.view import View, view

from .made import DELETE, INSERT, PAIR, SPLIT, SUBSTITUTE, Given, made

LENGTHS = {SUBSTITUTE: (1, 1), PAIR: (2, 2), DELETE: (1, 0), INSERT: (0, 1), SPLIT: (2, 1)}
Case = tuple[View, list[Given]]


@st.composite
def documents(draw: st.DrawFn, alphabet: str = "国家人，") -> Case:
    text = draw(st.text(alphabet, min_size=2, max_size=24).filter(lambda text: len(text.strip()) > 1))
    v, given = view(text, load_default()), []
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(sorted(LENGTHS)))
        length, size = LENGTHS[kind]
        start = draw(st.integers(int(kind == INSERT), len(v) - length))
        given.append((start, length, draw(st.text("国家人，", min_size=size, max_size=size)), kind))
    return v, given


def column(values: np.ndarray, name: str) -> list[float]:
    return list(values[:, ELSEWHERE.index(name)].tolist())


@given(documents())
def test_pairs_with_the_neighbours(case: Case) -> None:
    v, given = case
    text = v.text
    pairs = [text[n : n + 2] for n in range(len(text) - 1)]
    out = elsewhere(v, made(*given), np.zeros(len(given)))
    for row, (start, length, new, _) in enumerate(given):
        before, behind = text[max(start - 1, 0)], text[min(start + length, len(text) - 1)]
        old = text[start : start + length]
        makes = [before + new[0], new[-1] + behind] if new else [before + behind] * 2
        stood = [before + old[0], old[-1] + behind] if old else [before + behind] * 2
        stood_elsewhere = min(map(pairs.count, stood)) - 1  # but for this place
        assert column(out, "word_elsewhere")[row] == pytest.approx(log1p(min(map(pairs.count, makes))))
        assert column(out, "observed_elsewhere")[row] == pytest.approx(log1p(max(stood_elsewhere, 0)))


def test_the_last_character_has_a_word_elsewhere_too() -> None:
    v = view("国人人人国人", load_default())
    out = elsewhere(v, made((5, 1, "家", SUBSTITUTE), (4, 2, "家", SUBSTITUTE)), np.zeros(2))
    assert column(out, "observed_elsewhere") == pytest.approx([log1p(1), log1p(0)])


def same_around(text: str, start: int, length: int, middle: str) -> int:
    """By trying every place of the text that is more than two characters away."""
    best = 0
    left, right = text[:start], text[start + length :]
    for at in range(len(text) - max(len(middle), 1) + 1):
        if middle:
            where, before, behind = at, text[:at], text[at + len(middle) :]
            if text[at : at + len(middle)] != middle:
                continue
        else:
            where, before, behind = at, text[: at + 1], text[at + 1 :]
        if abs(where - start) <= 2:
            continue
        sides = [0, 0]
        for side, (one, other) in enumerate(((before[::-1], left[::-1]), (behind, right))):
            while sides[side] < min(7, len(one), len(other)) and one[sides[side]] == other[sides[side]]:
                sides[side] += 1
        if all(sides):
            best = max(best, sum(sides))
    return best


@given(documents())
def test_the_longest_passage_that_has_it(case: Case) -> None:
    v, given = case
    out = elsewhere(v, made(*given), np.zeros(len(given)))
    for row, (start, length, new, _) in enumerate(given):
        assert column(out, "matched_elsewhere")[row] == same_around(v.text, start, length, new)
        stood = v.text[start : start + length]
        assert column(out, "stands_elsewhere")[row] == same_around(v.text, start, length, stood)


def test_a_place_is_not_compared_with_itself_nor_with_its_neighbours() -> None:
    v = view("推进城镇污水处理，扩大城慎污水管网。", load_default())
    at = v.text.index("慎")
    out = elsewhere(v, made((at, 1, "镇", SUBSTITUTE), (at, 1, "市", SUBSTITUTE)), np.zeros(2))
    assert column(out, "matched_elsewhere") == [3.0, 0.0]  # 城, 污水
    assert column(out, "stands_elsewhere") == [0.0, 0.0]


def test_nothing_of_nothing() -> None:
    assert elsewhere(view("国家", load_default()), made(), np.zeros(0)).shape == (0, len(ELSEWHERE))
