"""Scan formats and PDF through ``textfix clean``: the same format out, on every way in and out."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Result

Textfix = Callable[..., Result]
DATA = Path(__file__).parent.parent / "formats" / "data"
SCANS = ("scan.alto.xml", "scan.hocr", "scan.page.xml")


@pytest.mark.parametrize("name", SCANS)
def test_the_same_format_comes_out(textfix: Textfix, tmp_path: Path, name: str) -> None:
    done = textfix("clean", DATA / name)
    assert (done.code, done.err) == (0, "")
    assert "请" in done.out
    assert "请" not in (DATA / name).read_text("utf-8")
    assert re.search(r"OCR errors repaired: \d+ edits in \d+ words", done.out)
    ET.fromstring(done.raw)
    assert textfix("clean", stdin=(DATA / name).read_bytes()).raw == done.raw
    copy = tmp_path / name
    copy.write_bytes((DATA / name).read_bytes())
    assert textfix("clean", "-i", copy).code == 0
    assert copy.read_bytes() == done.raw
    assert textfix("clean", "--check", copy).code == 0


def test_nothing_is_recorded_if_one_says_so(textfix: Textfix) -> None:
    data = (DATA / "scan.hocr").read_bytes()
    out = textfix("clean", "--no-record", DATA / "scan.hocr").raw
    assert out != data
    assert out.count(b"<") == data.count(b"<")


def test_a_journal_repeats_and_undoes_it(textfix: Textfix, tmp_path: Path) -> None:
    name = "scan.page.xml"
    (tmp_path / name).write_bytes((DATA / name).read_bytes())
    out = textfix("clean", "--edits", "journal", name)
    assert textfix("clean", "--replay", "journal", name).raw == out.raw
    (tmp_path / name).write_bytes(out.raw)
    assert textfix("clean", "--undo", "journal", name).raw == (DATA / name).read_bytes()


def test_what_is_shown_is_the_text(textfix: Textfix) -> None:
    done = textfix("clean", "--json", DATA / "scan.alto.xml")
    row = json.loads(done.raw)
    assert "印发给你们，请认真组织\n" in row["text"]
    assert row["text"].endswith("\n\n重庆市财政局")
    assert row["report"]["format"] == "alto"
    diff = textfix("clean", "--diff", DATA / "scan.alto.xml").out
    assert "\n-门:\n+门：\n" in diff
    assert textfix("clean", "--check", DATA / "scan.alto.xml").code == 1


def test_a_document_is_text_if_one_says_so(textfix: Textfix) -> None:
    done = textfix("clean", "--input-format", "text", "--only", "width", stdin="<alto>通知,请</alto>")
    assert done.out == "<alto>通知，请</alto>"
    textfix("clean", "--input-format", "page", DATA / "scan.alto.xml").failed_with("scan.alto.xml: is not PAGE XML")
    textfix("clean", stdin="<alto>通知,请</b>").failed_with("<stdin>: line 1, column", "not XML (mismatched tag)")
    assert textfix("clean", "--only", "width", stdin="<p>通知,请</p>").out == "<p>通知，请</p>"


def test_pdf_comes_out_as_text(textfix: Textfix, tmp_path: Path) -> None:
    data = (DATA / "radicals.pdf").read_bytes()
    done = textfix("clean", DATA / "radicals.pdf")
    assert (done.code, done.err) == (0, "")
    assert done.out == "推进重庆市资源型地区高质量发展，加强生态环境保护，\n全面落实各项重点任务。人民政府\n"
    assert textfix("clean", "-", stdin=data).raw == done.raw
    copy = tmp_path / "a.pdf"
    copy.write_bytes(data)
    textfix("clean", "-i", copy).failed_with("a.pdf: a PDF is only read; write its text to another file with -o")
    assert copy.read_bytes() == data
