"""Two towers of dilated convolutions, one over what stands before a slot and one over what stands behind it, and a
layer that reads both (causal convolutions: van den Oord et al. 2016).

What a tower says at a place depends on the characters up to there alone, whatever slot is asked about, so neighbouring
slots share almost all of the work: it is done for the places that are needed, each once. Weights and activations are
small integers in 32-bit floats, as in `network`: every sum of products stays below 2 ** 24, so the answers are the same
on every machine, for one slot or many.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, brief
from ..text.arrays import distinct
from ..text.codepoints import CodePoints
from . import store
from .network import steps, surroundings
from .vocabulary import BOS, EOS, UNK_HAN, Ids, Vocabulary

__all__ = ["Known", "Towers", "pack"]

#: Characters that the first layer of a tower sees, and how far back each of the others looks at the most.
_FIRST, _FARTHEST = 4, 64
#: The largest integers of an embedding, of a weight, of an activation, and of one in front of the answers.
_EMBEDDED, _WEIGHT, _TOP, _LAST_TOP = 127, 127, 255, 1023
_SIDES = ("left", "right")
#: Slots that are worked out together: what is known of all of a long text would take up much room.
_BLOCK = 512

Array = NDArray[Any]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
#: The answers for slots, by their surroundings as bytes.
Known = dict[bytes, Floats]


class Towers:
    """A trained network. Read-only, hence safe to share between threads."""

    #: What it is called in errors, and the script that makes its file.
    _called: ClassVar[str]
    _script: ClassVar[str]

    def __init__(self, arrays: dict[str, Array], meta: dict[str, Any]) -> None:
        try:
            self.vocabulary = Vocabulary(store.expect(arrays, "characters", "<u4", len(arrays["characters"])))
            self.dilations: list[int] = meta["dilations"]
            if not all(type(d) is int and 0 < d <= _FARTHEST for d in self.dilations) or not self.dilations:
                raise TypeError("how far its layers look")
            embedded, width = arrays["embedding"].shape[-1], arrays["mix"].shape[0] // 2
            shapes = {"embedding": (self.vocabulary.size, embedded)}
            for side in _SIDES:
                shapes[f"{side}0"] = _FIRST * embedded, width
                shapes |= {f"{side}{k}": (2 * width, width) for k in range(1, len(self.dilations) + 1)}
            shapes["mix"] = 2 * width, arrays["answers"].shape[0]
            shapes["answers"] = shapes["mix"][1], self.size
            if max(2 * width * _TOP, shapes["mix"][1] * _LAST_TOP) * _WEIGHT >= 1 << 24:
                raise TypeError("layers that are narrow enough")
            self._arrays = {name: store.expect(arrays, name, "<u1", *shape) for name, shape in shapes.items()}
            self._scales, self._biases = (
                {
                    name: store.expect(arrays, f"{name}_{what}", "<f4", shape[1])
                    for name, shape in shapes.items()
                    if name != "embedding"
                }
                for what in ("scale", "bias")
            )
        except (KeyError, TypeError, IndexError) as error:
            raise ModelError(f"{self._called} lacks {brief(str(error))}; rebuild it with {self._script}") from error

    @property
    def size(self) -> int:
        """How many answers there are."""
        raise NotImplementedError

    @property
    def reach(self) -> int:
        """How many characters a tower sees."""
        return _FIRST + sum(self.dilations)

    @cached_property
    def _floats(self) -> dict[str, Floats]:
        """The integer weights as floats."""
        return {name: array.view(np.int8).astype(np.float32) for name, array in self._arrays.items()}

    def id_of(self, codes: CodePoints) -> Ids:
        """The answer that each code point is; white space has none (`DROP`)."""
        return self.vocabulary.id_of(codes)

    def log_probs(
        self, ids: Ids, left: Ints, right: Ints, first: Ints, last: Ints, known: Known | None = None
    ) -> Floats:
        """The log-probability of every answer in each of m slots, shape ``(m, size)``.

        `left` and `right` (m,) are the places in `ids` of the nearest characters on either side, ``first : last`` the
        paragraphs that bound what is seen. What is `known` of slots with the same surroundings is not worked out again;
        what is, goes there.
        """
        if known is None:
            return self._answers(ids, left, right, first, last)
        keys = [row.tobytes() for row in surroundings(ids, left, right, first, last, self.reach)]
        new = np.array([at for at, key in enumerate(keys) if key not in known], dtype=np.int64)
        found = self._answers(ids, *(a[new] for a in (left, right, first, last)))
        known.update(zip((keys[at] for at in new.tolist()), found, strict=True))
        return np.stack([known[key] for key in keys]) if keys else found

    def _answers(self, ids: Ids, left: Ints, right: Ints, first: Ints, last: Ints) -> Floats:
        out = np.empty((left.size, self.size), dtype=np.float32)
        for begin in range(0, left.size, _BLOCK):
            block = slice(begin, begin + _BLOCK)
            out[block] = self._some(ids, left[block], right[block], first[block], last[block])
        return out

    def _some(self, ids: Ids, left: Ints, right: Ints, first: Ints, last: Ints) -> Floats:
        """The answers for a block of slots, one or more."""
        stream, moved = self._framed(ids, first, last)
        sides = [
            self._tower(side, stream, at + moved, way)
            for side, at, way in zip(_SIDES, (left, right), (-1, 1), strict=True)
        ]
        x = self._layer(np.concatenate(sides, axis=1), "mix", _LAST_TOP)
        scores = x @ self._floats["answers"]
        scores *= self._scales["answers"]
        scores += self._biases["answers"]
        most = scores.max(axis=1, keepdims=True)
        total = np.log(np.einsum("ij->i", np.exp(scores - most)))[:, None]
        return steps(scores, most, total)

    def _framed(self, ids: Ids, first: Ints, last: Ints) -> tuple[Ids, Ints]:
        """The paragraphs that are asked about, each with a frame as wide as a tower sees before it and behind it, and
        by how much the places in `ids` of each slot have moved."""
        frame = np.full(self.reach + 1, EOS, dtype=ids.dtype)
        frame[-1] = BOS
        starts, of = np.unique(first, return_inverse=True)
        ends = np.zeros(starts.size, dtype=np.int64)
        ends[of] = last
        sizes = ends - starts
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        parts = [part for start, end in spans for part in (frame, ids[start:end])]
        begins = np.array([0, *accumulate(sizes[:-1].tolist())]) + frame.size * np.arange(1, starts.size + 1)
        return np.concatenate([*parts, frame]), (begins - starts)[of]

    def _tower(self, side: str, stream: Ids, at: Ints, way: int) -> Floats:
        """What the tower of one side says at each of `at`, (m, width); it looks `way` along `stream`."""
        tops, back = np.unique(at, return_inverse=True)
        levels = [tops]
        for dilation in reversed(self.dilations):
            levels.append(distinct(np.concatenate([levels[-1], levels[-1] + way * dilation])))
        places = levels.pop()
        seen = stream[places[:, None] + way * np.arange(_FIRST)]
        x = self._layer(self._floats["embedding"].take(seen, axis=0, mode="clip").reshape(len(places), -1), f"{side}0")
        for number, dilation in enumerate(self.dilations, 1):
            wanted = levels.pop()
            here, there = np.searchsorted(places, wanted), np.searchsorted(places, wanted + way * dilation)
            x = self._layer(np.concatenate([x[here], x[there]], axis=1), f"{side}{number}")
            places = wanted
        return x[back]

    def _layer(self, x: Floats, name: str, top: int = _TOP) -> Floats:
        """The integers behind a layer of rectified units."""
        y: Floats = x @ self._floats[name]
        y *= self._scales[name]
        y += self._biases[name]
        np.rint(y, out=y)
        np.clip(y, 0, top, out=y)
        return y


def pack(weights: dict[str, Array], characters: CodePoints, dilations: Sequence[int], sample: Ids) -> bytes:
    """The file of a network, in integers.

    `weights` are those that `scripts/fit_marks.py` trains: an embedding, and matrices (inputs, outputs) and biases of
    ``left0`` ..., ``right0`` ..., ``mix`` and ``answers``, the latter as ``left0_bias`` and so on. `sample` are texts,
    (m, n) ids, which tell how large activations become.
    """
    arrays: dict[str, Array] = {"characters": characters.astype("<u4")}
    embedding = weights["embedding"].astype(np.float64)
    unit = np.full(embedding.shape[1], np.quantile(np.abs(embedding), 0.9995) / _EMBEDDED)
    arrays["embedding"] = np.clip(np.rint(embedding / unit), -_EMBEDDED, _EMBEDDED).astype(np.int8).view(np.uint8)

    def layer(name: str, x: Array, units: Array, top: int) -> tuple[Array, Array]:
        """What comes of the real activations `x`, held in integers of `units`: activations, and their units."""
        matrix, bias = weights[name].astype(np.float64), weights[f"{name}_bias"].astype(np.float64)
        y = np.maximum(x.reshape(-1, x.shape[-1]) @ matrix + bias, 0).reshape(*x.shape[:-1], -1) if top else x[..., :1]
        held = matrix * units[:, None]
        scale = np.maximum(np.abs(held).max(axis=0), 1e-12) / _WEIGHT
        arrays[name] = np.rint(held / scale).astype(np.int8).view(np.uint8)
        flat = y.reshape(-1, y.shape[-1])
        mine = np.maximum(np.quantile(flat, 0.9998, axis=0) / top, 1e-6) if top else np.ones(matrix.shape[1])
        arrays[f"{name}_scale"] = (scale / mine).astype(np.float32)
        arrays[f"{name}_bias"] = (bias / mine).astype(np.float32)
        return y, mine

    ends = []
    for side, way in zip(_SIDES, (1, -1), strict=True):
        embedded = embedding[sample]
        x, units = layer(f"{side}0", _beside(embedded, range(0, way * _FIRST, way)), np.tile(unit, _FIRST), _TOP)
        for number, dilation in enumerate(dilations, 1):
            x, units = layer(f"{side}{number}", _beside(x, (0, way * dilation)), np.tile(units, 2), _TOP)
        ends.append((x, units))
    # A slot between two characters; how large activations become does not depend on what it holds.
    (left, unit_left), (right, unit_right) = ends
    both = np.concatenate([left[:, :-1], right[:, 1:]], axis=2)
    x, units = layer("mix", both, np.concatenate([unit_left, unit_right]), _LAST_TOP)
    layer("answers", x, units, 0)
    return store.pack(arrays, {"dilations": list(dilations), "unknown": UNK_HAN})


def _beside(x: Array, back: Sequence[int]) -> Array:
    """At each place of the second axis what stands so far `back`, side by side; zeros beyond the ends."""
    n = x.shape[1]
    parts = []
    for k in back:
        part = np.zeros_like(x)
        if abs(k) < n:
            part[:, max(k, 0) : n + min(k, 0)] = x[:, max(-k, 0) : n - max(k, 0)]
        parts.append(part)
    return np.concatenate(parts, axis=2)
