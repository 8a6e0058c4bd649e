"""The content view: what is kept, where it stands, and where paragraphs end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.lm import BOS, EOS, load_default
from textfix.repairer.view import look, view

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


@given(
    st.text(alphabet="加快解决，,。 \n", min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 59), st.sampled_from("人，\n 矸")), max_size=4),
)
def test_a_look_that_knows_an_earlier_one_sees_the_same(text: str, changes: list[tuple[int, str]]) -> None:
    lm, chars = load_default(), list(text * 8)  # long enough for a change or two to be few
    before = look("".join(chars), lm)
    for at, char in changes:
        chars[at * 7 % len(chars)] = char
    fresh, known = (look("".join(chars), lm, earlier) for earlier in (None, before))
    np.testing.assert_array_equal(known.log_probs, fresh.log_probs)
    np.testing.assert_array_equal(known.view.stream, fresh.view.stream)


def test_of_few_changes_only_their_surroundings_are_scored() -> None:
    class Counting:
        """Counts how many ids it is asked about."""

        def __init__(self) -> None:
            self.lm, self.asked = load_default(), 0

        def __getattr__(self, name: str) -> object:
            return getattr(self.lm, name)

        def log_prob(self, ids: np.ndarray, context: object) -> object:
            self.asked += ids.size
            return self.lm.log_prob(ids, context)  # type: ignore[arg-type]

        def score_columns(self, ids: np.ndarray, first: int) -> object:
            self.asked += ids.size
            return self.lm.score_columns(ids, first)

    lm, text = Counting(), "加快解决工矿废弃地、矸石山等历史遗留问题。" * 20
    before = look(text, lm)  # type: ignore[arg-type]
    for changed, least, most in ((text, 0, 0), (text[:99] + "歼" + text[100:], 9, 9), (text[1:], 400, 999)):
        lm.asked = 0
        look(changed, lm, before)  # type: ignore[arg-type]
        assert least <= lm.asked <= most
