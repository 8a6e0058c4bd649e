"""The content view: what is kept, where it stands, and where paragraphs end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.lm import BOS, EOS, load_default
from textfix.repairer.view import view

TEXTS = st.text(alphabet="加快解决，。 \n\r\u3000A1（", max_size=40)


@given(TEXTS)
def test_every_kept_character_is_found_again(text: str) -> None:
    v = view(text, load_default())
    assert [text[i] for i in v.pos.tolist()] == [chr(c) for c in v.codes.tolist()]
    assert "".join(text[i] for i in v.pos.tolist()) == "".join(text.split())
    np.testing.assert_array_equal(v.stream[v.at], v.ids)


@given(TEXTS)
def test_frames_keep_contexts_apart(text: str) -> None:
    v = view(text, load_default())
    for k in np.flatnonzero(v.breaks[:-1] == 2).tolist():
        before = v.stream[v.at[k] - 4 : v.at[k]].tolist()
        assert before == [EOS, EOS, EOS, BOS]
    for k in np.flatnonzero(v.breaks[1:] == 2).tolist():
        assert v.stream[v.at[k] + 1 : v.at[k] + 5].tolist() == [EOS] * 4


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("一二", [2, 0, 2]),
        ("一\n二", [2, 1, 2]),
        ("一\r\n二", [2, 1, 2]),
        ("一\n \n二", [2, 2, 2]),
        ("一\r\n\r\n二", [2, 2, 2]),
    ],
)
def test_line_ends(text: str, breaks: list[int]) -> None:
    assert view(text, load_default()).breaks.tolist() == breaks


def test_spans_lead_back_to_the_text() -> None:
    v = view(" 加 快\n解决", load_default())
    assert v.span(1, 1) == (3, 4)
    assert v.span(0, 2) == (1, 4)
    assert v.span(2, 0) == (4, 4)  # an insertion clings to the character before it
