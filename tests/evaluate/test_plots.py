"""Plots are well-formed, say what they show, and show every number that they are given."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.evaluate import Document, evaluate, evaluation_page
from textfix.evaluate.evaluation import Believed
from textfix.evaluate.plots import Change, changes_by_document, changes_scattered, heat_map, reliability

from .test_evaluation import OCR, REPAIR, TRUTH

RATES = st.floats(0, 3)
CHANGES = st.lists(st.builds(Change, st.text("<&\"甲乙'", max_size=40), RATES, RATES), max_size=8)


def tips(svg: str) -> list[str]:
    """The tool tips of a plot that is well-formed and has a name; nothing is drawn outside it."""
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for element in root.iter():
        for name, most in (("x", width), ("x1", width), ("x2", width), ("cx", width), ("y", height), ("cy", height)):
            if element.get(name) is not None:
                assert 0 <= float(element.get(name, 0)) <= most
    return [element.text or "" for element in root.iter("title")]


@given(CHANGES)
def test_changes(changes: list[Change]) -> None:
    for svg in (changes_by_document(changes), changes_scattered(changes)):
        found = tips(svg)
        assert len(found) == len(changes)
        for tip, change in zip(found, changes, strict=True):
            assert tip.endswith(f"{100 * change.before:.2f}% before, {100 * change.after:.2f}% after")
        assert svg.count("bad") == sum(change.after > change.before for change in changes)


def test_the_axis_is_to_scale() -> None:
    svg = changes_by_document([Change("a", 0.04, 0.01), Change("b", 0.02, 0.0)])
    rings = [float(x) for x in re.findall(r'class="before" cx="([\d.]+)"', svg)]
    dots = [float(x) for x in re.findall(r'class="after" cx="([\d.]+)"', svg)]
    zero = dots[1]
    assert rings[0] - zero == pytest.approx(2 * (rings[1] - zero), abs=0.2)
    assert rings[0] - zero == pytest.approx(4 * (dots[0] - zero), abs=0.4)


CHARS = st.sampled_from(["", "<", "甲", "乙", "。", "?口"])


@given(st.dictionaries(st.tuples(CHARS, CHARS), st.tuples(st.integers(1, 99), st.integers(0, 99)), max_size=12))
def test_heat_map(cells: dict[tuple[str, str], tuple[int, int]]) -> None:
    found = tips(heat_map(cells))
    wanted = {
        f"{is_ or '∅'} read as {read or '∅'}: {count} times, {gone} of them repaired"
        for (read, is_), (count, gone) in cells.items()
    }
    assert set(found) == wanted


BELIEFS = st.builds(Believed, st.just(0.5), st.just(0.6), st.integers(1, 9999), st.floats(0, 1), st.floats(0, 1))


@given(st.lists(BELIEFS, max_size=5))
def test_reliability(bins: list[Believed]) -> None:
    assert [int(tip.split(": ")[1].split()[0]) for tip in tips(reliability(bins))] == [b.count for b in bins]


def test_the_page() -> None:
    documents = [Document(f"<{n}>", group, OCR, TRUTH) for n in range(2) for group in ("one", "two")]
    html = evaluation_page(evaluate(documents, REPAIR), "<scans>")
    assert "<scans>" not in html
    assert html.count('class="plot"') == 3
    assert "&lt;0&gt;" in html
    assert "Calibration error" in html
    bare = evaluation_page(evaluate(documents), "scans")
    assert bare.count('class="plot"') == 2
    assert "precision</th>" not in bare
    assert "before and after" not in bare
