"""`textfix table` through real processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from textfix.tables.confusable import Row, Table

from .conftest import Result

Run = Callable[..., Result]

A = Table([Row("歼", "矸", "glyph", 3, 2, "", "、{歼→矸}石山"), Row("彳壬", "任", "split")], ["a"], ["test"])
B = Table([Row("歼", "矸", "glyph", 1, 1), Row("扌L ", "扎", "split", 2, 1)], ["b"], ["test"])


@pytest.fixture(autouse=True)
def tables(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(A.dump(), "utf-8")
    (tmp_path / "b.tsv").write_text(B.dump(), "utf-8")


def test_merge_is_the_library_merge(textfix: Run, tmp_path: Path) -> None:
    assert textfix("table", "merge", "a.tsv", "b.tsv") == Result(0, A.merge(B).dump().encode(), "")
    assert textfix("table", "merge", "b.tsv", "-", stdin=A.dump()).out == A.merge(B).dump()
    assert textfix("table", "merge", "a.tsv", "b.tsv", "-o", "a.tsv").code == 0
    assert Table.load(tmp_path / "a.tsv") == A.merge(B)


def test_a_rejected_row_stays_rejected(textfix: Run, tmp_path: Path) -> None:
    assert textfix("table", "reject", "-i", "a.tsv", "歼", "矸").code == 0
    merged = Table.parse(textfix("table", "merge", "b.tsv", "a.tsv").out)
    (row,) = merged.find("歼")
    assert (row.rejected, row.count) == (True, 4)
    assert textfix("table", "reject", "a.tsv", "城", "渝").failed_with("城", "渝")
    assert textfix("table", "reject", "-i", "a.tsv", "歼", "矸", "-o", "x").failed_with("--in-place")
    assert Table.load(tmp_path / "a.tsv").find("歼")[0].rejected


def test_show(textfix: Run) -> None:
    result = textfix("table", "show", "b.tsv")
    assert [line.split("\t")[:4] for line in result.out.splitlines()] == [
        ["observed", "intended", "kind", "count"],
        ["扌L\\u0020", "扎", "split", "2"],
        ["歼", "矸", "glyph", "1"],
    ]
    assert result.err == "2 rows, 0 rejected, seen 3 times\n"
    assert textfix("table", "show", "a.tsv", "任").out.splitlines()[1:] == ["彳壬\t任\tsplit\t1\t1\t\t"]
    assert textfix("table", "show", "a.tsv", "--kind", "glyph").out.count("\n") == 2
    assert textfix("table", "show", "a.tsv", "--rejected").out.count("\n") == 1
    by_count = textfix("table", "show", "--by-count", "a.tsv").out.splitlines()
    assert [line.split("\t")[0] for line in by_count[1:]] == ["歼", "彳壬"]


def test_check(textfix: Run, tmp_path: Path) -> None:
    assert textfix("table", "check", "a.tsv", "b.tsv") == Result(0, b"", "")
    lines = B.dump().splitlines(keepends=True)
    (tmp_path / "unsorted.tsv").write_text("".join([*lines[:-2], lines[-1], lines[-2]]), "utf-8")
    result = textfix("table", "check", "a.tsv", "unsorted.tsv")
    assert (result.code, result.raw) == (1, b"")
    assert result.err.startswith("unsorted.tsv: ")
    (tmp_path / "bad.tsv").write_text(A.dump().replace("\t3\t", "\tthree\t"), "utf-8")
    result = textfix("table", "check", "bad.tsv", "unsorted.tsv")
    assert result.code == 2
    assert "bad.tsv:6" in result.err
    assert result.err.count("\n") == 2


@pytest.mark.parametrize("content", [b"", b"observed\tintended\n", b"\xff\xfe", b"\0", "歼\t矸\n".encode()])
@pytest.mark.parametrize("verb", ["show", "merge"])
def test_what_is_no_table(textfix: Run, tmp_path: Path, verb: str, content: bytes) -> None:
    (tmp_path / "x.tsv").write_bytes(content)
    assert textfix("table", verb, "x.tsv").failed_with("x.tsv")
