"""`textfix reconcile` on folders: sources found, the tree mirrored, reports, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from textfix.tables.confusable import Table

from .conftest import Result

Run = Callable[..., Result]

OTHER = """关于加强农村饮水安全工作的通知
各乡镇人民政府要把饮水安全摆在突出位置，逐村排查水源、水量、水质和管网情况，建立台账，限期整改。
千吨万人供水工程应当划定水源保护区，设立界碑，安装监测设备，每季度公布一次检测结果。
冬季要做好管道防冻，备足应急水源和送水车辆，确保群众用水不断、质量不降。
水费收入和财政补助资金实行专账管理，任何单位和个人不得截留、挤占、挪用，审计机关每年检查一次。
"""


@pytest.fixture
def folders(tmp_path: Path, seed: Path) -> tuple[Path, Path]:
    """Scans of the notice, of another document, of both, and of none; the authorities."""
    extract = (seed / "garbled-extract.txt").read_bytes()
    scans, authorities = tmp_path / "scans", tmp_path / "authorities"
    (scans / "1972" / "五月").mkdir(parents=True)
    (authorities / "市").mkdir(parents=True)
    (authorities / "notice.txt").write_bytes((seed / "authoritative-notice.txt").read_bytes())
    (authorities / "市" / "水.txt").write_text(OTHER, "utf-8")
    (scans / "1972" / "五月" / "extract.txt").write_bytes(extract)
    (scans / "water.txt").write_bytes(b"\xef\xbb\xbf" + OTHER.replace("界碑", "界啤").replace("\n", "\r\n").encode())
    half = "\n".join(extract.decode().split("\n")[:14]) + "\n"
    (scans / "both.txt").write_text(half + OTHER.replace("台账", "合账"), "utf-8")
    (scans / "none.txt").write_text("今日天气晴转多云，最高气温二十六度。" * 5, "utf-8")
    (scans / "empty.txt").write_bytes(b"")
    (scans / "page.png").write_bytes(b"\x89PNG")
    return scans, authorities


def test_scan_documents_are_no_texts(textfix: Run, folders: tuple[Path, Path], tmp_path: Path, root: Path) -> None:
    page = (root / "tests" / "formats" / "data" / "scan.alto.xml").read_bytes()
    (folders[0] / "page.xml").write_bytes(page)
    result = textfix("reconcile", "scans", "--against", "authorities", "-o", "out")
    assert result.code == 0
    assert "scans: 1 of ALTO" in result.err
    assert "page.xml" not in result.out
    assert not (tmp_path / "out" / "page.xml").exists()
    assert textfix("reconcile", "scans/page.xml", "--against", "authorities/notice.txt").failed_with("is ALTO XML")
    assert textfix("align", "-", "authorities/notice.txt", stdin=page).failed_with("<stdin>", "clean --json")


def test_a_tree_of_scans(textfix: Run, folders: tuple[Path, Path], tmp_path: Path, seed: Path) -> None:
    result = textfix("reconcile", "scans/", "--against", "authorities", "-o", "out", "--learn", "learned.tsv")
    assert result.code == 0, result.err
    rows = [line.split("\t") for line in result.out.splitlines()]
    assert [row[:2] for row in rows] == [
        ["scan", "sources"],
        ["1972/五月/extract.txt", "notice.txt"],
        ["both.txt", "notice.txt; 市/水.txt"],
        ["empty.txt", "-"],
        ["none.txt", "-"],
        ["water.txt", "市/水.txt"],
    ]
    assert result.err.count("\n") == 1
    assert "5 scans against 2 authorities: 3 matched, 2 without a source" in result.err

    scans, out = folders[0], tmp_path / "out"
    written = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    names = {row[0] for row in rows[1:]}
    assert written == names | {name + ".report.json" for name in names} | {"report.json"}
    for name in ("none.txt", "empty.txt"):
        assert (out / name).read_bytes() == (scans / name).read_bytes()
    assert (out / "water.txt").read_bytes() == b"\xef\xbb\xbf" + OTHER.replace("\n", "\r\n").encode()
    assert (out / "both.txt").read_text("utf-8").endswith(OTHER)

    alone = textfix("reconcile", seed / "garbled-extract.txt", "--against", seed / "authoritative-notice.txt").raw
    assert (out / "1972" / "五月" / "extract.txt").read_bytes() == alone
    table = Table.parse((tmp_path / "learned.tsv").read_text("utf-8"), "learned.tsv")
    assert ("合", "台", "glyph") in table
    assert ("啤", "碑", "glyph") in table
    assert ("歼", "矸", "glyph") in table
    assert table.sources == ("1972/五月/extract.txt", "both.txt", "water.txt")


def test_reports(textfix: Run, folders: tuple[Path, Path], tmp_path: Path) -> None:
    result = textfix("reconcile", "scans", "--against", "authorities", "--report", "told", "--json")
    whole = json.loads(result.out)
    assert json.loads((tmp_path / "told" / "report.json").read_bytes()) == whole
    assert (whole["format"], whole["version"]) == ("textfix.reconciliation.folder", 1)
    assert (whole["authorities"], whole["matched"], whole["unmatched"]) == (2, 3, ["empty.txt", "none.txt"])
    both = json.loads((tmp_path / "told" / "both.txt.report.json").read_bytes())
    assert [source["name"] for source in both["sources"]] == ["notice.txt", "市/水.txt"]
    assert [part["authority"] for part in both["parts"]] == ["notice.txt", "市/水.txt"]
    text = (folders[0] / "both.txt").read_text("utf-8")
    assert [both["parts"][0]["start"], both["parts"][1]["end"]] == [0, len(text)]
    texts = {name: (folders[1] / name).read_text("utf-8") for name in ("notice.txt", "市/水.txt")}
    assert both["editorial"]
    for d in both["editorial"]:
        assert texts[d["authority"]][d["other_start"] : d["other_end"]] == d["intended"]
        assert text[d["start"] : d["end"]] == d["observed"]
    assert "text" not in json.loads((tmp_path / "told" / "none.txt.report.json").read_bytes())


@pytest.mark.usefixtures("folders")
def test_one_scan_against_a_folder_and_kinds(textfix: Run) -> None:
    args = ("--against", "authorities", "--fail-on", "number")
    assert textfix("reconcile", "scans/1972/五月/extract.txt", *args).code == 1
    assert textfix("reconcile", "scans/water.txt", *args).code == 0


def test_a_bad_file_does_not_stop_the_others(textfix: Run, folders: tuple[Path, Path], tmp_path: Path) -> None:
    (folders[0] / "bad.txt").write_bytes(b"\xff\xfe\xfd")
    result = textfix("reconcile", "scans", "--against", "authorities", "-o", "out")
    assert result.code == 2
    assert "bad.txt: byte 0xff" in result.err
    assert (tmp_path / "out" / "water.txt").exists()
    assert not (tmp_path / "out" / "bad.txt").exists()
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    assert [item["file"] for item in report["failed"]] == ["bad.txt"]


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("scans", "--against", "authorities", "-o", "scans/out"), "lies in scans"),
        (("scans", "--against", "authorities", "--report", "authorities"), "lies in authorities"),
        (("scans", "--against", "scans/1972", "-o", "out"), "keep them apart"),
        (("scans", "--against", "authorities", "-o", "-"), "-o"),
        (("scans", "--against", "authorities", "-o", "scans/none.txt"), "folder"),
        (("scans", "--against", "missing", "-o", "out"), "missing"),
        (("authorities", "--against", "scans/empty", "-o", "out"), "no such"),
    ],
)
def test_what_is_refused(textfix: Run, args: tuple[str, ...], word: str) -> None:
    assert textfix("reconcile", *args).failed_with(word)


@pytest.mark.usefixtures("folders")
def test_authorities_without_text(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "blank").mkdir()
    assert textfix("reconcile", "scans", "--against", "blank", "-o", "out").failed_with("no text in it")
