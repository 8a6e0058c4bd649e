"""Trees as they are found in archives: names that are no text, links, folders in folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from textfix.batch.plan import sweep
from textfix.batch.scan import scan
from textfix.errors import OptionError

from .conftest import Place

NAMES = [
    b"new\nline.txt",
    b"tab\tand space .txt",
    b"-rf.txt",
    b".txt",
    b"\xff\xfe no utf-8.txt",
    "通知（第一号）.txt".encode(),
    "通知.txt".encode("gb18030"),
    b"quote'\"\\.txt",
    b"x" * 251 + b".txt",
    b"dir\n\xff/inner\xff.txt",
    b"%n;DROP TABLE files;--.txt",
]


@pytest.mark.usefixtures("still")
def test_any_name_will_do(place: Place) -> None:
    for name in NAMES:
        place.put(name, "a")
    place.put(b"bad \xff\n.txt", "BAD")
    summary, _ = place.run()
    assert place.out() == dict.fromkeys(NAMES, b"b")
    assert summary.troubles == [(b"bad \xff\n.txt", "is bad")]
    assert {path for (path,) in place.ask("SELECT path FROM files WHERE status = 'done'")} == set(NAMES)
    summary, _ = place.run()
    assert (summary.done, summary.fresh, summary.held) == (0, len(NAMES), 1)


@pytest.mark.usefixtures("still")
def test_pdf_beside_its_text(place: Place) -> None:
    place.put("a.pdf", "%PDF-1.7 a")
    place.put("a.pdf.txt", "a")
    place.put("b.PDF", "%PDF-1.7 a")
    place.put("c.pdf", "no")
    place.put("page.xml", "<?xml version='1.0'?>\n<alto xmlns='x'>a</alto>")
    place.put("other.xml", "<other>a</other>")
    place.put("page.html", "<html>a</html>")
    summary, _ = place.run()
    assert sorted(place.out()) == [b"a.pdf.txt", b"b.PDF.txt", b"page.xml"]
    assert (place.out()[b"a.pdf.txt"], summary.others) == (b"b", 3)
    assert summary.troubles == [(b"a.pdf", "its text would take the place of a.pdf.txt")]


@pytest.mark.usefixtures("still")
def test_links(place: Place, tmp_path: Path) -> None:
    place.put("real.txt", "a")
    place.put("folder/inner.txt", "a")
    (tmp_path / "secret.txt").write_text("a")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.txt").write_text("a")
    links = {
        "to-file.txt": "real.txt",
        "folder/up.txt": "../real.txt",
        "out.txt": str(tmp_path / "secret.txt"),
        "sneaky.txt": "folder/../../secret.txt",
        "out-folder": str(tmp_path / "elsewhere"),
        "loop": ".",
        "self.txt": "self.txt",
        "nowhere.txt": "missing.txt",
        "to-folder": "folder",
        "fake.txt": "folder",
    }
    for name, target in links.items():
        (place.source / name).symlink_to(target)
    summary, notes = place.run()
    assert sorted(place.out()) == [b"folder/inner.txt", b"folder/up.txt", b"real.txt", b"to-file.txt"]
    assert set(place.out().values()) == {b"b"}
    assert not any(path.is_symlink() for path in place.target.rglob("*"))
    reasons = dict(notes.found.left_out)
    assert reasons.pop(b"out.txt") == reasons.pop(b"sneaky.txt") == reasons.pop(b"out-folder")
    assert set(reasons) == {b"loop", b"self.txt", b"nowhere.txt", b"to-folder", b"fake.txt"}
    assert not summary.failed


@pytest.mark.usefixtures("still")
def test_what_is_no_file(place: Place) -> None:
    os.mkfifo(place.source / "pipe.txt")
    place.put("a.txt", "a")
    (place.source / "folder.txt").mkdir()
    _, notes = place.run()
    assert notes.found.left_out == [(b"pipe.txt", "no regular file")]
    assert place.out() == {b"a.txt": b"b"}


@pytest.mark.usefixtures("still")
def test_an_output_inside_the_input_is_no_input(place: Place) -> None:
    place.put("a.txt", "a")
    target = place.source / "repaired"
    for _ in range(2):
        place.run(target=str(target))
    assert place.out(target) == {b"a.txt": b"b"}
    assert (place.source / "repaired.ledger.sqlite").exists()
    (place.source / "link.txt").symlink_to("repaired/a.txt")
    assert [path for path, _ in place.run(target=str(target))[1].found.left_out] == [b"link.txt"]


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("target", [".", "..", "sub/.."])
def test_an_output_that_holds_the_input_is_refused(place: Place, target: str) -> None:
    place.put("sub/a.txt", "a")
    with pytest.raises(OptionError, match="another folder"):
        place.run(target=str(place.source / target))


def test_a_tree_deeper_than_recursion(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(400):  # the system takes paths of up to 4,096 bytes
        os.mkdir("deep", dir_fd=here)
        below = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("a.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    (found,) = scan(str(tmp_path) + "/").files
    assert found.path == b"deep/" * 400 + b"a.txt"


def test_only_our_temporary_files_are_swept(tmp_path: Path) -> None:
    ours = [".a.txt.0123456789ab.tmp", "." + "通" * 50 + ".0123456789ab.tmp"]
    others = ["a.txt", ".b.txt.0123456789ab.tmp", ".a.txt.0123456789AB.tmp", ".a.txt.tmp", ".axtxt.0123456789ab.tmp"]
    for name in ours + others:
        (tmp_path / name).touch()
    sweep(tmp_path / "a.txt")
    sweep(tmp_path / ("通" * 60 + ".txt"))
    sweep(tmp_path / "no" / "such.txt")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(others)
