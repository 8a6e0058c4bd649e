"""The seed pair, end to end through the command line: what has to be repaired, and what must not be touched.

The expected text is made from the gold annotation, not from an earlier run: the extract with its ten errors put right
and nothing else. It is compared without white space, quotes and the width of marks, which differ all over.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from textfix.edits import Edit, Edits
from textfix.tables.confusable import Table

from .conftest import Result

Run = Callable[..., Result]


@dataclass(frozen=True)
class Row:
    """A row of a gold annotation: where the extract reads `observed`, `other` is intended, or is in the notice."""

    start: int
    end: int
    observed: str
    other: str
    kind: str
    clean: bool = False


def gold(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [list(row.values()) for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return [Row(int(r[0]), int(r[1]), r[2], r[3], r[4], len(r) > 5 and r[5] == "clean") for r in rows]


@pytest.fixture(scope="module")
def extract(seed: Path) -> str:
    return (seed / "garbled-extract.txt").read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def errors(seed: Path) -> list[Row]:
    return gold(seed / "ocr-errors.tsv")


@pytest.fixture(scope="module")
def editorial(seed: Path) -> list[Row]:
    return gold(seed / "editorial-differences.tsv")


def content(text: str) -> str:
    """`text` without what only sets it: white space, quotes, width of marks and dashes, old forms of a character."""
    plain = unicodedata.normalize("NFKC", text).replace("硏", "研").replace("—", "-")
    return re.sub(r"[\s“”\"'‘’]", "", plain)


def repaired(text: str, rows: list[Row]) -> str:
    for row in sorted(rows, key=lambda r: r.start, reverse=True):
        assert text[row.start : row.end] == row.observed
        text = text[: row.start] + row.other + text[row.end :]
    return text


def test_manifest(seed: Path) -> None:
    manifest = tomllib.loads((seed / "manifest.toml").read_text("utf-8"))
    listed = {row["name"]: row for row in manifest["file"]}
    assert sorted(listed) == sorted(p.name for p in seed.iterdir() if p.name != "manifest.toml")
    for name, row in listed.items():
        data = (seed / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert len(data.decode(row["encoding"])) == row.get("characters", len(data.decode(row["encoding"])))


def test_reconcile_repairs_ten_of_ten_and_no_more(textfix: Run, seed: Path, extract: str, errors: list[Row]) -> None:
    result = textfix("reconcile", seed / "garbled-extract.txt", "--against", seed / "authoritative-notice.txt")
    assert result.code == 0, result.err
    assert len(errors) == 10
    assert content(result.out) == content(repaired(extract, errors))


def test_reconcile_reports_every_editorial_difference(textfix: Run, seed: Path, editorial: list[Row]) -> None:
    args = ("reconcile", seed / "garbled-extract.txt", "--against", seed / "authoritative-notice.txt", "--json")
    result = textfix(*args)
    assert result.code == 0, result.err
    reported: list[dict[str, Any]] = json.loads(result.out)["editorial"]
    assert len(editorial) == 28
    lost = [row for row in editorial if not any(same_place(row, d) for d in reported)]
    assert lost == []


def same_place(row: Row, difference: dict[str, Any]) -> bool:
    """Whether a reported difference is this one: its kind, its place up to a blank, and what the notice has there."""
    if difference["kind"] != row.kind:
        return False
    if row.kind == "omission":  # where it was cut out may be told one or two characters off: 重庆|重庆市
        return abs(difference["start"] - row.start) <= 2 and len(content(difference["intended"])) >= len(
            content(row.other)
        )
    observed, other = row.observed.rstrip(), row.other
    while observed and other and observed[-1] == other[-1]:  # what both end with is no difference
        observed, other = observed[:-1], other[:-1]
    overlaps = difference["start"] < row.start + len(observed) and row.start < difference["end"]
    return bool(overlaps and other in difference["intended"])


def test_learn_gives_the_genuine_pairs_and_nothing_editorial(textfix: Run, seed: Path) -> None:
    result = textfix("learn", seed / "garbled-extract.txt", seed / "authoritative-notice.txt")
    assert result.code == 0, result.err
    pairs = {(row.observed, row.intended) for row in Table.parse(result.out)}
    assert pairs == {
        ("", "、"),
        ("?口", "和"),
        ("彳壬", "任"),
        ("扌L", "扎"),
        ("扌…岀", "批"),
        ("歼", "矸"),
        ("猛", "锰"),
        ("硏", "研"),
    }


def test_clean_repairs_without_the_notice(textfix: Run, extract: str, errors: list[Row], editorial: list[Row]) -> None:
    result = json.loads(textfix("clean", "--json", stdin=extract).out)
    edits = Edits(Edit.from_dict(row) for row in result["edits"])
    assert edits.apply(extract) == result["text"]
    marked = [row for row in errors if row.clean]
    assert len(marked) == 8
    assert sum(is_repaired(row, edits, extract, margin=4) for row in marked) == 8
    assert [c for c in result["text"] if c.isdigit()] == [c for c in extract if c.isdigit()]
    for row in editorial:
        if row.observed:
            near = edits.within(max(row.start - 1, 0), row.end + 1)
            assert content(near.apply(extract[max(row.start - 1, 0) : row.end + 1])) == content(
                extract[max(row.start - 1, 0) : row.end + 1]
            )


def is_repaired(row: Row, edits: Edits, text: str, margin: int = 8) -> bool:
    """Whether the neighbourhood of an error reads, once edited, as if this row alone had been put right."""
    start, end = row.start - margin, row.end + margin
    for edit in edits:  # no edit is to be cut in two
        if edit.start < start < edit.end:
            start = edit.start
        if edit.start < end < edit.end:
            end = edit.end
    wanted = text[start : row.start] + row.other + text[row.end : end]
    return content(edits.within(start, end).apply(text[start:end])) == content(wanted)


def test_clean_returns_the_notice_byte_for_byte(textfix: Run, seed: Path) -> None:
    data = (seed / "authoritative-notice.txt").read_bytes()
    assert textfix("clean", stdin=data) == Result(0, data, "")


def test_clean_twice_is_clean_once(textfix: Run, extract: str) -> None:
    once = textfix("clean", stdin=extract)
    assert textfix("clean", stdin=once.raw) == once
