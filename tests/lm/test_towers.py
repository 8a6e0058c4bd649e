"""The mark model: numpy against a slow walk through its towers, what it may see, and what is not worked out again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import ModelError
from textfix.lm import store, towers
from textfix.lm.marks import ANSWERS, ELSE, Marks
from textfix.lm.network import surroundings
from textfix.lm.towers import _LAST_TOP, _TOP, Known, pack
from textfix.lm.vocabulary import BOS, EOS

SIZE, EMBEDDED, WIDTH, OUTPUT, DILATIONS = 12, 3, 5, 4, (2, 3)
REACH = 4 + sum(DILATIONS)
Weights = dict[str, np.ndarray]


def made(seed: int) -> tuple[Marks, Weights]:
    chance = np.random.default_rng(seed)
    shapes = {"embedding": (SIZE, EMBEDDED), "mix": (2 * WIDTH, OUTPUT), "answers": (OUTPUT, ELSE + 1)}
    for side in ("left", "right"):
        shapes[f"{side}0"] = 4 * EMBEDDED, WIDTH
        shapes |= {f"{side}{k}": (2 * WIDTH, WIDTH) for k in (1, 2)}
    weights = {name: chance.normal(size=shape, scale=0.5) for name, shape in shapes.items()}
    weights |= {f"{name}_bias": chance.normal(size=shape[1]) for name, shape in shapes.items() if name != "embedding"}
    characters = np.array([ord(c) for c in "一二三四五六"], dtype=np.uint32)
    sample = chance.integers(0, SIZE, (50, 40)).astype(np.uint16)
    return Marks(*store.unpack(memoryview(pack(weights, characters, DILATIONS, sample)), "made")), weights


MADE = [made(seed) for seed in range(4)]


def slow(weights: Weights, before: list[int], behind: list[int]) -> list[float]:
    """The network in floats, before it was made one of integers; `before` and `behind` nearest first."""

    def layer(values: list[float], name: str) -> list[float]:
        matrix, bias = weights[name], weights[f"{name}_bias"]
        sums = (sum(v * float(w) for v, w in zip(values, column, strict=True)) for column in matrix.T)
        return [total + float(b) for total, b in zip(sums, bias, strict=True)]

    def rectified(values: list[float]) -> list[float]:
        return [max(v, 0.0) for v in values]

    def tower(side: str, ids: list[int], number: int, back: int) -> list[float]:
        """What the layer of that number says of the place so far back."""
        if number == 0:
            seen = [float(v) for i in ids[back : back + 4] for v in weights["embedding"][i]]
            return rectified(layer(seen, f"{side}0"))
        near, far = (tower(side, ids, number - 1, back + k) for k in (0, DILATIONS[number - 1]))
        return rectified(layer(near + far, f"{side}{number}"))

    ends = tower("left", before, len(DILATIONS), 0) + tower("right", behind, len(DILATIONS), 0)
    scores = layer(rectified(layer(ends, "mix")), "answers")
    total = math.log(sum(math.exp(s) for s in scores))
    return [s - total for s in scores]


@st.composite
def slots(draw: Callable[..., Any]) -> tuple[np.ndarray, ...]:
    """A text of paragraphs as ids, and slots in it: left, right, first, last."""
    edges = np.cumsum([0, *draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))])
    size = int(edges[-1])
    ids = np.array(draw(st.lists(st.integers(6, SIZE - 1), min_size=size, max_size=size)), dtype=np.uint16)
    asked = draw(st.lists(st.tuples(st.integers(0, size - 1), st.booleans()), max_size=8))
    at, gap = np.array(asked, dtype=np.int64).reshape(-1, 2).T
    of = np.searchsorted(edges, at, side="right") - 1
    return ids, at - 1, at + 1 - gap, edges[of], edges[of + 1]


@given(st.sampled_from(MADE), slots())
def test_the_towers_in_integers_are_the_trained_ones(
    model: tuple[Marks, Weights], given_: tuple[np.ndarray, ...]
) -> None:
    marks, weights = model
    ids, *where = given_
    found = marks.log_probs(ids, *where)
    assert found.shape == (len(where[0]), marks.size)
    for row, (left, right, first, last) in enumerate(np.stack(where, axis=1).tolist()):
        before = [*ids[first : left + 1][::-1].tolist(), BOS, *[EOS] * REACH]
        behind = [*ids[right:last].tolist(), *[EOS] * REACH]
        np.testing.assert_allclose(found[row], slow(weights, before, behind), atol=0.25)
        # And exactly the same when it is asked alone, and when it sees no more than the text around the slot.
        np.testing.assert_array_equal(found[row], marks.log_probs(ids, *(a[row : row + 1] for a in where))[0])
        alone = np.array([*before[:REACH][::-1], *behind[:REACH]], dtype=np.uint16)
        at = np.array([REACH - 1]), np.array([REACH]), np.array([0]), np.array([2 * REACH])
        np.testing.assert_array_equal(found[row], marks.log_probs(alone, *at)[0])


@given(st.sampled_from(MADE), st.lists(slots(), min_size=1, max_size=3))
def test_what_is_known_is_what_would_be_worked_out(
    model: tuple[Marks, Weights], texts: list[tuple[np.ndarray, ...]]
) -> None:
    marks, known = model[0], Known()
    for ids, *where in [*texts, *texts]:
        np.testing.assert_array_equal(marks.log_probs(ids, *where, known), marks.log_probs(ids, *where))
    rows = [row.tobytes() for ids, *where in texts for row in surroundings(ids, *where, marks.reach)]
    assert set(known) == set(rows)


def test_what_is_known_is_not_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    marks, known = MADE[0][0], Known()
    given_ = np.arange(6, 12).astype(np.uint16), *(np.array([k]) for k in (1, 3, 0, 6))
    first = marks.log_probs(*given_, known)
    asked: list[int] = []
    whole = Marks._answers

    def counted(self: Marks, ids: np.ndarray, left: np.ndarray, *rest: np.ndarray) -> np.ndarray:
        asked.append(left.size)
        return whole(self, ids, left, *rest)

    monkeypatch.setattr(Marks, "_answers", counted)
    np.testing.assert_array_equal(marks.log_probs(*given_, known), first)
    assert asked == [0]


@given(st.sampled_from(MADE), slots(), st.integers(1, 3))
def test_a_long_text_is_worked_out_in_blocks(
    model: tuple[Marks, Weights], given_: tuple[np.ndarray, ...], size: int
) -> None:
    marks, (ids, *where) = model[0], given_
    whole, blocks = marks.log_probs(ids, *where), []
    some = Marks._some

    def counted(self: Marks, ids: np.ndarray, left: np.ndarray, *rest: np.ndarray) -> np.ndarray:
        blocks.append(left.size)
        return some(self, ids, left, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Marks, "_some", counted)
        patch.setattr(towers, "_BLOCK", size)
        np.testing.assert_array_equal(marks.log_probs(ids, *where), whole)
    assert sum(blocks) == len(whole)
    assert all(0 < block <= size for block in blocks)


def test_sums_of_products_are_exact() -> None:
    marks = Marks.load()
    for name, matrix in marks._floats.items():
        top = {"embedding": 0, "answers": _LAST_TOP}.get(name, _TOP)
        assert len(matrix) * top * np.abs(matrix).max() < 2**24
    assert marks.reach == 40


def test_the_shipped_model_is_loaded_once() -> None:
    assert Marks.load() is Marks.load()
    assert Marks.load().size == len(ANSWERS) + 2


def test_a_file_without_the_weights_is_named_as_such() -> None:
    with pytest.raises(ModelError, match="mark model lacks"):
        Marks({"characters": np.array([0x4E00], dtype=np.uint32)}, {"dilations": [3]})
