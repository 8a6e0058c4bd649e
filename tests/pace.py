"""Limits on time that mean the same on every machine, however busy it is: in turns of fixed work done beside."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager


def turn() -> float:
    """Seconds of a processor that some work of Python's own takes here and now; about 0.1 on the machine of 2026."""
    began = time.process_time()
    seen: dict[str, int] = {}
    for number in range(300_000):
        name = f"{number % 1000:x}"
        seen[name] = seen.get(name, 0) + number
    return time.process_time() - began


@contextmanager
def at_most(turns: float) -> Generator[None, None, None]:
    """Fail if what is done here takes the processor for longer than `turns` turns."""
    began = time.process_time()
    try:
        yield
    finally:
        spent = time.process_time() - began
        if spent > turns * 0.02:  # no machine of these years is five times as fast
            slower = max(turn(), turn())
            assert spent < turns * slower, f"took {spent:.2f} s of a processor; a turn took {slower:.3f} s"
