"""Figures that can be worked out by hand, properties, and the bootstrap against a slow one."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from textfix.alignment import align
from textfix.edits import Edit, Edits, Repair
from textfix.evaluate import Document, Evaluation, evaluate, table
from textfix.evaluate import measure as measuring
from textfix.evaluate.intervals import FIGURES, figures_of
from textfix.evaluate.measure import FIELDS, Measured, _hit, measure

from ..pace import at_most

TRUTH = "加快解决工矿废弃地、矸石山等历史遗留问题，推进锰产业生态修复和环境整治。\n"
OCR = "加快解决工矿废弃地、歼石山等历史遗留问题,推进猛产业生 态修复和坏境整治。\n"
TEXT = st.text("甲乙丙丁，。 \n1", max_size=25)


def editing(*edits: tuple[str, str, float]) -> measuring.Repairing:
    """A repair that makes these edits (observed, replacement, confidence); those below one half are suggestions."""

    def repair(text: str) -> Repair:
        rows = [
            Edit(text.index(old), text.index(old) + len(old), old, new, "glyph", confidence)
            for old, new, confidence in edits
            if old in text
        ]
        made = Edits(row for row in rows if row.confidence >= 0.5)
        return Repair(made.apply(text), made, tuple(row for row in rows if row.confidence < 0.5))

    return repair


REPAIR = editing(("歼", "矸", 0.9), ("猛", "檬", 0.8), ("整", "正", 0.6), ("坏", "环", 0.3))


def test_counts_by_hand() -> None:
    x = measure(Document("d", "", OCR, TRUTH), REPAIR)
    size = len(TRUTH) - 1
    assert x.counts == {
        "characters": size,
        "before": 3,
        "after": 3,  # 矸 repaired, 猛 idle, 整 broken, 坏 left
        "raw_characters": size,
        "raw_before": 5,
        "raw_after": 5,
        "ocr_characters_before": size,
        "ocr_before": 3,
        "ocr_characters_after": x.counts["ocr_characters_after"],
        "ocr_after": x.counts["ocr_after"],
        "right": 1,
        "idle": 1,
        "wrong": 1,
        "errors": 3,
        "repaired": 1,
    }
    assert x.made == {"glyph": 3}
    assert x.judged == {"glyph": (1, 1, 1)}
    assert x.confusions[("歼", "矸", "glyph")] == (1, 1)
    assert x.confusions[("坏", "环", "glyph")] == (1, 0)
    assert sorted(x.beliefs) == [(0.3, True), (0.6, False), (0.8, False), (0.9, True)]
    assert x.exact


def test_figures_by_hand() -> None:
    x = evaluate([Document("d", "", OCR, TRUTH)], REPAIR)
    values = {name: figure.value for name, figure in x.figures.items()}
    size = len(TRUTH) - 1
    assert set(values) == set(FIGURES)
    assert values["cer_before"] == values["cer_after"] == 3 / size
    assert values["cut"] == 0
    assert values["precision"] == values["recall"] == pytest.approx(1 / 3)
    assert values["f1"] == pytest.approx(1 / 3)
    assert values["harm"] == pytest.approx(1e5 / size)
    assert x.figures["cut"].low is None  # one document has no interval
    assert x.calibration_error() == pytest.approx((0.7 + 0.6 + 0.8 + 0.1) / 4)
    assert [(b.low, b.count) for b in x.calibration()] == [(0.3, 1), (0.6, 1), (0.8, 1), (0.9, 1)]


@given(TEXT, TEXT)
def test_without_a_repair_after_is_before(ocr: str, truth: str) -> None:
    counts = measure(Document("d", "", ocr, truth)).counts
    for name in ("", "raw_", "ocr_"):
        assert counts[f"{name}before"] == counts[f"{name}after"]
    assert counts["repaired"] == counts["right"] + counts["idle"] + counts["wrong"] == 0
    assert set(counts) == set(FIELDS)


@given(TEXT, TEXT)
def test_a_perfect_repair(ocr: str, truth: str) -> None:
    edits = Edits([Edit(0, len(ocr), ocr, truth, "glyph")] if ocr != truth else [])
    counts = measure(Document("d", "", ocr, truth), lambda _: Repair(truth, edits)).counts
    assert counts["after"] == counts["raw_after"] == counts["ocr_after"] == 0
    assert counts["repaired"] == counts["errors"] <= counts["before"]


@given(TEXT, TEXT)
@example("1111。", "111111111111111111。 1")  # long with white space, not without
def test_long_texts_are_counted_by_the_aligner(ocr: str, truth: str) -> None:
    """Beyond the largest products of lengths the alignment stands in for exact distances and operations."""
    exact = measure(Document("d", "", ocr, truth)).counts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "_DISTANCE_AREA", 100)
        patch.setattr(measuring, "_OPERATIONS_AREA", 100)
        rough = measure(Document("d", "", ocr, truth))
    before = rough.counts["before"]
    assert before == exact["before"] or (
        not rough.exact and exact["before"] < before == align(ocr, truth).error_rates().errors
    )
    for name in ("characters", "raw_characters", "ocr_before"):
        assert rough.counts[name] == exact[name]
    assert bool(rough.counts["errors"]) == bool(exact["errors"])


def test_a_long_text_takes_no_longer_than_it_must() -> None:
    """100,000 characters: plain exact operations would take some seconds for each of the six comparisons."""
    truth = "".join(map(chr, np.random.default_rng(3).integers(0x4E00, 0x5A00, 100_000).tolist()))
    ocr = "".join("石" if n % 50 == 0 else char for n, char in enumerate(truth))
    with at_most(turns=100):
        counts = measure(Document("d", "", ocr, truth)).counts
    assert counts["before"] == counts["errors"] == sum(a != b for a, b in zip(ocr, truth, strict=True))


SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), max_size=6).map(
    lambda rows: sorted((start, start + length) for start, length in rows)
)


def disjoint(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if not out or start > out[-1][1]:
            out.append((start, end))
    return out


@given(SPANS.map(disjoint), SPANS.map(disjoint))
def test_hits_against_the_definition(places: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    def meet(a: tuple[int, int], b: tuple[int, int]) -> bool:
        if a[0] < a[1] and b[0] < b[1]:
            return bool(set(range(*a)) & set(range(*b)))
        return a[0] <= b[1] and b[0] <= a[1]

    assert _hit(places, others) == [any(meet(place, other) for other in others) for place in places]


def measured(name: str, group: str = "", **counts: int) -> Measured:
    return Measured(name, group, dict.fromkeys(FIELDS, 0) | counts)


def test_the_bootstrap_draws_documents() -> None:
    rows = [measured(f"{n}", characters=100 * (n + 1), before=n * n, right=n, wrong=n % 2) for n in range(12)]
    figures = figures_of(rows)
    assert figures == figures_of(list(reversed(rows)))  # neither order nor moment matters
    rate = figures["cer_before"]
    assert rate.low is not None
    assert rate.high is not None
    assert rate.low < rate.value < rate.high  # type: ignore[operator]
    generator = np.random.default_rng(1)
    slow = []
    for _ in range(3000):
        drawn = [rows[n].counts for n in generator.integers(0, 12, 12)]
        slow.append(sum(c["before"] for c in drawn) / sum(c["characters"] for c in drawn))
    low, high = np.quantile(slow, (0.025, 0.975))
    assert rate.low == pytest.approx(low, rel=0.1)
    assert rate.high == pytest.approx(high, rel=0.1)


def test_a_document_in_two_sets_is_one_document() -> None:
    rows = [measured("a", "x", characters=10, before=1), measured("b", "x", characters=10, before=3)]
    twice = [*rows, *(replace(row, group="y") for row in rows)]
    assert figures_of(rows)["cer_before"] == figures_of(twice)["cer_before"]
    assert figures_of(twice[::2])["cer_before"].low is None


def test_nothing_to_divide_by() -> None:
    figures = figures_of([measured("a"), measured("b")])
    assert all(figure.value is figure.low is figure.high is None for figure in figures.values())


def test_sets_kinds_and_confusions() -> None:
    documents = [Document("d", "one", OCR, TRUTH), Document("d", "two", OCR, TRUTH), Document("e", "two", TRUTH, TRUTH)]
    x = evaluate(documents, REPAIR)
    assert {name: len(group) for name, group in x.groups.items()} == {"one": 1, "two": 2}
    assert x.kinds()["glyph"]["before"] == 6
    assert x.edits() == {"glyph": {"made": 7, "right": 2, "idle": 2, "wrong": 3}}  # 整 of the right text, too
    first = {key: (count, repaired, where) for key, count, repaired, where in x.confusions()}
    assert first[("歼", "矸", "glyph")] == (2, 2, 1)
    text = table(x)
    assert {line.split()[0] for line in text.splitlines()[1:4]} == {"one", "two", "all"}
    assert "歼 → 矸: 2, 2 (glyph)" in text
    data = json.loads(json.dumps(x.to_dict()))
    assert data["all"]["pairs"] == 3
    assert data["all"]["documents"] == 2
    assert data["groups"]["one"]["figures"]["cer_before"]["value"] == x.group_figures["one"]["cer_before"].value
    assert set(data["definitions"]) == set(data["all"]["figures"])


def test_an_empty_evaluation() -> None:
    x = Evaluation(())
    assert x.calibration_error() is None
    assert x.to_dict()["all"]["pairs"] == 0
    assert "all" in table(x)
