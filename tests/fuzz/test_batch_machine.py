"""A batch over a long life: files come, change, move and go, people meddle with the output, runs are killed; and a
model says what must be on disk and in the ledger after every run.

The model knows the promises of docs/batch.md and nothing of how they are kept: what a file becomes, whose an output is,
and that nobody's file is lost.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from textfix import files
from textfix.batch import Batch, Ledger, Summary, run
from textfix.batch.scan import output_name

from ..batch.conftest import Notes, Toy
from .seeds import inline

NAMES = [b"a.txt", b"b.TXT", b"d/c.txt", b"d/new\n\xff.txt", b"p.pdf", b"p.pdf.txt"]
LINKS = [b"link.txt", b"d/up.txt"]
#: Files that cannot be repaired, for four reasons.
BAD = [b"BAD", b"POISON a", b"MEMORY", b"\xff a"]
CONTENTS = st.sampled_from([b"", b"a", b"aa c", b"c", b"abc\na", b"b"]) | st.sampled_from(BAD)
OUTPUTS = sorted({output_name(name) for name in NAMES + LINKS})


def wanted(content: bytes, to: str) -> bytes | None:
    """What a file becomes; None where it cannot be repaired."""
    return None if any(word in content for word in BAD) or b"\xff" in content else content.replace(b"a", to.encode())


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


class Life(RuleBasedStateMachine):
    """One folder and what happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(
            tempfile.mkdtemp(prefix="textfix-batch-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        )
        self.source, self.target = self.folder / "in", self.folder / "out"
        self.source.mkdir()
        self.secret = self.folder / "secret.txt"
        self.secret.write_bytes(b"SECRET a")
        (self.source / "out-of-the-tree.txt").symlink_to(self.secret)
        (self.source / "loop.txt").symlink_to("loop.txt")
        (self.source / "everything").symlink_to(".")
        self.inputs: dict[bytes, bytes] = {}
        self.links: dict[bytes, bytes] = {}
        self.theirs: dict[bytes, bytes] = {}  # outputs that people wrote or changed
        self.pending: set[bytes] = set()  # outputs that a killed run may still have been writing
        self.clock = itertools.count(1_700_000_000)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # --- what is there ----------------------------------------------------------------------------------------------

    def path(self, name: bytes) -> Path:
        return self.source / os.fsdecode(name)

    def place(self, path: Path, data: bytes) -> None:
        """Write a file as a person does, at a time of its own."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        moment = next(self.clock)
        os.utime(path, (moment, moment))

    def disk(self, folder: Path) -> dict[bytes, bytes]:
        """Every file below `folder`."""
        found = {}
        for here, _, names in os.walk(os.fsencode(folder)):
            for name in names:
                place = Path(os.fsdecode(here + b"/" + name))
                if not place.is_symlink():
                    found[os.fsencode(place.relative_to(folder))] = place.read_bytes()
        return found

    def given(self) -> dict[bytes, bytes]:
        """The files that a batch has to repair: links to files of the tree count as those."""
        linked = {link: self.inputs[to] for link, to in self.links.items() if to in self.inputs}
        return self.inputs | linked

    def rows(self) -> dict[bytes, tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "ledger")) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            sql = "SELECT path, status, claimed, input_sha256, output_sha256, error FROM files"
            return {row[0]: row[1:] for row in db.execute(sql)}

    # --- what people do ---------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), content=CONTENTS)
    def write(self, name: bytes, content: bytes) -> None:
        content = b"%PDF- " + content if name.endswith(b".pdf") else content
        self.place(self.path(name), content)
        self.inputs[name] = content

    @rule(name=st.sampled_from(LINKS), to=st.sampled_from([n for n in NAMES if not n.endswith(b".pdf")]))
    def link(self, name: bytes, to: bytes) -> None:
        self.path(name).parent.mkdir(exist_ok=True)
        self.path(name).unlink(missing_ok=True)
        self.path(name).symlink_to("../" * name.count(b"/") + os.fsdecode(to))
        self.links[name] = to

    @precondition(lambda self: self.inputs)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.inputs)))
        self.path(name).unlink()
        del self.inputs[name]

    @precondition(lambda self: self.inputs)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(sorted(self.inputs)))
        new = data.draw(st.sampled_from([n for n in NAMES if n.endswith(b".pdf") == old.endswith(b".pdf")]))
        self.path(new).parent.mkdir(exist_ok=True)
        self.path(old).rename(self.path(new))
        self.inputs[new] = self.inputs.pop(old)

    @precondition(lambda self: self.inputs)
    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        moment = next(self.clock)
        os.utime(self.path(data.draw(st.sampled_from(sorted(self.inputs)))), (moment, moment))

    @rule(out=st.sampled_from(OUTPUTS), content=st.sampled_from([b"mine", b"b", b"", b"bb c"]))
    def meddle(self, out: bytes, content: bytes) -> None:
        """Somebody writes a file into OUT, or over one."""
        if out in self.pending:  # whose that is, nobody could tell
            return
        path = self.target / os.fsdecode(out)
        same = path.exists() and path.read_bytes() == content
        self.place(path, content)
        if not same:
            self.theirs[out] = content

    @rule(out=st.sampled_from(OUTPUTS))
    def lose(self, out: bytes) -> None:
        (self.target / os.fsdecode(out)).unlink(missing_ok=True)
        self.theirs.pop(out, None)

    # --- what the batch does ----------------------------------------------------------------------------------------

    def batch(self, to: str, **options: bool) -> Batch:
        return Batch(str(self.source), str(self.target), Toy(to), str(self.folder / "ledger"), **options)

    def do(self, to: str, **options: bool) -> tuple[Summary, Notes]:
        notes = Notes()
        with inline():
            return run(self.batch(to, **options), notes), notes

    @rule(to=st.sampled_from("bbbx"), retry=st.booleans(), overwrite=st.sampled_from([False, False, True]))
    def run_it(self, to: str, retry: bool, overwrite: bool) -> None:
        before, before_rows = self.disk(self.target), self.rows() if (self.folder / "ledger").exists() else {}
        summary, notes = self.do(to, retry=retry, overwrite=overwrite)
        assert not summary.broken
        after, rows = self.disk(self.target), self.rows()
        given = self.given()
        told = {path for path, _ in summary.troubles} | {path for path, _ in notes.plan.held} | set(notes.plan.edited)
        mine: set[bytes] = set()
        for name, content in given.items():
            out, want = output_name(name), wanted(content, to)
            if out != name and out in given:  # another file has that place
                assert name in told
                continue
            mine.add(out)
            self.check(name, content, want, before.get(out), after.get(out), rows, told, overwrite=overwrite)
        for out in (before.keys() | after.keys()) - mine:
            if not out.endswith(b".tmp"):
                assert before.get(out) == after.get(out), f"{out!r} has no input, and was changed"
        for name in before_rows.keys() - given.keys():
            assert before_rows[name] == rows[name], f"{name!r} is gone, and its row was changed"
        assert not [out for out in after if out.endswith(b".tmp")]
        self.pending = {output_name(name) for name, row in rows.items() if row[1]}
        assert not self.pending & mine
        self.nothing_left(to)

    def check(
        self, name: bytes, content: bytes, want: bytes | None, before: bytes | None, after: bytes | None,
        rows: dict[bytes, tuple[Any, ...]], told: set[bytes], *, overwrite: bool,
    ) -> None:  # fmt: skip
        """One file after a run."""
        out = output_name(name)
        status, claimed, read, wrote, error = rows.get(name, ("new", 0, None, None, None))
        assert not claimed
        if want is None:
            assert status == "quarantined"
            assert error
            assert name in told
            assert after == (self.theirs.get(out) if out in self.theirs else None)
        elif out in self.theirs and not overwrite and after != want:
            assert after == self.theirs[out] == before, f"{out!r} is somebody's, and was changed"
            assert name in told, f"{name!r} could not be written, and nobody was told"
        else:
            assert after == want
            assert (status, read, wrote) == ("done", digest(content), digest(want))
            self.theirs.pop(out, None)

    def nothing_left(self, to: str) -> None:
        """Running again changes nothing."""
        before = {path: path.stat().st_mtime_ns for path in self.target.rglob("*") if path.is_file()}
        summary, _ = self.do(to)
        assert summary.done == 0
        assert before == {path: path.stat().st_mtime_ns for path in self.target.rglob("*") if path.is_file()}

    @rule(to=st.sampled_from("bx"), moment=st.integers(1, 30))
    def kill(self, to: str, moment: int) -> None:
        """A run that is killed at some moment: everything whole, nothing of anybody's lost."""
        before = self.disk(self.target)
        self.killed(lambda: self.do(to), moment)
        rows = self.rows() if (self.folder / "ledger").exists() else {}
        given = self.given()
        becomes = {output_name(name): wanted(content, to) for name, content in given.items()}
        after = self.disk(self.target)
        for out in before.keys() | after.keys():
            if out.rpartition(b"/")[2].startswith(b".") and out.endswith(b".tmp"):
                continue
            if after.get(out) != before.get(out):
                assert out in becomes
                assert out not in self.theirs
                assert after.get(out) == becomes[out], f"{out!r} is half written"
        for name, (status, _, read, wrote, _) in rows.items():
            if (
                status == "done"
                and name in given
                and read == digest(given[name])
                and output_name(name) not in self.theirs
            ):
                place = after.get(output_name(name))
                assert place is None or digest(place) == wrote or output_name(name) in becomes
        self.pending = {output_name(name) for name, row in rows.items() if row[1]}

    def killed(self, work: Callable[[], object], moment: int) -> None:
        """Do `work` in a process that ends, as by SIGKILL, at the `moment`-th of the steps that leave a trace."""
        pid = os.fork()
        if pid == 0:
            try:
                left = itertools.count(moment, -1)

                def mortal(step: Callable[..., Any]) -> Callable[..., Any]:
                    def either_side(*words: Any, **more: Any) -> Any:
                        if next(left) <= 0:
                            os._exit(9)
                        result = step(*words, **more)
                        if next(left) <= 0:
                            os._exit(9)
                        return result

                    return either_side

                for thing, names in ((files.Replacement, ("write", "commit")), (Ledger, ("start", "record", "commit"))):
                    for name in names:
                        setattr(thing, name, mortal(getattr(thing, name)))
                work()
            finally:
                os._exit(0)
        os.waitpid(pid, 0)

    @initialize()
    def begin(self) -> None:
        self.write(b"a.txt", b"a")

    @invariant()
    def the_input_is_as_it_was(self) -> None:
        assert self.disk(self.source) == self.inputs
        assert self.secret.read_bytes() == b"SECRET a"

    @invariant()
    def nothing_leaks(self) -> None:
        assert not any(b"SECRET" in data for data in self.disk(self.target).values())
        assert not [path for path in self.target.rglob("*") if path.is_symlink()]


def live(monkeypatch: pytest.MonkeyPatch, examples: int, steps: int, *, steady: bool) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # no power is lost here
    calm = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=steady,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=calm)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_short_life(monkeypatch: pytest.MonkeyPatch) -> None:
    live(monkeypatch, 8, 14, steady=True)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_many_long_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    live(monkeypatch, 150, 40, steady=False)
