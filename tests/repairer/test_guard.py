"""What may be edited, asked spot by spot, against the mask of the whole text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.repairer.guard import Guard
from textfix.text.spans import protected_mask

PIECES = st.sampled_from(["国", "加快", "，", "\n", "22", "2022年5月", "GDP", "矸石山", "渝发改〔2022〕5号", "イ"])
TERMS = ("矸石山",)


@given(st.lists(PIECES, max_size=8).map("".join), st.data())
def test_a_spot_is_allowed_as_the_whole_text_says(text: str, data: st.DataObject) -> None:
    guard, mask = Guard(text, TERMS), protected_mask(text, TERMS)
    for _ in range(6):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 3)))
        beside = text[:start][-1:], text[end:][:1]
        apart = text[start:end] == "，" and all(char.isascii() and char.isalnum() for char in beside)
        if apart or text[max(0, start - 12) : end + 12].count("イ") > 1:
            expected = False
        elif start == end:
            expected = not (0 < start < len(text) and mask[start - 1] and mask[start])
        else:
            expected = not mask[start:end].any()
        if "\n" not in text[start:end]:
            assert guard.allows(start, end) == expected


@pytest.mark.parametrize(
    ("start", "end", "allowed"),
    [(0, 1, True), (1, 2, False), (2, 3, False), (3, 4, True), (0, 2, False), (2, 4, False), (0, 0, True),
     (1, 1, True), (2, 2, False), (3, 3, True), (4, 4, True)],
)  # fmt: skip
def test_digits_and_the_gap_between_them(start: int, end: int, allowed: bool) -> None:
    assert Guard("共22个").allows(start, end) is allowed
    far = "国" * 300
    assert Guard(f"{far}共22个{far}").allows(300 + start, 300 + end) is allowed  # in a long line, too
    assert Guard(f"9\n共22个\n9").allows(2 + start, 2 + end) is allowed  # noqa: F541


def test_what_is_wrapped_over_two_lines_stays() -> None:
    for text in ("渝发改规范〔2022〕\n5号", "2022年5\n月31日"):
        guard = Guard(f"国\n{text}\n国")
        assert not any(guard.allows(at, at + 1) for at in range(2, 2 + len(text)))
        assert guard.allows(0, 1)
        assert guard.allows(len(text) + 3, len(text) + 4)


def test_at_the_ends_of_a_line_something_may_be_added() -> None:
    guard = Guard("22\n33")
    assert all(guard.allows(at, at) for at in (0, 2, 3, 5))
    assert not guard.allows(1, 1)
    assert not guard.allows(4, 4)


def test_terms_and_what_stands() -> None:
    guard = Guard("推进矸石山治理", ["矸石山"])
    assert [guard.allows(at, at + 1) for at in range(7)] == [True, True, False, False, False, True, True]
    assert [guard.allows(at, at) for at in range(8)] == [True, True, True, False, False, True, True, True]
    assert not guard.allows(1, 3)
    assert Guard("推进矸石山治理").allows(2, 5)

    asked = []

    class Standing:
        def stands(self, text: str, start: int, end: int) -> bool:
            asked.append((text, start, end))
            return start == 2

    guard = Guard("推进矸石山治理", standing=Standing())
    assert not guard.allows(2, 3)
    assert guard.allows(3, 4)
    assert asked == [("推进矸石山治理", 2, 3), ("推进矸石山治理", 3, 4)]


@pytest.mark.parametrize("kana", ["ああ", "ぁぁ", "ヺヺ", "アの"])
def test_nothing_near_japanese(kana: str) -> None:
    before, behind = Guard(kana + "国" * 20), Guard("国" * 20 + kana)
    assert not before.allows(12, 13)
    assert before.allows(13, 14)  # one alone may be what is left of a glyph
    assert not behind.allows(9, 10)
    assert behind.allows(8, 9)
    assert not before.allows(0, 1)


def test_nothing_in_a_quotation_in_another_script() -> None:
    guard = Guard("国" * 20 + "實業" + "国" * 20)
    assert not any(guard.allows(at, at + 1) for at in (10, 20, 21, 32))
    assert not guard.allows(21, 21)
    assert guard.allows(0, 1)
    assert guard.allows(41, 42)
    assert Guard("国" * 20 + "實国" + "国" * 20).allows(20, 21)  # one alone may be an error


@pytest.mark.parametrize(
    ("text", "quoted"),
    [("實業", True), ("實际業", False), ("實里業", True), ("實国業", True), ("實”际“業", True), ("實\n际業", False),
     ("實\n\n际業", True), ("實际業\n\n實業", True), ("實大际業", False),
     ("實际業" + "大" * 70 + "實業", False), ("實际業" + "大" * 80 + "實業", True)],
)  # fmt: skip
def test_no_quotation_mixes_scripts(text: str, quoted: bool) -> None:
    guard = Guard("大" * 20 + text + "大" * 20)
    last = 20 + text.rindex("業")
    assert guard.allows(last, last + 1) is not quoted


@pytest.mark.parametrize("other", ["・・", "\u3040\u3040", "イ", "〇〇"])
def test_what_is_no_japanese(other: str) -> None:
    assert Guard(other + "国" * 20).allows(3, 4)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("A,B", False), ("A , B", False), ("(x); 3", False), ("x; 3", False), ("A,项", True), ("项,B", True),
     ("A\n,B", False), (",B", False), ("A,", False), (",", True), ("项\n,\n项", True), ("),(", False), ("),", True)],
)  # fmt: skip
def test_marks_keep_latin_words_apart(text: str, allowed: bool) -> None:
    at = next(i for i, char in enumerate(text) if char in ",;")
    assert Guard(text).allows(at, at + 1) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("- 甲\n- 乙", False), ("- 甲\n乙", True), ("- 甲\n* 乙", True), ("甲\n  - 乙\n - 丙", False), ("-甲\n-乙", True),
     ("甲 - 乙\n- 丙", True), ("- 甲\n\n- 乙", True), ("\n- 甲\n- 乙", False), ("- 甲", True)],
)  # fmt: skip
def test_bullets_of_a_list_stay(text: str, allowed: bool) -> None:
    at = text.index("-")
    assert Guard(text).allows(at, at + 1) is allowed
