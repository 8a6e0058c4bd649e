"""Authority terms on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_terms_of_files(textfix: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "agencies.txt").write_text("重庆市科学技术局\n\n人力资源社会保障部\n", "utf-8")
    (tmp_path / "other.txt").write_text("硏究院\n", "utf-8")
    done = textfix("clean", "--json", "--terms", "agencies.txt", "--terms", "other.txt", stdin="重庆市科学枝术局硏究院")
    repair = json.loads(done.out)
    assert repair["text"] == "重庆市科学技术局硏究院"
    (edit,) = repair["edits"]
    assert (edit["kind"], edit["observed"], edit["replacement"]) == ("term", "枝", "技")
    assert edit["evidence"]["term"] == "重庆市科学技术局"


def test_a_missing_file_of_terms(textfix: Callable[..., Any]) -> None:
    assert textfix("clean", "--terms", "nowhere.txt", stdin="文").failed_with("nowhere.txt")
    assert textfix("clean", "--terms", "-", stdin="重庆市").failed_with("only once")
    assert textfix("batch", ".", "out", "--terms", "-", "--protect", "-", stdin="重庆市").failed_with("only once")
