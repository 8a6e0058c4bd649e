"""A column of a Parquet file: everything but its texts stays as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import textfix
import textfix.columns
from textfix.errors import InputError, OptionError

TEXTS = ["加强硏究工作", None, "扎实做好", "各项重点彳壬务"] * 5
TABLE = pa.table(
    {"id": pa.array(range(20)), "text": pa.array(TEXTS, pa.large_string()), "tags": pa.array([["甲"], None] * 10)},
    metadata={"origin": "scans"},
)
CLEAN = [None if text is None else textfix.clean(text) for text in TEXTS]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.parquet"
    codecs = {"id": "gzip", "text": "zstd", "tags.list.element": "snappy"}
    pq.write_table(TABLE, path, row_group_size=8, compression=codecs)
    return path


def groups(path: Path) -> list[int]:
    metadata = pq.ParquetFile(path).metadata
    return [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]


def test_a_file(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    seen = []
    done = textfix.columns.clean_parquet(source, out, "text", watch=lambda *n: seen.append(n))
    assert (done.rows, done.changed, done.characters) == (20, 10, sum(len(t) for t in TEXTS if t))
    table = pq.read_table(out)
    assert table.schema.equals(pq.read_table(source).schema, check_metadata=True)
    assert table["text"].to_pylist() == CLEAN
    assert table.drop(["text"]).equals(TABLE.drop(["text"]))
    assert groups(out) == groups(source) == [8, 8, 4]
    group = pq.ParquetFile(out).metadata.row_group(0)
    assert [group.column(i).compression for i in range(3)] == ["GZIP", "ZSTD", "SNAPPY"]
    assert seen[-1] == (20, 20)


def test_edits_processes_and_in_place(source: Path) -> None:
    textfix.columns.clean_parquet(source, source, "text", edits="edits", jobs=2)
    table = pq.read_table(source)
    assert table["text"].to_pylist() == CLEAN
    for text, made in zip(TEXTS, table["edits"].to_pylist(), strict=True):
        assert [row["start"] for row in made or ()] == [e.start for e in (textfix.repair(text).edits if text else ())]


def test_a_large_row_group_is_parted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from textfix.columns import parquet

    monkeypatch.setattr(parquet, "_ROWS", 3)
    monkeypatch.setattr(parquet, "_BYTES", 1)
    pq.write_table(TABLE, tmp_path / "in.parquet")
    textfix.columns.clean_parquet(tmp_path / "in.parquet", tmp_path / "out.parquet", "text")
    assert groups(tmp_path / "out.parquet") == [3] * 6 + [2]
    assert pq.read_table(tmp_path / "out.parquet")["text"].to_pylist() == CLEAN


def test_an_empty_file(tmp_path: Path) -> None:
    pq.write_table(TABLE[:0], tmp_path / "in.parquet")
    assert textfix.columns.clean_parquet(tmp_path / "in.parquet", tmp_path / "out.parquet", "text").rows == 0
    assert pq.read_table(tmp_path / "out.parquet").schema.equals(TABLE.schema)


def test_errors_leave_nothing_behind(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    with pytest.raises(OptionError, match="no column 'txt'"):
        textfix.columns.clean_parquet(source, out, "txt")
    with pytest.raises(OptionError, match="not texts"):
        textfix.columns.clean_parquet(source, out, "id")
    with pytest.raises(OptionError, match="already"):
        textfix.columns.clean_parquet(source, out, "text", edits="id")
    with pytest.raises(InputError, match="nowhere"):
        textfix.columns.clean_parquet(tmp_path / "nowhere.parquet", out, "text")
    (tmp_path / "not.parquet").write_text("文")
    with pytest.raises(InputError, match="not a Parquet file"):
        textfix.columns.clean_parquet(tmp_path / "not.parquet", out, "text")
    broken = tmp_path / "broken.parquet"
    data = bytearray(source.read_bytes())
    data[4:400] = bytes(396)
    broken.write_bytes(data)
    with pytest.raises(InputError, match=r"broken\.parquet"):
        textfix.columns.clean_parquet(broken, out, "text")
    assert {path.name for path in tmp_path.iterdir()} == {"in.parquet", "not.parquet", "broken.parquet"}


def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "textfix", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)


def test_the_command(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    done = run("batch", source, out, "--column", "text", "--edits", "edits", "--only", "variant", "-j", "1")
    assert (done.returncode, done.stdout) == (0, "")
    assert "20 rows, 5 of them changed" in done.stderr
    assert pq.read_table(out)["text"].to_pylist()[:4] == ["加强研究工作", None, "扎实做好", "各项重点彳壬务"]


@pytest.mark.parametrize(
    ("args", "words"),
    [((), "--column"), (("--column", "text", "--dry-run"), "--dry-run"), (("--column", "none"), "no column 'none'")],
)
def test_the_command_says_what_is_wrong(source: Path, tmp_path: Path, args: tuple[str, ...], words: str) -> None:
    done = run("batch", source, tmp_path / "out.parquet", *args)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_pyarrow(tmp_path: Path) -> None:
    """`import textfix` does not ask for it, and a column says in one line what to install."""
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import textfix, textfix.columns\n"
        "from textfix.cli import main\n"
        "try: textfix.columns.clean(['文'])\n"
        "except textfix.TextfixError as error: print(error)\n"
        "sys.exit(main(['batch', 'a.parquet', 'b.parquet', '--column', 'text']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert "pip install 'textfix[arrow]'" in done.stdout
    assert done.stdout.count("\n") == 1
    assert "pip install 'textfix[arrow]'" in done.stderr
    assert (done.stderr.count("\n"), done.returncode) == (1, 2)
