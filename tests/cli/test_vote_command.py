"""`textfix vote` through real processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Result

Run = Callable[..., Result]

TRUTH = "各区县人民政府要加强组织领导，建立工作机制，细化工作措施，明确责任。\r\n市级有关部门要加大资金投入力度。\r\n"
ONE, TWO = TRUTH.replace("措施", "揩施"), TRUTH.replace("\r\n", "\n").replace("资金", "贵金")


@pytest.fixture(autouse=True)
def readings(tmp_path: Path) -> None:
    for name, text in (("one", ONE), ("two", TWO)):
        (tmp_path / name).write_bytes(("\ufeff" + text).encode())


def test_text_and_json(textfix: Run, tmp_path: Path) -> None:
    expected = ("\ufeff" + TRUTH).encode()
    result = textfix("vote", "one", "two")
    assert (result.code, result.raw) == (0, expected)
    assert result.err.startswith("2 disagreements decided; ")
    assert textfix("vote", "one", "-", "-o", "out", stdin=TWO).raw == b""
    assert (tmp_path / "out").read_bytes() == expected
    row = json.loads(textfix("vote", "one", "two", "--json").out)
    assert (row["format"], row["version"], row["readings"], row["text"]) == ("textfix.vote", 1, ["one", "two"], TRUTH)
    assert [(d["readings"], d["choice"]) for d in row["disagreements"]] == [(["揩", "措"], "措"), (["资", "贵"], "资")]
    for d in row["disagreements"]:
        assert TRUTH[d["start"] : d["end"]] == d["choice"]


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("one",), "two texts"),
        (("-", "-"), "only once"),
        (("one", "missing"), "missing"),
        (("one", "two", "-o", "no/such"), "no such folder"),
        (("one", "two", "-o", "two"), "is read"),
        (("one", "other"), "witness"),
    ],
)
def test_what_is_refused(textfix: Run, tmp_path: Path, args: tuple[str, ...], word: str) -> None:
    (tmp_path / "other").write_text("今日天气晴转多云，最高气温二十六度，东南风三级。" * 3, "utf-8")
    assert textfix("vote", *args).failed_with(word)
