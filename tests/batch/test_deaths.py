"""Processes die: a worker over its file, the whole batch at any moment."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import pytest
from toy_recipe import Toy

from textfix.batch import lock as locks
from textfix.batch import pool, run, worker
from textfix.batch.plan import sweep
from textfix.errors import InputError

from .conftest import Notes, Place

#: A batch as a process of its own; it says ``+`` for every file that is done.
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from toy_recipe import Toy
from textfix.batch import Batch, run

class Dots:
    def begin(self, found, todo): print(">", end="", flush=True)
    def done(self, task, record): print("+", end="", flush=True)
    def trouble(self, path, reason): print("!", end="", flush=True)

if __name__ == "__main__":
    run(Batch(sys.argv[2], sys.argv[3], Toy(), jobs=2), Dots())
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_kills_its_worker_once_is_done(place: Place, tmp_path: Path, jobs: int) -> None:
    for number in range(6):
        place.put(f"{number}.txt", "a" * number)
    place.put("k.txt", f"a DIE ONCE {tmp_path / 'marker'}")
    summary, notes = place.run(jobs=jobs)
    assert (summary.done, summary.failed) == (7, False)
    assert notes.troubles == [(b"k.txt", "the worker process died over it (exit code 7); trying once more")]
    assert place.ask("SELECT status, deaths FROM files WHERE path = ?", b"k.txt") == [("done", 0)]
    assert place.ask("SELECT count(*) FROM files WHERE deaths > 0") == [(0,)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_kills_every_worker_is_put_aside(place: Place, jobs: int) -> None:
    for number in range(6):
        place.put(f"{number}.txt", "a" * number)
    place.put("k.txt", "DIE ALWAYS")
    place.put("l.txt", "DIE ALWAYS, too")
    summary, notes = place.run(jobs=jobs)
    assert sorted(notes.finished) == [f"{number}.txt".encode() for number in range(6)]
    assert [(path, reason) for path, reason in sorted(summary.troubles)] == [
        (b"k.txt", "worker processes died over it (SIGKILL)"),
        (b"l.txt", "worker processes died over it (SIGKILL)"),
    ]
    assert sum("once more" in reason for _, reason in notes.troubles) == 2
    place.put("k.txt", "DIE ALWAYS, changed")  # it is met like any other
    summary, notes = place.run(jobs=jobs)
    assert [path for path, reason in notes.troubles if "once more" in reason] == [b"k.txt"]
    assert summary.held == 1


def test_deaths_are_remembered(place: Place) -> None:
    """A batch that dies with its worker does not try a file for ever."""
    place.put("k.txt", "DIE ALWAYS")

    class Quits(Notes):
        def trouble(self, path: bytes, reason: str) -> None:
            super().trouble(path, reason)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(place.batch, Quits())
    _, notes = place.run()
    assert [reason.partition(":")[0] for _, reason in notes.troubles] == ["in quarantine"]


@pytest.mark.parametrize(
    ("fails", "reason"), [("table", "the table is missing; reinstall textfix"), ("death", "before they can begin")]
)
def test_workers_that_cannot_begin(place: Place, fails: str, reason: str) -> None:
    place.put("1.txt", "a")
    summary, _ = place.run(recipe=Toy(fails=fails), jobs=2)
    assert reason in summary.broken
    assert summary.troubles == []
    assert place.ask("SELECT outcome FROM runs") == [("broken",)]
    assert not place.run()[0].failed


def test_an_interrupt_leaves_no_process_and_no_half_file(place: Place) -> None:
    for number in range(8):
        place.put(f"{number}.txt", "a" * number)
    place.put("slow.txt", "SLEEP 60" + " " * 99)

    class Impatient(Notes):
        def done(self, task: object, record: object) -> None:  # noqa: ARG002
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(replace(place.batch, jobs=2), Impatient())
    assert time.monotonic() - started < 20
    assert place.ask("SELECT outcome FROM runs") == [("interrupted",)]
    assert not [name for name in place.out() if name.endswith(b".tmp")]
    place.put("slow.txt", "")
    assert place.run()[0].failed is False
    assert len(place.out()) == 9


@pytest.fixture
def start(tmp_path: Path) -> Callable[[Place], subprocess.Popen[bytes]]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    here = str(Path(__file__).parent)

    def begin(place: Place) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(program), here, str(place.source), str(place.target)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)

    return begin


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(pid):
            found.append(int(stat.parent.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_do_not_outlive_a_killed_batch(place: Place, start: Callable[[Place], subprocess.Popen[bytes]]) -> None:
    place.put("first.txt", "a" * 99)
    place.put("slow.txt", "SLEEP 30")
    with start(place) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b">+"
        workers = children(process.pid)
        assert len(workers) >= 2
        process.kill()
    deadline = time.monotonic() + 10
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(alive, workers))
    assert list(place.out()) == [b"first.txt"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_the_next_run_waits_for_the_last_worker(
    place: Place, start: Callable[[Place], subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is still there, and might still write, keeps the lock of its batch."""
    monkeypatch.setattr(locks, "_PATIENCE", 0.3)
    place.put("first.txt", "a" * 99)
    place.put("slow.txt", "SLEEP 30")
    with start(place) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b">+"
        stopped = children(process.pid)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        process.kill()
    with pytest.raises(InputError, match="another textfix batch"):
        place.run()
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    monkeypatch.setattr(locks, "_PATIENCE", 10.0)
    place.put("slow.txt", "a")
    assert place.run()[0].done == 1


