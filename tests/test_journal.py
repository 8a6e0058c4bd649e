"""The journal: made again and undone byte for byte, for any encoding and format, and nothing else mistaken for it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.decoding import Decoding
from textfix.errors import InputError
from textfix.fields import JsonLines
from textfix.journal import JournalWriter, apply_section, digest_of, sections
from textfix.parts import BadRecord, Part, Patch, patched, plain_parts
from textfix.records import record_parts

from .test_parts import TEXTS, in_pieces, repair


def journal_of(path: Path, files: dict[str, list[Part | BadRecord]]) -> dict[str, bytes]:
    """Clean files and keep a journal, as the command does; what they become."""
    out: dict[str, bytes] = {}
    with path.open("wb") as stream:
        writer = JournalWriter(lambda data: stream.write(data) and None, "1.2.3")
        for name, items in files.items():
            writer.begin(name)
            out[name] = b""
            for item in items:
                if isinstance(item, BadRecord):
                    part, data = item.part, b""
                    writer.add(Patch(part.offset, part.data, b"", None, part.line, 1), part.codec, 1, item.reason)
                else:
                    part = item
                    patches = part.patches(repair(part.text).edits)
                    for patch in patches:
                        writer.add(patch, part.codec, part.record)
                    data = patched(part, patches)
                writer.passed(part.data, data)
                out[name] += data
            writer.end()
    return out


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "utf-16-be", "gb18030"])
@given(text=TEXTS, size=st.integers(1, 30), cuts=st.lists(st.integers(0, 100), max_size=5))
def test_there_and_back(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, text: str, size: int, cuts: list[int]
) -> None:
    path = tmp_path_factory.mktemp("j") / "edits"
    before = ("\ufeff" * encoding.startswith("utf") + text).encode(encoding)
    parts: list[Part | BadRecord] = list(plain_parts([before], Decoding(encoding, "a"), size))
    after = journal_of(path, {"a": parts})["a"]
    (section,) = sections(str(path))
    assert section.name == "a"
    assert section.changes == len(repair(text).edits)
    assert (section.before, section.after) == (digest_of([before]), digest_of([after]))
    assert b"".join(apply_section(section, in_pieces(before, cuts), "a")) == after
    assert b"".join(apply_section(section, in_pieces(after, cuts), "a", undo=True)) == before


def test_escapes_and_bad_records_come_back(tmp_path: Path) -> None:
    before = b'{"t":"\\u4e00,|"}\r\nbad\n{"t":"\xff"}\n{"t":"' + "二,".encode() + b'"}'
    path = tmp_path / "edits"
    after = journal_of(path, {"a": list(record_parts([before], Decoding("utf-8", "a"), JsonLines("t")))})["a"]
    assert after == b'{"t":"\\u4e00\\uff0c"}\r\n{"t":"' + "二，".encode() + b'"}'
    (section,) = sections(str(path))
    assert b"".join(apply_section(section, [after], "a", undo=True)) == before


def test_the_rows_say_what_they_should(tmp_path: Path) -> None:
    path = tmp_path / "edits"
    text = "第一行\n第二,行\n"
    journal_of(path, {"a": list(plain_parts([text.encode()], Decoding("utf-8", "a")))})
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert rows[0] == {"type": "journal", "format": "textfix.edits", "version": 1, "textfix": "1.2.3"}
    assert rows[1] == {"type": "file", "file": "a"}
    assert rows[2] == {
        "type": "edit", "offset": 16, "line": 2, "column": 3, "observed": ",", "replacement": "，", "kind": "mark",
        "confidence": 1.0, "evidence": {}, "encoding": "utf-8",
    }  # fmt: skip
    assert rows[3]["input"] == {"bytes": 21, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    assert rows[3]["changes"] == 1


def test_another_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "edits"
    before = "第一,第二\n第三|\n".encode()
    after = journal_of(path, {"a": list(plain_parts([before], Decoding("utf-8", "a")))})["a"]
    (section,) = sections(str(path))
    for given_, undo, word in [
        (before.replace(b",", b";"), False, "byte 6"),
        (after, False, "byte 6"),
        (before, True, "byte 6"),
        (before + b"x", False, "is not the file"),
        (before.replace("三".encode(), "四".encode()), False, "is not the file"),
        (before[:10], False, "byte"),
        (b"", True, "byte"),
    ]:
        with pytest.raises(InputError, match=f"^a: {word}"):
            list(apply_section(section, [given_], "a", undo=undo))


def test_what_is_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "edits"
    for data, word in [
        (b"", "no journal"),
        (b"text\n", "no row"),
        (b'{"a":1}\n', "no row"),
        (b'{"type":"journal","format":"other"}\n', "no journal"),
        (b'{"type":"journal","format":"textfix.edits","version":2}\n', "version 2"),
    ]:
        path.write_bytes(data)
        with pytest.raises(InputError, match=word):
            sections(str(path))
    with pytest.raises(InputError, match="no such file"):
        sections(str(tmp_path / "missing"))


def test_a_file_that_was_not_finished_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "edits"
    part = list(plain_parts(["一,".encode()], Decoding("utf-8", "a")))
    journal_of(path, {"a": part, "b": part})
    whole = path.read_bytes()
    assert [s.name for s in sections(str(path))] == ["a", "b"]
    for cut in (1, 30):
        path.write_bytes(whole[:-cut])
        assert [s.name for s in sections(str(path))] == ["a"]
