"""The phrase table: what is attested, and what would be, against sets of windows."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import ModelError
from textfix.lm import store
from textfix.lm.phrases import SIDE, WIDTH, Phrases, pack

CHARACTERS = np.array([ord(c) for c in "一二三四五六七八九十百千万"], dtype=np.uint32)
SIZE = 6 + len(CHARACTERS)
Window = tuple[int, ...]


def made(seed: int, count: int = 80) -> tuple[Phrases, set[Window]]:
    ids = np.random.default_rng(seed).integers(6, SIZE, (count, WIDTH)).astype(np.uint16)
    windows = np.unique(ids, axis=0)
    data = pack(windows, CHARACTERS)
    assert data == pack(windows, CHARACTERS)
    return Phrases(*store.unpack(memoryview(data), "made")), {tuple(row) for row in windows.tolist()}


TABLE, KNOWN = made(0)
BESIDE = {pair for window in KNOWN for pair in pairwise(window)}
IN_A_ROW = {window[k : k + 3] for window in KNOWN for k in range(3)}


def passes(window: Window) -> bool:
    """Whether the table takes one window for attested, asked alone."""
    return bool(TABLE.attested(np.array(window, dtype=np.uint16))[0])


def test_what_it_was_made_of_is_attested_and_hardly_anything_else() -> None:
    assert all(passes(window) for window in KNOWN)
    others = np.random.default_rng(1).integers(0, SIZE, (20_000, WIDTH)).astype(np.uint16)
    strange = np.array([tuple(row) not in KNOWN for row in others.tolist()])
    assert 0 < TABLE.attested(others[strange]).mean() < 2 / 256


@given(st.lists(st.integers(0, SIZE - 1), max_size=12))
def test_every_window_of_a_row_is_looked_up(ids: list[int]) -> None:
    found = TABLE.attested(np.array(ids, dtype=np.uint16))
    assert found.tolist() == [passes(tuple(ids[k : k + WIDTH])) for k in range(len(ids) - SIDE)]


sides = st.lists(st.integers(0, SIZE - 1), min_size=SIDE, max_size=SIDE)


@st.composite
def known_sides(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """What lies around a place in a window of the table, so that something fits there."""
    window, at = draw(st.sampled_from(sorted(KNOWN))), draw(st.integers(0, SIDE))
    left, right = draw(sides), draw(sides)
    return [*reversed(window[:at]), *left][:SIDE], [*window[at + 1 :], *right][:SIDE]


@st.composite
def sides_of_two(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """What lies around two places in a row of a window of the table; what lies further away is of other windows."""
    window, at = draw(st.sampled_from(sorted(KNOWN))), draw(st.integers(0, SIDE - 1))
    before = [w for w in sorted(KNOWN) if w[-1] == window[0]] or [window]
    behind = [w for w in sorted(KNOWN) if w[0] == window[-1]] or [window]
    left = [*reversed(window[:at]), *reversed(draw(st.sampled_from(before))[:-1])]
    right = [*window[at + 2 :], *draw(st.sampled_from(behind))[1:], *draw(sides)]
    return (left + draw(sides))[:SIDE], right[:SIDE]


@given(st.lists(known_sides() | st.tuples(sides, sides), max_size=4), st.integers(0, 2))
def test_windows_around_a_place_are_counted(around: list[tuple[list[int], list[int]]], size: int) -> None:
    left, right = (np.array([pair[k] for pair in around], dtype=np.uint16).reshape(-1, SIDE) for k in (0, 1))
    middle = np.arange(len(around) * size, dtype=np.uint16).reshape(len(around), size) % SIZE
    rows = [[*reversed(a), *m, *b] for a, m, b in zip(left.tolist(), middle.tolist(), right.tolist(), strict=True)]
    expected = [sum(passes(tuple(row[k : k + WIDTH])) for k in range(size + SIDE)) for row in rows]
    assert TABLE.around(left, middle, right).tolist() == expected


@given(st.lists(known_sides() | st.tuples(sides, sides), max_size=4))
def test_fillers_make_a_window_known_and_know_their_neighbours(around: list[tuple[list[int], list[int]]]) -> None:
    left, right = (np.array([pair[k] for pair in around], dtype=np.uint16).reshape(-1, SIDE) for k in (0, 1))
    found = TABLE.fillers(left, right)
    said = {(s, i): w for s, i, w in zip(found.slot.tolist(), found.ids.tolist(), found.windows.tolist(), strict=True)}
    assert sorted(said) == list(said)
    for slot, (a, b) in enumerate(around):
        for filler in range(SIZE):
            row = [*reversed(a), filler, *b]
            windows = [tuple(row[k : k + WIDTH]) for k in range(WIDTH)]
            neighbours = (a[0], filler) in BESIDE and (filler, b[0]) in BESIDE
            assert said.get((slot, filler), 0) == (sum(map(passes, windows)) if neighbours else 0)


@given(st.lists(sides_of_two() | st.tuples(sides, sides), max_size=3))
def test_two_fillers_make_a_window_over_both_known(around: list[tuple[list[int], list[int]]]) -> None:
    left, right = (np.array([pair[k] for pair in around], dtype=np.uint16).reshape(-1, SIDE) for k in (0, 1))
    found = TABLE.two_fillers(left, right)
    keys = [(s, *two) for s, two in zip(found.slot.tolist(), found.ids.tolist(), strict=True)]
    assert sorted(keys) == keys
    said = dict(zip(keys, found.windows.tolist(), strict=True))
    for slot, (a, b) in enumerate(around):
        for one, two in product(range(SIZE), repeat=2):
            row = [*reversed(a), one, two, *b]
            windows = [passes(tuple(row[k : k + WIDTH])) for k in range(WIDTH + 1)]
            beside = {(a[0], one), (one, two), (two, b[0])} <= BESIDE
            forth = {(a[1], a[0], one), (a[0], one, two)} <= IN_A_ROW and any(windows[1:4])
            back = {(one, two, b[0]), (two, b[0], b[1])} <= IN_A_ROW and windows[4]
            wanted = sum(windows) if beside and (forth or back) else 0
            assert said.get((slot, one, two), 0) == wanted


def test_many_places_at_once_are_those_of_each() -> None:
    chance = np.random.default_rng(3)
    left, right = chance.integers(6, SIZE, (2, 600, SIDE)).astype(np.uint16)
    found = TABLE.fillers(left, right)
    assert found.slot.max() > 512
    for slot in (0, 255, 256, 599):
        alone = TABLE.fillers(left[slot : slot + 1], right[slot : slot + 1])
        rows = found.slot == slot
        assert (found.ids[rows].tolist(), found.windows[rows].tolist()) == (alone.ids.tolist(), alone.windows.tolist())


def test_the_shipped_table_knows_set_phrases() -> None:
    table = Phrases.load()
    assert table is Phrases.load()

    def windows(text: str) -> int:
        return int(table.attested(table.vocabulary.id_of(np.array([ord(c) for c in text], dtype=np.uint32))).sum())

    assert windows("坚持稳中求进工作总基调") == 7
    assert windows("绿水青山就是金山银山") == 6
    assert windows("山绿水青是就金银山山") <= 1
    ids = table.vocabulary.id_of(np.array([ord(c) for c in "坚持稳中进工作总"], dtype=np.uint32))
    found = table.fillers(ids[None, 3::-1], ids[None, 4:])
    best = found.ids[found.windows.argmax()]
    assert (chr(table.vocabulary.code_of[best]), found.windows.max()) == ("求", WIDTH)
    ids = table.vocabulary.id_of(np.array([ord(c) for c in "提升提高分类和资"], dtype=np.uint32))
    two = table.two_fillers(ids[None, 3::-1], ids[None, 4:])
    assert "垃圾" in {"".join(map(chr, pair)) for pair in table.vocabulary.code_of[two.ids].tolist()}


def test_a_file_that_does_not_fit_is_named_as_such() -> None:
    with pytest.raises(ModelError, match="phrase table lacks"):
        Phrases({"characters": CHARACTERS}, {"main": 3})
    arrays, meta = store.unpack(memoryview(pack(np.full((1, WIDTH), 7, dtype=np.uint16), CHARACTERS)), "made")
    places = np.full((1, SIDE), 7, dtype=np.uint16)
    for side in ("behind", "before", "behind_two", "before_two"):
        for wrong in ({side: np.full_like(arrays[side], SIZE)}, {f"{side}_ends": arrays[f"{side}_ends"][::-1]}):
            with pytest.raises(ModelError, match=f"neighbours {side} .* do not fit"):
                Phrases({**arrays, **wrong}, meta).two_fillers(places, places)
    with pytest.raises(ModelError, match=r"phrase table lacks .*before_two"):
        Phrases({k: v for k, v in arrays.items() if k != "before_two"}, meta).two_fillers(places, places)
