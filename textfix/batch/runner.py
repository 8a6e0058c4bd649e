"""`run`: one batch from the scan to the summary, with the ledger kept at every step."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import InputError, OptionError
from ..files import display
from .ledger import Entry, Ledger, Record, errors_named
from .lock import Lock, locked
from .plan import Plan, Task, output_path, output_state, plan, sweep
from .pool import Died, Pool
from .recipe import Recipe, fingerprint
from .scan import Scan, scan
from .worker import Broken, Refused, Reply, Site

__all__ = ["Batch", "Summary", "Watcher", "found_in", "ledger_path", "look", "run"]

#: Deaths over one file before it is put into quarantine.
_DEATHS = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """What to run. `source` and `target` are folders; `ledger` is beside the target unless it is named."""

    source: str
    target: str
    recipe: Recipe
    ledger: str | None = None
    jobs: int = 1
    since_ns: int | None = None
    retry: bool = False
    overwrite: bool = False
    fail_fast: bool = False


@dataclass(slots=True)
class Summary:
    """How a run ended: counts of files, characters, edits made; `troubles` by path; `broken` if it had to stop."""

    done: int = 0
    fresh: int = 0
    characters: int = 0
    edits: int = 0
    suggestions: int = 0
    seconds: float = 0.0
    held: int = 0
    edited: int = 0
    others: int = 0
    troubles: list[tuple[bytes, str]] = field(default_factory=list)
    broken: str = ""

    @property
    def failed(self) -> bool:
        """Whether any file is not as it should be."""
        return bool(self.troubles or self.held or self.broken)


class Watcher(Protocol):
    """Who is told what happens."""

    def begin(self, found: Scan, todo: Plan) -> None:
        """Before the first file."""

    def done(self, task: Task, record: Record) -> None:
        """A file is written."""

    def trouble(self, path: bytes, reason: str) -> None:
        """A file is in quarantine or was refused, or a worker died over it and it is tried again."""


def ledger_path(batch: Batch) -> str:
    """Where the ledger is: ``OUT.ledger.sqlite`` beside the folder ``OUT``."""
    return batch.ledger or os.path.realpath(batch.target) + ".ledger.sqlite"


def found_in(batch: Batch) -> Scan:
    """What there is below the input folder."""
    return scan(batch.source, exclude=[batch.target])


def look(batch: Batch) -> tuple[Scan, Plan]:
    """What a run would do. Nothing is written, no folder made."""
    _check(batch)
    path = ledger_path(batch)
    known: dict[bytes, Entry] = {}
    if Path(path).exists():
        with errors_named(path):
            ledger = Ledger(path, readonly=True)
            known = ledger.entries()
            ledger.close()
    found = found_in(batch)
    return found, _plan(batch, found, known, fingerprint(batch.recipe.describe()))


def run(batch: Batch, watcher: Watcher) -> Summary:
    """Do what there is to do. Raises `InputError` or `OptionError` where that cannot even begin.

    The results depend on the input and the recipe alone; the clock is read for durations and for nothing else.
    """
    started = time.perf_counter()
    _check(batch)
    description = batch.recipe.describe()
    try:
        Path(batch.target).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{display(batch.target)}: {(error.strerror or str(error)).lower()}") from error
    path = ledger_path(batch)
    with locked(batch.target) as lock, errors_named(path):
        ledger = Ledger(path)
        try:
            running = _Run(batch, ledger, watcher, ledger.entries())
            try:
                running.work(running.begin(description).tasks, lock)
            finally:
                running.summary.seconds = time.perf_counter() - started
                ledger.finish(running.outcome, running.summary.seconds)
            return running.summary
        finally:
            ledger.close()


class _Run:
    """The middle of a run: tasks go out, replies come in, the ledger is written."""

    def __init__(self, batch: Batch, ledger: Ledger, watcher: Watcher, known: dict[bytes, Entry]) -> None:
        self.batch, self.ledger, self.watcher, self.known = batch, ledger, watcher, known
        self.summary = Summary()
        self.outcome = "interrupted"
        self._deaths = {path: entry.deaths for path, entry in known.items() if entry.status != "quarantined"}

    def begin(self, description: dict[str, Any]) -> Plan:
        """Clear away what a killed run left, and see what there is to do."""
        for entry in self.known.values():
            if entry.claimed:
                sweep(output_path(self.batch.target, entry.path))
        found = found_in(self.batch)
        todo = _plan(self.batch, found, self.known, fingerprint(description))
        for file in todo.same:
            self.ledger.touch(file.path, file.signature)
        self.ledger.begin(description, self.batch.jobs, len(todo.tasks))
        self.summary.fresh, self.summary.held, self.summary.edited = todo.fresh, len(todo.held), len(todo.edited)
        self.summary.others = found.others
        self.summary.troubles += found.failed
        self.watcher.begin(found, todo)
        return todo

    def work(self, todo: list[Task], lock: Lock | None) -> None:
        """Work through `todo`, the largest files first, so that no worker is left alone with one at the end."""
        tasks = deque(sorted(todo, key=lambda task: (-task.signature.size, task.path)))
        site = Site(self.batch.source, self.batch.target, self.batch.recipe)
        pool = Pool(site, self.batch.jobs, lock)
        try:
            with pool:
                self._loop(pool, tasks)
                left = pool.in_hand
                if left:
                    pool.kill()
        except BaseException:
            left = pool.in_hand
            self.ledger.rollback()  # perhaps in the middle of a record
            raise
        finally:
            for task in left:
                sweep(output_path(self.batch.target, task.path))
        self.outcome = "broken" if self.summary.broken else "finished" if not tasks else "stopped"

    def _loop(self, pool: Pool, tasks: deque[Task]) -> None:
        stopping = False
        while True:
            dealt = [] if stopping else pool.deal(tasks)
            for _, task in dealt:
                self.ledger.start(task.path, claim=task.replaces)
            self.ledger.commit()
            pool.send(dealt)
            if not pool.in_hand:
                return
            for answered, reply in pool.replies(tasks):
                if isinstance(reply, Broken):
                    self.summary.broken = reply.reason
                    return
                if answered is not None:
                    self._take(answered, reply, tasks)
            stopping = self.batch.fail_fast and bool(self.summary.troubles)

    def _take(self, task: Task, reply: Reply | Died, tasks: deque[Task]) -> None:
        if isinstance(reply, Died):
            self._died(task, reply.how, tasks)
        elif isinstance(reply, Refused):
            self.summary.troubles.append((task.path, reply.reason))
            self.watcher.trouble(task.path, reply.reason)
        elif isinstance(reply, Record) and reply.error:
            self._quarantine(task, reply)
        elif isinstance(reply, Record):
            self.ledger.record(reply)
            self.ledger.commit()  # before anybody hears of it
            self.summary.done += 1
            self.summary.characters += reply.characters
            self.summary.edits += sum(p.made for p in reply.proposals)
            self.summary.suggestions += sum(not p.made for p in reply.proposals)
            self.watcher.done(task, reply)

    def _died(self, task: Task, how: str, tasks: deque[Task]) -> None:
        sweep(output_path(self.batch.target, task.path))
        self.ledger.died(task.path)
        self.ledger.commit()  # should this process die of it, too, the next run knows
        self._deaths[task.path] = self._deaths.get(task.path, 0) + 1
        if self._deaths[task.path] < _DEATHS:
            self.watcher.trouble(task.path, f"the worker process died over it ({how}); trying once more")
            tasks.appendleft(task)
        else:
            self._quarantine(task, Record(task.path, task.signature, error=f"worker processes died over it ({how})"))

    def _quarantine(self, task: Task, record: Record) -> None:
        """What an earlier version of the file became is no repair of this one: it goes, if it is ours."""
        place = output_path(self.batch.target, task.path)
        known = self.known.get(task.path)
        if self.batch.overwrite:  # then `replaces` does not say whose it is
            ours = known is not None and (known.claimed or output_state(known, place) == "ours")
        else:
            ours = task.replaces
        if ours:
            with contextlib.suppress(OSError):
                place.unlink(missing_ok=True)
        self.ledger.record(record)
        self.ledger.commit()
        self.summary.troubles.append((task.path, record.error))
        self.watcher.trouble(task.path, f"in quarantine: {record.error}")


def _check(batch: Batch) -> None:
    if batch.jobs < 1:
        raise OptionError(f"--jobs must be at least 1, not {batch.jobs}")
    source, target = os.path.realpath(batch.source), os.path.realpath(batch.target)
    if os.path.commonpath((source, target)) == target:
        raise OptionError(f"{display(batch.target)}: the output must be another folder than the input, and not hold it")
    try:
        os.scandir(os.fsencode(batch.source)).close()  # before a folder is made for what becomes of it
    except OSError as error:
        raise InputError(f"{display(batch.source)}: {(error.strerror or str(error)).lower()}") from error


def _plan(batch: Batch, found: Scan, known: dict[bytes, Entry], recipe: str) -> Plan:
    return plan(
        found,
        known,
        recipe,
        batch.source,
        batch.target,
        since_ns=batch.since_ns,
        retry=batch.retry,
        overwrite=batch.overwrite,
    )
