"""The forest against a slow walk down each tree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import TableError
from textfix.repairer.forest import Decider, Forest


def _forest(seed: int, trees: int = 5, depth: int = 3, columns: int = 4) -> Forest:
    chance = np.random.default_rng(seed)
    inner = 2**depth - 1
    return Forest(
        chance.integers(0, columns, (trees, inner)).astype(np.int16),
        chance.normal(size=(trees, inner)).astype(np.float32),
        chance.normal(size=(trees, inner + 1)).astype(np.float32),
        0.25,
    )


def _walk(forest: Forest, row: np.ndarray) -> float:
    total = forest.bias
    inner = forest.feature.shape[1]
    for tree in range(forest.feature.shape[0]):
        node = 0
        while node < inner:
            right = row[forest.feature[tree, node]] > forest.threshold[tree, node]
            node = 2 * node + 1 + int(right)
        total += float(forest.value[tree, node - inner])
    return total


@given(st.integers(0, 1000), st.integers(0, 40))
def test_log_odds_equal_a_walk_down_each_tree(seed: int, rows: int) -> None:
    forest = _forest(seed)
    x = np.random.default_rng(seed + 1).normal(size=(rows, 4)).astype(np.float32)
    expected = [_walk(forest, row) for row in x]
    np.testing.assert_allclose(forest.log_odds(x), expected, rtol=1e-5, atol=1e-5)


def test_a_row_scores_the_same_alone_and_in_a_batch() -> None:
    forest = _forest(3, trees=40)
    x = np.random.default_rng(0).normal(size=(5000, 4)).astype(np.float32)
    together = forest.log_odds(x)
    assert all(forest.log_odds(x[i : i + 1])[0] == together[i] for i in range(0, 5000, 617))


def test_parts_add_up() -> None:
    forest = _forest(4, trees=9)
    x = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    parts = forest.log_odds(x, slice(0, 4)) + forest.log_odds(x, slice(4, None))
    np.testing.assert_allclose(parts + forest.bias, forest.log_odds(x), rtol=1e-6)


def test_a_file_without_forests_is_refused(tmp_path) -> None:
    path = tmp_path / "decider.npz"
    np.savez(path, other=np.zeros(3))
    with pytest.raises(TableError, match="rebuild"):
        Decider.load(path)
