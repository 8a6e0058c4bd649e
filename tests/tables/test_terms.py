"""The index of terms, against slow searches written another way."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.alignment.ops import distance
from textfix.tables.terms import LONGEST, Hits, TermIndex
from textfix.text.codepoints import CodePoints, decode, encode

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


LONG = "重庆市渝中区规划和自然资源局办公室编制"
#: One term of every length, and others that share their beginning or end, so that some pieces are rarer than others.
FAMILY = [*(LONG[:n] for n in range(2, len(LONG) + 1)), "重庆市渝中区政府办公室编制", "重庆市渝北区规划局"]


def places(index: TermIndex, term: str, garbled: Iterable[str]) -> list[tuple[str, bool]]:
    """Every garbled form with whether it is a hit for `term`, all looked up in one text."""
    forms = sorted(set(garbled))
    hits = rows(index.search(encode("".join(f"，，，{form}" for form in forms) + "，，，")))
    out, at, number = [], 0, index.terms.index(term)
    for form in forms:
        at += 3
        errors = allowed(len(term)) if len(form) == len(term) else abs(len(form) - len(term))
        out.append((form, (at, at + len(form), number, errors) in hits))
        at += len(form)
    return out


@pytest.mark.parametrize("term", FAMILY)
def test_as_many_other_characters_as_are_allowed_are_found_wherever_they_are(term: str) -> None:
    index = TermIndex(FAMILY)
    chosen = combinations(range(len(term)), allowed(len(term)))
    garbled = ["".join("枝" if i in wrong else c for i, c in enumerate(term)) for wrong in chosen]
    assert [form for form, found in places(index, term, garbled) if not found] == []


@pytest.mark.parametrize("term", [term for term in FAMILY if len(term) >= 6])
def test_as_many_lost_or_added_as_are_allowed_are_found_wherever_they_are(term: str) -> None:
    """Both ends have to stand. Two may be on both sides of the piece that is found."""
    index = TermIndex(FAMILY)
    inside = range(1, len(term) - 1)
    garbled = []
    for number in range(1, allowed(len(term)) + 1):
        for chosen in combinations(inside, number):
            garbled.append("".join(c for i, c in enumerate(term) if i not in chosen))
            garbled.append("".join("枝" + c if i in chosen else c for i, c in enumerate(term)))
    assert [form for form, found in places(index, term, garbled) if not found] == []


def test_in_five_one_may_be_lost_or_added_beside_the_middle() -> None:
    index = TermIndex(["重庆市科学"])
    garbled = ["重市科学", "重庆市学", "重枝庆市科学", "重庆枝市科学", "重庆市枝科学", "重庆市科枝学"]
    assert all(found for _, found in places(index, "重庆市科学", garbled))


@pytest.mark.parametrize("term", ["重庆", "重庆市", "重庆市科", "重庆市科学技术"])
def test_short_terms_have_to_have_their_length(term: str) -> None:
    hits = TermIndex([term]).search(encode(f"{term[0]}枝{term[1:]}，{term[0]}{term[2:]}，{term}"))
    whole = hits.take(hits.end - hits.start == len(term))
    assert (len(hits) > len(whole)) == (len(term) >= 5)


@given(TERMS, TEXTS)
def test_another_length_is_a_hit_only_if_both_ends_stand(terms: list[str], text: str) -> None:
    index = TermIndex(terms)
    for start, end, number, errors in rows(index.search(encode(text))):
        term = index[number]
        if end - start != len(term):
            assert errors == abs(end - start - len(term)) <= allowed(len(term))
            assert (text[start], text[end - 1]) == (term[0], term[-1])
            assert len(term) >= 5


@pytest.mark.parametrize("term", ["重庆", "重庆市", LONG, "".join(chr(0x5000 + k) for k in range(LONGEST))], ids=len)
def test_a_text_may_be_the_term(term: str) -> None:
    assert rows(TermIndex([term]).search(encode(term))) == {(0, len(term), 0, 0)}
    assert repr(TermIndex([term])) == "<TermIndex of 1 terms>"


def test_an_index_has_pieces_of_the_lengths_that_it_has() -> None:
    """Each length alone, and each beside each other: what is looked up follows from what is there."""
    for one, other in combinations([LONG[:n] for n in range(2, 11)], 2):
        for terms in ([one], [one, other]):
            index = TermIndex(terms)
            for term in terms:
                garbled = ["".join("枝" if i == k else c for i, c in enumerate(term)) for k in range(len(term))]
                texts = [term] if len(term) == 2 else garbled
                hits = rows(index.search(encode("，".join(texts))))
                number, width = terms.index(term), len(term) + 1
                for k in range(len(texts)):
                    assert (k * width, k * width + len(term), number, int(len(term) > 2)) in hits


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


def test_likely_is_asked_of_what_differs_and_of_nothing_else() -> None:
    asked = []

    def one(observed: CodePoints, intended: CodePoints) -> np.ndarray:
        asked.extend(zip(decode(observed), decode(intended), strict=True))
        return observed == ord("歼")

    text = "歼石山，矸右山，矸石凸，矸石山，童庆大学"
    hits = TermIndex(["矸石山", "重庆大学"]).search(encode(text), one)
    assert rows(hits) == {(0, 3, 0, 1), (12, 15, 0, 0), (16, 20, 1, 1)}
    assert set(asked) == {("歼", "矸"), ("右", "石"), ("凸", "山")}


@pytest.mark.parametrize("terms", [[], [""], ["重"], ["长" * (LONGEST + 1)], [" \n"]])
def test_terms_that_are_none(terms: list[str]) -> None:
    assert len(TermIndex(terms)) == 0
    assert len(TermIndex(terms).search(encode("重庆"))) == 0


def test_white_space_in_terms_is_overlooked() -> None:
    assert TermIndex(["重庆　市 \n", "重庆市"]).terms == ("重庆市",)
