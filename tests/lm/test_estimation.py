"""Counting, smoothing and pruning against dictionaries."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.errors import InputError, OptionError
from textfix.lm import BOS, Model, Vocabulary, train
from textfix.lm.counting import ORDER, count, merge
from textfix.lm.kneser_ney import Level, Ngrams, arrange, smooth
from textfix.lm.pruning import choose, occurrences
from textfix.lm.tables import BYTES_PER_NGRAM

from .conftest import LETTERS, MARKS, synthetic
from .oracle import Oracle, grams

SOME_TEXT = st.text(alphabet=LETTERS[:6] + MARKS[:1] + "12 \n", min_size=5, max_size=60)


def keys_of(found: list[tuple[int, ...]], size: int, order: int) -> list[int]:
    return sorted(sum(w * size ** (order - 1 - i) for i, w in enumerate(g)) for g in found if len(g) == order)


def prepared(texts: list[tuple[str, float]], vocabulary: Vocabulary) -> list[Ngrams]:
    return arrange(merge([count(text, vocabulary, weight) for text, weight in texts]), vocabulary.size)


def ids_of(key: int, size: int, order: int) -> tuple[int, ...]:
    return tuple(key // size**i % size for i in reversed(range(order)))


@given(SOME_TEXT)
def test_counts_are_those_of_the_oracle(vocabulary: Vocabulary, text: str) -> None:
    counts = count(text, vocabulary)
    found = grams(text, vocabulary)
    assert np.repeat(counts.full[0], counts.full[1]).tolist() == keys_of(found, vocabulary.size, ORDER)
    for order in range(2, ORDER):
        keys, times, _ = counts.opening[order]
        # Below the highest order only n-grams that start with BOS are counted by themselves.
        assert np.repeat(keys, times).tolist() == keys_of(found, vocabulary.size, order)


@settings(max_examples=25)
@given(st.lists(st.tuples(SOME_TEXT, st.sampled_from([1.0, 2.0, 0.5])), min_size=1, max_size=3))
def test_probabilities_are_those_of_the_oracle(vocabulary: Vocabulary, texts: list[tuple[str, float]]) -> None:
    oracle = Oracle.train(texts, vocabulary)
    if not oracle.counts[ORDER]:
        return
    levels = smooth(prepared(texts, vocabulary))
    for order, level in enumerate(levels, start=1):
        for key, prob in zip(level.keys.tolist(), level.prob.tolist(), strict=True):
            gram = ids_of(key, vocabulary.size, order)
            assert prob == pytest.approx(oracle.prob(gram[-1], gram[:-1]), rel=1e-9, abs=1e-12)


def whole(levels: list[Level], context: tuple[int, ...], size: int) -> np.ndarray:
    """P(. | context) of smoothed levels by the definition of back-off, shape ``(size,)``."""
    probs = levels[0].prob.copy()
    for order in range(2, len(context) + 2):
        tail = context[len(context) - order + 1 :]
        below, level = levels[order - 2], levels[order - 1]
        key = sum(w * size ** (len(tail) - 1 - i) for i, w in enumerate(tail))
        place = int(np.searchsorted(below.keys, key))
        if place == len(below.keys) or below.keys[place] != key:
            continue
        probs *= below.mass[place]
        rows = np.flatnonzero(level.parent == place)
        probs[(level.keys[rows] % np.uint64(size)).astype(np.int64)] = level.prob[rows]
    return probs


@pytest.mark.parametrize("share", [1.0, 0.6, 0.2])
def test_probabilities_after_any_context_sum_to_one(vocabulary: Vocabulary, share: float) -> None:
    ngrams = prepared([(synthetic(1, 6000), 1.0), (synthetic(2, 2000), 2.5)], vocabulary)
    levels = smooth(ngrams)
    full = sum(cost * len(level.keys) for cost, level in zip(BYTES_PER_NGRAM, levels[1:], strict=True))
    pruned = smooth(ngrams, choose(ngrams, levels, BYTES_PER_NGRAM, share * full))
    rng = np.random.default_rng(0)
    for order in range(1, ORDER):
        for key in rng.choice(levels[order - 1].keys, 20).tolist():
            total = whole(pruned, ids_of(key, vocabulary.size, order), vocabulary.size).sum()
            assert total == pytest.approx(1, abs=1e-9)


def test_what_is_kept_has_its_context_and_its_suffix(vocabulary: Vocabulary) -> None:
    ngrams = prepared([(synthetic(1, 6000), 1.0)], vocabulary)
    levels = smooth(ngrams)
    full = sum(cost * len(level.keys) for cost, level in zip(BYTES_PER_NGRAM, levels[1:], strict=True))
    limit = 0.4 * full
    keep = choose(ngrams, levels, BYTES_PER_NGRAM, limit)
    kept = [np.count_nonzero(mask) for mask in keep]
    assert kept[0] == vocabulary.size
    assert 0.1 * full < sum(cost * n for cost, n in zip(BYTES_PER_NGRAM, kept[1:], strict=True)) <= limit
    for n in range(2, ORDER):
        rows = np.flatnonzero(keep[n])
        assert keep[n - 1][ngrams[n].parent[rows]].all()
        assert keep[n - 1][ngrams[n].suffix[rows]].all()


def test_occurrences_are_weighted_counts(vocabulary: Vocabulary) -> None:
    texts = [("国家人民\n国家人民政府工作", 2.0), ("人民政府", 1.0)]
    ngrams = prepared(texts, vocabulary)
    counts = occurrences(ngrams)
    for order, word in ((2, "人民"), (3, "人民政"), (4, "人民政府"), (2, "政府"), (2, "国家")):
        key = sum(int(i) * vocabulary.size ** (order - 1 - n) for n, i in enumerate(vocabulary.encode(word)[0]))
        place = int(np.searchsorted(ngrams[order - 1].keys, key))
        expected = sum(weight * text.count(word) for text, weight in texts)
        # A few windows at the very bounds of a text are seen only with a bound, or not as a suffix.
        assert expected - 2 <= counts[order - 1][place] <= 2 * expected


def test_the_order_of_texts_does_not_matter(vocabulary: Vocabulary) -> None:
    texts = [(synthetic(seed, 1500), weight) for seed, weight in ((1, 1.0), (2, 0.3), (3, 2.7))]
    one = train(texts, vocabulary=vocabulary).to_bytes()
    assert train(texts[::-1], vocabulary=vocabulary).to_bytes() == one
    assert train([texts[1], texts[0], texts[2]], vocabulary=vocabulary).to_bytes() == one


def test_weights_are_repetitions_but_for_the_discounts(vocabulary: Vocabulary) -> None:
    """Doubling every weight changes nothing at all."""
    once = train([(synthetic(1, 1500), 1.0), (synthetic(2, 1500), 2.0)], vocabulary=vocabulary)
    twice = train([(synthetic(1, 1500), 2.0), (synthetic(2, 1500), 4.0)], vocabulary=vocabulary)
    assert once.to_bytes() == twice.to_bytes()


@pytest.mark.parametrize("max_bytes", [40_000, 60_000, 90_000, 10_000_000])
def test_the_file_never_passes_the_limit(vocabulary: Vocabulary, max_bytes: int) -> None:
    model = train([synthetic(5, 20_000)], vocabulary=vocabulary, max_bytes=max_bytes)
    assert len(model.to_bytes()) <= max_bytes
    if max_bytes > 1_000_000:
        everything = prepared([(synthetic(5, 20_000), 1.0)], model.vocabulary)
        assert model.meta["ngrams"] == [len(ngrams.keys) for ngrams in everything]


def test_a_smaller_limit_makes_a_worse_model(vocabulary: Vocabulary) -> None:
    ids, _ = vocabulary.encode(synthetic(6, 4000))
    loss = [
        -train([synthetic(5, 20_000)], vocabulary=vocabulary, max_bytes=limit).log_prob(ids).mean()
        for limit in (10_000_000, 60_000, 30_000)
    ]
    assert loss[0] < loss[1] < loss[2]


def test_training_refuses_what_it_cannot_use(vocabulary: Vocabulary) -> None:
    with pytest.raises(InputError, match="no text to learn from"):
        train(["", " \n \n"], vocabulary=vocabulary)
    with pytest.raises(OptionError, match="weight"):
        train([("国家人民政府", 0.0)], vocabulary=vocabulary)
    with pytest.raises(OptionError, match="bytes"):
        train([synthetic(1, 1500)], vocabulary=vocabulary, max_bytes=5000)


@pytest.mark.parametrize("text", ["国家人民", "国家人民政府工作。", "国\n家\n人\n民\n政", "1234567"])
def test_very_small_texts_make_working_models(text: str) -> None:
    model = train([text])
    ids, _ = model.encode(text)
    assert np.isfinite(model.log_prob(ids)).all()
    everything = np.arange(model.vocabulary.size, dtype=np.uint16)
    rows = np.column_stack((np.full(len(everything), BOS, dtype=np.uint16), everything))
    assert np.exp(model.score_columns(rows, 1).astype(np.float64)).sum() == pytest.approx(1, abs=0.02)


def test_the_same_bytes_in_every_process() -> None:
    code = (
        "import hashlib; from textfix.lm import train;"
        "print(hashlib.sha256(train(['国家人民政府工作报告。' * 40, '经济社会发展']).to_bytes()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(digests) == 1


def test_stages_are_reported_in_order(vocabulary: Vocabulary) -> None:
    seen: list[tuple[str, float]] = []
    train([synthetic(1, 1500)], vocabulary=vocabulary, progress=lambda stage, share: seen.append((stage, share)))
    assert [share for _, share in seen] == sorted(share for _, share in seen)
    assert seen[-1] == ("done", 1.0)


def test_new_characters_come_after_those_of_the_base(model: Model) -> None:
    base = model.vocabulary
    grown = train(["魑魅魍魉" * 5], vocabulary=base).vocabulary
    assert np.array_equal(grown.characters[: len(base.characters)], base.characters)
    assert grown.size == base.size + 4
