"""The cloze model: numpy against a slow walk through the network, and what it may see."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import ModelError
from textfix.lm import store
from textfix.lm.cloze import NOTHING, Cloze
from textfix.lm.network import _TOPS, pack
from textfix.lm.vocabulary import BOS, EOS

REACH, SIZE = 3, 12


def made(seed: int) -> tuple[Cloze, dict[str, np.ndarray]]:
    chance = np.random.default_rng(seed)
    shapes = {"embedding": (SIZE, 2), "first": (4 * REACH, 5), "second": (5, 5), "third": (5, 4), "answers": (4, SIZE)}
    weights = {name: chance.normal(size=shape, scale=0.5) for name, shape in shapes.items()}
    for k, name in enumerate(("first", "second", "third", "answers"), 1):
        weights[f"bias{k}"] = chance.normal(size=shapes[name][1])
    characters = np.array([ord(c) for c in "一二三四五六"], dtype=np.uint32)
    sample = chance.integers(0, SIZE, (500, 2 * REACH)).astype(np.uint16)
    return Cloze(*store.unpack(memoryview(pack(weights, characters, REACH, sample)), "made")), weights


def slow(weights: dict[str, np.ndarray], row: list[int]) -> list[float]:
    """The network in floats, before it was made one of integers."""
    x = [float(v) for i in row for v in weights["embedding"][i]]

    def layer(values: list[float], name: str, bias: str) -> list[float]:
        matrix = weights[name]
        return [
            sum(v * float(matrix[i, j]) for i, v in enumerate(values)) + float(weights[bias][j])
            for j in range(matrix.shape[1])
        ]

    x = [max(v, 0.0) for v in layer(x, "first", "bias1")]
    x = [v + max(w, 0.0) for v, w in zip(x, layer(x, "second", "bias2"), strict=True)]
    x = [max(v, 0.0) for v in layer(x, "third", "bias3")]
    scores = layer(x, "answers", "bias4")
    total = math.log(sum(math.exp(s) for s in scores))
    return [s - total for s in scores]


@given(st.integers(0, 4), st.lists(st.lists(st.integers(0, SIZE - 1), min_size=6, max_size=6), max_size=5))
def test_the_network_in_integers_is_the_trained_one(seed: int, rows: list[list[int]]) -> None:
    cloze, weights = made(seed)
    around = np.array(rows, dtype=np.uint16).reshape(-1, 2 * REACH)
    found = cloze.log_probs(around)
    assert found.shape == (len(rows), SIZE)
    for number, row in enumerate(rows):
        expected = np.array(slow(weights, row))
        likely = expected > -8
        np.testing.assert_allclose(found[number][likely], expected[likely], atol=0.6)
        # And exactly the same when it is asked alone.
        np.testing.assert_array_equal(found[number], cloze.log_probs(around[number : number + 1])[0])


@given(st.integers(0, 4), st.integers(0, 120), st.data())
def test_what_is_asked_is_what_all_answers_say(seed: int, slots: int, data: st.DataObject) -> None:
    cloze, _ = made(seed)
    around = np.random.default_rng(seed).integers(0, SIZE, (slots, 2 * REACH)).astype(np.uint16)
    every = st.tuples(st.integers(0, max(slots - 1, 0)), st.integers(0, SIZE - 1))
    asked = data.draw(st.lists(every, max_size=20 if slots else 0))
    slot, answer = np.array(asked, dtype=np.int64).reshape(-1, 2).T
    named = data.draw(st.sampled_from([-8.0, -2.0, -0.5]))
    oracle, said = cloze.log_probs(around), cloze.ask(around, slot, answer, named)
    np.testing.assert_array_equal(said.values, oracle[slot, answer])
    rows, columns = np.nonzero(oracle > named)
    np.testing.assert_array_equal(np.stack([said.slot, said.answer]), np.stack([rows, columns]))
    np.testing.assert_array_equal(said.value, oracle[rows, columns])
    np.testing.assert_array_equal(said.best, np.sort(oracle, axis=1)[:, :-3:-1].T)


def test_sums_of_products_are_exact() -> None:
    cloze = Cloze.load()
    embedding, *matrices = cloze._floats
    tops = np.abs(embedding).max(), *_TOPS
    for top, matrix in zip(tops, matrices, strict=True):
        assert len(matrix) * top * np.abs(matrix).max() < 2**24


@given(st.lists(st.integers(6, SIZE - 1), min_size=1, max_size=12), st.data())
def test_the_surroundings_end_with_the_paragraph(ids: list[int], data: st.DataObject) -> None:
    cloze, _ = made(0)
    first = data.draw(st.integers(0, len(ids) - 1))
    last = data.draw(st.integers(first + 1, len(ids)))
    at = data.draw(st.integers(first, last - 1))
    gap = data.draw(st.booleans())
    left, right = at - 1, at if gap else at + 1
    arrays = [np.array([value]) for value in (left, right, first, last)]
    found = cloze.surroundings(np.array(ids, dtype=np.uint16), *arrays)[0].tolist()
    before = [*ids[first : left + 1][::-1], BOS, *[EOS] * REACH][:REACH]
    behind = [*ids[right:last], *[EOS] * REACH][:REACH]
    assert found == before + behind


def test_the_shipped_model_knows_what_is_missing() -> None:
    cloze = Cloze.load()
    text = "加快解决工矿废弃地、矸石山等历史遗留问题，推进资源型城市可持续发展。"
    ids = cloze.id_of(np.array([ord(c) for c in text], dtype=np.uint32))
    at = np.array([text.index("展"), text.index("续"), text.index("题")])
    none, all_of = np.zeros(3, dtype=np.int64), np.full(3, len(text))
    said = cloze.log_probs(cloze.surroundings(ids, at - 1, at + 1, none, all_of))
    assert said.argmax(axis=1).tolist() == ids[at].tolist()
    between = cloze.log_probs(cloze.surroundings(ids, at - 1, at, none, all_of))
    assert between.argmax(axis=1).tolist() == [NOTHING] * 3
    np.testing.assert_allclose(np.exp(said).sum(axis=1), 1.0, atol=0.02)


def test_a_file_without_the_weights_is_named_as_such() -> None:
    with pytest.raises(ModelError, match="cloze model lacks"):
        Cloze({"characters": np.array([0x4E00], dtype=np.uint32)}, {"reach": 3})


def test_the_shipped_model_is_loaded_once() -> None:
    assert Cloze.load() is Cloze.load()
    assert pickle.loads(pickle.dumps(NOTHING)) == NOTHING
