"""Entropy pruning (Stolcke 1998): leave out the n-grams whose loss changes the model least.

The weight of a context is its number of occurrences, not the product of Kneser-Ney probabilities, which are no
marginals (Chelba et al. 2010 show what that costs). An n-gram stays, whatever its own worth, while a longer one that
stays has it as context or as suffix: then every look-up can climb from short to long and stop at the first miss, and
the probability of a longer n-gram always rests on a stored one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .kneser_ney import Floats, Level, Mask, Ngrams

__all__ = ["choose", "occurrences"]

_TINY = 1e-12
#: N-grams with less than this weight of occurrences count as seen once.
_ONCE = 1.5
#: Between which losses (nats per character and byte) the threshold is searched, and how closely.
_RANGE = (1e-14, 1.0)
_PRECISION = 0.005


def occurrences(ngrams: Sequence[Ngrams]) -> list[Floats]:
    """The weighted number of times that each n-gram stands in the training text, by order."""
    found = [ngrams[-1].weighted]
    for lower, above in zip(ngrams[-2::-1], ngrams[:0:-1], strict=True):
        n = len(lower.keys)
        as_context = np.bincount(above.parent, weights=found[-1], minlength=n)
        as_suffix = np.bincount(above.suffix, weights=found[-1], minlength=n)
        found.append(np.maximum(np.maximum(as_context, as_suffix), lower.weighted))
    return found[::-1]


def _losses(level: Level, below: Level, context_share: Floats) -> Floats:
    """The relative entropy, in nats per character of text, that the model loses with each n-gram of `level`."""
    n = len(below.keys)
    lower = below.prob[level.suffix]
    rest = 1 - np.bincount(level.parent, weights=level.prob, minlength=n)[level.parent]
    rest_lower = 1 - np.bincount(level.parent, weights=lower, minlength=n)[level.parent]
    mass = np.maximum(rest, _TINY) / np.maximum(rest_lower, _TINY)
    mass_without = np.maximum(rest + level.prob, _TINY) / np.maximum(rest_lower + lower, _TINY)
    change = level.prob * (np.log(lower) + np.log(mass_without) - np.log(level.prob))
    change += np.maximum(rest, 0) * (np.log(mass_without) - np.log(mass))
    losses: Floats = -context_share[level.parent] * change
    return losses


def choose(ngrams: Sequence[Ngrams], levels: Sequence[Level], costs: Sequence[float], limit: float) -> list[Mask]:
    """Which n-grams stay so that they cost at most `limit` together. `levels` are all of `ngrams`, smoothed.

    `costs` are those of one n-gram, in bytes, orders 2 to 5; unigrams always stay and cost nothing. All n-grams stay
    if they fit. If not, those that occurred once, in a text of no more than ordinary weight, go first (their own text
    overrates them), then those that are worth least for their bytes.
    """
    counts = occurrences(ngrams)
    total = float(counts[0].sum())
    worth = [_losses(levels[n], levels[n - 1], counts[n - 1] / total) / costs[n - 1] for n in range(1, len(levels))]
    keep = _closed(ngrams, worth, -np.inf)
    if _cost(keep, costs) <= limit:
        return keep
    for values, times in zip(worth, counts[1:], strict=True):
        values[times < _ONCE] = -np.inf
    low, high = _RANGE
    while high > low * (1 + _PRECISION):
        middle = (low * high) ** 0.5
        if _cost(_closed(ngrams, worth, middle), costs) > limit:
            low = middle
        else:
            high = middle
    return _closed(ngrams, worth, high)


def _cost(keep: Sequence[Mask], costs: Sequence[float]) -> float:
    return sum(int(np.count_nonzero(mask)) * cost for mask, cost in zip(keep[1:], costs, strict=True))


def _closed(ngrams: Sequence[Ngrams], worth: Sequence[Floats], threshold: float) -> list[Mask]:
    """The n-grams worth at least `threshold` with all their contexts and suffixes."""
    keep = [np.ones(len(ngrams[0].keys), dtype=np.bool_)]
    keep.extend(values >= threshold for values in worth)
    for n in range(len(keep) - 1, 1, -1):
        stays = np.flatnonzero(keep[n])
        keep[n - 1][ngrams[n].parent[stays]] = True
        keep[n - 1][ngrams[n].suffix[stays]] = True
    return keep
