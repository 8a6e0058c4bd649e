"""Inside a block: the cheapest explanation against a search through all of them; numbers, shifts and cases by hand."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import cases
from textfix.alignment.attach import Piece
from textfix.alignment.cases import Case, Part, Skeletons, parts_of
from textfix.alignment.evidence import Evidence, han
from textfix.alignment.numbers import take_numbers
from textfix.alignment.ops import Block
from textfix.alignment.refine import _pair_costs, _steps, refine
from textfix.alignment.shifts import take_shifts
from textfix.text.codepoints import encode

CHARS = "环坏境硏研和禾口，。;A1"
SHORT = st.text(CHARS, min_size=1, max_size=6)
EVIDENCE = Evidence.shipped()


@cache
def alike_of(a: str, b: str) -> float:
    return float(EVIDENCE.likeness(encode(a), encode(b))[0])


@cache
def is_han(char: str) -> bool:
    return bool(han(encode(char))[0])


def price(x: str, y: str, i: int, j: int) -> float:
    """What a pair costs: `_pair_costs` in words."""
    if x[i] == y[j]:
        return 0.0
    han_x, han_y, alike = is_han(x[i]), is_han(y[j]), alike_of(x[i], y[j])
    cut = len(y) - len(x) > 1
    if cut and (i, j) in ((0, 0), (len(x) - 1, len(y) - 1)) and not han_x and not han_y and y[j] in "。;!?":
        return 0.9
    if cut and alike < 0.35:
        return 2.0
    if not han_x and not han_y:
        return 0.3
    return 1.3 if han_x != han_y and alike < 0.5 else 1 - 0.9 * alike


@given(SHORT, SHORT)
def test_pairs_are_priced_by_likeness(x: str, y: str) -> None:
    table = _pair_costs(encode(x), encode(y), EVIDENCE)
    slow = [[price(x, y, i, j) for j in range(len(y))] for i in range(len(x))]
    np.testing.assert_allclose(table, slow, atol=1e-6)


def composed(pieces: str, whole: str) -> bool:
    return EVIDENCE.composition(pieces, whole) is not None


def cheapest(x: str, y: str) -> float:
    """The least price of all explanations."""
    small = max(len(x), len(y)) <= 8

    @cache
    def rest(i: int, j: int, layer: int) -> float:
        if i == len(x) and j == len(y):
            return 0.0
        found = float("inf")
        if i < len(x):
            found = rest(i + 1, j, 1) + 0.5 + 0.8 * (layer != 1)
        if j < len(y):
            found = min(found, rest(i, j + 1, 2) + 0.03 + 0.8 * (layer != 2))
        if i < len(x) and j < len(y):
            found = min(found, rest(i + 1, j + 1, 0) + price(x, y, i, j))
        for n in (2, 3) if small else ():
            if j < len(y) and i + n <= len(x) and composed(x[i : i + n], y[j]):
                found = min(found, rest(i + n, j + 1, 0) + 0.15)
            if i < len(x) and j + n <= len(y) and composed(y[j : j + n], x[i]):
                found = min(found, rest(i + 1, j + n, 0) + 0.15)
        return found

    return rest(0, 0, 0)


def paid(x: str, y: str, steps: list[Block]) -> float:
    """What an explanation costs."""
    total, layer = 0.0, 0
    for i0, i1, j0, j1 in steps:
        if j0 == j1:
            total, layer = total + 0.5 * (i1 - i0) + 0.8 * (layer != 1), 1
        elif i0 == i1:
            total, layer = total + 0.03 * (j1 - j0) + 0.8 * (layer != 2), 2
        elif i1 - i0 == j1 - j0 == 1:
            total, layer = total + price(x, y, i0, j0), 0
        else:
            assert max(len(x), len(y)) <= 8
            assert composed(x[i0:i1], y[j0]) if j1 - j0 == 1 else composed(y[j0:j1], x[i0])
            total, layer = total + 0.15, 0
    return total


@given(st.text(CHARS, min_size=1, max_size=9), st.text(CHARS, min_size=1, max_size=9))
def test_the_steps_are_the_cheapest_explanation(x: str, y: str) -> None:
    steps = _steps(encode(x), encode(y), EVIDENCE)
    assert (steps[0][0], steps[0][2], steps[-1][1], steps[-1][3]) == (0, 0, len(x), len(y))
    assert all((a[1], a[3]) == (b[0], b[2]) for a, b in pairwise(steps))
    assert paid(x, y, steps) == pytest.approx(cheapest(x, y), abs=1e-6)


def refined(x: str, y: str) -> list[tuple[str, str]]:
    """The parts of a block that stands somewhere inside two texts."""
    parts = refine(encode("甲乙" + x + "丙"), encode("丁" + y), (2, 2 + len(x), 1, 1 + len(y)), EVIDENCE)
    assert (parts[0][0], parts[0][2], parts[-1][1], parts[-1][3]) == (2, 1, 2 + len(x), 1 + len(y))
    return [(("甲乙" + x)[a:b], ("丁" + y)[c:d]) for a, b, c, d in parts]


LONG = "依据本省关于加强城市管理工作若干问题所作决定"


@pytest.mark.parametrize(
    ("x", "y", "parts"),
    [
        ("禾口", "和", [("禾口", "和")]),
        ("和", "禾口", [("和", "禾口")]),
        ("环禾口", "坏和", [("环", "坏"), ("禾口", "和")]),
        ("讠身寸甲", "谢乙", [("讠身寸", "谢"), ("甲", "乙")]),
        # one that stands beside a cut and reads alike; others are words in the same place
        ("猛", "锰秀山县", [("猛", "锰"), ("", "秀山县")]),
        ("秀山县锰", "猛", [("秀山县", ""), ("锰", "猛")]),
        ("囊", LONG, [("囊", ""), ("", LONG)]),
        # of a long cut both ends are looked at, and the middle is not
        ("坏", LONG + "环" + LONG[::-1], [("坏", ""), ("", LONG + "环" + LONG[::-1])]),
        ("坏", "环" + LONG + LONG[::-1], [("坏", "环"), ("", LONG + LONG[::-1])]),
        ("坏", LONG + LONG[::-1] + "环", [("", LONG + LONG[::-1]), ("坏", "环")]),
        ("坏猛", "环" + LONG + LONG[::-1] + "锰", [("坏", "环"), ("", LONG + LONG[::-1]), ("猛", "锰")]),
        # a mark beside two cuts stays with its equal; the first, where there are several
        ("，", LONG + "，" + LONG + "，", [("", LONG), ("，", "，"), ("", LONG + "，")]),
        ("，", "，" + LONG, [("，", "，"), ("", LONG)]),
        ("，", LONG + "，", [("", LONG), ("，", "，")]),
        # the end of a cut may be a mark misread
        ("，", LONG[:6] + "。", [("", LONG[:6]), ("，", "。")]),
    ],
)
def test_blocks_are_explained(x: str, y: str, parts: list[tuple[str, str]]) -> None:
    assert refined(x, y) == parts


def test_long_blocks_are_left_whole() -> None:
    x, y = LONG + "甲乙丙", LONG[::-1] + "子丑寅卯"
    assert len(x) == 25 < len(y)
    assert refined(x, y) == [(x, y)]
    assert refined(y, x) == [(y, x)]
    assert len(refined(x[1:], y)) > 1
    assert refined(x, x[::-1]) == [(x, x[::-1])]
    assert refined(x[1:], x[:0:-1]) == list(zip(x[1:], x[:0:-1], strict=True))


# numbers


@pytest.mark.parametrize(
    ("x", "y", "blocks", "numbers"),
    [
        ("2.5%", "2.6%", [(2, 3, 2, 3)], [(0, 4, 0, 4)]),
        ("甲12乙34丙", "甲13乙35丙", [(2, 3, 2, 3), (5, 6, 5, 6)], [(1, 3, 1, 3), (4, 6, 4, 6)]),
        ("1234", "1935", [(1, 2, 1, 2), (3, 4, 3, 4)], [(0, 4, 0, 4)]),
        ("32万", "35.6万", [(1, 2, 1, 4)], [(0, 2, 0, 4)]),
        ("35万", "3.5万", [(1, 1, 1, 2)], [(0, 2, 0, 3)]),  # a point between digits
        ("3万", "3.万", [(1, 1, 1, 2)], []),  # and one that is not
        ("万", "万%", [(1, 1, 1, 2)], []),
        ("十二条", "十三条", [(1, 2, 1, 2)], [(1, 2, 1, 2)]),
        ("十条", "十二条", [(1, 1, 1, 2)], []),  # a numeral that is lost may be OCR's
        ("二条", "工条", [(0, 1, 0, 1)], []),
        ("1条", "一条", [(0, 1, 0, 1)], []),
        ("1" * 8 + "甲", "2" * 8 + "甲", [(0, 8, 0, 8)], [(0, 8, 0, 8)]),
        ("1" * 8 + "甲", "2" * 9 + "甲", [(0, 8, 0, 9)], []),  # too long
        ("甲3", "乙4", [(0, 1, 0, 1), (1, 2, 1, 2)], [(1, 2, 1, 2)]),  # not beyond the block before
    ],
)
def test_numbers_are_widened_to_all_of_them(
    x: str, y: str, blocks: list[Block], numbers: list[Block]
) -> None:
    taken, rest = take_numbers(x, y, blocks)
    assert taken == numbers
    assert all(block in blocks for block in rest)
    covered = {i for i0, i1, _, _ in taken for i in range(i0, i1)}
    assert [block for block in blocks if block not in rest] == [
        b for b in blocks if any(n[0] <= b[0] and b[1] <= n[1] and n[2] <= b[2] and b[3] <= n[3] for n in taken)
    ]
    assert all(covered.isdisjoint(range(i0, i1)) for i0, i1, _, _ in rest)


# glyphs some places away


def shifts(x: str, y: str, blocks: list[Block], numbers: list[Block]) -> tuple[list[tuple[object, ...]], list[Block]]:
    pieces, rest = take_shifts(encode(x), encode(y), blocks, numbers, EVIDENCE)
    shown = [(p.i0, p.i1, p.j0, p.j1, *(p.evidence[key] for key in ("displaced", "reads", "by"))) for p in pieces]
    assert all((p.kind, p.confidence) == ("shift", 0.95) for p in pieces)
    return shown, rest


@pytest.mark.parametrize(
    ("x", "y", "blocks", "found"),
    [
        # it landed further on, or before; so many characters away
        ("院所硏甲", "研院所甲", [(0, 0, 0, 1), (2, 3, 3, 3)], (0, 3, 0, 3, "硏", "研", 2)),
        ("硏院所甲", "院所研甲", [(0, 1, 0, 0), (3, 3, 2, 3)], (0, 3, 0, 3, "硏", "研", -2)),
        ("甲乙丙丁戊己庚辛硏", "研甲乙丙丁戊己庚辛", [(0, 0, 0, 1), (8, 9, 9, 9)], (0, 9, 0, 9, "硏", "研", 8)),
        ("甲乙丙丁戊己庚辛壬硏", "研甲乙丙丁戊己庚辛壬", [(0, 0, 0, 1), (9, 10, 10, 10)], None),  # too far
        ("硏甲", "研甲", [(0, 0, 0, 1), (0, 1, 1, 1)], None),  # in its place
        ("院所美", "研院所", [(0, 0, 0, 1), (2, 3, 3, 3)], None),  # unlike
        ("院所，", "，院所", [(0, 0, 0, 1), (2, 3, 3, 3)], None),  # a mark
        # 批 came apart: 扌 stayed and 岀 is left over, or the other way about
        ("扌青少比", "批青少", [(0, 1, 0, 1), (3, 4, 3, 3)], (0, 4, 0, 3, "扌…比", "批", 3 - 1)),
        ("扌青少比", "青少批", [(0, 1, 0, 0), (3, 4, 2, 3)], (0, 4, 0, 3, "扌…比", "批", 3 - 1)),
        ("美青少比", "批青少", [(0, 1, 0, 1), (3, 4, 3, 3)], None),  # no part of it
        ("扌青少，", "批青少", [(0, 1, 0, 1), (3, 4, 3, 3)], None),  # what is left over is no glyph
        ("扌青比少", "批青少", [(0, 1, 0, 1), (2, 4, 2, 3)], None),
    ],
)
def test_glyphs_that_landed_some_places_away(
    x: str, y: str, blocks: list[Block], found: tuple[object, ...] | None
) -> None:
    assert shifts(x, y, blocks, []) == (([found], []) if found else ([], blocks))
    one, two = blocks
    between = (one[1], one[1] + 1, one[3], one[3] + 1)
    assert shifts(x, y, blocks, [between]) == ([], blocks)
    outside = (two[1] + 1, two[1] + 2, two[3] + 1, two[3] + 2)
    assert shifts(x, y, blocks, [outside]) == shifts(x, y, blocks, [])
    if found:  # pairs are taken from the left, each block once
        again = [(i0 + 20, i1 + 20, j0 + 20, j1 + 20) for i0, i1, j0, j1 in blocks]
        far_x, far_y = (text.ljust(20, "空") + text for text in (x, y))
        shown, rest = shifts(far_x, far_y, [*blocks, (15, 16, 15, 16), *again], [])
        assert [row[0] for row in shown] == [found[0], 20]
        assert rest == [(15, 16, 15, 16)]


# cases and pieces


def parts(x: str, y: str, blocks: list[Block]) -> list[list[tuple[str, str, str]]]:
    """The parts of every block: what was read, what stands, and the class or the model that decides."""
    texts = Skeletons.of(encode(x), encode(y), np.zeros(len(x) + 1, dtype=bool))

    def shown(part: Part) -> tuple[str, str, str]:
        if isinstance(part, Case):
            i0, i1, j0, j1 = part.block
            return x[i0:i1], y[j0:j1], f"{part.model}{' ragged' if part.ragged else ''}"
        return x[part.i0 : part.i1], y[part.j0 : part.j1], part.kind

    return [[shown(part) for part in whole] for whole in parts_of(texts, blocks, EVIDENCE)]


@pytest.mark.parametrize(
    ("observed", "intended", "shown"),
    [
        ("坏", "环", [("坏", "环", "replaced")]),
        ("坏美", "环境", [("坏", "环", "replaced"), ("美", "境", "replaced")]),
        ("", "环", [("", "环", "lost ragged")]),
        ("环", "", [("环", "", "invented ragged")]),
        ("环境", "", [("环境", "", "invented ragged")]),
        ("环境美", "", [("环境美", "", "invented ragged")]),
        ("环境美好", "", [("环境美好", "", "insertion")]),
        ("", "环境", [("", "环境", "omission")]),
        ("", ",", [("", ",", "drop")]),
        ("", ",·~", [("", ",·~", "drop")]),
        ("", ",·~^", [("", ",·~^", "omission")]),
        ("", "A", [("", "A", "omission")]),
        ("", ",A", [("", ",A", "omission")]),
        ("", '"', [("", '"', "quote")]),
        ('"\'', "", [("\"'", "", "quote")]),
        ("~·^,", "", [("~·^,", "", "noise")]),
        ("~·^,;", "", [("~·^,;", "", "insertion")]),
        ("ab", "", [("ab", "", "noise")]),
        ("abc", "", [("abc", "", "insertion")]),
        ("7~", "", [("7~", "", "insertion")]),
        ("环7", "", [("环7", "", "insertion")]),
        (",", ";", [(",", ";", "mark")]),
        ("'", '"', [("'", '"', "quote")]),
        ("l", ",", [("l", ",", "glyph")]),
        (",", "l", [(",", "l", "glyph")]),
        ("l", "环", [("l", "环", "glyph")]),
        ("环", ",", [("环", ",", "glyph")]),
        ("l", "7", [("l", "7", "number")]),
        ("禾口", "和", [("禾口", "和", "split")]),
        ("和", "禾口", [("和", "禾口", "merge")]),
        ("猛", "秀山县锰", [("", "秀山县", "omission"), ("猛", "锰", "replaced ragged")]),
        ("秀山县锰", "猛", [("秀山县", "", "invented ragged"), ("锰", "猛", "replaced ragged")]),
        ("地", "与京津冀等区域战略", [("地", "", "insertion"), ("", "与京津冀等区域战略", "omission")]),
    ],
)
def test_what_rules_decide_and_what_is_weighed(
    observed: str, intended: str, shown: list[tuple[str, str, str]]
) -> None:
    x, y = f"加快推进{observed}整治", f"加快推进{intended}整治"
    assert parts(x, y, [(4, 4 + len(observed), 4, 4 + len(intended))]) == [shown]


@pytest.mark.parametrize(
    ("word", "kind"), [("rnap", "substitution"), ("xap", "substitution"), ("~ap", "glyph"), ("~a", "glyph")]
)
def test_letters_of_a_word_are_not_ocr_s(word: str, kind: str) -> None:
    """`x` for 环 within three letters and more; a single one may be what is left of a glyph."""
    x, y = f"加快{word}整治", f"加快环{word[1:]}整治"
    assert parts(x, y, [(2, 3, 2, 3)]) == [[(word[0], "环", kind)]]


@pytest.mark.parametrize("cut_first", [True, False])
def test_what_was_added_right_beside_a_cut_replaces_it(monkeypatch: pytest.MonkeyPatch, cut_first: bool) -> None:
    """Whichever of the two comes first: a character that only one text has is no debris there."""
    steps = [(2, 2, 2, 5), (2, 3, 5, 5)] if cut_first else [(2, 3, 2, 2), (3, 3, 2, 5)]
    monkeypatch.setattr(cases, "refine", lambda *_: steps)
    wanted = [("", "武陵山", "omission"), ("美", "", "insertion")]
    assert parts("加快美整治", "加快武陵山整治", [(2, 3, 2, 5)]) == [wanted if cut_first else wanted[::-1]]


def test_letters_on_both_sides_make_the_word() -> None:
    for x, kind in (("abx整", "substitution"), ("加axb", "substitution"), ("加ax整", "glyph"), ("axb", "substitution")):
        at = x.index("x")
        assert parts(x, x.replace("x", "环"), [(at, at + 1, at, at + 1)]) == [[("x", "环", kind)]]


@pytest.mark.parametrize(
    ("before", "cut", "behind", "shown"),
    [
        # the cut begins and ends with a mark: one of them was OCR's to keep, the stronger one
        ("治理", "。完善机制。", "积极", [("", "。", "drop"), ("", "完善机制。", "omission")]),
        ("治理", "，完善机制。", "积极", [("", "，完善机制", "omission"), ("", "。", "drop")]),
        ("治理", "。完善机制，", "积极", [("", "。", "drop"), ("", "完善机制，", "omission")]),
        ("治理", "、机、", "积极", [("", "、机、", "omission")]),  # too short for a cut
        ("治理", "、机制、", "积极", [("", "、", "drop"), ("", "机制、", "omission")]),
        ("治理", "完善机制。", "积极", [("", "完善机制。", "omission")]),
        ("治理", "。完善机制", "积极", [("", "。完善机制", "omission")]),
        ("治理。", "。完善机制。", "积极", [("", "。完善机制。", "omission")]),  # a mark was kept
        ("治理", "。完善机制。", "，积极", [("", "。完善机制。", "omission")]),
        ("", "。完善机制。", "积极", [("", "。完善机制。", "omission")]),
        # an extract may end inside a sentence, but not before its end
        ("治理", "，完善机制。", "", [("", "，完善机制。", "omission")]),
        ("治理", "。完善机制。", "", [("", "。", "drop"), ("", "完善机制。", "omission")]),
    ],
)
def test_a_mark_of_a_cut_is_ocr_s(
    before: str, cut: str, behind: str, shown: list[tuple[str, str, str]]
) -> None:
    x, y = (text.replace("，", ",") for text in (before + behind, before + cut + behind))
    found = parts(x, y, [(len(before), len(before), len(before), len(before + cut))])
    assert found == [[(a, b.replace("，", ","), kind) for a, b, kind in shown]]


def test_blocks_come_in_the_order_of_the_texts_whatever_takes_them() -> None:
    x, y = "硏院所共22个美好", "院所研共21个奖好"
    blocks = [(0, 1, 0, 0), (3, 3, 2, 3), (5, 6, 5, 6), (7, 8, 7, 8)]
    assert parts(x, y, blocks) == [
        [("硏院所", "院所研", "shift")], [("22", "21", "number")], [("美", "奖", "replaced")]
    ]  # fmt: skip


def test_pairs_side_by_side_are_one_run() -> None:
    x, y = "甲坏美乙", "甲环境，丙"
    texts = Skeletons.of(encode(x), encode(y), np.zeros(len(x) + 1, dtype=bool))
    ((*first, _lost, last),) = parts_of(texts, [(1, 4, 1, 5)], EVIDENCE)
    assert [part.run for part in first if isinstance(part, Case)] == [(1, 3, 1, 3)] * 2
    assert isinstance(last, Case)
    assert last.run == last.block == (3, 4, 4, 5)
    assert isinstance(_lost, Piece)
