"""Scores of texts, windows and slots: against the oracle, against each other, and in any pieces."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.lm import BOS, CONTEXT, EOS, LATIN, UNK, UNK_HAN, Model, Vocabulary, load_default
from textfix.lm import model as model_module

from .conftest import LETTERS, MARKS, synthetic
from .oracle import Oracle

TEXTS = st.text(alphabet=LETTERS + MARKS + "39魑x", max_size=80)


@pytest.fixture(scope="module")
def oracle(text: str, vocabulary: Vocabulary) -> Oracle:
    return Oracle.train([(text, 1.0), (synthetic(2, 2000), 2.5)], vocabulary)


def _widest(codebook: np.ndarray) -> float:
    return float(np.diff(np.sort(codebook)).max(initial=0))


@settings(max_examples=60)
@given(TEXTS)
def test_scores_are_those_of_the_oracle(model: Model, oracle: Oracle, text: str) -> None:
    """Within quantisation: half the widest gap of a codebook for the probability and for each of four back-offs."""
    ids, _ = model.encode(text)
    one = max(_widest(model._arrays[f"log_probs{n}"]) for n in range(2, 6))
    back = sum(_widest(model._arrays[f"backoffs{n}"][1:]) for n in range(2, 5))
    found = model.log_prob(ids)
    np.testing.assert_allclose(found, oracle.log_probs(ids.tolist()), atol=(one + back) / 2 + 1e-3)
    # On the whole the errors are far smaller than that, and without bias.
    if len(ids) > 40:
        assert abs(float((found - oracle.log_probs(ids.tolist())).mean())) < 0.05


@settings(max_examples=40)
@given(st.text(alphabet=LETTERS + MARKS, max_size=4))
def test_probabilities_sum_to_one(model: Model, context: str) -> None:
    before, _ = model.encode(context)
    everything = np.arange(model.vocabulary.size, dtype=np.uint16)
    rows = np.column_stack((np.tile(np.append(BOS, before), (len(everything), 1)), everything)).astype(np.uint16)
    scores = model.score_columns(rows, rows.shape[1] - 1)[:, 0]
    assert scores[BOS] < -60
    assert np.exp(scores.astype(np.float64)).sum() == pytest.approx(1, abs=0.04)


@given(TEXTS, st.lists(st.integers(0, 80), max_size=5), st.integers(1, 9))
def test_chunks_with_carried_context_score_like_the_whole(
    model: Model, text: str, cuts: list[int], block: int
) -> None:
    ids, _ = model.encode(text)
    whole = model.log_prob(ids)
    bounds = [0, *sorted(min(cut, len(ids)) for cut in cuts), len(ids)]
    context = np.array([BOS], dtype=np.uint16)
    parts = []
    for start, stop in pairwise(bounds):
        parts.append(model.log_prob(ids[start:stop], context))
        context = np.concatenate((context, ids[start:stop]))
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    before = model_module._BLOCK
    try:
        model_module._BLOCK = block
        np.testing.assert_array_equal(model.log_prob(ids), whole)
    finally:
        model_module._BLOCK = before


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 9), st.data())
def test_windows_score_like_texts(model: Model, seed: int, rows: int, width: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, width - 1))
    ids = np.random.default_rng(seed).integers(0, model.vocabulary.size, (rows, width)).astype(np.uint16)
    columns = model.score_columns(ids, first)
    assert columns.shape == (rows, width - first)
    for row, scores in zip(ids, columns, strict=True):
        np.testing.assert_allclose(scores, model.log_prob(row[first:], row[:first]), atol=1e-5)
    np.testing.assert_allclose(model.score_windows(ids, first), columns.sum(axis=1), rtol=1e-5, atol=1e-4)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 4), st.integers(1, 40), st.booleans())
def test_slots_score_like_windows(
    model: Model, text: str, seed: int, slots: int, width: int, candidates: int, natural: bool
) -> None:
    rng = np.random.default_rng(seed)
    stream, _ = model.encode(text)
    places = rng.integers(CONTEXT, len(stream) - width - 1, slots)
    left = stream[places[:, None] + np.arange(-CONTEXT, 0)]
    right = stream[places[:, None] + np.arange(1, width + 1)]
    if not natural:
        left = rng.integers(0, model.vocabulary.size, left.shape).astype(np.uint16)
        right[0] = EOS
    slot = rng.integers(0, slots, candidates)
    offered = rng.integers(0, model.vocabulary.size, candidates).astype(np.uint16)
    offered[::2] = stream[places[slot[::2]]]
    rows = np.concatenate((left[slot], offered[:, None], right[slot]), axis=1)
    found = model.slot_columns(left, right, slot, offered)
    np.testing.assert_allclose(found, model.score_columns(rows, CONTEXT), rtol=1e-5, atol=1e-4)


def test_nothing_in_nothing_out(model: Model) -> None:
    none = np.zeros(0, dtype=np.uint16)
    assert model.log_prob(none).shape == (0,)
    assert model.score_windows(np.zeros((0, 5), dtype=np.uint16), 4).shape == (0,)
    assert model.score_columns(np.zeros((0, 5), dtype=np.uint16), 2).shape == (0, 3)
    table = np.zeros((0, 4), dtype=np.uint16)
    assert model.slot_columns(table, table, np.zeros(0, dtype=np.int64), none).shape == (0, 5)
    assert model.propose(table, table, 8)[0].shape == (0, 8)


def test_line_breaks_and_spaces_are_transparent(model: Model) -> None:
    plain, _ = model.encode("国家人民政府工作")
    broken, positions = model.encode(" 国家\r\n人 民\u3000政\u200b府\n工作\n")
    np.testing.assert_array_equal(plain, broken)
    assert positions.tolist() == [1, 2, 5, 7, 9, 11, 13, 14]


def test_threads_get_the_same_scores(model: Model, text: str) -> None:
    ids, _ = model.encode(text)
    expected = model.log_prob(ids)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: model.log_prob(ids), range(8)):
            np.testing.assert_array_equal(found, expected)


def test_a_model_can_be_pickled(model: Model, model_file: Path, text: str) -> None:
    ids, _ = model.encode(text)
    mapped = Model.load(model_file)
    assert len(pickle.dumps(mapped)) < 1000, "a mapped model travels as its path"
    for copy in (pickle.loads(pickle.dumps(mapped)), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(copy.log_prob(ids), model.log_prob(ids))


class TestShipped:
    """The model in confusables/."""

    def test_it_is_whole_and_small_enough(self) -> None:
        model = load_default()
        model.verify()
        assert model.path is not None
        assert model.path.stat().st_size <= 40_000_000
        assert 4000 <= model.vocabulary.size <= 7131

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [
            ("深入贯彻落实党的二十大精神", "深人贯彻落实党的二十大精神"),
            ("推动经济高质量发展", "推动经济高质鼠发展"),
            ("扩大内需，稳定增长", "扩大内震，稳定增长"),
            ("京津冀协同发展", "京津费协同发展"),
            ("优势产业集群", "优劳产业集群"),
            ("第三十二条　本条例自公布之日起施行。", "第三十二条　本条例白公布之日起施行。"),
            ("煤矸石综合利用", "煤歼石综合利用"),
        ],
    )
    def test_it_prefers_what_was_meant(self, right: str, wrong: str) -> None:
        model = load_default()
        scores = [float(model.log_prob(model.encode(text)[0]).sum()) for text in (right, wrong)]
        assert scores[0] > scores[1] + 3

    def test_the_wrong_character_stands_out(self) -> None:
        model = load_default()
        ids, _ = model.encode("坚持以习近平新时代中国特色社会土义思想为指导")
        scores = model.log_prob(ids)
        assert int(scores.argmin()) == 15
        assert scores[15] < -8

    def test_sums_over_sampled_contexts_are_near_one(self) -> None:
        model = load_default()
        everything = np.arange(model.vocabulary.size, dtype=np.uint16)
        for context in ("", "的", "国务", "人民政", "经济社会", "，坚持稳中", "鼐"):
            before, _ = model.encode(context)
            rows = np.column_stack((np.tile(np.append(BOS, before), (len(everything), 1)), everything))
            scores = model.score_columns(rows.astype(np.uint16), rows.shape[1] - 1)[:, 0]
            assert np.exp(scores.astype(np.float64)).sum() == pytest.approx(1, abs=0.05)

    def test_digits_letters_and_unknowns_are_classes(self) -> None:
        model = load_default()
        assert len(set(model.encode("0123456789０９")[0].tolist())) == 1
        assert set(model.encode("aZéＡ")[0].tolist()) == {LATIN}
        assert model.encode("\U00020000")[0].tolist() == [UNK_HAN]
        assert model.encode("☃")[0].tolist() == [UNK]
