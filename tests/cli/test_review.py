"""Review from end to end: a report, decisions, and what they do to later repairs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textfix.tables.confusable import Row, Table

from .conftest import Result
from .test_manners import CLEAN, DIRTY

Run = Callable[..., Result]

TEXT = "清理历史遗留的矸石山,完成各项重点彳壬务\n" + DIRTY


def items(report: Path) -> list[list[Any]]:
    html = report.read_text("utf-8")
    (text,) = re.findall(r'<script type="application/json" id="items">(.*?)</script>', html, re.DOTALL)
    found: list[list[Any]] = json.loads(text)
    return found


def decide(name: Path, rows: list[list[Any]], verdict: Callable[[list[Any]], str | None]) -> None:
    """What the page would download (`tests/review/test_page.py` has it from the page itself)."""
    said = [
        {"verdict": verdict(r), "scope": "here", "observed": r[4], "replacement": r[5], "kind": r[6], "contexts": r[11]}
        for r in rows
        if verdict(r)
    ]
    name.write_text(json.dumps({"format": "textfix.decisions", "version": 1, "decisions": said}), "utf-8")


def test_clean_report_decisions_and_table(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    plain = textfix("clean", "a.txt", "--report", "report.html")
    assert plain.out == TEXT.replace(",", "，").replace("彳壬", "任")
    rows = items(tmp_path / "report.html")
    assert sorted(row[4] for row in rows if row[3]) == [",", ",", "彳壬"]
    assert {tuple(row[1:3]) for row in rows if row[4] == ","} == {(1, 11), (2, 5)}

    decide(tmp_path / "d.json", rows, lambda row: "reject" if row[4] == "彳壬" or row[1] == 2 else "accept")
    (tmp_path / "other name.txt").write_text("另一段\n" + TEXT, "utf-8")
    expected = "另一段\n" + TEXT.partition("\n")[0].replace(",", "，") + "\n" + DIRTY
    assert textfix("clean", "other name.txt", "--decisions", "d.json").out == expected
    assert textfix("clean", "--decisions", "d.json", stdin=expected).out == expected
    assert textfix("clean", "-", "--decisions", "-", stdin=TEXT).failed_with("once")

    assert textfix("table", "apply", "d.json", "-o", "mine.tsv").err.startswith("1 pairs rejected, 0 counted, 2 ")
    table = Table.load(tmp_path / "mine.tsv")
    assert [(r.observed, r.intended, r.rejected) for r in table] == [("彳壬", "任", True)]
    (tmp_path / "learned.tsv").write_text(Table([Row("彳壬", "任", "split", 5, 5)]).dump(), "utf-8")
    assert textfix("table", "apply", "d.json", "learned.tsv", "-i").code == 0
    assert Table.load(tmp_path / "learned.tsv").find("彳壬")[0].rejected
    kept = TEXT.replace(",", "，")
    assert textfix("clean", "a.txt", "--table", "mine.tsv").out == kept
    for name in ("batch", "again"):  # a table is part of what the ledger knows
        done = textfix("batch", ".", "../out", "--table", "learned.tsv", "--jobs", "1")
        assert done.code == 0, name
    assert (tmp_path.parent / "out" / "a.txt").read_text("utf-8") == kept
    assert "0 files repaired" in done.err
    assert "2 files repaired" in textfix("batch", ".", "../out", "--jobs", "1").err
    assert (tmp_path.parent / "out" / "a.txt").read_text("utf-8") == plain.out
    assert textfix("table", "apply", "d.json", "-i").failed_with("--in-place")
    assert textfix("table", "apply", "a.txt").failed_with("a.txt", "not JSON")


def test_a_report_of_several_files_and_windows(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{DIRTY}\n\n" * 4, "utf-8")
    (tmp_path / "b.txt").write_bytes(b"\xff")
    result = textfix("clean", "-i", "a.txt", "b.txt", "--window", "10", "--report", "r.html")
    assert result.code == 2
    assert (tmp_path / "a.txt").read_text("utf-8") == f"{CLEAN}\n\n" * 4
    assert [row[:4] for row in items(tmp_path / "r.html")] == [[0, line, 5, 1] for line in (1, 4, 7, 10)]
    assert "<title>Review of a.txt</title>" in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.slow
def test_batch_report_and_decisions(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.txt").write_text(DIRTY, "utf-8")
    (tmp_path / "in" / "2.txt").write_text(TEXT, "utf-8")
    assert textfix("batch", "in", "out").code == 0
    assert textfix("batch", "in", "out", "--report", "r.html").err.startswith("0 files to do, 2 up to date")
    rows = items(tmp_path / "r.html")
    assert sorted(row[4] for row in rows if row[3]) == [",", ",", ",", "彳壬"]
    decide(tmp_path / "d.json", rows, lambda row: "reject" if row[4] == "," and row[1:3] == [1, 5] else None)
    result = textfix("batch", "in", "out", "--decisions", "d.json", "--report", "r.html")
    assert result.err.startswith("2 files to do")
    assert (tmp_path / "out" / "1.txt").read_text("utf-8") == DIRTY
    assert (tmp_path / "out" / "2.txt").read_text("utf-8").endswith(DIRTY)  # the same place in another file
    assert sorted(row[4] for row in items(tmp_path / "r.html") if row[3]) == [",", "彳壬"]


@pytest.mark.parametrize("name", ["no/such/folder.html", "."])
def test_a_report_that_cannot_be_written(textfix: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_text(DIRTY, "utf-8")
    assert textfix("clean", "-i", "a.txt", "--report", name).failed_with(name)
    assert (tmp_path / "a.txt").read_text("utf-8") == DIRTY
