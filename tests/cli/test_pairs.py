"""`textfix reconcile`, `align` and `learn` through real processes: what goes where, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from textfix.edits import Edit, Edits
from textfix.tables.confusable import Table

from .conftest import Result

Run = Callable[..., Result]

#: An extract with one misread glyph, a half-width comma, a changed number and an omission; and its authority.
EXTRACT = "加快解决工矿废弃地、歼石山、尾矿库等历史遗留问题,涉及22个区县。推进资源型地区高质量发展。\n"
NOTICE = "加快解决工矿废弃地、矸石山、尾矿库等历史遗留问题，涉及21个区县。推进重庆市资源型地区高质量发展。\n"
REPAIRED = "加快解决工矿废弃地、矸石山、尾矿库等历史遗留问题，涉及22个区县。推进资源型地区高质量发展。\n"


@pytest.fixture(autouse=True)
def pair(tmp_path: Path) -> None:
    (tmp_path / "extract").write_text(EXTRACT, "utf-8")
    (tmp_path / "notice").write_text(NOTICE, "utf-8")


def test_reconcile_repairs_what_ocr_did(textfix: Run) -> None:
    result = textfix("reconcile", "extract", "--against", "notice")
    assert (result.code, result.out) == (0, REPAIRED)
    assert result.err.count("\n") == 1  # the summary
    assert textfix("reconcile", "-", "--against", "notice", stdin=EXTRACT) == result
    assert textfix("reconcile", "extract", "--against", "-", stdin=NOTICE) == result


def test_reconcile_reports_what_people_did(textfix: Run, tmp_path: Path) -> None:
    assert textfix("reconcile", "extract", "--against", "notice", "--report", "r.txt", "-o", "out").raw == b""
    assert (tmp_path / "out").read_text("utf-8") == REPAIRED
    report = (tmp_path / "r.txt").read_text("utf-8")
    for word in ("歼", "矸", "22", "21", "重庆市", "number", "omission"):
        assert word in report
    assert textfix("reconcile", "extract", "--against", "notice", "--report", "r.json").out == REPAIRED
    row = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert (row["format"], row["version"]) == ("textfix.reconciliation", 1)
    assert (row["extract"], row["authority"], row["text"]) == ("extract", "notice", REPAIRED)
    assert Edits(Edit.from_dict(e) for e in row["edits"]).apply(EXTRACT) == REPAIRED
    assert {d["kind"] for d in row["editorial"]} == {"number", "omission"}


def test_reconcile_json_on_standard_output(textfix: Run, tmp_path: Path) -> None:
    result = textfix("reconcile", "extract", "--against", "notice", "--json")
    assert json.loads(result.out)["text"] == REPAIRED
    both = textfix("reconcile", "extract", "--against", "notice", "--json", "-o", "out")
    assert both == result
    assert (tmp_path / "out").read_text("utf-8") == REPAIRED


@pytest.mark.parametrize(
    ("kinds", "code"),
    [("number", 1), ("substitution", 0), ("move,omission", 1), ("ocr", 1), ("shift,merge", 0), ("editorial", 1)],
)
def test_fail_on_is_a_question(textfix: Run, kinds: str, code: int) -> None:
    result = textfix("reconcile", "extract", "--against", "notice", "--fail-on", kinds)
    assert (result.code, result.out) == (code, REPAIRED)


def test_line_ends_and_marks_are_the_extracts(textfix: Run, tmp_path: Path) -> None:
    extract = ("\ufeff" + EXTRACT * 2).replace("\n", "\r\n")
    repaired = ("\ufeff" + REPAIRED * 2).replace("\n", "\r\n")
    (tmp_path / "notice").write_text(NOTICE * 2, "utf-8")
    assert textfix("reconcile", "-", "--against", "notice", stdin=extract).raw == repaired.encode()
    (tmp_path / "notice").write_bytes(("\ufeff" + NOTICE * 2).replace("\n", "\r\n").encode())
    assert textfix("reconcile", "-", "--against", "notice", stdin=EXTRACT * 2).out == REPAIRED * 2


def test_encodings_are_found_out_where_one_asks(textfix: Run, tmp_path: Path, seed: Path) -> None:
    extract = (seed / "garbled-extract.txt").read_text("utf-8")
    (tmp_path / "gb").write_bytes(extract.encode("gb18030"))
    notice = str(seed / "authoritative-notice.txt")
    result = textfix("reconcile", "gb", "--against", notice, "--encoding", "auto")
    assert "矸石山" in result.raw.decode("gb18030")
    said = result.err.splitlines()
    assert said[0].startswith("textfix: gb: taken as gb18030 (likely, ")
    assert said[1].startswith(f"textfix: {notice}: taken as utf-8 (certain, ")
    assert textfix("align", "gb", notice, "--encoding", "auto", "--only", "split").err.endswith("(3 split)\n")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["reconcile", "extract"], ["--against"]),
        (["reconcile", "extract", "--against", "missing"], ["missing"]),
        (["reconcile", "-", "--against", "-"], ["once"]),
        (["reconcile", "-", "--against", "notice"], ["<stdin>", "empty"]),
        (["reconcile", "extract", "--against", "empty"], ["empty", "is empty"]),
        (["reconcile", "other", "--against", "notice", "-o", "out"], ["in common"]),
        (["reconcile", "extract", "--against", "nul"], ["nul", "NUL"]),
        (["reconcile", "extract", "--against", "notice", "--fail-on", "typo"], ["typo"]),
        (["reconcile", "extract", "--against", "notice", "-o", "out", "--report", "out"], ["same file"]),
        (["reconcile", "extract", "--against", "notice", "-o", "out", "--report", "no/r"], ["no/r"]),
        (["align", "extract"], ["B"]),
        (["align", "extract", "notice", "--format", "doc"], ["doc"]),
        (["align", "extract", "empty"], ["is empty"]),
        (["learn"], ["pairs"]),
        (["learn", "extract"], ["pairs"]),
        (["learn", "extract", "empty"], ["is empty"]),
        (["learn", "--pairs", "missing"], ["missing"]),
        (["learn", "--pairs", "."], [".ocr.txt"]),
        (["learn", "extract", "notice", "-o", "notice"], ["notice", "table"]),
    ],
)
def test_bad_input_is_one_line(textfix: Run, tmp_path: Path, args: list[str], words: list[str]) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "nul").write_bytes(b"a\0b")
    (tmp_path / "other").write_text("The quick brown fox jumps over the lazy dog.\n" * 3, "utf-8")
    before = sorted(p.name for p in tmp_path.iterdir())
    assert textfix(*args).failed_with(*words)
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert (tmp_path / "notice").read_text("utf-8") == NOTICE


def test_align_tsv_and_json_agree(textfix: Run) -> None:
    head, *lines = textfix("align", "extract", "notice").out.splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    data = json.loads(textfix("align", "extract", "notice", "--format", "json").out)
    assert data["format"] == "textfix.alignment"
    assert [(int(r["start"]), r["kind"], r["intended"]) for r in rows] == [
        (d["start"], d["kind"], d["intended"]) for d in data["differences"]
    ]
    assert [r["kind"] for r in rows] == ["glyph", "width", "number", "omission"]
    for row in rows:
        assert EXTRACT[int(row["start"]) : int(row["end"])] == row["observed"]
        assert NOTICE[int(row["other_start"]) : int(row["other_end"])] == row["intended"]


def test_equal_texts_have_no_differences(textfix: Run) -> None:
    result = textfix("align", "notice", "-", stdin=NOTICE)
    assert result.out.count("\n") == 1
    assert result.err == "0 differences\n"


def test_learn(textfix: Run, tmp_path: Path) -> None:
    result = textfix("learn", "extract", "notice")
    (row,) = Table.parse(result.out)
    assert (row.observed, row.intended, row.kind, row.count) == ("歼", "矸", "glyph", 1)
    folder = tmp_path / "pairs"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.ocr.txt").write_text(EXTRACT, "utf-8")
        (folder / f"{n}.gt.txt").write_text(NOTICE, "utf-8")
    (folder / "lonely.ocr.txt").write_text(EXTRACT, "utf-8")
    table = Table.parse(textfix("learn", "--pairs", "pairs", "extract", "notice").out)
    assert [(r.observed, r.count, r.documents) for r in table] == [("歼", 4, 4)]
    assert table.sources == ("0", "1", "2", "extract")
    assert textfix("table", "check", "-", stdin=result.out).code == 0


def test_a_rejected_row_survives_relearning(textfix: Run, tmp_path: Path) -> None:
    assert textfix("learn", "extract", "notice", "-o", "t.tsv").raw == b""
    assert textfix("table", "reject", "-i", "t.tsv", "歼", "矸").code == 0
    assert textfix("learn", "extract", "notice", "-o", "t.tsv").code == 0
    (row,) = Table.load(tmp_path / "t.tsv")
    assert (row.rejected, row.count) == (True, 1)
    # Even where it is not seen this time.
    assert textfix("learn", "notice", "notice", "-o", "t.tsv").code == 0
    (row,) = Table.load(tmp_path / "t.tsv")
    assert (row.rejected, row.count) == (True, 0)


def test_align_counts_errors_with_and_without_what_people_did(textfix: Run) -> None:
    rates = json.loads(textfix("align", "extract", "notice", "--format", "json").out)["error_rates"]
    size = len("".join(NOTICE.split()))
    assert rates["plain"] == {"rate": round(5 / size, 6), "errors": 5, "characters": size}  # 歼, 22, 重庆市
    assert rates["ocr_only"] == {"rate": round(1 / (size - 5), 6), "errors": 1, "characters": size - 5}


def test_align_as_a_diff_to_read(textfix: Run) -> None:
    result = textfix("align", "extract", "notice", "--format", "diff", "--only", "content")
    head, other, hunk, line = result.out.splitlines()
    assert (head, other) == ("--- extract", "+++ notice")
    end, other_end = EXTRACT.index("资源型"), NOTICE.index("资源型")
    assert hunk == f"@@ 10:{end} 10:{other_end} @@ glyph, number, omission"
    marked = EXTRACT.replace("歼", "[-歼-]{+矸+}").replace("22", "[-22-]{+21+}").replace("进资", "进{+重庆市+}资")
    assert line == " " + marked.replace("\n", "↵")
    assert result.err == "3 differences (1 glyph, 1 number, 1 omission)\n"
    assert textfix("align", "notice", "notice", "--format", "diff").raw == b""


def test_align_only_some_kinds(textfix: Run) -> None:
    tsv = textfix("align", "extract", "notice", "--only", "number,ocr").out
    assert [line.split("\t")[4] for line in tsv.splitlines()[1:]] == ["glyph", "number"]
    data = json.loads(textfix("align", "extract", "notice", "--only", "editorial", "--format", "json").out)
    assert [d["kind"] for d in data["differences"]] == ["number", "omission"]
    assert data["counts"]["glyph"] == 1
    assert textfix("align", "extract", "notice", "--only", "typo").failed_with("typo")


def test_align_as_a_page(textfix: Run, tmp_path: Path) -> None:
    assert textfix("align", "extract", "notice", "--format", "html", "-o", "page.html").raw == b""
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "default-src 'none'" in page
    assert textfix("align", "extract", "notice", "--format", "html").out == page
    assert textfix("align", "extract", "notice", "--format", "html", "-o", "no/page.html").failed_with("no/page.html")
