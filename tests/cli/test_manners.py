"""How the command behaves in pipes, on bad input and on bad output. Repairs themselves are tested elsewhere."""

from __future__ import annotations

import json
import os
import pty
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from textfix import __version__
from textfix.edits import Edit, Edits
from textfix.errors import InputError
from textfix.files import decode

from .conftest import COMMAND, Result, environment, listening

Run = Callable[..., Result]

#: Half-width punctuation between Han characters: what `clean` is sure to repair.
DIRTY = "加快建设,提高质量。\n"
CLEAN = "加快建设，提高质量。\n"


# --- bytes pass through -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"", b""),
        (b"\n", b"\n"),
        (b"\xef\xbb\xbf", b"\xef\xbb\xbf"),
        (DIRTY.encode(), CLEAN.encode()),
        (DIRTY.rstrip("\n").encode(), CLEAN.rstrip("\n").encode()),
        (("\ufeff" + DIRTY).encode(), ("\ufeff" + CLEAN).encode()),
        (DIRTY.replace("\n", "\r\n").encode() * 3, CLEAN.replace("\n", "\r\n").encode() * 3),
        ((DIRTY + "\n\n\u3000\u3000" + DIRTY).encode(), (CLEAN + "\n\n\u3000\u3000" + CLEAN).encode()),
    ],
    ids=["empty", "newline", "bom only", "plain", "no final newline", "bom", "crlf", "paragraphs"],
)
def test_what_no_edit_touches_stays(textfix: Run, given: bytes, expected: bytes) -> None:
    result = textfix("clean", stdin=given)
    assert (result.code, result.raw, result.err) == (0, expected, "")


@pytest.mark.parametrize("name", ["gb18030", "gbk", "utf-16-le", "utf-16-be", "big5", "utf-8-sig", "UTF8"])
def test_output_is_in_the_encoding_of_the_input(textfix: Run, name: str) -> None:
    dirty, clean = "第一,第二。\n".encode(name), "第一，第二。\n".encode(name)
    assert textfix("clean", "--encoding", name, stdin=dirty).raw == clean


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf16_keeps_its_mark_and_order(textfix: Run, order: str) -> None:
    codec = f"utf-16-{order}"
    result = textfix("clean", "--encoding", "utf-16", stdin=("\ufeff" + DIRTY).encode(codec))
    assert result.raw == ("\ufeff" + CLEAN).encode(codec)


def test_utf16_without_mark_is_not_guessed(textfix: Run) -> None:
    assert textfix("clean", "--encoding", "utf-16", stdin=DIRTY.encode("utf-16-le")).failed_with("utf-16-le")


@pytest.mark.parametrize("locale", ["POSIX", "C", "en_US.ISO-8859-1", "no_such.locale"])
def test_the_locale_does_not_matter(textfix: Run, tmp_path: Path, locale: str) -> None:
    (tmp_path / "通知.txt").write_text(DIRTY, "utf-8")
    result = textfix("clean", "通知.txt", LC_ALL=locale)
    assert (result.code, result.out, result.err) == (0, CLEAN, "")


