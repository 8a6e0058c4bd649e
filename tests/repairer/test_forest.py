"""The forest against a slow walk down each tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import TableError
from textfix.lm import load_default
from textfix.pipeline import default_repairer
from textfix.repairer import forest as forest_module
from textfix.repairer.features import FEATURES
from textfix.repairer.forest import Decider, Forest
from textfix.repairer.view import look

SEED = Path(__file__).resolve().parents[2] / "corpora" / "seed"


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


def _staged(forest: Forest, stages: list[tuple[int, float]]) -> Forest:
    return replace(forest, stages=np.array(stages, dtype=np.float32).reshape(-1, 2))


@given(st.integers(0, 1000), st.lists(st.tuples(st.integers(0, 9), st.floats(-3, 3, width=32)), max_size=3))
def test_rows_are_given_up_at_the_stages(seed: int, stages: list[tuple[int, float]]) -> None:
    """Row by row, in a loop."""
    forest = _staged(_forest(seed, trees=9), sorted(stages))
    x = np.random.default_rng(seed).normal(size=(60, 4)).astype(np.float32)
    expected = []
    for row in range(60):
        odds, begin = 0.0, 0
        for trees, least in [*sorted(stages), (9, -np.inf)]:
            odds += float(forest.log_odds(x[row : row + 1], slice(begin, trees))[0])
            begin = trees
            if odds <= least:
                odds -= 1.0
                break
        expected.append(odds + forest.bias)
    np.testing.assert_allclose(forest.hopeful(x), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(_decider(forest).opinion(x), 1 / (1 + np.exp(-np.array(expected))), rtol=1e-4)


def test_what_the_shipped_forest_gives_up_was_worth_nothing() -> None:
    """It does give up; and what it gives up hardly ever would have been worth a second opinion."""
    first = Decider.load().first
    extract = (SEED / "garbled-extract.txt").read_text("utf-8")
    found = default_repairer()._decoder.evidence(look(extract, load_default()))
    assert found is not None
    x = found.features
    whole, early = (1 / (1 + np.exp(-odds)) for odds in (first.log_odds(x), first.hopeful(x)))
    given_up = np.abs(whole - early) > 1e-9
    assert given_up.mean() > 0.3
    assert (whole[given_up] > 0.02).mean() < 0.01
    assert whole[given_up].max() < 0.1


def test_each_group_is_calibrated_apart() -> None:
    odds = np.tile([-1.0, 0.0, 3.0], 4)
    scaled = np.array([-1.0, 1.0, 7.0, -1.5, -1.0, 0.5, -0.5, 0.5, 3.5, -5.0, -2.0, 7.0])
    found = _decider(_forest(0)).calibrated(odds, np.repeat(np.arange(4), 3))
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-scaled)))


def test_a_decider_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, decider = tmp_path / "decider.npz", _decider(_staged(_forest(8), [(2, -1.0), (5, 0.5)]))
    np.savez(path, **decider.arrays())
    back = Decider.load(path)
    assert back is not Decider.load()
    for one, other in ((back.first, decider.first), (back.second, decider.second)):
        for name in ("feature", "threshold", "value", "stages"):
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
        ("first_stages", lambda a: a[:, :1], "first one gives up after trees that there are not"),
        ("first_stages", lambda a: a[::-1].copy(), "first one gives up after trees that there are not"),
        ("first_stages", lambda a: a + np.float32(9999), "first one gives up after trees that there are not"),
        ("first_stages", lambda a: a.astype(np.float64), "first one gives up after trees that there are not"),
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
