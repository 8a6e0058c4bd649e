"""Outputs that would replace each other, or what is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from textfix.cli.streams import keep_apart
from textfix.errors import OptionError

from .conftest import Result

Run = Callable[..., Result]
TEXT = "国务院办公厅关于印发实施方案的通知"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["clean", "-i", "a", "--report", "a"], ["--report would replace a, which is read"]),
        (["clean", "a", "b", "--edits", "./b"], ["--edits would replace ./b"]),
        (["clean", "a", "-o", "out", "--report", "out"], ["--output and --report", "same file"]),
        (["clean", "a", "-o", "out", "--edits", "link"], ["--output and --edits", "same file"]),
        (["clean", "a", "--decisions", "b", "-o", "b"], ["--output would replace b"]),
        (["eval", "a", "b", "-o", "a"], ["--output would replace a"]),
        (["align", "a", "b", "-o", "b"], ["--output would replace b"]),
        (["train-lm", "a", "b", "-o", "b"], ["--output would replace b"]),
        (["reconcile", "a", "--against", "b", "-o", "b"], ["--output would replace b"]),
        (["reconcile", "a", "--against", "b", "--learn", "a"], ["--learn would replace a"]),
        (["reconcile", "a", "--against", "b", "-o", "-", "--report", "-"], ["standard output"]),
    ],
)
def test_nothing_is_overwritten(textfix: Run, tmp_path: Path, args: list[str], words: list[str]) -> None:
    (tmp_path / "a").write_text(TEXT, "utf-8")
    (tmp_path / "b").write_text(TEXT, "utf-8")
    (tmp_path / "link").symlink_to("out")
    assert textfix(*args).failed_with(*words)
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir() if path.name != "link"} == {
        "a": TEXT, "b": TEXT,
    }  # fmt: skip


def test_what_may_be_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keep_apart({"--output": "out", "--report": "report", "--edits": None}, ["a", "-"])
    keep_apart({"--output": "-", "--edits": "-"}, ["-"])
    keep_apart({"--output": "/dev/null", "--report": "/dev/null"})
    Path("out").mkdir()
    keep_apart({"--output": "out"}, ["out"])  # that it is a folder is said by who writes there
    with pytest.raises(OptionError, match="same file"):
        keep_apart({"--output": "x", "--report": "out/../x"})