@pytest.mark.slow
def test_killed_at_any_moment_and_resumed(
    tmp_path: Path, place_in: Callable[[Path], Place], start: Callable[[Place], subprocess.Popen[bytes]]
) -> None:
    """20 SIGKILLs, and the same bytes as without; nothing is done again that the ledger holds as done."""
    places = []
    for name in ("quiet", "killed"):
        (tmp_path / name).mkdir()
        places.append(place_in(tmp_path / name))
        for number in range(150):
            text = f"{number} a c\n" * (number * 7 % 31) + "SLEEP 0.005" + "BAD" * (number == 60)
            places[-1].put(f"{number % 5}/{number}.txt", text)
    quiet, killed = places
    quiet.run(jobs=2)

    moments = random.Random(20)
    ends = []
    for _ in range(20):
        with start(killed) as process:
            assert process.stdout is not None
            process.stdout.read(moments.choice((0, 1, 2, 4, 7)))  # somewhere in the middle, mostly
            time.sleep(moments.random() * 0.01)
            kill = moments.choice((os.kill, os.killpg))  # the batch alone, or its workers with it
            kill(process.pid, signal.SIGKILL)
            ends.append(process.wait())
    assert ends.count(-signal.SIGKILL) == 20
    names = [name for name in killed.out() if not name.endswith(b".tmp")]
    assert all(killed.out()[name] == quiet.out()[name] for name in names)  # nothing half written under its name
    summary, _ = killed.run(jobs=2)
    assert summary.done > 0  # the last run had something left to do, so each kill cut something off

    assert killed.out() == quiet.out()  # temporary files of the killed are gone, too
    wanted = "path, status, claimed, input_sha256, output_sha256, characters, counts, suggestions, error"
    rows = f"SELECT {wanted} FROM files ORDER BY path"
    assert killed.ask(rows) == quiet.ask(rows)
    edits = 'SELECT path, made, start, "end", line FROM edits JOIN files ON file = files.id ORDER BY path, start, made'
    assert killed.ask(edits) == quiet.ask(edits)
    assert killed.ask("SELECT sum(done), sum(quarantined) FROM runs") == [(149, 1)]
    assert killed.ask("SELECT count(*) FROM runs WHERE outcome IS NULL") > [(5,)]


@pytest.mark.parametrize(
    ("code", "said"), [(1, "exit code 1"), (None, "exit code None"), (-9, "SIGKILL"), (-200, "signal 200")]
)
def test_how_a_worker_ended_is_said(code: int | None, said: str) -> None:
    assert pool._how(code) == said


def test_a_recipe_that_cannot_be_built_is_told_by_the_worker() -> None:
    ours, theirs = Pipe()
    worker.work(worker.Site("in", "out", Toy(fails="table")), theirs, None)
    assert ours.recv() == worker.Broken("the table is missing; reinstall textfix")
    assert not ours.poll()


def test_a_worker_goes_on_until_it_is_told_to_stop_or_nobody_is_there(place: Place) -> None:
    site = worker.Site(str(place.source), str(place.target), Toy())
    ours, theirs = Pipe()
    ours.send(None)
    worker.work(site, theirs, None)
    assert isinstance(ours.recv(), worker.Ready)
    ours.close()
    worker.work(site, theirs, None)  # ends, too


@pytest.mark.parametrize(
    ("code", "taken"), [(errno.EWOULDBLOCK, False), (errno.ENOLCK, True), (errno.EOPNOTSUPP, True)]
)
def test_a_file_system_without_locks_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, taken: bool
) -> None:
    def flock(_descriptor: int, _how: int) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(locks.fcntl, "flock", flock)
    monkeypatch.setattr(locks, "_PATIENCE", 0.0)
    if taken:
        with locks.locked(str(tmp_path)) as lock:
            assert lock is not None
    else:
        with pytest.raises(InputError, match="another textfix batch"), locks.locked(str(tmp_path)):
            pass


def test_a_system_without_such_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_LOCKS", False)
    with locks.locked(str(tmp_path / "no folder is opened")) as lock:
        assert lock is None


def test_sweeping_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(tmp_path / "no" / "folder.txt")
    (tmp_path / "file").write_bytes(b"")
    sweep(tmp_path / "file" / "a.txt")

    def refused(_folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(InputError, match="Permission denied"):
        sweep(tmp_path / "a.txt")
