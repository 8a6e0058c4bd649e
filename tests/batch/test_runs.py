"""What a batch does: everything once, then only what is new or would come out another way."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_recipe import Toy

from textfix.batch import lock as locks
from textfix.batch import look, worker
from textfix.batch.plan import Task
from textfix.batch.scan import Signature
from textfix.batch.worker import Broken, Refused, Site, handle
from textfix.errors import InputError, OptionError

from .conftest import Place

TREE = {"1.txt": "a 1", "2.TXT": "bab 2", "sub/3.txt": "", "sub/deep/4.txt": "\ufeffa\r\nca"}


@pytest.fixture
def tree(place: Place) -> Place:
    for name, text in TREE.items():
        place.put(name, text)
    place.put("notes.md", "a")
    return place


def expected(to: str = "b") -> dict[bytes, bytes]:
    return {name.encode(): text.replace("a", to).encode() for name, text in TREE.items()}


def test_the_tree_is_mirrored_and_the_ledger_says_how(tree: Place) -> None:
    summary, notes = tree.run(jobs=2)
    assert tree.out() == expected()
    assert (summary.done, summary.fresh, summary.others, summary.failed) == (4, 0, 1, False)
    assert (summary.edits, summary.suggestions, summary.characters) == (4, 1, 14)
    assert sorted(notes.finished) == sorted(expected())
    rows = tree.ask("SELECT path, status, claimed, characters, counts, suggestions, error FROM files ORDER BY path")
    assert rows[0] == (b"1.txt", "done", 0, 3, '{"glyph": 1}', 0, None)
    assert rows[3] == (b"sub/deep/4.txt", "done", 0, 6, '{"glyph": 2}', 1, None)
    assert all(seconds >= 0 for (seconds,) in tree.ask("SELECT seconds FROM files"))
    assert tree.ask("SELECT todo, done, quarantined, characters, outcome FROM runs") == [(4, 4, 0, 14, "finished")]
    edits = tree.ask("SELECT made, line, observed, replacement, evidence FROM edits ORDER BY file, start")
    assert (1, 2, "a", "b", '{"rule": "toy"}') in edits
    assert (0, 2, "c", "d", "{}") in edits
    assert [p.name for p in tree.ledger.parent.iterdir() if "ledger" in p.name] == ["out.ledger.sqlite"]


@pytest.mark.usefixtures("still")
def test_a_second_run_does_nothing(tree: Place) -> None:
    tree.run()
    before = {p: p.stat() for p in tree.target.rglob("*")}
    summary, notes = tree.run()
    assert (summary.done, summary.fresh, notes.finished) == (0, 4, [])
    after = {p: p.stat() for p in tree.target.rglob("*")}
    assert {p: (s.st_ino, s.st_mtime_ns) for p, s in before.items()} == {
        p: (s.st_ino, s.st_mtime_ns) for p, s in after.items()
    }


@pytest.mark.usefixtures("still")
def test_what_is_new_or_changed_is_done(tree: Place) -> None:
    tree.run()
    tree.put("1.txt", "aa 1")
    tree.put("new/5.txt", "a 5")
    os.utime(tree.source / "2.TXT", ns=(1, 1))  # another signature, the same content
    _, notes = tree.run()
    assert {(task.path, task.why) for task in notes.plan.tasks} == {(b"1.txt", "changed"), (b"new/5.txt", "new")}
    assert tree.out() == expected() | {b"1.txt": b"bb 1", b"new/5.txt": b"b 5"}
    assert tree.ask("SELECT count(*) FROM edits JOIN files ON file = files.id WHERE path = ?", b"1.txt") == [(2,)]
    _, notes = tree.run()
    assert (notes.plan.tasks, notes.plan.same) == ([], [])  # the new signature was noted


@pytest.mark.usefixtures("still")
def test_the_same_size_and_time_do_not_hide_a_change(tree: Place) -> None:
    tree.run()
    times = (tree.source / "1.txt").stat()
    tree.put("1.txt", "c 1")
    os.utime(tree.source / "1.txt", ns=(times.st_atime_ns, times.st_mtime_ns))
    tree.run()
    assert tree.out()[b"1.txt"] == b"c 1"


@pytest.mark.usefixtures("still")
def test_another_recipe_does_everything_again(tree: Place) -> None:
    tree.run()
    summary, notes = tree.run(recipe=Toy("x"))
    assert {task.why for task in notes.plan.tasks} == {"options"}
    assert (summary.done, tree.out()) == (4, expected("x"))
    assert tree.ask("SELECT count(*) FROM recipes") == [(2,)]


@pytest.mark.usefixtures("still")
def test_a_lost_output_is_made_again(tree: Place) -> None:
    tree.run()
    (tree.target / "1.txt").unlink()
    _, notes = tree.run()
    assert [(task.path, task.why) for task in notes.plan.tasks] == [(b"1.txt", "output")]
    assert tree.out() == expected()


@pytest.mark.usefixtures("still")
def test_since(tree: Place) -> None:
    os.utime(tree.source / "1.txt", ns=(2_000_000_000, 2_000_000_000))
    for name in ("2.TXT", "sub/3.txt", "sub/deep/4.txt"):
        os.utime(tree.source / name, ns=(1_999_999_999, 1_999_999_999))
    _, notes = tree.run(since_ns=2_000_000_000)
    assert (notes.finished, notes.plan.passed_over) == ([b"1.txt"], 3)


@pytest.mark.usefixtures("still")
def test_looking_writes_nothing(tree: Place) -> None:
    _, todo = look(tree.batch)
    assert [(task.path, task.why) for task in todo.tasks] == [(name, "new") for name in sorted(expected())]
    assert not tree.target.exists()
    assert not tree.ledger.exists()
    tree.run()
    tree.put("1.txt", "a")
    before = tree.ledger.read_bytes()
    _, todo = look(tree.batch)
    assert ([task.why for task in todo.tasks], todo.fresh) == (["changed"], 3)
    assert tree.ledger.read_bytes() == before


def test_neither_jobs_nor_the_clock_matter(tmp_path: Path, place_in: Callable[[Path], Place]) -> None:
    seen = []
    for jobs in (1, 3):
        (tmp_path / str(jobs)).mkdir()
        place = place_in(tmp_path / str(jobs))
        for number in range(9):
            place.put(f"{number}.txt", "a" * number + "POISON" * (number == 4))
        place.run(jobs=jobs)
        columns = "path, status, input_sha256, output_sha256, characters, counts, suggestions, warning, error"
        files = place.ask(f"SELECT {columns} FROM files ORDER BY path")
        seen.append((place.out(), files, place.ask("SELECT fingerprint FROM recipes")))
    assert seen[0] == seen[1]


# --- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("still")
def test_a_poisonous_file_is_put_aside_and_the_rest_goes_on(tree: Place) -> None:
    tree.put("p.txt", "POISON")
    tree.put("q.txt", "BAD")
    tree.put("r.txt", "MEMORY")
    summary, notes = tree.run()
    assert (summary.done, summary.failed, tree.out()) == (4, True, expected())
    wrong = {b"p.txt": "internal error (ValueError)", b"q.txt": "is bad", b"r.txt": "out of memory"}
    assert dict(summary.troubles) == wrong
    assert dict(tree.ask("SELECT path, error FROM files WHERE status = 'quarantined'")) == wrong
    ((detail,),) = tree.ask("SELECT detail FROM files WHERE path = ?", b"p.txt")
    assert "a defect\nof two lines" in detail
    assert sorted(notes.troubles) == [(path, f"in quarantine: {error}") for path, error in sorted(wrong.items())]

    summary, notes = tree.run()  # it stays there
    assert (summary.done, summary.held, summary.failed) == (0, 3, True)
    assert dict(notes.plan.held) == wrong

    tree.put("q.txt", "a good one now")
    summary, _ = tree.run()
    assert (summary.done, summary.held) == (1, 2)
    summary, _ = tree.run(retry=True)
    assert (summary.done, len(summary.troubles), summary.held) == (0, 2, 0)
    summary, _ = tree.run(recipe=Toy("x"))
    assert (summary.done, len(summary.troubles)) == (5, 2)


@pytest.mark.usefixtures("still")
def test_quarantine_takes_the_stale_output_away(tree: Place) -> None:
    tree.run()
    tree.put("1.txt", "BAD")
    tree.run()
    assert b"1.txt" not in tree.out()
    assert tree.ask("SELECT output_sha256, characters FROM files WHERE path = ?", b"1.txt") == [(None, None)]
    assert tree.ask("SELECT count(*) FROM edits JOIN files ON file = files.id WHERE path = ?", b"1.txt") == [(0,)]


def test_fail_fast(place: Place) -> None:
    place.put("first.txt", "BAD" + " " * 100)  # the largest goes first
    for number in range(20):
        place.put(f"{number}.txt", "SLEEP 0.01")
    summary, _ = place.run(fail_fast=True, jobs=2)
    assert len(summary.troubles) == 1
    assert summary.done < 20
    assert place.ask("SELECT outcome FROM runs") == [("stopped",)]
    summary, _ = place.run(fail_fast=True)  # what is in quarantine already is no reason to stop
    assert (place.ask("SELECT count(*) FROM files WHERE status = 'done'"), summary.held) == ([(20,)], 1)


@pytest.mark.usefixtures("still")
def test_a_folder_that_cannot_be_read(tree: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def scandir(path: bytes) -> object:
        if path.endswith(b"/sub"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    summary, _ = tree.run()
    assert (summary.done, summary.troubles, summary.failed) == (2, [(b"sub", "permission denied")], True)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("jobs", [0, -1])
def test_no_jobs(place: Place, jobs: int) -> None:
    with pytest.raises(OptionError, match="--jobs"):
        place.run(jobs=jobs)


@pytest.mark.usefixtures("still")
def test_no_input(place: Place, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        place.run(source=str(tmp_path / "missing"))
    with pytest.raises(InputError, match="not a directory"):
        place.run(source=str(place.put("1.txt", "a")))
    assert not place.target.exists()
    assert not list(tmp_path.rglob("*.sqlite*"))
    with pytest.raises(InputError, match="exists"):
        place.run(target=str(place.put("1.txt", "a")))


# --- whose output -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("still")
def test_what_is_not_ours_is_not_written_over(tree: Place) -> None:
    tree.target.mkdir()
    (tree.target / "1.txt").write_bytes(b"of somebody else")
    (tree.target / "2.TXT").write_bytes(expected()[b"2.TXT"])  # what we would write
    summary, _ = tree.run()
    assert [path for path, _ in summary.troubles] == [b"1.txt"]
    assert "--overwrite" in summary.troubles[0][1]
    assert tree.out() == expected() | {b"1.txt": b"of somebody else"}
    assert tree.run()[0].troubles  # nor the next time
    assert not tree.run(overwrite=True)[0].failed
    assert tree.out() == expected()


@pytest.mark.usefixtures("still")
def test_what_somebody_corrected_stays(tree: Place) -> None:
    tree.run()
    (tree.target / "1.txt").write_bytes(b"corrected by hand")
    summary, notes = tree.run()
    assert (summary.edited, notes.plan.edited, summary.failed) == (1, [b"1.txt"], False)
    tree.put("1.txt", "a new a")
    summary, _ = tree.run()
    assert [path for path, _ in summary.troubles] == [b"1.txt"]
    assert tree.out()[b"1.txt"] == b"corrected by hand"
    tree.run(overwrite=True)
    assert tree.out()[b"1.txt"] == b"b new b"


@pytest.mark.usefixtures("still")
def test_a_folder_where_a_file_should_go(tree: Place) -> None:
    (tree.target / "1.txt").mkdir(parents=True)
    (tree.target / "sub").write_bytes(b"")
    summary, _ = tree.run()
    assert sorted(path for path, _ in summary.troubles) == [b"1.txt", b"sub/3.txt", b"sub/deep/4.txt"]
    assert summary.done == 1
    assert not summary.broken


def task(place: Place, name: str, text: str, *, replaces: bool = True) -> tuple[Task, Site]:
    status = place.put(name, text).stat()
    return Task(name.encode(), Signature.of(status), "new", replaces), Site(str(place.source), str(place.target), Toy())


@pytest.mark.usefixtures("still")
def test_a_full_disk_is_not_the_fault_of_the_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:  # noqa: ARG001
        raise InputError(f"{path}: no space left on device") from OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(worker, "write_bytes", full)
    reply = handle(*task(place, "1.txt", "a"), Toy().convert)
    assert isinstance(reply, Broken)
    assert "no space left" in reply.reason


@pytest.mark.usefixtures("still")
def test_a_link_in_the_output_is_not_followed(place: Place) -> None:
    place.target.mkdir()
    inside = place.put("1.txt", "a")
    (place.target / "1.txt").symlink_to(inside)
    (place.target / "sub").symlink_to(place.source)
    place.put("sub/2.txt", "a")
    place.put("2.txt", "a")
    for name in ("1.txt", "sub/2.txt"):
        reply = handle(*task(place, name, "a"), Toy().convert)
        assert isinstance(reply, Refused)
        assert "link" in reply.reason
    assert {p.read_text() for p in place.source.rglob("*.txt")} == {"a"}


# --- the ledger -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("still")
def test_what_is_no_ledger(tree: Place) -> None:
    tree.ledger.write_bytes(b"not a database, but long enough to be looked at" * 9)
    with pytest.raises(InputError, match="as a ledger"):
        tree.run()
    tree.ledger.unlink()
    db = sqlite3.connect(tree.ledger)
    db.execute("CREATE TABLE other (x)")
    db.commit()
    with pytest.raises(InputError, match="--ledger"):
        tree.run()
    db.execute("DROP TABLE other")
    db.commit()
    db.close()
    tree.run()
    db = sqlite3.connect(tree.ledger)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(InputError, match="version 99"):
        tree.run()


@pytest.mark.usefixtures("still")
def test_a_ledger_elsewhere(tree: Place, tmp_path: Path) -> None:
    name = tmp_path / "my#ledger?.db"
    tree.run(ledger=str(name))
    assert name.exists()
    assert not tree.ledger.exists()
    assert tree.run(ledger=str(name))[0].fresh == 4
    with pytest.raises(InputError, match="as a ledger"):
        tree.run(ledger=str(tmp_path / "no" / "folder"))


@pytest.mark.usefixtures("still")
def test_one_batch_at_a_time(tree: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.1)
    tree.target.mkdir()
    held = os.open(tree.target, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(InputError, match="another textfix batch"):
        tree.run()
    os.close(held)
    assert not tree.run()[0].failed
