"""Worker processes, looked after one by one: which file each has in hand, and that it is still alive.

A pool of `concurrent.futures` is lost as a whole when one of its processes dies, and does not say over which file. Here
every worker has its own pipe. It gets two files, so that it need not wait for the second, and answers in order: the
first one that it has not answered for is the one that it died over.
"""

from __future__ import annotations

import contextlib
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType

from .lock import Lock
from .plan import Task
from .worker import Broken, Ready, Reply, Site, work

__all__ = ["Died", "Pool"]

#: Files that a worker has in hand.
_DEPTH = 2
#: Workers that may die in a row before they are ready.
_STILLBORN = 3
#: Seconds for a worker to end by itself.
_FAREWELL = 5.0


@dataclass(frozen=True, slots=True)
class Died:
    """A worker died over `task`; `how` names the signal or the exit code."""

    task: Task
    how: str


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    wire: Connection
    tasks: deque[Task] = field(default_factory=deque)
    ready: bool = False


class Pool:
    """`jobs` processes at `site`. A context: on leaving it no process is left."""

    def __init__(self, site: Site, jobs: int, lock: Lock | None) -> None:
        self._site, self._jobs, self._lock = site, jobs, lock
        self._context = get_context("spawn")  # forking would copy whatever threads of the caller hold
        self._workers: list[_Worker] = []
        self._stillborn = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self.kill()
        for worker in self._workers:
            with contextlib.suppress(OSError):
                worker.wire.send(None)
        for worker in self._workers:
            worker.process.join(_FAREWELL)
            worker.process.kill()
            worker.process.join()
            worker.wire.close()

    def kill(self) -> None:
        """End all workers at once, whatever they have in hand."""
        for worker in self._workers:
            worker.process.kill()

    @property
    def in_hand(self) -> list[Task]:
        """Files that were given out and not answered for."""
        return [task for worker in self._workers for task in worker.tasks]

    def deal(self, tasks: deque[Task]) -> list[tuple[_Worker, Task]]:
        """Take from `tasks` what the workers have hands free for. Nothing is sent yet: see `send`."""
        while len(self._workers) < min(self._jobs, len(tasks) + sum(bool(w.tasks) for w in self._workers)):
            with _without_interrupts():  # which would come between starting a process and knowing of it
                self._workers.append(self._start())
        dealt: list[tuple[_Worker, Task]] = []
        for _ in range(_DEPTH):
            for worker in sorted(self._workers, key=lambda w: len(w.tasks)):
                if tasks and len(worker.tasks) < _DEPTH:
                    worker.tasks.append(tasks.popleft())
                    dealt.append((worker, worker.tasks[-1]))
        return dealt

    def send(self, dealt: Sequence[tuple[_Worker, Task]]) -> None:
        """Send out what was dealt."""
        for worker, task in dealt:
            with contextlib.suppress(OSError):  # it died; `replies` will notice
                worker.wire.send(task)

    def replies(self, tasks: deque[Task]) -> Iterator[tuple[Task | None, Reply | Died]]:
        """Wait until a worker has something to say or dies, and give all that there is, each with its file.

        What a dead worker had in hand, but for the file that it died over, goes back to the head of `tasks`.
        """
        wait([w.wire for w in self._workers] + [w.process.sentinel for w in self._workers])
        for worker in list(self._workers):
            dead = not worker.process.is_alive()
            try:
                while worker.wire.poll():
                    reply: Reply = worker.wire.recv()
                    if isinstance(reply, Ready):
                        worker.ready, self._stillborn = True, 0
                    else:
                        yield worker.tasks.popleft() if worker.ready else None, reply
            except (EOFError, OSError):
                dead = True
            if dead:
                yield from self._bury(worker, tasks)

    def _bury(self, worker: _Worker, tasks: deque[Task]) -> Iterator[tuple[Task | None, Reply | Died]]:
        self._workers.remove(worker)
        worker.process.join(_FAREWELL)
        worker.process.kill()
        worker.process.join()
        worker.wire.close()
        how = _how(worker.process.exitcode)
        if worker.ready and worker.tasks:
            victim = worker.tasks.popleft()
            tasks.extendleft(reversed(worker.tasks))
            yield victim, Died(victim, how)
            return
        tasks.extendleft(reversed(worker.tasks))
        self._stillborn += not worker.ready
        if self._stillborn >= _STILLBORN:
            yield None, Broken(f"worker processes die before they can begin ({how})")

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(self._site, theirs, self._lock), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C is for the parent, which ends its workers: a process started in here never hears of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
