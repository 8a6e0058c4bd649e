"""The index of terms, against slow searches written another way."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.alignment.ops import distance
from textfix.tables.terms import LONGEST, Hits, TermIndex
from textfix.text.codepoints import CodePoints, encode

WORDS = st.text("重庆市科学技术局", min_size=2, max_size=13)
TERMS = st.lists(WORDS, min_size=1, max_size=12)
TEXTS = st.lists(st.text("重庆市科学技术局，枝", max_size=6), max_size=6).map("".join)


def rows(hits: Hits) -> set[tuple[int, int, int, int]]:
    return set(zip(hits.start.tolist(), hits.end.tolist(), hits.term.tolist(), hits.errors.tolist(), strict=True))


def allowed(length: int) -> int:
    return 0 if length < 3 else 1 if length < 9 else 2


def slow(index: TermIndex, text: str) -> set[tuple[int, int, int, int]]:
    """Every place where a term stands but for so many other characters."""
    out = set()
    for number, term in enumerate(index.terms):
        for start in range(len(text) - len(term) + 1):
            errors = sum(a != b for a, b in zip(text[start:], term, strict=False))
            if errors <= allowed(len(term)):
                out.add((start, start + len(term), number, errors))
    return out


@settings(max_examples=150)
@given(TERMS, TEXTS, st.data())
def test_same_length_hits_are_those_of_a_slow_search(terms: list[str], text: str, data: st.DataObject) -> None:
    term = data.draw(st.sampled_from(terms))
    text += term
    text += "".join(data.draw(st.sampled_from([c, c, c, "枝"])) for c in term)
    index = TermIndex(terms)
    hits = index.search(encode(text))
    same = hits.take(hits.end - hits.start == index.lengths[hits.term])
    assert rows(same) == slow(index, text)


@settings(max_examples=150)
@given(st.text("重庆市科学技术局万盛经开区", min_size=6, max_size=14), st.data())
def test_a_character_lost_or_added_inside_is_found(term: str, data: st.DataObject) -> None:
    index = TermIndex([term])
    at = data.draw(st.integers(1, len(term) - 2))
    garbled = data.draw(st.sampled_from([term[:at] + term[at + 1 :], term[:at] + "枝" + term[at:]]))
    hits = index.search(encode("在" + garbled + "里"))
    assert any(start == 1 and end == 1 + len(garbled) for start, end, _, _ in rows(hits))
    assert distance(garbled, term, 2) == 1


@given(TERMS)
def test_a_pickle_finds_the_same(terms: list[str]) -> None:
    index = TermIndex(terms)
    text = encode("".join(terms))
    assert rows(pickle.loads(pickle.dumps(index)).search(text)) == rows(index.search(text))


def test_blocks_of_a_long_text_meet() -> None:
    text = "某" * 65_530 + "重庆市科学技术局" + "某" * 65_530 + "重庆市科学枝术局"
    hits = TermIndex(["重庆市科学技术局"]).search(encode(text))
    assert rows(hits) == {(65_530, 65_538, 0, 0), (131_068, 131_076, 0, 1)}


def test_likely_decides_on_three_characters() -> None:
    def never(observed: CodePoints, _: CodePoints) -> np.ndarray:
        return np.zeros(observed.size, dtype=bool)

    index, text = TermIndex(["矸石山", "重庆大学"]), encode("歼石山和童庆大学，矸石山")
    assert len(index.search(text)) == 3
    assert len(index.search(text, never)) == 2


@pytest.mark.parametrize("terms", [[], [""], ["重"], ["长" * (LONGEST + 1)], [" \n"]])
def test_terms_that_are_none(terms: list[str]) -> None:
    assert len(TermIndex(terms)) == 0
    assert len(TermIndex(terms).search(encode("重庆"))) == 0


def test_white_space_in_terms_is_overlooked() -> None:
    assert TermIndex(["重庆　市 \n", "重庆市"]).terms == ("重庆市",)
