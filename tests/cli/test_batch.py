"""`textfix batch` through real processes. The machinery is tested in ``tests/batch`` with a recipe without a model."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import COMMAND, Result, environment, listening
from .test_manners import CLEAN, DIRTY, on_terminal

Run = Callable[..., Result]


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "1.txt").write_text("\ufeff" + DIRTY.replace("\n", "\r\n"), "utf-8", newline="")
    (folder / "sub" / "二\n.txt").write_text("清理歼石山、尾矿库\n" + DIRTY, "utf-8")
    (folder / os.fsdecode(b"sub/\xff.txt")).write_bytes(b"no \xff text")
    (folder / "notes.md").write_text(DIRTY, "utf-8")
    return folder


def ask(ledger: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(ledger)) as db:
        return db.execute(sql).fetchall()


@pytest.mark.slow
def test_a_batch_does_what_clean_does(textfix: Run, scans: Path, tmp_path: Path) -> None:
    dry = textfix("batch", "in", "out", "--dry-run")
    assert (dry.code, dry.out) == (0, "new\t'sub/\\udcff.txt'\nnew\t'sub/二\\n.txt'\nnew\t1.txt\n")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]

    result = textfix("batch", "in", "out", "--jobs", "2")
    assert (result.code, result.raw) == (2, b"")
    lines = [line for line in result.err.splitlines() if " of 3 files, " not in line]  # said on a slow machine
    first, *middle, last = lines
    assert first == "3 files to do, 0 up to date"
    assert len(middle) == 1
    assert "textfix: 'sub/\\udcff.txt': in quarantine: byte 0xff at offset 3 (line 1) is not utf-8" in middle[0]
    assert last.startswith("2 files repaired (")
    assert last.endswith("0 up to date; 1 failed; 1 other files left out")
    assert {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.txt")} == {
        "1.txt", "sub/二\n.txt",
    }  # fmt: skip
    assert (tmp_path / "out" / "1.txt").read_bytes() == ("\ufeff" + CLEAN.replace("\n", "\r\n")).encode()
    clean = textfix("clean", scans / "sub" / "二\n.txt").raw
    assert (tmp_path / "out" / "sub" / "二\n.txt").read_bytes() == clean

    ledger = tmp_path / "out.ledger.sqlite"
    ((description,),) = ask(ledger, "SELECT description FROM recipes")
    recipe = json.loads(str(description))
    assert [len(recipe["tables"][name]) for name in ("zh.lm", "channel.bin")] == [64, 64]
    assert (recipe["options"]["min_confidence"], recipe["encoding"], recipe["models"]) == (0.9, "utf-8", [])
    assert ask(ledger, "SELECT count(*) FROM edits WHERE kind = 'width'") == [(2,)]

    again = textfix("batch", "in", "out")
    assert again.code == 2
    assert again.err.splitlines()[0] == "0 files to do, 2 up to date"
    assert "1 in quarantine since earlier (--retry)" in again.err
    (scans / os.fsdecode(b"sub/\xff.txt")).unlink()
    other = textfix("batch", "in", "out", "--skip", "width")
    assert (other.code, other.err.splitlines()[0]) == (0, "2 files to do, 0 up to date")
    assert (tmp_path / "out" / "1.txt").read_bytes() == (scans / "1.txt").read_bytes()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["in", "in"], ["another folder"]),
        (["in", "."], ["another folder"]),
        (["missing", "out"], ["missing", "no such file"]),
        (["in", "in/1.txt"], ["exists"]),
        (["in", "out", "--jobs", "0"], ["--jobs"]),
        (["in", "out", "--since", "yesterday"], ["--since", "yesterday"]),
        (["in", "out", "--encoding", "klingon"], ["klingon"]),
        (["in", "out", "--report", "-"], ["--report"]),
        (["in", "out", "--decisions", "in/1.txt"], ["1.txt", "not JSON"]),
        (["in"], ["OUT"]),
    ],
)
def test_wrong_use_is_one_line(textfix: Run, scans: Path, args: list[str], words: list[str]) -> None:
    assert textfix("batch", *args).failed_with(*words)
    assert (scans / "1.txt").exists()


def test_since_is_utc_unless_it_says(textfix: Run, scans: Path) -> None:
    for name, seconds in (("1.txt", 1_800_000_000), ("sub/二\n.txt", 1_799_999_999)):
        os.utime(scans / name, (seconds, seconds))
    for date in ("2027-01-15T08:00:00", "2027-01-15T16:00+08:00"):
        listed = textfix("batch", "in", "out", "--dry-run", "--since", date, TZ="Asia/Tokyo").out
        assert "1.txt" in listed
        assert "二" not in listed


@pytest.mark.usefixtures("scans")
def test_progress_on_a_terminal(tmp_path: Path) -> None:
    seen = on_terminal(["batch", "in", "out", "--jobs", "1"], tmp_path, TERM="xterm-256color", COLUMNS="150")
    assert "of 3 files" in seen
    assert "\x1b[" in seen
    assert "in quarantine: byte 0xff" in seen.replace("\r\n", "")


def test_ctrl_c_is_130_and_silent(scans: Path, tmp_path: Path) -> None:
    (scans / "long.txt").write_text("加快解决工矿废弃地、歼石山等历史遗留问题,推进猛产业生态修复。\n" * 20_000, "utf-8")
    process = subprocess.Popen(
        [*COMMAND, "batch", "in", "out"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(),
        start_new_session=True,
        preexec_fn=listening,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"4 files to do, 0 up to date\n"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    assert ask(tmp_path / "out.ledger.sqlite", "SELECT outcome FROM runs") == [("interrupted",)]
    assert not list((tmp_path / "out").rglob("*.tmp"))
