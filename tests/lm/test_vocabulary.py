"""Encoding: folding, dropping, positions."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import ModelError
from textfix.lm import DIGIT, LATIN, UNK, UNK_HAN, Vocabulary, load_default
from textfix.lm.vocabulary import DROP, MAX_SIZE, SPECIALS
from textfix.text.codepoints import encode


@pytest.mark.parametrize(
    "forms",
    ["，,", "；;", "：:∶", "！!", "？?", "（(", "）)", "％%", "．.", "＂\"", "～~〜", "—―─", "－-−", "·•・", "…⋯",
     "〇○", "门⻔", "车⻋", "见⻅", "风⻛", "人⼈", "水⽔", "金⾦", "龙⻰", "凉凉"],
)  # fmt: skip
def test_forms_of_one_character_share_an_id(forms: str) -> None:
    ids = load_default().encode(forms)[0]
    assert len(ids) == len(forms)
    assert len(set(ids.tolist())) == 1
    assert ids[0] >= SPECIALS


@pytest.mark.parametrize("apart", ["“”", "‘’", "。.", "，、", "（〔", "一—", "十+", "《<", "日曰", "未末", "0O"])
def test_different_characters_stay_apart(apart: str) -> None:
    ids = load_default().encode(apart)[0]
    assert ids[0] != ids[1]


@given(st.text(max_size=60))
def test_encoding_is_a_look_up_of_each_code_point(text: str) -> None:
    vocabulary = load_default().vocabulary
    ids, positions = vocabulary.encode(text)
    single = {char: vocabulary.encode(char)[0].tolist() for char in set(text)}
    assert ids.tolist() == [i for char in text for i in single[char]]
    assert positions.tolist() == [n for n, char in enumerate(text) if single[char]]
    assert ids.dtype == np.uint16
    assert not (ids >= vocabulary.size).any()
    for char in set(text):
        if char.isspace():
            assert not single[char], f"U+{ord(char):04X} is white space"


@given(st.characters(exclude_categories=["Cs"]))
def test_width_makes_no_difference(char: str) -> None:
    """Where compatibility says that a form is one other character, the two share an id, unless neither has one."""
    vocabulary = load_default().vocabulary
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) == 1 and unicodedata.east_asian_width(char) == "F":
        one, other = vocabulary.encode(char)[0].tolist(), vocabulary.encode(plain)[0].tolist()
        assert one == other


def test_ids_and_characters_are_inverse() -> None:
    vocabulary = load_default().vocabulary
    ids = np.arange(SPECIALS, vocabulary.size, dtype=np.uint16)
    np.testing.assert_array_equal(vocabulary.id_of(vocabulary.code_of[ids]), ids)
    assert not vocabulary.code_of[:SPECIALS].any()
    assert vocabulary.decode(vocabulary.encode("第3条，GDP增长（魍）")[0]).startswith("第0条，aaa增长（")


def test_frequent_characters_come_first_and_rare_ones_are_unknown() -> None:
    counts = np.zeros(0x110000, dtype=np.int64)
    for char, times in {"国": 5, "，": 60, ",": 20, "家": 9, "魑": 1, "é": 99, "7": 99, "☃": 49, "→": 50}.items():
        counts[ord(char)] = times
    vocabulary = Vocabulary.from_counts(counts)
    assert vocabulary.characters.astype("<u4").tobytes().decode("utf-32-le") == "，→家国"
    assert vocabulary.encode("魑é7☃")[0].tolist() == [UNK_HAN, LATIN, DIGIT, UNK]


def test_a_vocabulary_has_a_limit() -> None:
    codes = np.arange(0x4E00, 0x4E00 + MAX_SIZE, dtype=np.uint32)
    with pytest.raises(ModelError, match="limit"):
        Vocabulary(codes)
    assert Vocabulary(codes[: MAX_SIZE - SPECIALS]).size == MAX_SIZE
    counts = np.zeros(0x110000, dtype=np.int64)
    counts[0x4E00:0x9000] = 3
    assert Vocabulary.from_counts(counts).size == MAX_SIZE


def test_any_code_point_has_an_id_or_is_dropped() -> None:
    vocabulary = load_default().vocabulary
    found = vocabulary.id_of(encode("\ud800\U0010ffff 国"))
    assert found.tolist()[:3] == [UNK, UNK, DROP]
