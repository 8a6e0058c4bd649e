"""Batches in a temporary folder, with a recipe that workers can import."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # spawned processes get the path of this one

from toy_recipe import Toy

from textfix.batch import Batch, Plan, Record, Summary, Task, run
from textfix.batch.scan import Scan


@dataclass
class Notes:
    """A watcher that remembers."""

    found: Scan = field(default_factory=Scan)
    plan: Plan = field(default_factory=Plan)
    finished: list[bytes] = field(default_factory=list)
    troubles: list[tuple[bytes, str]] = field(default_factory=list)

    def begin(self, found: Scan, todo: Plan) -> None:
        self.found, self.plan = found, todo

    def done(self, task: Task, record: Record) -> None:
        assert task.path == record.path
        self.finished.append(record.path)

    def trouble(self, path: bytes, reason: str) -> None:
        self.troubles.append((path, reason))


class Place:
    """A folder with ``in`` and ``out``."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "in", folder / "out"
        self.source.mkdir()
        self.batch = Batch(str(self.source), str(self.target), Toy())
        self.ledger = folder / "out.ledger.sqlite"

    def put(self, name: str | bytes, text: str) -> Path:
        path = self.source / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def run(self, **changes: Any) -> tuple[Summary, Notes]:
        notes = Notes()
        return run(replace(self.batch, **changes), notes), notes

    def out(self, folder: Path | None = None) -> dict[bytes, bytes]:
        """Every file of the output, whatever its name."""
        top = os.fsencode(folder or self.target)
        found: dict[bytes, bytes] = {}
        for here, _, names in os.walk(top):
            for name in names:
                path = here + b"/" + name
                found[os.path.relpath(path, top)] = Path(os.fsdecode(path)).read_bytes()
        return found

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.ledger)) as db:
            return db.execute(sql, values).fetchall()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def place_in() -> Callable[[Path], Place]:
    return Place
