"""What repairs of debris do to the language model, against each scored by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.lm import CONTEXT, load_default
from textfix.repairer.pieces import LONGEST, SPLIT, Pieces, around, detail
from textfix.repairer.view import look

LM = load_default()
CHARS = "加快解决工矿废弃地矸石山等历史遗留问题女口研究"


@st.composite
def texts_and_shapes(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]]]:
    text = draw(st.text(CHARS, min_size=6, max_size=16)) + draw(st.sampled_from(["", "\n\n加快解决"]))
    size = len(text.replace("\n", ""))
    shapes = []
    for _ in range(draw(st.integers(1, 6))):
        length = draw(st.integers(1, min(5, size)))
        start = draw(st.integers(0, size - length))
        shapes.append((start, length, draw(st.text(CHARS, min_size=1, max_size=LONGEST))))
    return text, shapes


@settings(deadline=None)
@given(texts_and_shapes())
def test_all_at_once_is_each_by_itself(case: tuple[str, list[tuple[int, int, str]]]) -> None:
    text, shapes = case
    seen = look(text, LM)
    parts = []
    for start, length, new in shapes:
        codes = np.array([[ord(char) for char in new]], dtype=np.uint32)
        parts.append(Pieces.make(LM, SPLIT, np.array([start]), length, codes, np.zeros(1, dtype=np.float32)))
    found = detail(seen.view, LM, seen.log_probs, Pieces.concatenate(parts))
    for row, (start, length, new) in enumerate(shapes):
        at = int(seen.view.at[start])
        window = around(seen.view, np.array([[at]]), length, parts[row].ids[:, : len(new)])
        after = LM.score_columns(window, CONTEXT)[0]
        last = len(seen.log_probs) - 1
        before = np.array([seen.log_probs[min(at + k, last)] for k in range(length + CONTEXT)])
        assert found.gain[row] == pytest.approx(after.sum() - before.sum(), abs=1e-4)
        assert found.low_before[row] == before.min()
        assert found.low_after[row] == after.min()
        assert found.own[row] == pytest.approx(after[: len(new)].mean(), abs=1e-4)
        assert found.right[row] == pytest.approx(after[len(new) :].sum(), abs=1e-4)
        assert found.observed[row] == pytest.approx(before[:length].mean(), abs=1e-4)
