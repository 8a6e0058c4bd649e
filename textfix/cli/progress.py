"""Progress bars: on standard error, only when it is a terminal and there is something to wait for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["meter", "track"]

T = TypeVar("T")


def track(items: Sequence[T], label: str) -> Iterable[T]:
    """`items`, with a bar that follows them. rich, which is slow to import, is asked only where a bar will show."""
    if len(items) < 2 or sys.stderr is None or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track as rich_track

    return rich_track(items, description=label, console=Console(stderr=True), transient=True)


@contextmanager
def meter(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar to be told how much of how much is done; None where none is shown."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
