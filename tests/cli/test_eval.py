"""`textfix eval` through real processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Result

Run = Callable[..., Result]

TRUTH = "加快解决工矿废弃地、矸石山、尾矿库等历史遗留问题，推进锰产业生态修复和环境整治。\n"
OCR = TRUTH.replace("矸", "歼").replace("，", ",")


@pytest.fixture(autouse=True)
def pairs(tmp_path: Path) -> None:
    for n, ocr in enumerate((OCR, TRUTH, OCR.replace("锰", "猛"))):
        (tmp_path / "scans").mkdir(exist_ok=True)
        (tmp_path / "scans" / f"{n}.ocr.txt").write_text(ocr, "utf-8")
        (tmp_path / "scans" / f"{n}.gt.txt").write_text(TRUTH, "utf-8")
    (tmp_path / "scans" / "lonely.ocr.txt").write_text(OCR, "utf-8")


def test_a_folder_as_a_table_a_page_and_json(textfix: Run, tmp_path: Path) -> None:
    result = textfix("eval", "scans", "--html", "page.html")
    assert result.code == 0
    head, row, *_ = result.out.splitlines()
    assert head.split()[:4] == ["set", "pairs", "characters", "CER"]
    assert row.split()[:3] == ["all", "3", str(3 * (len(TRUTH) - 1))]
    assert "歼 → 矸: 2" in result.out
    assert "lonely" in result.err
    assert "default-src 'none'" in (tmp_path / "page.html").read_text("utf-8")
    data = json.loads(textfix("eval", "scans", "--json").out)
    assert (data["format"], data["version"], data["repaired"]) == ("textfix.evaluation", 1, True)
    assert data["all"]["counts"]["before"] == 3
    assert data["all"]["figures"]["cer_before"]["low"] == 0
    assert textfix("eval", "scans", "--json").out == textfix("eval", "scans", "--json", PYTHONHASHSEED="7").out


def test_without_a_repair_nothing_is_loaded_and_two_files_do(textfix: Run) -> None:
    data = json.loads(textfix("eval", "scans/0.ocr.txt", "scans/0.gt.txt", "--no-repair", "--json").out)
    assert data["repaired"] is False
    assert data["all"]["counts"]["before"] == data["all"]["counts"]["after"] == 1
    assert data["all"]["counts"]["raw_before"] == 2
    assert data["edits"] == {}


def test_the_options_of_a_repair_are_those_of_clean(textfix: Run, tmp_path: Path) -> None:
    def after(*options: str) -> int:
        data = json.loads(textfix("eval", "scans", "--json", *options).out)
        count: int = data["all"]["counts"]["raw_after"]
        return count

    assert after() < after("--only", "format") < after("--skip", "all") == 5
    Path(tmp_path, "terms.txt").write_text("歼石山\n", "utf-8")
    assert after("--skip", "format", "--protect", "terms.txt") == 5


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], ["OCR"]),
        (["scans/0.ocr.txt"], ["truth"]),
        (["missing", "scans"], ["scans", "folder"]),
        (["scans/0.ocr.txt", "missing"], ["missing"]),
        (["scans", "--no-repair", "--preset", "eager"], ["--no-repair"]),
        (["scans", "--preset", "wild"], ["wild"]),
        (["scans", "--no-repair", "--reflow"], ["--no-repair"]),
        (["scans", "--no-repair", "--error-rate", "0"], ["--no-repair"]),
        (["scans", "--terms", "-", "--protect", "-"], ["only once"]),
        (["scans", "--html", "no/page.html"], ["no/page.html"]),
        (["scans", "--html", "out", "-o", "out"], ["same file"]),
        (["scans", "--html", "-"], ["--output"]),
        (["scans", "--encoding", "utf-16"], ["byte order mark"]),
    ],
)
def test_bad_input_is_one_line(textfix: Run, args: list[str], words: list[str]) -> None:
    assert textfix("eval", *args).failed_with(*words)
