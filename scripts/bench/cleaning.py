#!/usr/bin/env python3
"""Characters a second on clean text: `textfix.repair`, and tools that only convert or normalise.

    python scripts/bench --only cleaning

Whole documents of ../shared/clean, spread over it (the seed notice where that is missing), as they stand. textfix looks
for errors and finds none; OpenCC converts to traditional script, ftfy looks for mojibake, NFKC folds forms. None of
those does what textfix does: they say what one pass over a text costs.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness import material
from harness.bench import Bench
from harness.process import race
from harness.rows import Row

__all__ = ["suite"]


def suite(bench: Bench) -> Iterator[Row]:
    """One row a peer."""
    texts = material.clean(4 if bench.quick else 12, 10_000 if bench.quick else None)
    if not texts:
        bench.note(material.NO_SHARED)
        texts = [material.seed()[1]]
    size = sum(map(len, texts))
    with bench.open(textfix={}, opencc={}, ftfy={}, nfkc={}) as tools:
        answers = race(tools, "clean", turns=bench.turns, limit=bench.limit, want=False, texts=texts)
    yield from bench.rates("clean text, whole documents", size, answers)
