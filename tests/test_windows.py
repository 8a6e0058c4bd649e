"""Windows: nothing lost, bounded, cut at paragraph breaks, and the same however the text arrives."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix import windows as module
from textfix.windows import windows

ATOMS = ["一", "二。", "三四", "\n", "\n", "\r\n", "\r", " ", "\u3000", "\u2028", "\n\n"]
LINES = st.lists(st.sampled_from(ATOMS), max_size=40)
TEXTS = LINES.map("".join)


@pytest.fixture(autouse=True)
def short_paragraphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PARAGRAPH", 6)


def oracle(text: str, size: int) -> list[str]:
    """The same rule, written from the front: try every cut in turn and ask what kind of place it is."""
    out = []
    while len(text) >= size:
        ends = [i for i in range(1, len(text) + 1) if text[i - 1] in "\n\r\u2028" and text[i - 1 : i + 1] != "\r\n"]
        cut = 0
        for i in (e for e in ends if size <= e <= size + 6):
            line = text[max([e for e in ends if e < i], default=-1) : i]  # with the end of the line before excluded
            if any(e < i for e in ends) and not line.strip():
                cut = i
                break
        if not cut and len(text) > size + 6:
            lines = [e for e in range(size, size + 7) if text[e - 1] in "\n\r\u2028"]
            stops = [e for e in range(size, size + 7) if text[e - 1] == "。"]
            cut = max(lines or stops or [size + 6])
            cut += text[cut - 1 : cut + 1] == "\r\n"
        if not cut:
            break
        out.append(text[:cut])
        text = text[cut:]
    return [*out, text] if text else out


@given(TEXTS, st.integers(1, 12))
def test_as_the_oracle_cuts(text: str, size: int) -> None:
    assert list(windows([text], size)) == oracle(text, size)


@given(TEXTS, st.integers(1, 12), st.lists(st.integers(0, 60)))
def test_the_pieces_do_not_matter(text: str, size: int, cuts: list[int]) -> None:
    places = [0, *sorted(min(c, len(text)) for c in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert list(windows(pieces, size)) == list(windows([text], size)) == list(windows(text, size))


@given(TEXTS, st.integers(1, 12))
def test_nothing_is_lost_and_all_is_bounded(text: str, size: int) -> None:
    parts = list(windows([text], size))
    assert "".join(parts) == text
    assert all(size <= len(part) <= size + 7 for part in parts[:-1])
    assert all(not (a.endswith("\r") and b.startswith("\n")) for a, b in pairwise(parts))


def test_a_window_goes_out_as_soon_as_its_end_is_there() -> None:
    arrived: list[str] = []

    def pieces() -> list[str]:
        for piece in ["第一段。\n", "\n", "第二", "段。\n\n", "尾"]:
            arrived.append(piece)
            yield piece

    seen = [(window, len(arrived)) for window in windows(pieces(), 1)]
    assert seen == [("第一段。\n\n", 2), ("第二段。\n\n", 4), ("尾", 5)]
