"""One batch at a time: a lock on the output folder that lasts until the last process that writes there has ended.

A batch that was killed may leave workers behind for a moment. They hold the lock, too (it belongs to the open file,
which they inherit), so that the next run waits for them instead of racing them.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing import reduction
from typing import Any

from ..errors import InputError
from ..files import display

try:
    import fcntl
except ImportError:
    _LOCKS = False  # a system without such locks: take care of it yourself
else:
    _LOCKS = True

__all__ = ["Lock", "locked"]

#: Seconds to wait for the workers of a killed batch.
_PATIENCE, _STEP = 10.0, 0.02


class Lock:
    """The open, locked folder; handed to a process that is being started it is inherited."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __reduce__(self) -> tuple[Callable[..., Lock], tuple[Any, ...]]:
        return _inherited, (reduction.DupFd(self.descriptor),)


def _inherited(handle: Any) -> Lock:
    return Lock(handle.detach())


@contextlib.contextmanager
def locked(folder: str) -> Iterator[Lock | None]:
    """Hold the lock on `folder`. Raises `InputError` if another batch still has it after some seconds."""
    if not _LOCKS:
        yield None
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                raise InputError(f"{display(folder)}: another textfix batch is writing there")
            time.sleep(_STEP)
        yield Lock(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
