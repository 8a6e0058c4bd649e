"""From texts to a model: count, smooth, prune, quantise, pack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..text.codepoints import encode
from .counting import ORDER, Keys, count, merge
from .kneser_ney import Level, estimate
from .model import Model
from .pruning import prune
from .tables import MULTIPLIERS, build_table, finish, quantise
from .vocabulary import Vocabulary

__all__ = ["freeze", "train"]

Progress = Callable[[str, float], None]


def _quiet(_stage: str, _share: float) -> None:
    return None


def train(
    texts: Iterable[tuple[str, int] | str], *, vocabulary: Vocabulary | None = None,
    thresholds: Sequence[float] | None = None, progress: Progress = _quiet,
) -> Model:  # fmt: skip
    """A model of `texts`: strings whose lines are paragraphs, each alone or with a whole weight."""
    weighted = [(item, 1) if isinstance(item, str) else item for item in texts]
    if vocabulary is None:
        counts = np.zeros(0x110000, dtype=np.int64)
        for text, _ in weighted:
            counts += np.bincount(encode(text), minlength=len(counts))
        vocabulary = Vocabulary.from_counts(counts)
    progress("count", 0.0)
    merged = merge(count(text, vocabulary, weight) for text, weight in weighted)
    progress("smooth", 0.3)
    levels = estimate(merged, vocabulary.size)
    if thresholds is not None:
        levels = prune(levels, thresholds)
    progress("pack", 0.7)
    return freeze(levels, vocabulary)


def _hashes(keys: Keys, order: int, size: int) -> NDArray[np.uint64]:
    left = keys.copy()
    sums = np.zeros(len(keys), dtype=np.uint64)
    for j in range(order):
        sums += (left % np.uint64(size) + np.uint64(1)) * np.uint64(MULTIPLIERS[j])
        left //= np.uint64(size)
    return finish(sums)


def freeze(levels: list[Level], vocabulary: Vocabulary) -> Model:
    """The model of `levels` with quantised values."""
    main: list[int] = []
    arrays = {"characters": vocabulary.characters}
    rounded = []
    for order, level in enumerate(levels, start=1):
        if order == 1:
            rounded.append((np.zeros(0, np.uint8), np.zeros(0, np.float32)))
            continue
        rounded.append(quantise(np.log(level.prob), 256))
    with np.errstate(divide="ignore"):
        arrays["log_probs1"] = np.maximum(np.log(levels[0].prob), -99).astype(np.float32)
    arrays["backoffs1"] = np.log(levels[0].mass).astype(np.float32)
    for order in range(2, ORDER + 1):
        level = levels[order - 1]
        backoff_codes = None
        backoffs = np.zeros(1, dtype=np.float32)
        if order < ORDER:
            used = np.bincount(levels[order].parent, minlength=len(level.keys)) > 0
            found, book = quantise(np.log(level.mass[used]), 255)
            backoffs = np.concatenate((np.zeros(1, np.float32), np.where(book == 0, np.float32(-1e-9), book)))
            backoff_codes = np.zeros(len(level.keys), dtype=np.uint8)
            backoff_codes[used] = found + 1
        table = build_table(_hashes(level.keys, order, vocabulary.size), *rounded[order - 1], backoff_codes, backoffs)
        arrays.update(table.sections(order))
        main.append(table.hashing.main)
    return Model(arrays, {"main": main, "ngrams": [len(level.keys) for level in levels], "order": ORDER})
