"""`clean` in pipes and on records, through real processes: streaming, journals, rejects, encodings."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMMAND, Result, environment

Run = Callable[..., Result]

DIRTY, CLEAN = "加快建设,提高质量。\n", "加快建设，提高质量。\n"
RECORDS = '{"id": 1, "text": "加快建设,提高质量。"}\nbad\n{"text":"推进改革,加快发展。","n":1.0}'
REPAIRED = '{"id": 1, "text": "加快建设，提高质量。"}\n{"text":"推进改革，加快发展。","n":1.0}'


def test_paragraphs_go_out_while_input_comes_in(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "clean", "--window", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(3):  # each answer is read before the next paragraph is written
            process.stdin.write((DIRTY + "\n").encode())
            process.stdin.flush()
            assert process.stdout.readline().decode() == CLEAN
            assert process.stdout.readline() == b"\n"
        process.stdin.write(DIRTY.rstrip().encode())
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out.decode(), err) == (0, CLEAN.rstrip(), b"")


def test_an_endless_stream_and_head(shell: Run) -> None:
    result = shell("yes '加快建设,提高质量。' | textfix clean --window 500 | head -1; echo ${PIPESTATUS[1]}")
    assert (result.out, result.err) == (CLEAN + "141\n", "")


def test_what_came_before_an_error_is_out_and_the_error_is_placed(textfix: Run) -> None:
    data = (DIRTY + "\n").encode() * 30 + b"\xff\n"
    result = textfix("clean", "--window", "1", stdin=data)
    assert result.code == 2
    assert result.out == (CLEAN + "\n") * 30
    assert f"<stdin>: byte 0xff at offset {len(data) - 2} (line 61)" in result.err
    assert result.err.count("\n") == 1


def test_windows_do_not_show_in_the_bytes(textfix: Run, tmp_path: Path) -> None:
    data = ("\ufeff" + (DIRTY + "\n\u3000").replace("\n", "\r\n") * 20 + "尾").encode()
    (tmp_path / "a").write_bytes(data)
    want = data.decode().replace(",", "，").encode()
    assert textfix("clean", "--window", "30", LC_ALL="POSIX", stdin=data).raw == want
    assert textfix("clean", "--window", "30", "-o", "out", "a").code == 0
    assert (tmp_path / "out").read_bytes() == want
    rows = textfix("clean", "--json", "--window", "30", stdin=data).out.splitlines()
    assert len(rows) == 1
    row = json.loads(rows[0])
    assert row["text"].encode() == want[3:]
    assert row["report"]["windows"] > 1


def test_in_place_writes_a_long_file_in_one_step(textfix: Run, tmp_path: Path) -> None:
    data = ("没有变化。\n\n" * 40 + DIRTY + "\n" + "没有变化。\n\n" * 40).encode()
    (tmp_path / "a").write_bytes(data)
    assert textfix("clean", "-i", "--window", "30", "--edits", "e", "a") == Result(0, b"", "")
    assert (tmp_path / "a").read_bytes() == data.replace(b",", "，".encode())
    assert textfix("clean", "-i", "--edits", "e", "a").failed_with("e: exists")
    assert textfix("clean", "-i", "--undo", "e", "a") == Result(0, b"", "")
    assert (tmp_path / "a").read_bytes() == data
    assert textfix("clean", "-i", "--undo", "e", "a").failed_with("a: is as it was before these edits")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "e"]


def test_a_journal_replays_and_undoes(textfix: Run, shell: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(DIRTY.encode("gb18030"))
    (tmp_path / "b").write_bytes("第二,三。".encode("gb18030"))
    assert shell("textfix clean --encoding gb18030 --edits e a b > out").code == 0
    assert (tmp_path / "out").read_bytes() == (CLEAN + "第二，三。").encode("gb18030")
    assert textfix("clean", "--replay", "e", "b", "a").raw == ("第二，三。" + CLEAN).encode("gb18030")
    assert textfix("clean", "--replay", "e", stdin="").failed_with("about a, b")
    assert textfix("clean", "--replay", "e", "e").failed_with("is not a file that the edits were made from", "sha256")
    assert textfix("clean", "--undo", "a", "b").failed_with("a: the line at byte 0")
    assert textfix("clean", "--replay", "e", "--suggest", "a").failed_with("--suggest")


def test_records(textfix: Run, tmp_path: Path) -> None:
    args = ["clean", "--jsonl", "--field", "text"]
    result = textfix(*args, "--rejects", "bad", "--edits", "e", stdin=RECORDS)
    assert (result.code, result.out) == (2, REPAIRED)
    assert result.err == "textfix: <stdin>: 1 record put aside in bad\n"
    (row,) = map(json.loads, (tmp_path / "bad").read_text("utf-8").splitlines())
    assert (row["format"], row["version"], row["file"], row["line"], row["text"]) == (
        "textfix.reject", 1, "<stdin>", 2, "bad\n",
    )  # fmt: skip
    assert "not JSON" in row["reason"]
    assert textfix("clean", "--undo", "e", stdin=REPAIRED).out == RECORDS
    result = textfix(*args, stdin=RECORDS)
    assert result.code == 2
    assert "record 2 (line 2): not JSON" in result.err
    assert "--rejects" in result.err
    assert textfix(*args, "--check", stdin=RECORDS.replace("bad\n", "")).code == 1


def test_cells(textfix: Run) -> None:
    table = 'id\ttext\n1\t一,二"\n'
    assert textfix("clean", "--tsv", "--column", "text", "--only", "width", stdin=table).out == table.replace(",", "，")
    table = 'id,text\r\n1,"一,""a""\r\n二"\r\n'
    result = textfix("clean", "--csv", "--column", "2", "--only", "width", stdin=table)
    assert result.out == table.replace("一,", "一，")


def test_an_encoding_that_is_asked_for_is_told(textfix: Run, tmp_path: Path, root: Path) -> None:
    text = (root / "corpora" / "seed" / "authoritative-notice.txt").read_text("utf-8")[:3000] + "\n" + DIRTY
    (tmp_path / "a").write_bytes(text.encode("gb18030"))
    result = textfix("clean", "--encoding", "auto", "--only", "width", "a")
    assert result.raw == text.replace("设,提", "设，提").encode("gb18030")
    assert result.err.startswith("textfix: a: taken as gb18030 (likely, ")
    assert textfix("clean", "--encoding", "auto", stdin=DIRTY[:5].encode("gb18030")).failed_with("cannot tell")


def test_full_disk_for_what_is_kept(shell: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    (tmp_path / "ro").write_text("", "utf-8")
    (tmp_path / "ro").chmod(0o444)
    assert shell("textfix clean -o out --edits /dev/full a").failed_with("/dev/full", "no space left")
    assert not (tmp_path / "out").exists()
    assert shell("textfix clean --edits ro a").failed_with("ro", "read-only")


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["--jsonl"], "--field"),
        (["--field", "a"], "--jsonl"),
        (["--csv", "--jsonl"], "contradict"),
        (["--csv", "--column", "0"], "column"),
        (["--json", "--jsonl", "--field", "a"], "contradict"),
        (["--rejects", "r"], "--rejects"),
        (["--edits", "-"], "standard output"),
        (["--replay", "e", "--undo", "e"], "contradict"),
        (["--window", "0"], "--window"),
    ],
)
def test_wrong_use(textfix: Run, tmp_path: Path, args: list[str], word: str) -> None:
    assert textfix("clean", *args, stdin=DIRTY).failed_with(word)
    assert list(tmp_path.iterdir()) == []
