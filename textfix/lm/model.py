"""The language model: log-probabilities of texts and of many alternatives, on arrays of ids.

All log-probabilities are natural. A position's probability is that of the longest known n-gram that ends there, times
the back-off weights of the longer contexts that are known (the stored probabilities are interpolated already).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..text.codepoints import CodePoints
from . import store
from .tables import MULTIPLIERS, Table, finish
from .vocabulary import BOS, Ids, Vocabulary

__all__ = ["CONTEXT", "ORDER", "Model"]

ORDER = 5
#: How many ids to the left a probability depends on.
CONTEXT = ORDER - 1
_BLOCK = 1 << 15
_FACTORS = tuple(np.uint64(m) for m in MULTIPLIERS)

Floats = NDArray[np.float32]
Array = NDArray[Any]


class Model:
    """An n-gram model in memory or mapped from a file. Read-only, hence safe to share between threads.

    A model that was loaded from a file is pickled as its path.
    """

    def __init__(self, arrays: dict[str, Array], meta: dict[str, Any], path: Path | None = None) -> None:
        self.path = path
        self.meta = meta
        self._arrays = arrays
        try:
            self.vocabulary = Vocabulary(arrays["characters"])
            self._log_probs: Floats = arrays["log_probs1"]
            self._backoffs: Floats = arrays["backoffs1"]
            self._tables = [Table.from_sections(arrays, n, meta["main"][n - 2]) for n in range(2, ORDER + 1)]
        except (KeyError, IndexError, TypeError) as error:
            raise ModelError(f"{path or 'the model'} lacks {error}") from error

    @classmethod
    def load(cls, path: str | Path) -> Model:
        """The model of the file at `path`, memory-mapped. Raises `ModelError` or `OSError`."""
        path = Path(path)
        arrays, meta = store.unpack(store.view(path), str(path))
        return cls(arrays, meta, path)

    def save(self, path: str | Path) -> None:
        """Write the model to `path`."""
        Path(path).write_bytes(self.to_bytes())

    def to_bytes(self) -> bytes:
        """The bytes of the model's file."""
        return store.pack(self._arrays, self.meta)

    def verify(self) -> None:
        """Read the whole file that the model is mapped from; raise `ModelError` unless it is as it was written."""
        if self.path is not None:
            store.verify(store.view(self.path), str(self.path))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Model.load, (self.path,)) if self.path is not None else (Model, (self._arrays, self.meta))

    def encode(self, text: str | CodePoints) -> tuple[Ids, NDArray[np.int64]]:
        """See `Vocabulary.encode`."""
        return self.vocabulary.encode(text)

    def log_prob(self, ids: Ids, context: Ids | None = None) -> Floats:
        """The log-probability of every id after those before it, shape of `ids`.

        `context` is what stands before the first id (the last `CONTEXT` of it count); by default a sentence starts.
        """
        if context is None:
            context = np.array([BOS], dtype=np.uint16)
        before = np.asarray(context, dtype=np.uint16)[-CONTEXT:]
        given = np.concatenate((before, np.asarray(ids, dtype=np.uint16)))
        out = np.empty(len(ids), dtype=np.float32)
        skip = len(before)
        for start in range(0, len(out), _BLOCK):
            stop = min(start + _BLOCK, len(out))
            first = max(start + skip - CONTEXT, 0)
            scores = self._score(given[first : stop + skip], 1)
            out[start:stop] = scores[start + skip - first :]
        return out

    def score_columns(self, ids: NDArray[np.uint16], first: int) -> Floats:
        """The log-probability of each id of columns `first` to the last after the (up to four) ids left of it.

        `ids` has shape ``(m, w)``, the result ``(m, w - first)``.
        """
        rows, width = ids.shape
        lead = max(first - CONTEXT, 0)
        out = np.empty((rows, width - first), dtype=np.float32)
        step = max(_BLOCK // max(width - lead, 1), 1)
        for start in range(0, rows, step):
            part = np.ascontiguousarray(ids[start : start + step, lead:].T)
            scores = self._score(part.ravel(), part.shape[1]).reshape(part.shape)
            out[start : start + step] = scores[first - lead :].T
        return out

    def score_windows(self, ids: NDArray[np.uint16], first: int) -> Floats:
        """The sums of `score_columns` over each row, shape ``(m,)``."""
        rows, width = ids.shape
        lead = max(first - CONTEXT, 0)
        out = np.empty(rows, dtype=np.float32)
        step = max(_BLOCK // max(width - lead, 1), 1)
        for start in range(0, rows, step):
            part = np.ascontiguousarray(ids[start : start + step, lead:].T)
            scores = self._score(part.ravel(), part.shape[1]).reshape(part.shape)
            out[start : start + step] = scores[first - lead :].sum(axis=0)
        return out

    def _score(self, ids: Ids, stride: int) -> Floats:
        """The log-probability of `ids`, each after those `stride`, 2 `stride` ... before it, as many as there are."""
        values = ids.astype(np.uint64) + np.uint64(1)
        scores = self._log_probs.take(ids, mode="clip")
        backoffs = self._backoffs.take(ids, mode="clip")
        sums = values * _FACTORS[0]
        alive = np.ones(len(ids), dtype=np.bool_)
        for order in range(2, ORDER + 1):
            gone = (order - 1) * stride
            if len(ids) <= gone:
                break
            table = self._tables[order - 2]
            sums[gone:] += values[: len(ids) - gone] * _FACTORS[order - 1]
            # A longer n-gram is known only if its suffix (here) and its context (one stride back) are.
            scores[gone:] += backoffs[gone - stride : len(ids) - stride]
            asked = np.flatnonzero(alive[gone:] & (backoffs[gone - stride : len(ids) - stride] != 0)) + gone
            hits, log_probs, codes = table.find(finish(sums[asked]))
            hits = asked[hits]
            scores[hits] = log_probs
            if order < ORDER:
                alive = np.zeros(len(ids), dtype=np.bool_)
                alive[hits] = True
                backoffs = np.zeros(len(ids), dtype=np.float32)
                backoffs[hits] = table.backoffs.take(codes)
        return scores

    @cached_property
    def size(self) -> int:
        """The number of ids."""
        return self.vocabulary.size
