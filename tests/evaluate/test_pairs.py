"""Which files go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from textfix.errors import InputError
from textfix.evaluate import find_pairs


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name, "utf-8")


def found(ocr: Path, truth: Path | None = None) -> list[tuple[str, str, str]]:
    names, _ = find_pairs(str(ocr), None if truth is None else str(truth))
    return [(n.group, n.name, Path(n.truth).name) for n in names]


def test_one_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a.ocr.txt", "a.gt.txt", "s/b.ocr.txt", "s/b.gt.txt", "s/a.ocr.txt", "s/a.gt.txt", "c.ocr.txt", "x")
    assert found(tmp_path) == [("", "a", "a.gt.txt"), ("s", "a", "a.gt.txt"), ("s", "b", "b.gt.txt")]
    assert find_pairs(str(tmp_path))[1] == [str(tmp_path / "c.ocr.txt")]
    assert found(tmp_path, tmp_path) == found(tmp_path)


def test_two_folders(tmp_path: Path) -> None:
    touch(tmp_path, "o/1.txt", "o/s/1.txt", "o/2.ocr.txt", "o/3.txt", "t/1.txt", "t/s/1.txt", "t/2.gt.txt", "t/4.txt")
    assert found(tmp_path / "o", tmp_path / "t") == [
        ("", "1.txt", "1.txt"),
        ("", "2", "2.gt.txt"),
        ("s", "s/1.txt", "1.txt"),  # another document than 1.txt, for nothing says that they are one
    ]
    assert find_pairs(str(tmp_path / "o"), str(tmp_path / "t"))[1] == [str(tmp_path / "o" / "3.txt")]


def test_two_files(tmp_path: Path) -> None:
    touch(tmp_path, "page.ocr.txt", "right")
    assert found(tmp_path / "page.ocr.txt", tmp_path / "right") == [("", "page", "right")]


@pytest.mark.parametrize(
    ("ocr", "truth", "word"),
    [("f", None, "truth"), ("f", "d", "folder"), ("d", "f", "folder"), ("d", None, "no NAME"), ("d", "e", "truth of")],
)
def test_what_does_not_go_together(tmp_path: Path, ocr: str, truth: str | None, word: str) -> None:
    touch(tmp_path, "f", "d/1.txt", "e/2.txt")
    with pytest.raises(InputError, match=word):
        find_pairs(str(tmp_path / ocr), None if truth is None else str(tmp_path / truth))
