"""The texts that suites work on: ../shared where it is there, the seed pair in any case."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from textfix.tables.confusable import Table
from textfix.tables.resources import confusables_dir

__all__ = ["NO_SHARED", "ROOT", "SHARED", "Gold", "clean", "misreadings", "pages", "seed", "spread"]

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"
NO_SHARED = "../shared is not there: the seed pair alone"
_SEED = ROOT / "corpora" / "seed"
T = TypeVar("T")


@dataclass(frozen=True)
class Gold:
    """An annotated OCR error of the extract. `alone` says that it can be repaired without the notice."""

    start: int
    end: int
    observed: str
    intended: str
    alone: bool


def seed() -> tuple[str, str, list[Gold]]:
    """The garbled extract, the notice, and the annotated errors of the extract."""
    extract = (_SEED / "garbled-extract.txt").read_bytes().decode()
    notice = (_SEED / "authoritative-notice.txt").read_bytes().decode()
    with (_SEED / "ocr-errors.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    gold = [
        Gold(int(r["start"]), int(r["end"]), r["observed"], r["intended"], r["repairable_by"] == "clean") for r in rows
    ]
    return extract, notice, gold


def pages(each: int | None = None) -> dict[str, list[tuple[str, str]]]:
    """OCR output and truth of every set in ../shared/ocr/dev, of `each` set so many pages, spread over it."""
    sets: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((SHARED / "ocr" / "dev").glob("*/*.ocr.txt")):
        truth = path.with_name(path.name.replace(".ocr.", ".gt."))
        sets.setdefault(path.parent.name, []).append((path.read_text("utf-8"), truth.read_text("utf-8")))
    return {name: spread(found, each) for name, found in sets.items()}


def clean(count: int | None = None, longest: int | None = None) -> list[str]:
    """Documents of ../shared/clean: so many, spread over them, no more than `longest` characters of each."""
    paths = sorted((SHARED / "clean").glob("*.txt"))
    return [path.read_text("utf-8")[:longest] for path in spread(paths, count)]


def misreadings() -> dict[str, list[tuple[str, int]]]:
    """Intended character → what real OCR output has for it, with counts, from the shipped tables."""
    out: dict[str, Counter[str]] = {}
    for path in sorted((confusables_dir() / "learned").glob("*.tsv")):
        for row in Table.load(path).active:
            if row.kind == "glyph" and len(row.observed) == len(row.intended) == 1:
                out.setdefault(row.intended, Counter())[row.observed] += row.count
    return {char: list(counts.items()) for char, counts in out.items()}


def spread(items: Sequence[T], count: int | None) -> list[T]:
    """So many of the items, evenly spaced."""
    if count is None or count >= len(items):
        return list(items)
    return [items[n * len(items) // count] for n in range(count)]
