"""Error rates: the plain one against the exact edit distance, OCR's own against the seed pair's gold annotation."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import Alignment, ErrorRates, align
from textfix.reconciler import reconcile
from textfix.text.content import BLANK, content

TEXT = st.text("一二三歼矸石山，,。 \n12", max_size=40)


def slow_distance(x: str, y: str) -> int:
    row = list(range(len(y) + 1))
    for i, a in enumerate(x, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(y, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


@pytest.fixture(scope="module")
def pair(seed: Path) -> Alignment:
    return align(
        (seed / "garbled-extract.txt").read_text("utf-8"), (seed / "authoritative-notice.txt").read_text("utf-8")
    )


def test_content_leaves_out_the_setting_alone() -> None:
    assert content("涉及 22\u3000个区县，（见“附件”）\n") == '涉及22个区县,(见"附件")'
    assert {c for c in map(chr, range(0x110000)) if re.match(r"[\s\u200b\ufeff]", c)} == set(BLANK)
    assert content("。、０Ａ《》") == "。、０Ａ《》"


@given(TEXT, TEXT)
def test_the_plain_rate_is_the_edit_distance_of_the_alignment(a: str, b: str) -> None:
    alignment = align(a, b)
    rates = alignment.error_rates()
    operations = sum(slow_distance(content(d.observed), content(d.intended)) for d in alignment.differences)
    assert rates.errors == operations >= slow_distance(content(a), content(b))
    assert rates.characters == len(content(b))
    assert 0 <= rates.ocr_characters <= rates.characters or alignment.moves
    assert rates.ocr_errors <= rates.errors or alignment.moves


@given(TEXT)
def test_a_text_has_no_errors_beside_itself(text: str) -> None:
    rates = align(text, text).error_rates()
    size = len(content(text))
    assert rates == ErrorRates(0, size, 0, size)
    assert rates.plain == rates.ocr == (0 if size else None)


def test_the_seed_pair(pair: Alignment, seed: Path) -> None:
    """Peers report 0.702. OCR's rate counts the ten annotated errors, over what the extract has of the notice."""
    rates = pair.error_rates()
    assert rates.plain == pytest.approx(0.702, abs=0.001)
    with (seed / "ocr-errors.tsv").open(encoding="utf-8", newline="") as stream:
        gold = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    exact = sum(slow_distance(content(row["observed"]), content(row["intended"])) for row in gold)
    assert rates.ocr_errors == exact
    kept = len(content(pair.b)) - sum(len(content(d.intended)) for d in pair.differences if d.editorial)
    assert rates.ocr_characters == kept
    assert kept == pytest.approx(len(content(pair.a)), rel=0.02)  # hardly anything was added to the extract


def test_cuts_weigh_on_the_plain_rate_alone(seed: Path) -> None:
    notice = (seed / "authoritative-notice.txt").read_text("utf-8")
    paragraphs = [p for p in notice.split("\n") if len(p) > 80][:6]
    whole = "\n".join(paragraphs)
    read = whole.replace("资源", "贷源", 3)
    cut = "\n".join([*paragraphs[:3], *paragraphs[4:]]).replace("资源", "贷源", 3)
    before, after = align(read, whole).error_rates(), align(cut, whole).error_rates()
    assert before.errors == before.ocr_errors == after.ocr_errors == 3
    assert after.errors == 3 + len(content(paragraphs[3]))
    assert after.ocr_characters == before.ocr_characters - len(content(paragraphs[3]))
    assert before.plain == before.ocr


def test_a_moved_passage_is_no_error_of_ocr(seed: Path) -> None:
    notice = (seed / "authoritative-notice.txt").read_text("utf-8")
    paragraphs = [p for p in notice.split("\n") if len(p) > 80][:6]
    moved = "\n".join([*paragraphs[:2], *paragraphs[3:], paragraphs[2].replace("资源", "贷源", 1)])
    alignment = align(moved, "\n".join(paragraphs))
    assert len(alignment.moves) == 1
    rates = alignment.error_rates()
    assert (rates.ocr_errors, rates.ocr_characters) == (1, rates.characters)


def test_rates_add_up_and_are_reported(pair: Alignment) -> None:
    rates = pair.error_rates()
    twice = rates + rates
    assert (twice.plain, twice.ocr) == (rates.plain, rates.ocr)
    assert twice.errors == 2 * rates.errors
    assert pair.to_dict()["error_rates"] == rates.to_dict()
    assert rates.to_dict()["ocr_only"]["rate"] == pytest.approx(rates.ocr, abs=1e-6)
    result = reconcile(pair.a, pair.b)
    assert result.to_dict()["error_rates"] == rates.to_dict()
    assert rates.summary() in result.report()


def test_without_a_denominator_there_is_no_rate() -> None:
    rates = align("多余", "").error_rates()
    assert rates.plain is rates.ocr is rates.to_dict()["plain"]["rate"] is None
    assert rates.errors == 2
    assert "undefined" in rates.summary()


def test_what_was_too_large_to_look_into_stays_cheap() -> None:
    a, b = "甲" * 40_000, "乙" * 50_000
    alignment = align(a, b)
    assert not alignment.complete
    assert alignment.error_rates().errors == 50_000