def test_files_and_standard_input_in_their_order(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    (tmp_path / "b").write_text("第二,三。\n", "utf-8")
    assert textfix("clean", "b", "-", "a", stdin="中间,好\n").out == "第二，三。\n中间，好\n" + CLEAN


# --- pipes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_head_gets_its_line_and_nobody_complains(shell: Run, tmp_path: Path, unbuffered: str) -> None:
    (tmp_path / "a").write_text(DIRTY * 20_000, "utf-8")
    result = shell("textfix clean a | head -1; echo ${PIPESTATUS[0]}", PYTHONUNBUFFERED=unbuffered)
    assert result.out == CLEAN + "141\n"
    assert result.err == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_slow_reader_gets_everything(shell: Run, tmp_path: Path, unbuffered: str) -> None:
    (tmp_path / "a").write_text(DIRTY * 20_000, "utf-8")
    result = shell("textfix clean a | (sleep 0.5; cat)", PYTHONUNBUFFERED=unbuffered)
    assert (result.code, result.out) == (0, CLEAN * 20_000)


def test_closed_pipe_is_141_and_silent(shell: Run) -> None:
    result = shell("{ sleep 1; echo '一,二'; } | textfix clean | true; echo ${PIPESTATUS[1]}")
    assert (result.out, result.err) == ("141\n", "")


def test_help_into_a_closed_pipe(shell: Run) -> None:
    result = shell("(sleep 0.5; textfix clean --help) | true; echo ${PIPESTATUS[0]}")
    assert (result.out, result.err) == ("141\n", "")


def test_full_disk(shell: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    for line in ("textfix clean a > /dev/full", "textfix --help > /dev/full", "textfix clean a -o /dev/full"):
        assert shell(line).failed_with("no space left") if "-o" in line else shell(line).failed_with("No space left")


def test_closed_standard_streams(shell: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    assert shell("textfix clean <&-").failed_with("standard input is closed")
    assert shell("textfix clean a >&-").failed_with("standard output is closed")
    assert shell("textfix clean a 2>&-").out == CLEAN
    assert shell("textfix clean missing 2>&-").code == 2
    assert shell("textfix clean missing 2>/dev/full").code == 2


def test_devices_are_written_to_and_not_replaced(shell: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    assert shell("textfix clean a -o /dev/stdout | cat").out == CLEAN
    assert shell("textfix clean a -o /dev/null").code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert shell("mkfifo p; cat p & textfix clean a -o p; wait").out == CLEAN
    assert stat.S_ISFIFO((tmp_path / "p").stat().st_mode)


def settle(pid: int) -> None:
    """Wait until a process sleeps: an interrupt on the way there may be lost in code that forgives every exception."""
    asleep = 0
    for _ in range(200):
        state = Path(f"/proc/{pid}/stat")
        asleep = asleep + 1 if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "S" else 0
        if asleep > 4:
            return
        time.sleep(0.05)


def test_ctrl_c_is_130_and_silent(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    process = subprocess.Popen(
        [*COMMAND, "clean", "a", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(),
        preexec_fn=listening,
    )
    assert process.stdout is not None
    assert process.stdout.readline().decode() == CLEAN  # it is past its imports, and will wait for standard input
    settle(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


# --- bad input ----------------------------------------------------------------------------------------------------


def test_bytes_that_are_not_utf8(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("第一行\n第二".encode() + "行".encode("gb18030") + b"\n")
    offset = len("第一行\n第二".encode())
    assert textfix("clean", "a.txt").failed_with("a.txt", f"offset {offset}", "line 2", "--encoding")
    assert textfix("clean", stdin=b"\xff\xfea\x00").failed_with("<stdin>", "--encoding utf-16")


def test_nul_byte(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("一\n二".encode() + b"\0" + "三".encode())
    assert textfix("clean", "a.txt").failed_with("a.txt", "NUL", "offset 7", "line 2")


def test_what_is_no_file(textfix: Run, tmp_path: Path) -> None:
    assert textfix("clean", tmp_path).failed_with(str(tmp_path), "directory", "textfix batch")
    assert textfix("clean", "missing.txt").failed_with("missing.txt", "no such file")
    assert textfix("clean", "a.txt/b").failed_with("a.txt/b")
    assert textfix("clean", "\n.txt").failed_with("\\n.txt")


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["clean", "--encoding", "klingon"], "klingon"),
        (["clean", "--encoding", "rot13"], "rot13"),
        (["clean", "--only", "glyf"], "glyf"),
        (["clean", "--skip", "glyph,"], "kind"),
        (["clean", "--preset", "wild"], "wild"),
        (["clean", "--min-confidence", "2"], "2"),
        (["clean", "--min-confidence", "nan"], "nan"),
        (["clean", "--min-confidence", "much"], "much"),
        (["clean", "--json", "--diff"], "contradict"),
        (["clean", "--in-place"], "--in-place"),
        (["clean", "--check", "-o", "x"], "contradict"),
        (["clean", "-", "-"], "once"),
        (["clean", "--no-such-option"], "--no-such-option"),
        (["no-such-command"], "no-such-command"),
        (["clean", "--protect", "no-such-file"], "no-such-file"),
        (["clean", "-o", "no/such/folder"], "no/such"),
        (["clean", "-o", "."], "directory"),
    ],
)
def test_wrong_use_is_one_line(textfix: Run, tmp_path: Path, args: list[str], word: str) -> None:
    assert textfix(*args, stdin=DIRTY).failed_with(word)
    assert list(tmp_path.iterdir()) == []


def test_one_bad_file_among_good_ones(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    (tmp_path / "b").write_bytes(b"\xff")
    (tmp_path / "c").write_text(DIRTY, "utf-8")
    result = textfix("clean", "a", "b", "c")
    assert (result.code, result.out) == (2, CLEAN * 2)
    assert result.err.startswith("textfix: b: ")
    assert result.err.count("\n") == 1
    result = textfix("clean", "a", "b", "c", "-o", "out")
    assert result.code == 2
    assert not (tmp_path / "out").exists()


# --- writing ------------------------------------------------------------------------------------------------------


def test_in_place_is_one_step_and_keeps_the_mode(textfix: Run, tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(("\ufeff" + DIRTY.replace("\n", "\r\n")).encode())
    target.chmod(0o640)
    (tmp_path / "link").symlink_to("a.txt")
    inode = target.stat().st_ino
    assert textfix("clean", "-i", "link") == Result(0, b"", "")
    assert target.read_bytes() == ("\ufeff" + CLEAN.replace("\n", "\r\n")).encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert target.stat().st_ino != inode  # replaced, not rewritten
    assert (tmp_path / "link").is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "link"]


def test_in_place_leaves_a_clean_file_alone(textfix: Run, tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text(CLEAN, "utf-8")
    before = target.stat()
    assert textfix("clean", "-i", "a.txt").code == 0
    after = target.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_read_only_target(textfix: Run, tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text(DIRTY, "utf-8")
    target.chmod(0o444)
    assert textfix("clean", "-i", "a.txt").failed_with("a.txt", "read-only")
    assert textfix("clean", "-", "-o", "a.txt", stdin=DIRTY).failed_with("a.txt", "read-only")
    assert target.read_text("utf-8") == DIRTY
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_output_file_gets_the_usual_mode(shell: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    assert shell("umask 027; textfix clean a -o out").code == 0
    assert (tmp_path / "out").read_text("utf-8") == CLEAN
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


def test_a_character_that_the_encoding_lacks() -> None:
    source = decode("石山".encode("big5"), "big5")
    with pytest.raises(InputError, match=r"U\+9530.*big5"):  # 锰 is simplified, Big5 is not
        source.encode("锰山")


# --- terminals ----------------------------------------------------------------------------------------------------


def on_terminal(args: list[str], cwd: Path, **env: str) -> str:
    """Standard output of a command that believes it talks to a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *args], stdout=slave, stderr=slave, stdin=subprocess.DEVNULL, cwd=cwd, env=environment(**env)
    ) as process:
        os.close(slave)
        seen = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        process.wait(60)
    os.close(master)
    return seen.decode("utf-8")


def test_colour_only_where_it_is_welcome(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    args = ["clean", "--diff", "a"]
    assert "\x1b[" in on_terminal(args, tmp_path, TERM="xterm-256color")
    assert "\x1b[" not in on_terminal(args, tmp_path, TERM="xterm-256color", NO_COLOR="1")
    assert "\x1b[" not in textfix(*args, TERM="xterm-256color").out


def test_on_a_terminal_a_message_has_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("加强科技创新工作，推进产业发展，各项重点彳壬务", "utf-8")
    (tmp_path / "b").write_text("加强科技创新工作，推进产业发展，各项重点任务", "utf-8")
    seen = on_terminal(["reconcile", "a", "--against", "b"], tmp_path)
    assert "各项重点任务\r\n1 OCR error" in seen


def test_progress_only_on_a_terminal(textfix: Run, tmp_path: Path) -> None:
    names = [f"{n}.txt" for n in range(3)]
    for name in names:
        (tmp_path / name).write_text(DIRTY, "utf-8")
    assert "cleaning" in on_terminal(["clean", "--check", *names], tmp_path, TERM="xterm-256color")
    assert "cleaning" not in textfix("clean", "--check", *names).err


# --- what can be asked --------------------------------------------------------------------------------------------


def test_check_is_a_question(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    (tmp_path / "b").write_text(CLEAN, "utf-8")
    assert textfix("clean", "--check", "b") == Result(0, b"", "")
    result = textfix("clean", "--check", "a", "b")
    assert (result.code, result.raw) == (1, b"")
    assert result.err == "a: 1 edit (width 1)\n"
    assert textfix("clean", "--check", "missing").code == 2


def test_json_replays(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(DIRTY, "utf-8")
    result = textfix("clean", "--json", "a", "-", stdin="一,二")
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row["file"] for row in rows] == ["a", "<stdin>"]
    for row, text in zip(rows, (DIRTY, "一,二"), strict=True):
        assert (row["format"], row["version"]) == ("textfix.repair", 1)
        assert Edits(Edit.from_dict(e) for e in row["edits"]).apply(text) == row["text"]
    assert rows[0]["text"] == CLEAN


def test_diff_can_be_patched(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("第一行\n" + DIRTY + "第三行", "utf-8")
    assert textfix("clean", "--diff", "a").out == (
        f"--- a\n+++ a\n@@ -1,3 +1,3 @@\n 第一行\n-{DIRTY}+{CLEAN} 第三行\n\\ No newline at end of file\n"
    )
    assert textfix("clean", "--diff", stdin=CLEAN).out == ""


def test_diff_is_in_the_encoding_of_the_file(textfix: Run, tmp_path: Path) -> None:
    (tmp_path / "锰.txt").write_bytes("第一,第二\n".encode("big5"))  # Big5 has no 锰
    diff = textfix("clean", "--diff", "--encoding", "big5", "锰.txt").raw.decode("big5")
    assert diff == "--- \\u9530.txt\n+++ \\u9530.txt\n@@ -1,1 +1,1 @@\n-第一,第二\n+第一，第二\n"


def test_kinds_can_be_chosen(textfix: Run) -> None:
    assert textfix("clean", "--skip", "width", stdin=DIRTY).out == DIRTY
    assert textfix("clean", "--only", "width,quote", stdin=DIRTY).out == CLEAN
    assert textfix("clean", "--only", "content", stdin=DIRTY).out == DIRTY
    assert textfix("clean", "--skip", "width", "--skip", "quote", stdin=DIRTY).out == DIRTY


def test_version_and_help(textfix: Run) -> None:
    assert textfix("--version").out == f"textfix {__version__}\n"
    assert textfix("-h").out.startswith("Usage: textfix ")
    for name in ("clean",):
        assert textfix(name, "--help").out.startswith(f"Usage: textfix {name}")
    result = textfix()
    assert (result.code, result.raw) == (2, b"")
    assert "Commands:" in result.err
