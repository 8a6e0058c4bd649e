"""Interpolated modified Kneser-Ney with plain dictionaries, slow and short: what the arrays are checked against."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from textfix.lm.vocabulary import BOS, DROP, EOS, Vocabulary

ORDER = 5
Gram = tuple[int, ...]


def grams(text: str, vocabulary: Vocabulary) -> list[Gram]:
    """Every counted n-gram: all 5-grams of the running text, and of each paragraph those with a bound."""
    paragraphs = [[int(i) for i in vocabulary.table[[ord(c) for c in line]] if i != DROP] for line in text.split("\n")]
    run = [i for paragraph in paragraphs for i in paragraph]
    found = [tuple(run[i : i + ORDER]) for i in range(len(run) - ORDER + 1)]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    # The run opens with BOS too, as far as its first paragraph does not say so already.
    found += [(BOS, *run[: n - 1]) for n in range(2, min(ORDER, len(run) + 1) + 1) if n - 1 > len(paragraphs[0])]
    for paragraph in paragraphs:
        bounded = [BOS, *paragraph, EOS]
        for end in range(2, len(bounded) + 1):
            gram = tuple(bounded[max(0, end - ORDER) : end])
            if gram[0] == BOS or gram[-1] == EOS:
                found.append(gram)
    return found


@dataclass
class Oracle:
    """Probabilities by definition, of weighted texts, without pruning."""

    vocabulary: Vocabulary
    counts: list[dict[Gram, float]] = field(default_factory=list)
    weighted: list[dict[Gram, float]] = field(default_factory=list)

    @classmethod
    def train(cls, texts: list[tuple[str, float]], vocabulary: Vocabulary) -> Oracle:
        self = cls(vocabulary, [{} for _ in range(ORDER + 1)], [{} for _ in range(ORDER + 1)])
        plain: Counter[Gram] = Counter()
        heavy: Counter[Gram] = Counter()
        for text, weight in texts:
            for gram in grams(text, vocabulary):
                plain[gram] += 1
                heavy[gram] += weight
        for gram in plain:
            self.counts[len(gram)][gram] = plain[gram]
            self.weighted[len(gram)][gram] = heavy[gram]
        for order in range(ORDER, 1, -1):
            for gram, times in self.counts[order].items():
                below, mean = gram[1:], self.weighted[order][gram] / times
                self.counts[order - 1][below] = self.counts[order - 1].get(below, 0) + 1
                self.weighted[order - 1][below] = self.weighted[order - 1].get(below, 0) + mean
        self.followers: list[dict[Gram, list[int]]] = [defaultdict(list) for _ in range(ORDER + 1)]
        for order in range(1, ORDER + 1):
            for gram in self.counts[order]:
                self.followers[order][gram[:-1]].append(gram[-1])
        self.discounts = [self._discounts(table) for table in self.counts]
        self.known: dict[tuple[int, Gram], float] = {}
        return self

    @staticmethod
    def _discounts(table: dict[Gram, float]) -> list[float]:
        n = [sum(1 for c in table.values() if c == k) for k in range(5)]
        if min(n[1:4]) <= 0:
            return [0.0, 0.5, 0.75, 0.9]
        y = n[1] / (n[1] + 2 * n[2])
        raw = [1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]]
        return [0.0, *(min(max(d, lo), hi) for d, lo, hi in zip(raw, (0.05, 0.1, 0.15), (0.95, 1.9, 2.8), strict=True))]

    def _reduced(self, gram: Gram) -> float:
        count = self.counts[len(gram)].get(gram, 0)
        if not count:
            return 0.0
        left = max(count - self.discounts[len(gram)][int(min(count, 3))], 0)
        return left * self.weighted[len(gram)][gram] / count

    def prob(self, word: int, context: Gram) -> float:
        """P(word | context); the last four ids of the context count."""
        context = context[-(ORDER - 1) :]
        key = (word, context)
        if key not in self.known:
            self.known[key] = self._prob(word, context)
        return self.known[key]

    def _prob(self, word: int, context: Gram) -> float:
        if word == BOS:
            return 0.0
        order = len(context) + 1
        after = self.followers[order].get(context, [])
        total = sum(self.weighted[order][(*context, w)] for w in after)
        if order > 1 and not after:
            return self.prob(word, context[1:])
        given = sum(self._reduced((*context, w)) for w in after)
        lower = self.prob(word, context[1:]) if order > 1 else 1 / (self.vocabulary.size - 1)
        return self._reduced((*context, word)) / total + (1 - given / total) * lower

    def log_probs(self, ids: list[int]) -> list[float]:
        given = [BOS, *ids]
        return [math.log(self.prob(given[i], tuple(given[max(0, i - ORDER + 1) : i]))) for i in range(1, len(given))]
