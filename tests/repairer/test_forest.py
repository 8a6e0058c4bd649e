"""The forest against a slow walk down each tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import TableError
from textfix.repairer import forest as forest_module
from textfix.repairer.features import FEATURES
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


@given(st.integers(0, 1000))
def test_what_equals_the_threshold_goes_left(seed: int) -> None:
    forest, chance = _forest(seed), np.random.default_rng(seed + 2)
    whole = Forest(forest.feature, np.round(forest.threshold), forest.value, forest.bias)
    x = chance.integers(-2, 3, (9, 4)).astype(np.float32)
    np.testing.assert_allclose(whole.log_odds(x), [_walk(whole, row) for row in x], rtol=1e-5, atol=1e-5)


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


def test_probabilities_are_of_the_log_odds() -> None:
    forest, x = _forest(5), np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    odds = forest.log_odds(x)
    np.testing.assert_allclose(forest.probability(x), np.exp(odds) / (1 + np.exp(odds)))
    assert forest.depth == 3


def _decider(first: Forest) -> Decider:
    calibration = np.array([[2.0, 1.0], [0.5, -1.0], [1.0, 0.5], [3.0, -2.0]], dtype=np.float32)
    return Decider(Decider.load().detector, first, _forest(7), calibration)


def test_the_first_opinion_gives_up_early_only_on_what_is_hopeless() -> None:
    """24 trees are asked of every row, the rest where there is hope left."""
    forest = _forest(6, trees=40)
    x = np.random.default_rng(2).normal(size=(400, 4)).astype(np.float32)
    early = forest.log_odds(x, slice(0, 24))
    whole = early + forest.log_odds(x, slice(24, None))
    odds = np.where(early > -4.5, whole, early)
    assert 0 < (early <= -4.5).sum() < 400
    np.testing.assert_allclose(_decider(forest).opinion(x), 1 / (1 + np.exp(-odds)), rtol=1e-6)


def test_what_is_hopeless_by_a_hair_goes_no_further() -> None:
    value = np.zeros((25, 2), dtype=np.float32)
    node = np.zeros((25, 1))
    for early, odds in ((-4.5, -4.5), (-4.375, 5.625)):
        value[0], value[24] = early, 10.0
        forest = Forest(node.astype(np.int16), node.astype(np.float32), value, 0.0)
        opinion = _decider(forest).opinion(np.zeros((3, 1), dtype=np.float32))
        np.testing.assert_allclose(opinion, [1 / (1 + np.exp(-odds))] * 3)


def test_each_group_is_calibrated_apart() -> None:
    odds = np.tile([-1.0, 0.0, 3.0], 4)
    scaled = np.array([-1.0, 1.0, 7.0, -1.5, -1.0, 0.5, -0.5, 0.5, 3.5, -5.0, -2.0, 7.0])
    found = _decider(_forest(0)).calibrated(odds, np.repeat(np.arange(4), 3))
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-scaled)))


def test_a_decider_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, decider = tmp_path / "decider.npz", _decider(_forest(8))
    np.savez(path, **decider.arrays())
    back = Decider.load(path)
    assert back is not Decider.load()
    for one, other in ((back.first, decider.first), (back.second, decider.second)):
        for name in ("feature", "threshold", "value"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert one.bias == other.bias
    np.testing.assert_array_equal(back.calibration, decider.calibration)
    for name, array in decider.detector.arrays().items():
        np.testing.assert_array_equal(back.detector.arrays()[name], array)


def test_a_file_without_forests_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "decider.npz"
    np.savez(path, other=np.zeros(3))
    with pytest.raises(TableError, match="rebuild"):
        Decider.load(path)


def _changed(**arrays: np.ndarray) -> dict[str, np.ndarray]:
    shipped = Decider.load()
    return {**shipped.arrays(), **arrays}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("second_feature", lambda a: np.where(a == a.max(), 9999, a).astype(np.int16), "second one asks for"),
        ("first_feature", lambda a: np.where(a == a.max(), -1, a).astype(np.int16), "first one asks for"),
        ("first_feature", lambda a: a[:, 1:], "first one is no complete trees"),
        ("first_feature", lambda a: a[1:], "first one is no complete trees"),
        ("second_threshold", lambda a: a[:, :-1], "second one is no complete trees"),
        ("second_value", lambda a: a[:, :-1], "second one is no complete trees"),
        ("first_feature", lambda a: a.astype(np.int32), "first one is of other types"),
        ("first_threshold", lambda a: a.astype(np.float64), "first one is of other types"),
        ("second_value", lambda a: a.astype(np.float64), "second one is of other types"),
        ("calibration", lambda a: a[:1], "'no calibration'"),
        ("calibration", lambda a: a.astype(np.float64), "no calibration"),
        ("detect_spots", lambda a: a[:, 1:], "the detector is of another shape"),
        ("detect_gaps", lambda a: a[1:], "the detector is of another shape"),
    ],
)
def test_what_does_not_fit_is_said(
    tmp_path: Path, name: str, change: Callable[[np.ndarray], np.ndarray], message: str
) -> None:
    path = tmp_path / "decider.npz"
    np.savez(path, **_changed(**{name: change(np.asarray(_changed()[name]))}))
    with pytest.raises(TableError, match=message):
        Decider.load(path)


def test_a_forest_may_ask_for_every_feature_that_there_is(tmp_path: Path) -> None:
    path, feature = tmp_path / "decider.npz", np.asarray(_changed()["first_feature"]).copy()
    feature[0, 0], feature[0, 1] = 0, len(FEATURES) - 1
    np.savez(path, **_changed(first_feature=feature))
    assert Decider.load(path).first.feature[0, 1] == len(FEATURES) - 1
    feature[0, 1] += 1
    np.savez(path, **_changed(first_feature=feature))
    with pytest.raises(TableError, match="features that there are not"):
        Decider.load(path)


def test_room_is_made_for_so_much_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "decider.npz"
    np.savez_compressed(path, **_changed(padding=np.zeros(1 << 22, dtype=np.uint8)))
    packed = path.stat().st_size
    monkeypatch.setattr(forest_module, "_LARGEST", packed - 1)
    with pytest.raises(TableError, match="'it is too large'"):
        Decider.load(path)
    monkeypatch.setattr(forest_module, "_LARGEST", packed)
    with pytest.raises(TableError, match="'it is too large when unpacked'"):
        Decider.load(path)
    monkeypatch.setattr(forest_module, "_LARGEST", packed + (1 << 26))
    assert len(Decider.load(path).first.feature)
