"""What is estimated from the document, against counting it by hand."""

from __future__ import annotations

from dataclasses import replace
from math import log, log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.lm import load_default
from textfix.repairer.elsewhere import ELSEWHERE, elsewhere
from textfix.repairer.estimates import DOCUMENT_FEATURES, Estimates, estimate
from textfix.repairer.view import View, view

from .made import DELETE, INSERT, PAIR, SUBSTITUTE, made

LENGTHS = {SUBSTITUTE: (1, 1), PAIR: (2, 2), DELETE: (1, 0), INSERT: (0, 1)}
RATES = Estimates(0.02, 0.01, 0.001, 0.002)
NONE = np.zeros(4, dtype=np.float32)


@st.composite
def documents(draw: st.DrawFn) -> tuple[View, list[tuple[int, int, str, int]]]:
    text = draw(st.text("国家人，", min_size=2, max_size=24))
    given = []
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(sorted(LENGTHS)))
        length, size = LENGTHS[kind]
        start = draw(st.integers(kind == INSERT, len(text) - length))
        given.append((start, length, draw(st.text("国家人，", min_size=size, max_size=size)), kind))
    return view(text, load_default()), given


def column(values: np.ndarray, name: str) -> list[float]:
    return list(values[:, DOCUMENT_FEATURES.index(name)].tolist())


@given(documents(), st.data())
def test_confusions_that_recur_support_each_other(
    case: tuple[View, list[tuple[int, int, str, int]]], data: st.DataObject
) -> None:
    v, given = case
    opinion = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=len(given), max_size=len(given))))
    out = RATES.columns(v, made(*given), opinion, np.zeros(len(given)))
    assert out.shape == (len(given), len(DOCUMENT_FEATURES))
    same = [(v.text[s] if length else "", new[:1], length, len(new)) for s, length, new, _ in given]
    for row, key in enumerate(same):
        others = [n for n, other in enumerate(same) if other == key and n != row]
        support = sum(opinion[n] for n in others)
        assert column(out, "support")[row] == pytest.approx(log1p(support))
        assert column(out, "support_share")[row] == pytest.approx(support / max(len(others), 1))
        assert column(out, "recurrence")[row] == pytest.approx(log1p(len(others)))
    assert column(out, "first_opinion") == pytest.approx(opinion.tolist())


def test_the_support_of_several_is_shared_out() -> None:
    v = view("国家人人人人", load_default())
    opinion = np.array([1.0, 0.5, 0.25, 0.0])
    out = RATES.columns(v, made(*[(at, 1, "国", SUBSTITUTE) for at in (2, 3, 4, 5)]), opinion, NONE)
    assert column(out, "support_share") == pytest.approx([0.75 / 3, 1.25 / 3, 1.5 / 3, 1.75 / 3])
    assert column(out, "support") == pytest.approx([log1p(0.75), log1p(1.25), log1p(1.5), log1p(1.75)])
    assert column(out, "recurrence") == pytest.approx([log1p(3)] * 4)


def test_only_what_the_first_forest_does_not_rule_out_is_looked_for_elsewhere() -> None:
    v = view("家国家国人国", load_default())
    given = made(*[(4, 1, "家", SUBSTITUTE)] * 3)
    opinion = np.array([0.02, 0.021, 0.5])
    out = RATES.columns(v, given, opinion, NONE[:3])
    assert column(out, "word_elsewhere") == pytest.approx([0.0, log1p(1), log1p(1)])
    np.testing.assert_array_equal(out[1:, -len(ELSEWHERE) :], elsewhere(v, given, opinion)[1:])


def test_the_rates_stand_in_every_row() -> None:
    v = view("加快解决", load_default())
    out = RATES.columns(v, made((0, 1, "国", SUBSTITUTE), (1, 1, "", DELETE)), np.array([0.5, 0.25]), NONE[:2])
    for name, rate in (("error_rate", 0.02), ("mark_rate", 0.01), ("noise_rate", 0.001), ("loss_rate", 0.002)):
        assert column(out, name) == pytest.approx([log(rate)] * 2)


def test_with_a_fixed_rate_nothing_else_of_the_document_counts() -> None:
    v, same = view("人人人人", load_default()), [(n, 1, "国", SUBSTITUTE) for n in range(4)]
    fixed = Estimates.fixed(0.02)
    assert (fixed.error_rate, fixed.mark_rate, fixed.noise_rate, fixed.loss_rate) == pytest.approx(
        (0.02, 0.006, 0.0016, 0.002)
    )
    assert not fixed.recurring
    out = fixed.columns(v, made(*same), np.full(4, 0.5), NONE)
    for name in ("support", "support_share", "recurrence", *ELSEWHERE):
        assert column(out, name) == [0.0] * 4
    assert column(out, "first_opinion") == [0.5] * 4
    assert Estimates.fixed(0.0).error_rate == pytest.approx(5e-7)
    assert Estimates.fixed(1e-6).error_rate == pytest.approx(1e-6)


def test_rates_count_opinions_that_are_no_doubts() -> None:
    """Half an error in 500 clean characters stands before every document."""
    v = view("国" * 100, load_default())
    others = (3, 1, "人", SUBSTITUTE), (5, 0, "。", INSERT), (7, 1, "，", SUBSTITUTE)
    p = made((0, 1, "", DELETE), *others, (9, 1, "", DELETE))
    opinion = np.array([0.9, 0.8, 0.7, 0.6, 0.3])
    marks, lean = np.array([False, False, True, True, False]), np.array([1.0, 0.0, -0.5, 0.25, 9.0], dtype=np.float32)
    rates = estimate(v, p, marks, opinion, lean)
    assert rates.error_rate == pytest.approx((0.9 + 0.8 + 0.7 + 0.6 + 0.5) / 600)
    assert rates.mark_rate == pytest.approx((0.7 + 0.6 + 0.5) / 600)
    assert rates.noise_rate == pytest.approx((0.9 + 0.5) / 600)
    assert rates.loss_rate == pytest.approx((0.7 + 0.5) / 600)
    assert rates.engine == pytest.approx(0.9 - 0.5 * 0.7 + 0.25 * 0.6)
    assert rates.recurring
    known = estimate(v, p, marks, opinion, lean, known=3)
    assert known.error_rate == pytest.approx((0.9 + 0.8 + 0.7 + 0.6 + 3.5) / 600)
    assert (known.mark_rate, known.noise_rate) == (rates.mark_rate, rates.noise_rate)


def test_a_confusion_of_the_engine_that_read_the_document_is_likelier() -> None:
    v, lean = view("人人人", load_default()), np.array([log(3), -log(3), 0.0], dtype=np.float32)
    p, opinion = made(*[(n, 1, "国", SUBSTITUTE) for n in range(3)]), np.full(3, 0.5)
    for odds, tesseract in ((0.0, 0.5), (log(4), 0.8), (-log(4), 0.2)):
        out = replace(RATES, engine=odds).columns(v, p, opinion, lean)
        assert column(out, "engine") == pytest.approx([odds] * 3)
        shares = [tesseract * one + (1 - tesseract) * other for one, other in ((1.5, 0.5), (0.5, 1.5), (1.0, 1.0))]
        assert column(out, "profile") == pytest.approx([log(share) for share in shares], abs=1e-6)


def test_the_engine_is_never_certain() -> None:
    v, p = view("国" * 100, load_default()), made(*[(n, 1, "人", SUBSTITUTE) for n in range(50)])
    for lean in (0.5, -0.5):
        rates = estimate(v, p, np.zeros(50, dtype=bool), np.ones(50), np.full(50, lean, dtype=np.float32))
        assert rates.engine == 10 * lean
