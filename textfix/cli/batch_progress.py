"""How a batch goes: a bar on a terminal, otherwise a line every few seconds. Both on standard error."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from ..batch import Plan, Record, Task
from ..files import display
from .streams import say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ..batch.scan import Scan

__all__ = ["Lines", "progress"]

#: Seconds between two lines.
_PERIOD = 10.0


class Lines:
    """A watcher for logs: what is to do, a line now and then, and everything that goes wrong."""

    def __init__(self) -> None:
        self._todo = self._files = self._size = self._bytes = self._characters = 0
        self._started = self._told = 0.0

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        """There is nothing to put away."""

    def begin(self, found: Scan, todo: Plan) -> None:
        """What there is to do."""
        self._todo, self._size = len(todo.tasks), sum(task.signature.size for task in todo.tasks)
        self._started = self._told = time.monotonic()
        for path, reason in found.left_out:
            self._say(path, f"left out: {reason}")
        for path, reason in found.failed:
            self._say(path, reason)
        passed_over = f", {todo.passed_over:,} older" if todo.passed_over else ""
        self.note(f"{self._todo:,} files to do, {todo.fresh:,} up to date{passed_over}")

    def done(self, task: Task, record: Record) -> None:
        """A file is written."""
        self._files += 1
        self._bytes += task.signature.size
        self._characters += record.characters
        if record.warning:
            self._say(record.path, record.warning)
        self.advance(task.signature.size)

    def trouble(self, path: bytes, reason: str) -> None:
        """Something went wrong."""
        self._say(path, reason)

    def _say(self, path: bytes, reason: str) -> None:
        name = display(os.fsdecode(path))
        self.note(f"textfix: {reason}" if name in reason else f"textfix: {name}: {reason}")

    def note(self, line: str) -> None:
        """A line for the person at the terminal."""
        say(line)

    def advance(self, size: int) -> None:  # noqa: ARG002
        """`size` bytes more are done."""
        now = time.monotonic()
        if now - self._told >= _PERIOD:
            self._told = now
            self.note(f"{self.state()}, {_span(self.left())} left")

    def state(self) -> str:
        """How far it is."""
        passed = time.monotonic() - self._started
        rate = self._characters / passed if passed else 0.0
        return f"{self._files:,} of {self._todo:,} files, {self._characters:,} characters, {rate:,.0f} a second"

    def left(self) -> float:
        """Seconds to go, if the rest is like what is done."""
        passed = time.monotonic() - self._started
        return passed * (self._size - self._bytes) / self._bytes if self._bytes else 0.0


class Bar(Lines):
    """A watcher for terminals."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        super().__init__()
        columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn(elapsed_when_finished=True))
        self._progress: Progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def begin(self, found: Scan, todo: Plan) -> None:
        super().begin(found, todo)
        if self._todo:
            self._task = self._progress.add_task(self.state(), total=self._size)

    def note(self, line: str) -> None:
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def advance(self, size: int) -> None:
        if self._task is not None:
            self._progress.update(self._task, advance=size, description=self.state())


def progress() -> Lines:
    """The watcher that suits standard error; a context."""
    return Bar() if sys.stderr is not None and sys.stderr.isatty() else Lines()


def _span(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
