"""Files: what is read can be written back byte for byte, and writing is all or nothing."""

from __future__ import annotations

import codecs
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from textfix import files
from textfix.errors import DecodeError, InputError, OptionError

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "gb18030"]), st.booleans())
def test_read_and_written_back(text: str, encoding: str, marked: bool) -> None:
    data = text.encode(encoding)
    if marked and encoding not in {"utf-16", "utf-8-sig"}:
        data = "\ufeff".encode(encoding) + data
    source = files.decode(data, encoding)
    assert source.encode(source.text) == data
    assert source.text == text.removeprefix("\ufeff") or marked or encoding in {"utf-16", "utf-8-sig"}


@given(st.binary(max_size=40))
def test_utf8_is_strict_and_says_where(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        assume(b"\0" not in data[: error.start])  # that is what is told then
        with pytest.raises(DecodeError, match=rf"offset {error.start} \(line {data[: error.start].count(10) + 1}\)"):
            files.decode(data)
    else:
        assume(b"\0" not in data)
        source = files.decode(data)
        assert source.encode(source.text) == data


@given(TEXTS, st.integers(0, 20), st.sampled_from(["utf-8", "utf-16-be"]))
def test_nul_says_where(text: str, at: int, encoding: str) -> None:
    text = "\ufeff" + text[:at] + "\0" + text[at:]
    offset = len(text[: text.index("\0")].encode(encoding))
    with pytest.raises(InputError, match=rf"offset {offset} \("):
        files.decode(text.encode(encoding), encoding)


@pytest.mark.parametrize("order", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf16_keeps_its_order(order: bytes) -> None:
    codec = "utf-16-le" if order == codecs.BOM_UTF16_LE else "utf-16-be"
    source = files.decode(order + "石".encode(codec), "utf-16")
    assert (source.text, source.encode("山")) == ("石", order + "山".encode(codec))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG image"),
        (b"II*\0\x08\0\0\0", "TIFF image"),
        (b"PK\3\4\x14\0\6\0", "office document"),
        (b"\x1f\x8b\x08\0", "gzip"),
    ],
)
def test_what_is_no_text_is_named(data: bytes, word: str) -> None:
    with pytest.raises(InputError, match=word) as error:
        files.decode(data, name="scan")
    assert "--encoding" not in str(error.value)


def test_a_text_that_begins_like_an_archive_is_a_text() -> None:
    assert files.decode(b"PK\3\4 Park").text == "PK\3\4 Park"


@pytest.mark.parametrize("name", ["", "no such", "hex", "base64", "zip", "undefined", "a\0b", "\udcff"])
def test_encodings_that_are_none(name: str) -> None:
    with pytest.raises(OptionError):
        files.decode(b"abc", name)


def test_reading_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing", "a\0b"):
        with pytest.raises(InputError) as caught:
            files.read_bytes(path)
        assert "\n" not in str(caught.value)


def test_a_failed_write_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="no space left"):
        files.write_bytes(target, b"new")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        files.write_bytes(target, b"new")
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]  # noqa: PTH208


def test_readers_see_the_old_or_the_new(tmp_path: Path) -> None:
    """A reader that comes at any time sees a whole file."""
    target = tmp_path / "a"
    versions = {bytes([65 + n]) * 200_000 for n in range(3)}
    target.write_bytes(min(versions))
    done = threading.Event()
    torn: list[bytes] = []

    def read() -> None:
        while not done.is_set():
            data = target.read_bytes()
            if data not in versions:
                torn.append(data[:1])

    reader = threading.Thread(target=read)
    reader.start()
    for data in sorted(versions) * 5:
        files.write_bytes(target, data)
    done.set()
    reader.join()
    assert torn == []


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_mode_is_kept(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    target.chmod(mode)
    files.write_bytes(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_names_at_the_limit(tmp_path: Path) -> None:
    target = tmp_path / ("通" * 84)  # 252 bytes, of 255
    files.write_bytes(target, b"x")
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "dangling").symlink_to("b")
    files.write_bytes(tmp_path / "link", b"new")
    files.write_bytes(tmp_path / "dangling", b"new")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_display_is_one_line() -> None:
    assert files.display("通知 1.txt") == "通知 1.txt"
    assert files.display("a\nb\udcff") == "'a\\nb\\udcff'"


def test_what_the_encoding_cannot_write_is_named() -> None:
    source = files.Decoded("中", "a.txt", "big5")
    with pytest.raises(InputError, match=r"a\.txt: the result has '锰' \(U\+9530\), which big5 cannot write"):
        source.encode("中锰")


@pytest.mark.parametrize("read", [files.read_bytes, lambda name: list(files.read_pieces(name))])
def test_names_that_are_none(read: Callable[[str], object], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'a\\x00b': embedded null byte"):
        read("a\0b")
    with pytest.raises(InputError, match="none: no such file or directory"):
        read(str(tmp_path / "none"))
    with pytest.raises(InputError, match="is a directory"):
        read(str(tmp_path))


def test_pieces_are_the_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abcdefg")
    assert list(files.read_pieces(tmp_path / "a", 3)) == [b"abc", b"def", b"g"]


def test_what_cannot_be_written_is_said_before_any_work(tmp_path: Path) -> None:
    files.check_writable(tmp_path / "new.txt")
    with pytest.raises(InputError, match="no such folder"):
        files.check_writable(tmp_path / "no" / "new.txt")
    with pytest.raises(InputError, match="is a directory"):
        files.check_writable(tmp_path)
    with pytest.raises(InputError, match="embedded null byte"):
        files.check_writable("a\0b")
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(InputError, match="not a directory"):
        files.check_writable(tmp_path / "a" / "b")
    (tmp_path / "a").chmod(0o444)
    with pytest.raises(InputError, match="is read-only"):
        files.check_writable(tmp_path / "a")
