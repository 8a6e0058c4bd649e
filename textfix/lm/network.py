"""A small feed-forward network over the characters on either side of a slot (Bengio et al. 2003, with both sides).

Weights and activations are small integers (Jacob et al. 2018), held in 32-bit floats: every sum of products stays
below 2 ** 24, so a product of matrices is exact, whatever the order in which a machine adds and however many rows there
are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, brief
from ..text.codepoints import CodePoints
from . import store
from .vocabulary import BOS, EOS, UNK_HAN, Ids, Vocabulary

__all__ = ["NOTHING", "STEPS", "Network", "pack", "steps", "surroundings"]

#: The answer that nothing stands in the slot.
NOTHING = BOS
#: Rows that go through the network together, and of which the answers are weighed together.
_BLOCK, _ROWS = 256, 48
STEPS = np.float32(256)
#: The weights, and the largest integers of the activations behind each layer.
_WEIGHTS = ("embedding", "first", "second", "third", "answers")
_TOPS = (127, 127, 1023)
#: The largest integer of an embedding (up to 2,080 of them are summed), and of a weight.
_EMBEDDED, _WEIGHT = 63, 127
#: No model sees more characters on either side.
_FARTHEST = 64

Array = NDArray[Any]
Floats = NDArray[np.float32]


class Network:
    """A trained network. Read-only, hence safe to share between threads."""

    #: What it is called in errors, and the script that makes its file.
    _called: ClassVar[str]
    _script: ClassVar[str]

    def __init__(self, arrays: dict[str, Array], meta: dict[str, Any]) -> None:
        try:
            self.vocabulary = Vocabulary(store.expect(arrays, "characters", "<u4", len(arrays["characters"])))
            self.reach = meta["reach"]
            if type(self.reach) is not int or not 0 < self.reach <= _FARTHEST or type(meta["carried"]) is not float:
                raise TypeError("a reach, or what is carried")
            widths = [2 * self.reach * arrays["embedding"].shape[-1], *(len(arrays[f"bias{k}"]) for k in range(1, 5))]
            if widths[1] != widths[2] or widths[4] != self.size:
                raise TypeError("layers that fit each other")
            shapes = [(self.vocabulary.size, widths[0] // (2 * self.reach)), *pairwise(widths)]
            self._arrays = {n: store.expect(arrays, n, "<u1", *s) for n, s in zip(_WEIGHTS, shapes, strict=True)}
            self._scales = [store.expect(arrays, f"scale{k}", "<f4", widths[k]) for k in range(1, 5)]
            self._biases = [store.expect(arrays, f"bias{k}", "<f4", widths[k]) for k in range(1, 5)]
            self._carried = np.float32(meta["carried"])
        except (KeyError, TypeError, IndexError) as error:
            raise ModelError(f"{self._called} lacks {brief(str(error))}; rebuild it with {self._script}") from error

    @property
    def size(self) -> int:
        """How many answers there are."""
        return self.vocabulary.size

    @cached_property
    def _floats(self) -> list[Floats]:
        """The integer weights as floats."""
        return [self._arrays[name].view(np.int8).astype(np.float32) for name in _WEIGHTS]

    def id_of(self, codes: CodePoints) -> Ids:
        """The answer that each code point is; white space has none (`DROP`)."""
        return self.vocabulary.id_of(codes)

    def surroundings(
        self, ids: Ids, left: NDArray[np.int64], right: NDArray[np.int64], first: NDArray[np.int64],
        last: NDArray[np.int64], reach: int = 0,
    ) -> Ids:  # fmt: skip
        """The ids around slots, nearest first on either side, shape ``(m, 2 * reach)``; `reach` is the model's or less.

        `left` and `right` (m,) are the places in `ids` of the nearest characters, ``first : last`` the paragraphs that
        bound what is seen.
        """
        return surroundings(ids, left, right, first, last, reach or self.reach)

    def log_probs(self, around: Ids) -> Floats:
        """The log-probability of every answer in each slot, shape ``(m, size)``; `around` is (m, 2 * reach)."""
        out = np.empty((len(around), self.size), dtype=np.float32)
        for start, scores, most, total in self._scores(around):
            out[start : start + len(scores)] = steps(scores, most[:, None], total[:, None])
        return out

    def _scores(self, around: Ids) -> Iterator[tuple[int, Floats, Floats, Floats]]:
        """Block after block: its first row, the scores of every answer, and the largest and the log of the sum of the
        exponentials above it of each row."""
        embedding, *_, answers = self._floats
        for start in range(0, len(around), _BLOCK):
            rows = around[start : start + _BLOCK]
            x = embedding.take(rows, axis=0, mode="clip").reshape(len(rows), -1)
            x = self._layer(x, 0)
            x = self._layer(x, 1, self._carried)
            x = self._layer(x, 2)
            for first in range(0, len(x), _ROWS):  # what follows goes over all answers several times
                scores = x[first : first + _ROWS] @ answers
                scores *= self._scales[3]
                scores += self._biases[3]
                most = scores.max(axis=1)
                above = scores - most[:, None]
                total = np.log(np.einsum("ij->i", np.exp(above, out=above)))
                yield start + first, scores, most, total

    def _layer(self, x: Floats, layer: int, carried: np.float32 | None = None) -> Floats:
        """The integers behind a layer of rectified units; `carried` is the share of `x` that goes on beside it."""
        y: Floats = x @ self._floats[layer + 1]
        y *= self._scales[layer]
        y += self._biases[layer]
        np.maximum(y, 0, out=y)
        if carried is not None:
            y += x * carried
        np.rint(y, out=y)
        np.minimum(y, _TOPS[layer], out=y)
        return y


def surroundings(
    ids: Ids, left: NDArray[np.int64], right: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64],
    reach: int,
) -> Ids:  # fmt: skip
    """The `reach` ids on either side of slots, nearest first, shape ``(m, 2 * reach)`` (`Network.surroundings`)."""
    away = np.arange(reach)
    before, behind = left[:, None] - away, right[:, None] + away
    opened = before < first[:, None]
    seen = np.concatenate([np.maximum(before, 0), np.minimum(behind, len(ids) - 1)], axis=1)
    out: Ids = ids[seen]
    out[:, :reach][opened] = EOS
    edge = np.flatnonzero(opened.any(axis=1))
    out[edge, opened[edge].argmax(axis=1)] = BOS
    out[:, reach:][behind >= last[:, None]] = EOS
    return out


def steps(scores: Floats, most: Floats, total: Floats) -> Floats:
    """Scores as log-probabilities, in steps that hide how a machine rounds."""
    out = scores - most
    out -= total
    out *= STEPS
    np.rint(out, out=out)
    out /= STEPS
    return out


def pack(weights: dict[str, Array], characters: CodePoints, reach: int, sample: Ids) -> bytes:
    """The file of a network, in integers.

    `weights` are those that `scripts/fit_cloze.py` and `scripts/fit_marks.py` train: an embedding, four matrices
    (inputs, outputs), four biases. `sample` are surroundings, (m, 2 * reach), which tell how large activations become.
    """
    embedding = weights["embedding"].astype(np.float64)
    unit = np.quantile(np.abs(embedding), 0.9995) / _EMBEDDED
    arrays: dict[str, Array] = {
        "characters": characters.astype("<u4"),
        "embedding": np.clip(np.rint(embedding / unit), -_EMBEDDED, _EMBEDDED).astype(np.int8).view(np.uint8),
    }
    x = embedding[sample].reshape(len(sample), -1)
    carried = 0.0
    for k, name in enumerate(_WEIGHTS[1:], 1):
        matrix, bias = weights[name].astype(np.float64), weights[f"bias{k}"].astype(np.float64)
        scale = np.abs(matrix).max(axis=0) / _WEIGHT
        arrays[name] = np.rint(matrix / scale).astype(np.int8).view(np.uint8)
        y = x @ matrix + bias
        if k == 4:
            next_unit = 1.0
        else:
            y = np.maximum(y, 0) + (x if k == 2 else 0)
            next_unit = np.quantile(y, 0.9999) / _TOPS[k - 1]
            carried = unit / next_unit if k == 2 else carried
        arrays[f"scale{k}"] = (scale * unit / next_unit).astype(np.float32)
        arrays[f"bias{k}"] = (bias / next_unit).astype(np.float32)
        x, unit = y, next_unit
    return store.pack(arrays, {"reach": reach, "carried": carried, "unknown": UNK_HAN})
