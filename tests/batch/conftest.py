"""Batches in a temporary folder, with a recipe that workers can import."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # spawned processes get the path of this one

from toy_recipe import Toy

from textfix.batch import Batch, Plan, Record, Summary, Task, run, runner
from textfix.batch.pool import Died
from textfix.batch.scan import Scan
from textfix.batch.worker import Reply, Site, handle


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


class Inline:
    """A pool without processes, for tests that are about something else: they are dear to start."""

    def __init__(self, site: Site, jobs: int, lock: object) -> None:
        assert jobs > 0
        assert lock is not None
        self.site, self.convert, self.in_hand = site, site.recipe.build(), list[Task]()

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *error: object) -> None:
        self.in_hand.clear()

    def kill(self) -> None:
        """Nobody is there."""

    def deal(self, tasks: deque[Task]) -> list[tuple[None, Task]]:
        while tasks and len(self.in_hand) < 2:
            self.in_hand.append(tasks.popleft())
        return [(None, task) for task in self.in_hand]

    def send(self, dealt: object) -> None:
        """They are here already."""

    def replies(self, tasks: deque[Task]) -> Iterator[tuple[Task | None, Reply | Died]]:  # noqa: ARG002
        task = self.in_hand.pop(0)
        yield task, handle(task, self.site, self.convert)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """With worker processes."""
    return Place(tmp_path)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker processes: the same steps in this one."""
    monkeypatch.setattr(runner, "Pool", Inline)


@pytest.fixture
def place_in() -> Callable[[Path], Place]:
    return Place
