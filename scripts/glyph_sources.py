"""What the builders of glyph knowledge read: character sets, decompositions, counts; and how they write."""

from __future__ import annotations

import bz2
import lzma
import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CONFUSABLES = ROOT / "confusables"
#: Debian package `unicode-data`.
UNICODE = Path("/usr/share/unicode")


@cache
def gb2312() -> frozenset[str]:
    """The 6,763 characters of GB 2312, levels 1 and 2."""
    found = set()
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                continue  # the five unassigned cells at the end of level 1
    return frozenset(found)


@cache
def general_standard() -> frozenset[str]:
    """The 8,105 characters of the Table of General Standard Chinese Characters (2013), Unihan kTGH."""
    with bz2.open(UNICODE / "Unihan_OtherMappings.txt.bz2", "rt", encoding="utf-8") as lines:
        return frozenset(chr(int(line[2:].split("\t")[0], 16)) for line in lines if "\tkTGH\t" in line)


@cache
def corpus_counts() -> dict[str, int]:
    """How often every character stands in ../shared/lm-corpus."""
    total = np.zeros(0x110000, dtype=np.int64)
    for path in sorted((SHARED / "lm-corpus").glob("*.txt.xz")):
        data = lzma.decompress(path.read_bytes()).decode("utf-8").encode("utf-32-le")
        total += np.bincount(np.frombuffer(data, dtype="<u4"), minlength=0x110000)
    return {chr(code): int(total[code]) for code in np.flatnonzero(total) if not 0xD800 <= code < 0xE000}


@cache
def decompositions() -> dict[str, tuple[str, ...]]:
    """Character → its ideographic description sequences, the mainland form first (yi-bai/ids)."""
    table: dict[str, tuple[str, ...]] = {}
    for line in (SHARED / "glyphs" / "ids.txt").read_text("utf-8").splitlines():
        char, *fields = line.split("\t")
        options = []
        for option in ";".join(fields).split(";"):
            text = re.sub(r"\([^)]*\)$", "", option)
            # {…} and #(…) describe strokes and unencoded parts, [..] their relation: no code points.
            if text and not re.search(r"[#{}\[\]]", text):
                options.append(("(." not in option and "(" in option, text))
        options.sort(key=lambda item: item[0])  # stable: the default form first
        if options:
            table[char] = tuple(dict.fromkeys(text for _, text in options))
    return table


def tsv(head: Sequence[str], columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A headed table; the rows as they come."""
    lines = [*(f"# {line}" for line in head), "\t".join(columns), *("\t".join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def write_or_check(name: Path, data: bytes, argv: Sequence[str]) -> int:
    """Write `data` to confusables/`name`, or with `--check` compare; the exit status."""
    path = CONFUSABLES / name
    if "--check" in argv:
        same = path.is_file() and path.read_bytes() == data
        print(f"{path.name}: {'up to date' if same else 'differs from what the script builds'}")
        return 0 if same else 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{path.name}: {len(data):,} bytes", file=sys.stderr)
    return 0
