"""Entropy pruning (Stolcke 1998): leave out the n-grams whose loss changes the model least.

The weight of a context is its number of occurrences, not the product of Kneser-Ney probabilities, which are no
marginals (Chelba et al. 2010 show what that costs). An n-gram stays, whatever its own worth, while a longer one that
stays has it as context or as suffix: then every look-up can climb from short to long and stop at the first miss, and
the probability of a longer n-gram always rests on a stored one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .kneser_ney import Floats, Level

__all__ = ["occurrences", "prune"]

_TINY = 1e-12


def occurrences(levels: list[Level]) -> list[Floats]:
    """How often each n-gram stands in the training text (`Level.seen` counts left neighbours below the top)."""
    found = [levels[-1].seen]
    for level, above in zip(levels[-2::-1], levels[:0:-1], strict=True):
        n = len(level.keys)
        as_context = np.bincount(above.parent, weights=found[-1], minlength=n)
        as_suffix = np.bincount(above.suffix, weights=found[-1], minlength=n)
        found.append(np.maximum(np.maximum(as_context, as_suffix), level.seen))
    return found[::-1]


def _losses(level: Level, below: Level, context_share: Floats) -> Floats:
    """The relative entropy, in nats per character of text, that the model loses with each n-gram of `level`."""
    n = len(below.keys)
    # BOS is never predicted, so its probability is 0, but no n-gram ends in it.
    lower = np.maximum(below.prob[level.suffix], _TINY)
    rest = 1 - np.bincount(level.parent, weights=level.prob, minlength=n)[level.parent]
    rest_lower = 1 - np.bincount(level.parent, weights=lower, minlength=n)[level.parent]
    mass = np.maximum(rest, _TINY) / np.maximum(rest_lower, _TINY)
    mass_without = np.maximum(rest + level.prob, _TINY) / np.maximum(rest_lower + lower, _TINY)
    change = level.prob * (np.log(lower) + np.log(mass_without) - np.log(level.prob))
    change += np.maximum(rest, 0) * (np.log(mass_without) - np.log(mass))
    losses: Floats = -context_share[level.parent] * change
    return losses


def prune(levels: list[Level], thresholds: Sequence[float], cutoffs: Sequence[int] = (0, 0, 0, 0)) -> list[Level]:
    """The levels without what is worth less than `thresholds` (nats per character; orders 2 to 5).

    N-grams that occur fewer than `cutoffs` times (orders 2 to 5) go first. Unigrams always stay.
    """
    counts = occurrences(levels)
    keep: list[NDArray[np.bool_]] = [np.ones(len(levels[0].keys), dtype=np.bool_)]
    total = float(counts[0].sum())
    for n in range(1, len(levels)):
        worth = _losses(levels[n], levels[n - 1], counts[n - 1] / total)
        keep.append((worth >= thresholds[n - 1]) & (counts[n] >= cutoffs[n - 1]))
    for n in range(len(levels) - 1, 1, -1):
        stays = np.flatnonzero(keep[n])
        keep[n - 1][levels[n].parent[stays]] = True
        keep[n - 1][levels[n].suffix[stays]] = True
    pruned: list[Level] = []
    places: NDArray[np.int64] = np.arange(len(levels[0].keys))
    for level, mask in zip(levels, keep, strict=True):
        rows = np.flatnonzero(mask)
        pruned.append(
            Level(
                level.keys[rows], level.prob[rows], places[level.suffix[rows]], places[level.parent[rows]],
                level.seen[rows], np.ones(len(rows)),
            )
        )  # fmt: skip
        places = np.cumsum(mask) - 1
    renormalise(pruned)
    return pruned


def renormalise(levels: list[Level]) -> None:
    """Set every `mass` so that the probabilities after each context sum to one."""
    for below, level in pairwise(levels):
        n = len(below.keys)
        used = np.bincount(level.parent, minlength=n) > 0
        rest = 1 - np.bincount(level.parent, weights=level.prob, minlength=n)
        rest_lower = 1 - np.bincount(level.parent, weights=below.prob[level.suffix], minlength=n)
        below.mass[:] = np.where(used, np.maximum(rest, _TINY) / np.maximum(rest_lower, _TINY), 1.0)
