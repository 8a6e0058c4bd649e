"""The language model: log-probabilities of texts and of many alternatives, and proposals, on arrays of ids.

All log-probabilities are natural. Ids come from `Model.encode`; where a document starts or ends, BOS and EOS fill up.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, brief
from ..files import display, write_bytes
from ..text.codepoints import CodePoints
from . import store
from .proposals import Proposer
from .scoring import CONTEXT, ORDER, Scorer
from .tables import Table
from .vocabulary import BOS, Ids, Vocabulary

__all__ = ["LanguageModel", "Model"]

_BLOCK = 1 << 16
_UNIGRAMS = ("log_probs", "backoffs")

Array = NDArray[Any]
Floats = NDArray[np.float32]


class LanguageModel(ABC):
    """What the repairer asks of a model; `Model` and `Mixture` offer it."""

    vocabulary: Vocabulary

    @property
    def code_of(self) -> CodePoints:
        """See `Vocabulary.code_of`."""
        return self.vocabulary.code_of

    def id_of(self, codes: CodePoints) -> Ids:
        """See `Vocabulary.id_of`."""
        return self.vocabulary.id_of(codes)

    def encode(self, text: str | CodePoints) -> tuple[Ids, NDArray[np.int64]]:
        """`(ids, positions)` of the code points that are not white space; see `Vocabulary.encode`."""
        return self.vocabulary.encode(text)

    @abstractmethod
    def log_prob(self, ids: Ids, context: Ids | None = None) -> Floats:
        """The log-probability of every id after those before it, shape of `ids`.

        `context` is what stands before the first id (the last `CONTEXT` of it count); by default a sentence starts.
        """

    @abstractmethod
    def score_columns(self, ids: Ids, first: int) -> Floats:
        """The log-probability of each id of columns `first` to the last after the (up to four) ids left of it.

        `ids` has shape ``(m, w)``, the result ``(m, w - first)``.
        """

    def score_windows(self, ids: Ids, first: int) -> Floats:
        """The sum of each row of `score_columns`, shape ``(m,)``."""
        return np.asarray(self.score_columns(ids, first).sum(axis=1), dtype=np.float32)

    @abstractmethod
    def slot_columns(self, left: Ids, right: Ids, slot: NDArray[np.integer[Any]], candidates: Ids) -> Floats:
        """The log-probability of single characters in slots: of the candidate, then of each id to the right of it.

        Several times as fast as `score_columns` on rows of left, candidate and right, to which it is equal. `left` has
        shape ``(m, 4)``, `right` ``(m, r)`` with r from 1 to 4; `slot` gives the row of them for each of `candidates`,
        both of shape ``(n,)``. Candidates of one slot should stand together. The result has shape ``(n, 1 + r)``.
        """

    @abstractmethod
    def propose(self, left: Ids, right: Ids, top: int = 32) -> tuple[Ids, Floats]:
        """`(ids, scores)`: the `top` likeliest characters between `left` and `right`, both ``(m, top)``, best first.

        `left` and `right` have shape ``(m, 4)``, or at least two columns; what stands in the slots is not asked for.
        Scores are rough (for ranking only); places without a proposal hold id 0 and score 0.
        """


class Model(LanguageModel):
    """An n-gram model in memory or mapped from a file. Read-only, hence safe to share between threads.

    A model that was loaded from a file is pickled as its path.
    """

    def __init__(self, arrays: dict[str, Array], meta: dict[str, Any], path: Path | None = None) -> None:
        self.path = path
        self.meta = meta
        self._arrays = arrays
        try:
            self.vocabulary = Vocabulary(store.expect(arrays, "characters", "<u4", len(arrays["characters"])))
            tables = [Table.from_sections(arrays, n, meta["slots"][str(n)]) for n in range(2, ORDER + 1)]
            log_probs, backoffs = (store.expect(arrays, f"{n}1", "<f4", self.vocabulary.size) for n in _UNIGRAMS)
            self._scorer = Scorer(log_probs, backoffs, tables)
            self._proposer = Proposer(arrays, meta["slots"])
        except (KeyError, TypeError) as error:
            raise ModelError(f"{path or 'the model'} lacks {brief(str(error))}") from error

    @classmethod
    def load(cls, path: str | Path) -> Model:
        """The model of the file at `path`, memory-mapped. Raises `ModelError` or `InputError`.

        The header is checked, the rest is read when it is needed; `verify` checks all of it.
        """
        path = Path(path)
        arrays, meta = store.unpack(store.view(path), display(path))
        return cls(arrays, meta, path)

    def save(self, path: str | Path) -> None:
        """Write the model to `path`, whole or not at all: who has the old file mapped keeps it. Raises `InputError`."""
        write_bytes(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """The bytes of the model's file."""
        return store.pack(self._arrays, self.meta)

    def verify(self) -> None:
        """Read the whole file that the model is mapped from; raise `ModelError` unless it is as it was written."""
        if self.path is not None:
            store.verify(store.view(self.path), display(self.path))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Model.load, (self.path,)) if self.path is not None else (Model, (self._arrays, self.meta))

    def __repr__(self) -> str:
        return f"<Model of {sum(self.meta['ngrams']):,} n-grams, {self.path or 'in memory'}>"

    def log_prob(self, ids: Ids, context: Ids | None = None) -> Floats:
        """See `LanguageModel.log_prob`."""
        before = np.array([BOS] if context is None else context, dtype=np.uint16)[-CONTEXT:]
        given = np.concatenate((before, np.asarray(ids, dtype=np.uint16)))
        out = np.empty(len(ids), dtype=np.float32)
        for start in range(0, len(out), _BLOCK):
            stop = min(start + _BLOCK, len(out))
            first = max(start + len(before) - CONTEXT, 0)
            scores = self._scorer.climb(given[first : stop + len(before)], 1)
            out[start:stop] = scores[start + len(before) - first :]
        return out

    def score_columns(self, ids: Ids, first: int) -> Floats:
        """See `LanguageModel.score_columns`."""
        rows, width = ids.shape
        lead = max(first - CONTEXT, 0)
        out = np.empty((rows, width - first), dtype=np.float32)
        step = max(_BLOCK // max(width - lead, 1), 1)
        for start in range(0, rows, step):
            part = np.ascontiguousarray(ids[start : start + step, lead:].T, dtype=np.uint16)
            scores = self._scorer.climb(part.ravel(), part.shape[1]).reshape(part.shape)
            out[start : start + step] = scores[first - lead :].T
        return out

    def slot_columns(self, left: Ids, right: Ids, slot: NDArray[np.integer[Any]], candidates: Ids) -> Floats:
        """See `LanguageModel.slot_columns`."""
        out = np.empty((1 + right.shape[1], len(candidates)), dtype=np.float32)
        slot = slot.astype(np.int64)
        for start in range(0, len(candidates), _BLOCK):
            part = slot[start : start + _BLOCK]
            low, high = int(part.min()), int(part.max()) + 1
            out[:, start : start + _BLOCK] = self._scorer.slots(
                np.asarray(left[low:high], dtype=np.uint16), np.asarray(right[low:high], dtype=np.uint16),
                part - np.int64(low), np.asarray(candidates[start : start + _BLOCK], dtype=np.uint16),
            )  # fmt: skip
        return out.T

    def propose(self, left: Ids, right: Ids, top: int = 32) -> tuple[Ids, Floats]:
        """See `LanguageModel.propose`."""
        return self._proposer.propose(left, right, top)
