"""The parts: perfect hashing, quantisation, proposals, mixtures."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textfix.lm as lm
from textfix.errors import ModelError, OptionError
from textfix.lm import DIGIT, LATIN, Mixture, Model, Vocabulary, load_default, perfect_hash, train
from textfix.lm.mixture import split_weight
from textfix.lm.tables import build_table, finish, quantise
from textfix.lm.vocabulary import SPECIALS

from .conftest import synthetic


def hashes(seed: int, n: int) -> np.ndarray:
    return np.unique(np.random.default_rng(seed).integers(0, 2**64, n, dtype=np.uint64))


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3000), st.sampled_from([(0.97, 3.5), (0.99, 5.0), (0.5, 1.0)]))
def test_every_key_has_a_slot_of_its_own(seed: int, n: int, shape: tuple[float, float]) -> None:
    keys = hashes(seed, n)
    function, slots = perfect_hash.build(keys, *shape)
    assert len(np.unique(slots)) == len(keys)
    np.testing.assert_array_equal(function.find(keys), slots)
    others = function.find(hashes(seed + 1, 500))
    assert others.min() >= 0
    assert others.max() < function.size
    assert function.size <= n / shape[0] * 1.2 + 8


@given(st.lists(st.floats(-12, 0), max_size=300), st.integers(2, 256))
def test_quantised_values_are_the_nearest_of_the_codebook(values: list[float], levels: int) -> None:
    array = np.array(values, dtype=np.float64)
    codes, book = quantise(array, levels)
    assert len(book) == levels
    if values:
        nearest = np.abs(array[:, None] - book[None, :].astype(np.float64)).min(axis=1)
        np.testing.assert_allclose(np.abs(book[codes] - array), nearest, atol=1e-5)
        assert nearest.max() <= (array.max() - array.min()) / (levels - 1) * 2 + 1e-5


@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_a_table_knows_its_own_and_hardly_anything_else(order: int) -> None:
    keys = finish(hashes(7, 20_000))
    rng = np.random.default_rng(1)
    log_probs = -rng.exponential(2, len(keys))
    backoffs = np.where(rng.random(len(keys)) < 0.5, np.nan, -rng.exponential(1, len(keys))) if order < 5 else None
    table = build_table(order, keys, log_probs, backoffs)
    hits, found, weights = table.find(keys)
    assert len(hits) == len(keys)
    np.testing.assert_allclose(found, log_probs, atol=1.0)
    assert np.sqrt(((found - log_probs) ** 2).mean()) < 0.3
    if backoffs is None:
        assert weights is None
    else:
        assert weights is not None
        np.testing.assert_array_equal(weights == 0, np.isnan(backoffs))
    strangers = finish(hashes(8, 200_000))
    layout = table.layout
    check_bits = 8 * layout.slot_bytes - layout.backoff_bits - layout.prob_bits
    assert len(table.find(strangers)[0]) <= 200_000 / 2**check_bits * 1.5 + 5


class TestProposals:
    def test_they_are_the_likeliest_neighbours(self, text: str, vocabulary: Vocabulary) -> None:
        model = train([text], vocabulary=vocabulary)
        run = vocabulary.encode(text)[0].tolist()
        after = Counter(pairwise(run))
        pairs = Counter(zip(run, run[1:], run[2:], strict=False))
        rng = np.random.default_rng(0)
        for place in rng.integers(3, len(run) - 3, 40).tolist():
            left = np.array([run[place - 2 : place]], dtype=np.uint16)
            right = np.array([run[place + 1 : place + 3]], dtype=np.uint16)
            ids, scores = model.propose(left, right, 64)
            proposed = ids[0][ids[0] > 0].tolist()
            assert len(set(proposed)) == len(proposed)
            assert (np.diff(scores[0]) <= 0).all()
            assert (scores[0] > 0).sum() == len(proposed)
            best = {
                max((n for n in found if n >= SPECIALS), key=lambda n: (found[n], -n), default=0)
                for found in (
                    Counter({c: n for (a, c), n in after.items() if a == run[place - 1]}),
                    Counter({c: n for (c, b), n in after.items() if b == run[place + 1]}),
                    Counter({c: n for (a, b, c), n in pairs.items() if [a, b] == run[place - 2 : place]}),
                    Counter({c: n for (c, a, b), n in pairs.items() if [a, b] == run[place + 1 : place + 3]}),
                )
            } - {0}
            assert best <= set(proposed)

    def test_classes_are_never_proposed(self, model: Model, text: str) -> None:
        ids, _ = model.encode(text)
        slots = np.arange(2, len(ids) - 2)
        found, _ = model.propose(ids[slots[:, None] + [-2, -1]], ids[slots[:, None] + [1, 2]], 32)
        assert not np.isin(found, [1, 2, 3, DIGIT, LATIN]).any()

    def test_fewer_and_more_than_there_are(self, model: Model) -> None:
        ids, _ = model.encode("国家人民")
        one, _ = model.propose(ids[None, :2], ids[None, 2:], 1)
        many, scores = model.propose(ids[None, :2], ids[None, 2:], 100)
        assert one[0, 0] == many[0, 0]
        assert many.shape == scores.shape == (1, 100)
        assert (many[scores == 0] == 0).all()

    def test_the_shipped_model_finds_most_hidden_characters(self) -> None:
        model = load_default()
        ids, _ = model.encode(
            "坚持稳中求进工作总基调，完整、准确、全面贯彻新发展理念，加快构建新发展格局，着力推动高质量发展，"
            "全面深化改革开放，推动高水平科技自立自强，加大宏观调控力度，统筹扩大内需和深化供给侧结构性改革。"
        )
        slots = np.arange(2, len(ids) - 2)
        found, _ = model.propose(ids[slots[:, None] + [-2, -1]], ids[slots[:, None] + [1, 2]])
        assert (found == ids[slots][:, None]).any(axis=1).mean() > 0.9


@pytest.fixture(scope="module")
def other(vocabulary: Vocabulary) -> Model:
    return train([synthetic(9, 3000) + "\n" + "魑魅魍魉" * 5], vocabulary=vocabulary)


class TestMixtures:
    def test_probabilities_are_weighted_means(self, model: Model, other: Model, text: str) -> None:
        mixture = Mixture([(model, 3.0), (other, 1.0)])
        ids, _ = mixture.encode(text[:300])
        expected = 0.75 * np.exp(model.log_prob(ids)) + 0.25 * np.exp(other.log_prob(ids))
        np.testing.assert_allclose(np.exp(mixture.log_prob(ids)), expected, rtol=1e-4)

    def test_all_scores_agree(self, model: Model, other: Model, text: str) -> None:
        mixture = Mixture([(model, 0.6), (other, 0.4)])
        ids, _ = mixture.encode(text)
        rows = ids[np.arange(20)[:, None] * 7 + np.arange(9)]
        sums = mixture.score_columns(rows, 4).sum(axis=1)
        np.testing.assert_allclose(mixture.score_windows(rows, 4), sums, rtol=1e-5)
        slots = mixture.slot_columns(rows[:, :4], rows[:, 5:], np.arange(20), rows[:, 4])
        np.testing.assert_allclose(slots, mixture.score_columns(rows, 4), rtol=1e-4)
        alone = Mixture([(model, 0.2)])
        np.testing.assert_allclose(alone.log_prob(ids), model.log_prob(ids), atol=1e-5)
        np.testing.assert_array_equal(
            alone.slot_columns(rows[:, :4], rows[:, 5:], np.arange(20), rows[:, 4]),
            model.slot_columns(rows[:, :4], rows[:, 5:], np.arange(20), rows[:, 4]),
        )

    def test_characters_that_one_does_not_know(self, model: Model, other: Model) -> None:
        mixture = Mixture([(model, 0.5), (other, 0.5)])
        assert mixture.vocabulary is other.vocabulary
        ids, _ = mixture.encode("魑魅")
        assert (ids >= model.vocabulary.size).all()
        both = np.logaddexp(model.log_prob(model.encode("魑魅")[0]), other.log_prob(ids)) - np.log(2)
        np.testing.assert_allclose(mixture.log_prob(ids), both, rtol=1e-4)

    def test_proposals_of_all(self, model: Model, other: Model) -> None:
        mixture = Mixture([(model, 0.5), (other, 0.5)])
        ids, _ = mixture.encode("魑魅魍魉")
        left, right = ids[None, :2], ids[None, 3:].repeat(2, axis=1)
        found, scores = mixture.propose(left, right, 8)
        assert mixture.code_of[found[0, 0]] == ord("魍")
        assert len(set(found[0][found[0] > 0].tolist())) == (found[0] > 0).sum()
        assert (np.diff(scores[0]) <= 0).all()

    def test_what_does_not_fit_is_refused(self, model: Model) -> None:
        stranger = train(["魑魅魍魉" * 9])
        with pytest.raises(ModelError, match="same vocabulary"):
            Mixture([(model, 0.5), (stranger, 0.5)])
        with pytest.raises(OptionError, match="weight"):
            Mixture([(model, 0.0)])
        with pytest.raises(OptionError):
            Mixture([])

    @pytest.mark.parametrize(
        ("named", "expected"),
        [("a.lm", ("a.lm", 0.5)), ("a.lm:0.3", ("a.lm", 0.3)), ("C:a.lm", ("C:a.lm", 0.5)), ("a:1", ("a", 1.0))],
    )
    def test_weights_in_names(self, named: str, expected: tuple[str, float]) -> None:
        assert split_weight(named) == expected

    @pytest.mark.parametrize("named", ["a.lm:0", "a.lm:-1", "a.lm:1.5", "a.lm:nan"])
    def test_bad_weights_in_names(self, named: str) -> None:
        with pytest.raises(OptionError, match="above 0 and at most 1"):
            split_weight(named)

    def test_a_users_model_with_the_shipped_one(self, tmp_path: Path) -> None:
        path = tmp_path / "my.lm"
        notice = "渝北区煤矸石综合利用实施方案已经区政府同意，现印发给你们。" * 3
        train([notice], vocabulary=load_default().vocabulary).save(path)
        mixed = lm.load_mixed([f"{path}:0.3"])
        ids, _ = mixed.encode(notice)
        shipped = load_default().log_prob(ids)
        assert mixed.log_prob(ids).mean() > shipped.mean() + 1
        assert isinstance(lm.load_mixed([f"{path}:1"]), Model)
        np.testing.assert_array_equal(lm.load_mixed([]).log_prob(ids), shipped)
        with pytest.raises(OptionError, match="more than 1"):
            lm.load_mixed([f"{path}:0.6", f"{path}:0.6"])
