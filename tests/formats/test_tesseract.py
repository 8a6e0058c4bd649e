"""Fresh files of the real engine: whatever version of Tesseract is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from textfix import Repairer
from textfix.formats import open_document, repair_document

from .rules import broken
from .samples import DATA, skeleton


def has_tesseract() -> bool:
    if shutil.which("tesseract") is None:
        return False
    known = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=60)
    return "chi_sim" in known.stdout.split()


@pytest.mark.needs_tesseract
@pytest.mark.skipif(not has_tesseract(), reason="needs tesseract with chi_sim")
def test_what_tesseract_writes_now(tmp_path: Path) -> None:
    command = ["tesseract", DATA / "scan.png", tmp_path / "out", "-l", "chi_sim", "--psm", "6", "alto", "hocr"]
    one_thread = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # many only wait for each other on a busy machine
    subprocess.run(command, check=True, capture_output=True, timeout=300, env=one_thread)
    files = {"alto": tmp_path / "out.xml", "hocr": tmp_path / "out.hocr"}
    texts = set()
    repairer = Repairer()
    for format, path in files.items():
        data = path.read_bytes()
        assert open_document(data).write([]) == data
        done = repair_document(data, repairer)
        assert done.format == format
        assert done.repair.edits
        assert skeleton(done.data, format) == skeleton(data, format)
        assert open_document(done.data).text == done.repair.text
        if format == "alto":
            assert not broken(data)
            assert not broken(done.data)
        texts.add(done.text)
    assert len(texts) == 1
