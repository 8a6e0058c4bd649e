"""A reading after edits, of which most is carried over, against a fresh one of the same text: equal to the last bit."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textfix.channel import Channel
from textfix.edits import Edit, Edits
from textfix.lm import Ids, load_default
from textfix.lm.cloze import Cloze, Said
from textfix.repairer.decoder import Decoder, Depth, Reading
from textfix.repairer.forest import Decider
from textfix.repairer.models import Models
from textfix.repairer.view import look

DECODER = Decoder(Models.shipped(load_default(), Channel.load()), Decider.load())
PIECES = [
    "加快解决工矿废弃地歼石山等历史遗留问题，", "推进生态修复", "任务", "歼石山", "\n", "\n\n", "2022年", " ", "|",
    "人", "。", "硏究部暑", "国务院有关部门、各省人民政府要加强领导，", "滤嘴棒", "泪喘标",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=24).map("".join).filter(lambda text: text.strip() != "")


def fresh(text: str) -> Reading:
    return DECODER._read(text, {}, Depth.THOROUGH)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, Edits]:
    """A text, and edits as the decoder makes them: of characters that it sees, not of white space."""
    text = draw(TEXTS)
    seen = look(text, DECODER.models.lm).view
    starts = draw(st.lists(st.integers(0, len(seen) - 1), min_size=1, max_size=4, unique=True))
    edits, end = [], 0
    for start in sorted(starts):
        length = draw(st.integers(0, min(2, len(seen) - start)))
        a, b = seen.span(start, length)
        new = draw(st.sampled_from(["", "的", "，", "干", "矸石"]))
        if a >= end and (a > end or not edits) and text[a:b].strip() == text[a:b] != new:
            edits.append(Edit(a, b, text[a:b], new, "glyph", 0.9, {}))
            end = b
    return text, Edits(edits)


@settings(max_examples=150, deadline=None)
@given(edited())
@example(("任|务", Edits([Edit(1, 2, "|", "", "noise", 0.9, {})])))
@example(("任\n|\n务加快解决", Edits([Edit(2, 3, "|", "", "noise", 0.9, {})])))
@example(("解决工矿废弃地歼", Edits([Edit(7, 8, "歼", "", "noise", 0.9, {})])))
def test_what_is_carried_over_is_what_a_fresh_reading_finds(case: tuple[str, Edits]) -> None:
    text, edits = case
    now = edits.apply(text)
    if now == text or not now.strip():
        return
    renewed, oracle = DECODER._read(now, {}, Depth.THOROUGH, after=(fresh(text), edits)), fresh(now)
    for name in ("proposals", "detail"):
        one, other = getattr(renewed, name), getattr(oracle, name)
        assert (one is None) == (other is None)
        for column in fields(one) if one is not None else ():
            np.testing.assert_array_equal(getattr(one, column.name), getattr(other, column.name), column.name)
    np.testing.assert_array_equal(renewed.features, oracle.features)
    np.testing.assert_array_equal(renewed.opinion, oracle.opinion)


def test_a_round_looks_only_around_its_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    ask = Cloze.ask

    def counting(self: Cloze, around: Ids, *rest: Any) -> Said:
        asked.append(len(around))
        return ask(self, around, *rest)

    monkeypatch.setattr(Cloze, "ask", counting)
    text = "".join(PIECES) * 6
    old, everywhere = fresh(text), sum(asked)
    at = text.index("歼", len(text) // 2)
    edits = Edits([Edit(at, at + 1, "歼", "矸", "glyph", 0.9, {})])
    asked.clear()
    DECODER._read(edits.apply(text), {}, Depth.THOROUGH, after=(old, edits))
    assert 0 < sum(asked) < 80 < everywhere
