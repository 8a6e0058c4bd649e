"""From texts to a model: count, smooth, prune, quantise, pack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, OptionError
from ..text.codepoints import encode
from .counting import ORDER, Keys, count, merge
from .kneser_ney import Level, Ngrams, arrange, smooth
from .model import Model
from .proposal_lists import build_proposals
from .pruning import choose
from .tables import BYTES_PER_NGRAM, MULTIPLIERS, build_table, finish
from .vocabulary import Vocabulary

__all__ = ["MAX_BYTES", "Estimate", "Progress", "estimate", "freeze", "pack", "train"]

Array = NDArray[Any]

#: The largest file that `train` makes unless told otherwise.
MAX_BYTES = 40_000_000
#: For how many pairs of characters a side the model keeps proposals, at most, and for each byte of the file's limit.
_PAIRS, _PAIRS_PER_BYTE = 60_000, 1 / 500
#: The probability of what is never predicted (BOS).
_NEVER = 1e-30

#: Called with the name of the stage that starts and the share of the work that is done.
Progress = Callable[[str, float], None]


def _quiet(_stage: str, _share: float) -> None:
    return None


@dataclass(frozen=True)
class Estimate:
    """All n-grams of some texts with their probabilities: a model before anything is left out or rounded."""

    vocabulary: Vocabulary
    ngrams: list[Ngrams]
    levels: list[Level]

    def prune(self, max_bytes: float) -> list[Level]:
        """The levels with so many n-grams that their tables take up about `max_bytes`."""
        return smooth(self.ngrams, choose(self.ngrams, self.levels, BYTES_PER_NGRAM, max_bytes))

    def proposals(self, max_bytes: int) -> tuple[dict[str, Array], dict[str, int]]:
        """The lists of characters to propose, for a file of at most `max_bytes`; see `build_proposals`."""
        return build_proposals(self.ngrams, min(_PAIRS, int(max_bytes * _PAIRS_PER_BYTE)))


def train(
    texts: Iterable[str | tuple[str, float]],
    *,
    vocabulary: Vocabulary | None = None,
    max_bytes: int = MAX_BYTES,
    progress: Progress = _quiet,
) -> Model:
    """A model of `texts`: strings whose lines are paragraphs, alone or each with a weight (how often it counts).

    The order of the texts does not matter, and the same texts give the same bytes. `vocabulary` is that of the texts
    by default; give the one of another model to mix the two (characters that are new to it are added at its end). Of
    the n-grams only so many are kept that the file has at most `max_bytes`. Raises `InputError` when there is no text
    to learn from, `OptionError` for a weight that is not positive or a limit that is too low.
    """
    found = estimate(texts, vocabulary=vocabulary, progress=progress)
    progress("proposals", 0.45)
    proposals = found.proposals(max_bytes)
    limit = max_bytes - sum(array.nbytes for array in proposals[0].values()) - 16 * found.vocabulary.size - 8192
    while True:
        if limit <= 0:
            raise OptionError(f"a model of this text needs more than {max_bytes:,} bytes")
        progress("pruning", 0.5)
        pruned = found.prune(limit)
        progress("packing", 0.7)
        model = pack(pruned, found.vocabulary, proposals)
        size = len(model.to_bytes())
        if size <= max_bytes:
            progress("done", 1.0)
            return model
        # The cost of an n-gram is an estimate; what it was short of is taken off.
        limit -= 2 * (size - max_bytes)


def estimate(
    texts: Iterable[str | tuple[str, float]], *, vocabulary: Vocabulary | None = None, progress: Progress = _quiet
) -> Estimate:
    """The first half of `train`: count and smooth."""
    weighted = [(item, 1.0) if isinstance(item, str) else item for item in texts]
    if any(not weight > 0 for _, weight in weighted):
        raise OptionError("the weight of a text must be above 0")
    progress("characters", 0.0)
    characters = np.zeros(0x110000, dtype=np.int64)
    for text, _ in weighted:
        characters += np.bincount(encode(text), minlength=len(characters))
    vocabulary = Vocabulary.from_counts(characters, base=vocabulary)
    parts = []
    for done, (text, weight) in enumerate(weighted):
        progress("n-grams", 0.05 + 0.2 * done / len(weighted))
        parts.append(count(text, vocabulary, weight))
    if not any(len(part.full[0]) for part in parts):
        raise InputError("there is no text to learn from: not one paragraph of four characters")
    progress("smoothing", 0.3)
    ngrams = arrange(merge(parts), vocabulary.size)
    return Estimate(vocabulary, ngrams, smooth(ngrams))


def pack(
    levels: Sequence[Level], vocabulary: Vocabulary, proposals: tuple[dict[str, Array], dict[str, int]]
) -> Model:
    """The model with these n-grams, rounded, and these proposals."""
    arrays, slots = freeze(levels, vocabulary)
    meta = {"ngrams": [len(level.keys) for level in levels], "order": ORDER, "slots": {**slots, **proposals[1]}}
    return Model({**arrays, **proposals[0]}, meta)


def freeze(levels: Sequence[Level], vocabulary: Vocabulary) -> tuple[dict[str, Array], dict[str, int]]:
    """`(arrays, slots)` of a model's file, with quantised values; `slots` are those of each table's hash function."""
    log_probs = np.log(np.maximum(levels[0].prob, _NEVER)).astype(np.float32)
    backoffs = np.nan_to_num(_backoffs(levels[0], levels[1])).astype(np.float32)
    arrays = {"characters": vocabulary.characters, "log_probs1": log_probs, "backoffs1": backoffs}
    slots: dict[str, int] = {}
    for order in range(2, ORDER + 1):
        level = levels[order - 1]
        weights = _backoffs(level, levels[order]) if order < ORDER else None
        table = build_table(order, _hashes(level.keys, order, vocabulary.size), np.log(level.prob), weights)
        arrays.update(table.sections(order))
        slots[str(order)] = table.hashing.main
    return arrays, slots


def _backoffs(level: Level, above: Level) -> NDArray[np.float64]:
    """The log of every `mass`, NaN where no n-gram of `above` has the n-gram as its context."""
    used = np.bincount(above.parent, minlength=len(level.keys)) > 0
    # A mass of exactly 1 would read as "nothing continues it".
    return np.where(used, np.log(np.clip(level.mass, _NEVER, 1 - 1e-9)), np.nan)


def _hashes(keys: Keys, order: int, size: int) -> NDArray[np.uint64]:
    left = keys.copy()
    sums = np.zeros(len(keys), dtype=np.uint64)
    for j in range(order):
        sums += (left % np.uint64(size) + np.uint64(1)) * np.uint64(MULTIPLIERS[j])
        left //= np.uint64(size)
    return finish(sums)
