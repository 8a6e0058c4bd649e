"""Small texts with the statistics of language, from a fixed recipe, and models of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from textfix.lm import Model, Vocabulary, train

LETTERS = "的国家人民政府工作发展经济社会全面加强建设推进改革创新企业管理服务保障提高水平质量安体系制度完善实施项目投资"
MARKS = "，。、；"


@cache
def synthetic(seed: int, length: int) -> str:
    """A text of `length` or so characters in which what follows depends on the two characters before."""
    rng = np.random.default_rng(seed)
    alphabet = LETTERS + MARKS + "0123456789"
    lines, line, before, last = [], [], 0, 0
    for draw, end in zip(rng.random(length), rng.random(length), strict=True):
        # Twelve successors of each pair, steeply ranked: n-grams of all orders recur.
        rank = int(12 * draw**3)
        before, last = last, (7 * last + 3 * before + 11 * rank + last * rank) % len(alphabet)
        line.append(alphabet[last])
        if end < 0.02:
            lines.append("".join(line))
            line = []
    return "\n".join([*lines, "".join(line)])


@pytest.fixture(scope="session")
def text() -> str:
    return synthetic(1, 6000)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary(np.frombuffer((LETTERS + MARKS).encode("utf-32-le"), dtype="<u4"))


@pytest.fixture(scope="session")
def model(text: str, vocabulary: Vocabulary) -> Model:
    return train([(text, 1.0), (synthetic(2, 2000), 2.5)], vocabulary=vocabulary)


@pytest.fixture(scope="session")
def model_file(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lm") / "small.lm"
    model.save(path)
    return path
