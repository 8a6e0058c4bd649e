"""Reconciling: OCR repaired from the authority, edits kept and reported, the setting brought to the authority's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment.folding import skeleton
from textfix.errors import NothingInCommonError
from textfix.reconciler import Reconciliation, reconcile
from textfix.text.codepoints import decode, encode

NOTICE = (
    "一、实施范围\n\n资源型地区主要包括资源型城市、采煤沉陷区和独立工矿区，共涉及22个区县。\n\n"
    "二、总体要求\n\n坚持“两点”定位，科学把握矿产资源不可再生的自然规律，有效整合各类生产要素。\n"
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def content(text: str) -> str:
    return decode(skeleton(encode(text))[0])


@pytest.fixture(scope="module")
def extract(seed: Path) -> str:
    return (seed / "garbled-extract.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def notice(seed: Path) -> str:
    return (seed / "authoritative-notice.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def result(extract: str, notice: str) -> Reconciliation:
    return reconcile(extract, notice)


def test_ten_of_ten_errors_are_repaired_and_nothing_else_changes(
    result: Reconciliation, extract: str, seed: Path
) -> None:
    expected = extract
    errors = rows(seed / "ocr-errors.tsv")
    for row in reversed(errors):
        assert expected[int(row["start"]) : int(row["end"])] == row["observed"]
        expected = expected[: int(row["start"])] + row["intended"] + expected[int(row["end"]) :]
    assert len(errors) == 10
    quotes = str.maketrans("", "", "\"'")  # quotes that the extract lost come back, too
    assert content(result.text).translate(quotes) == content(expected).translate(quotes)
    assert len([d for d in result.differences if d.ocr]) == 10


def test_every_editorial_row_is_reported_under_its_kind(result: Reconciliation, seed: Path) -> None:
    reported = {(d.start, d.kind): d for d in result.editorial}
    for row in rows(seed / "editorial-differences.tsv"):
        start = int(row["start"])
        found = [d for (at, kind), d in reported.items() if kind == row["kind"] and abs(at - start) <= 1]
        assert found, row
        assert any(row["notice"] in d.intended or d.intended in row["notice"] for d in found), row
    assert {d.kind for d in result.numbers} == {"number"}
    assert [(d.observed, d.intended) for d in result.numbers] == [
        ("22", "21"),
        ("260", "297.72"),
        ("45", "59"),
        ("140", "164.69"),
        ("120", "133.03"),
        ("32", "35.6"),
        ("10", "19"),
    ]


def test_few_difference_blocks(result: Reconciliation) -> None:
    assert len(result.alignment.content) <= 80
    assert result.alignment.complete


def test_the_setting_is_the_notices(result: Reconciliation) -> None:
    assert "坚持“两点”定位、“两地”“两高”目标，发挥“三个作用”" in result.text
    assert '"' not in result.text
    assert "共涉及22个区县。\n\n资源型城市是" in result.text
    assert "实施范围\n\n资源型地区主要包括" in result.text
    assert "能源互联网。\n\n坚持创新引领" in result.text


def test_reconciling_again_changes_nothing(result: Reconciliation, notice: str) -> None:
    assert reconcile(result.text, notice).text == result.text


def test_edits_lead_from_the_extract_to_the_text(result: Reconciliation, extract: str) -> None:
    assert result.edits.apply(extract) == result.text
    assert result.edits.inverse().apply(result.text) == extract


def test_report_as_json_and_as_text(result: Reconciliation) -> None:
    data = json.loads(json.dumps(result.to_dict(), ensure_ascii=False))
    assert data["text"] == result.text
    assert sum(data["summary"]["kept"].values()) == len(data["editorial"]) == len(result.editorial)
    assert data["summary"]["repaired"] == {"shift": 4, "split": 3, "glyph": 2, "drop": 1}
    report = result.report()
    assert report.startswith("10 OCR errors repaired, ")
    assert "Numbers that differ: check each (7)" in report
    assert "[260 → 297.72]" in report
    assert all(len(line) < 200 for line in report.splitlines())


def test_an_exact_copy_and_an_exact_extract_come_back(notice: str) -> None:
    assert reconcile(NOTICE, NOTICE).text == NOTICE
    assert reconcile(notice, notice).edits == reconcile(NOTICE, NOTICE).edits
    part = NOTICE[8:60]
    assert reconcile(part, NOTICE).text == part


@pytest.mark.parametrize(
    ("extract", "expected"),
    [
        (
            "资源型地区主要包括资源型\n城市、采煤沉陷区和独立工矿区,共\n涉及22 个区县。",
            "资源型地区主要包括资源型城市、采煤沉陷区和独立工矿区，共涉及22个区县。",
        ),
        ("资源型地区主要包括资源型城市，共涉及18个区县。", "资源型地区主要包括资源型城市，共涉及18个区县。"),
        (
            '共涉及22个区县。 总体要求坚持"两点"定位，科学把握矿产',
            "共涉及22个区县。\n\n总体要求\n\n坚持“两点”定位，科学把握矿产",
        ),
        ("资源型地区主要包括贷源型城市、采煤沉陷区", "资源型地区主要包括资源型城市、采煤沉陷区"),
        ("资源型地区主要包括资源型城市、采煤沉陷区等", "资源型地区主要包括资源型城市、采煤沉陷区等"),
    ],
    ids=["line breaks and widths", "cut and number", "cut over paragraphs", "misread", "added"],
)
def test_extracts(extract: str, expected: str) -> None:
    assert reconcile(extract, NOTICE).text == expected


@pytest.mark.parametrize("extract", ["", " \n\u3000"])
def test_blank_extracts_come_back(extract: str) -> None:
    assert reconcile(extract, NOTICE).text == extract


@pytest.mark.parametrize("authority", ["", "人民法院审理互联网案件适用法律若干问题的规定，自发布之日起施行。" * 3])
def test_nothing_in_common(authority: str, extract: str) -> None:
    with pytest.raises(NothingInCommonError, match="right document") as caught:
        reconcile(extract, authority)
    assert "\n" not in str(caught.value)


@given(st.text(st.sampled_from("22 1９个区县资贷,，。“\"\n"), max_size=10), st.integers(0, len(NOTICE)))
def test_people_keep_their_words_and_numbers(added: str, at: int) -> None:
    extract = NOTICE[:at] + added + NOTICE[at:]
    result = reconcile(extract, NOTICE)
    assert result.edits.apply(extract) == result.text

    def digits(text: str) -> str:
        return "".join(c for c in content(text) if c.isdigit())

    assert digits(result.text) == digits(extract)
    for d in result.editorial:
        assert content(d.observed) in content(result.text)
