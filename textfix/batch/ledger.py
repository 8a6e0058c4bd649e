"""The ledger: what became of every file, in one SQLite file beside the output. Its schema is in ``docs/batch.md``.

What is written is written in transactions, so that a process killed at any moment leaves a ledger that can be read.
A file is *claimed* before its output may be written. A claim that is still there in the next run says that the output
may be of a run that was cut off, and that it is ours to write again.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..edits import Edit
from ..errors import InputError
from ..files import display
from ..review import Proposal
from .recipe import fingerprint
from .scan import Signature

__all__ = ["Entry", "Ledger", "Record", "errors_named"]

_APPLICATION, _VERSION = 0x54584658, 1
_SCHEMA = """
CREATE TABLE recipes (
    id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, description TEXT NOT NULL
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, recipe INTEGER NOT NULL REFERENCES recipes, jobs INTEGER NOT NULL,
    todo INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0, quarantined INTEGER NOT NULL DEFAULT 0,
    characters INTEGER NOT NULL DEFAULT 0, seconds REAL, outcome TEXT
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('new', 'done', 'quarantined')), claimed INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0, recipe INTEGER REFERENCES recipes, run INTEGER REFERENCES runs,
    size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, inode INTEGER, input_sha256 TEXT,
    output_size INTEGER, output_mtime_ns INTEGER, output_sha256 TEXT,
    characters INTEGER, counts TEXT, suggestions INTEGER, seconds REAL, warning TEXT, error TEXT, detail TEXT
);
CREATE TABLE edits (
    file INTEGER NOT NULL REFERENCES files, made INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    line INTEGER NOT NULL, "column" INTEGER NOT NULL, observed TEXT NOT NULL, replacement TEXT NOT NULL,
    kind TEXT NOT NULL, confidence REAL NOT NULL, evidence TEXT NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL, contexts TEXT NOT NULL
);
CREATE INDEX edits_of_file ON edits (file);
"""

#: Columns of an edit that are those of `Edit.to_dict`, in the order in which they are asked for.
_EDIT = ("start", "end", "observed", "replacement", "kind", "confidence")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger holds about a file. `recipe` is a fingerprint; what there is none of is None."""

    path: bytes
    status: str
    claimed: bool
    deaths: int
    recipe: str | None
    signature: Signature
    input_sha256: str | None
    output_size: int | None
    output_mtime_ns: int | None
    output_sha256: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a file in this run: done, or quarantined where `error`, one line, is not empty."""

    path: bytes
    signature: Signature
    input_sha256: str | None = None
    output_sha256: str | None = None
    output_size: int | None = None
    output_mtime_ns: int | None = None
    characters: int = 0
    counts: Mapping[str, int] | None = None
    proposals: tuple[Proposal, ...] = ()
    seconds: float = 0.0
    warning: str = ""
    error: str = ""
    detail: str = ""


@contextmanager
def errors_named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Errors of SQLite with the ledger at `path` (a full disk, a damaged file) become `InputError`s of one line."""
    try:
        yield
    except sqlite3.Error as error:
        raise InputError(f"{display(path)}: cannot be used as a ledger: {error}") from error


class Ledger:
    """An open ledger. One process writes to it at a time; changes are kept by `commit`."""

    def __init__(self, path: str | os.PathLike[str], *, readonly: bool = False) -> None:
        """Open the ledger at `path`, or make it. Raises `InputError` where that cannot be."""
        self._name = display(path)
        self._run = self._recipe = 0
        with errors_named(path):
            place = "file:" + quote(os.fsencode(Path(path).absolute()))
            self._db = sqlite3.connect(f"{place}?mode={'ro' if readonly else 'rwc'}", uri=True, isolation_level=None)
            try:
                self._open(readonly=readonly)
            except BaseException:
                self._db.close()
                raise

    def _open(self, *, readonly: bool) -> None:
        new = not self._ask("SELECT count(*) FROM sqlite_master") and not self._ask("PRAGMA application_id")
        version = self._ask("PRAGMA user_version")
        if not new and self._ask("PRAGMA application_id") != _APPLICATION:
            raise InputError(f"{self._name}: is no ledger of textfix; name another with --ledger")
        if not new and version != _VERSION:
            raise InputError(f"{self._name}: is of version {version}, this textfix writes {_VERSION}")
        if readonly:
            self._db.execute("BEGIN")
            return
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("BEGIN IMMEDIATE")
        if new:
            for statement in _SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
            self.commit()

    def _ask(self, sql: str) -> int:
        return int(self._db.execute(sql).fetchone()[0])

    def close(self) -> None:
        """Keep what was written and close; afterwards the ledger is one file."""
        try:
            self._db.execute("COMMIT")
        finally:
            self._db.close()

    def commit(self) -> None:
        """Keep all changes so far."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")

    def rollback(self) -> None:
        """Forget the changes since the last `commit`."""
        self._db.execute("ROLLBACK")
        self._db.execute("BEGIN IMMEDIATE")

    def entries(self) -> dict[bytes, Entry]:
        """What is known of every file, by path. Raises `InputError` where the ledger holds what none can hold."""
        rows = self._db.execute(
            "SELECT path, status, claimed, deaths, fingerprint, size, mtime_ns, ctime_ns, inode, input_sha256, "
            "output_size, output_mtime_ns, output_sha256, error FROM files LEFT JOIN recipes ON recipe = recipes.id"
        )
        known: dict[bytes, Entry] = {}
        for row in rows:
            texts, numbers = (row[4], row[9], row[12], row[13]), (row[3], *row[5:9], row[10], row[11])
            if (
                not isinstance(row[0], bytes)
                or b"\0" in row[0]
                or not all(item is None or isinstance(item, str) for item in texts)
                or not all(item is None or isinstance(item, int) for item in numbers)
            ):
                raise self._damaged()
            known[row[0]] = Entry(row[0], row[1], bool(row[2]), row[3] or 0, row[4], Signature(*row[5:9]), *row[9:])
        return known

    def _damaged(self) -> InputError:
        return InputError(f"{self._name}: is damaged; move it away, and everything is looked at anew")

    def begin(self, description: Mapping[str, Any], jobs: int, todo: int) -> None:
        """Open a run."""
        key = fingerprint(dict(description))
        text = json.dumps(description, sort_keys=True, ensure_ascii=False)
        self._db.execute("INSERT OR IGNORE INTO recipes (fingerprint, description) VALUES (?, ?)", (key, _plain(text)))
        (self._recipe,) = self._db.execute("SELECT id FROM recipes WHERE fingerprint = ?", (key,)).fetchone()
        sql = "INSERT INTO runs (recipe, jobs, todo) VALUES (?, ?, ?)"
        self._run = int(self._db.execute(sql, (self._recipe, jobs, todo)).lastrowid or 0)
        self.commit()

    def finish(self, outcome: str, seconds: float) -> None:
        """Close the run. One that was killed keeps no outcome."""
        self._db.execute("UPDATE runs SET outcome = ?, seconds = ? WHERE id = ?", (outcome, seconds, self._run))
        self.commit()

    def start(self, path: bytes, *, claim: bool) -> None:
        """`path` is about to be worked on; with `claim` its output may be written. A quarantine is over."""
        self._db.execute(
            "INSERT INTO files (path, status, claimed) VALUES (?, 'new', ?) ON CONFLICT (path) DO UPDATE SET "
            "claimed = excluded.claimed, status = CASE status WHEN 'quarantined' THEN 'new' ELSE status END, "
            "deaths = CASE status WHEN 'quarantined' THEN 0 ELSE deaths END",
            (path, int(claim)),
        )

    def died(self, path: bytes) -> None:
        """A worker died over `path`."""
        self._db.execute(
            "INSERT INTO files (path, status, deaths) VALUES (?, 'new', 1) "
            "ON CONFLICT (path) DO UPDATE SET deaths = deaths + 1",
            (path,),
        )

    def touch(self, path: bytes, signature: Signature) -> None:
        """The file was looked at again and is the same; from now on it is known by this signature."""
        values = (signature.size, signature.mtime_ns, signature.ctime_ns, signature.inode, path)
        self._db.execute("UPDATE files SET size = ?, mtime_ns = ?, ctime_ns = ?, inode = ? WHERE path = ?", values)

    def record(self, record: Record) -> None:
        """What became of a file; its earlier edits are forgotten, its claim is given up."""
        quarantined = bool(record.error)
        signature = record.signature
        row = {
            "path": record.path,
            "status": "quarantined" if quarantined else "done",
            "claimed": 0,
            "recipe": self._recipe,
            "run": self._run,
            "size": signature.size,
            "mtime_ns": signature.mtime_ns,
            "ctime_ns": signature.ctime_ns,
            "inode": signature.inode,
            "input_sha256": record.input_sha256,
            "output_size": record.output_size,
            "output_mtime_ns": record.output_mtime_ns,
            "output_sha256": record.output_sha256,
            "characters": None if quarantined else record.characters,
            "counts": None if quarantined else json.dumps(record.counts or {}),
            "suggestions": None if quarantined else sum(not p.made for p in record.proposals),
            "seconds": record.seconds,
            "warning": _plain(record.warning) or None,
            "error": _plain(record.error) or None,
            "detail": _plain(record.detail) or None,
        }
        if not quarantined:
            row["deaths"] = 0
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        news = ", ".join(f"{name} = excluded.{name}" for name in row if name != "path")
        sql = f"INSERT INTO files ({names}) VALUES ({values}) ON CONFLICT (path) DO UPDATE SET {news} RETURNING id"
        (file,) = self._db.execute(sql, row).fetchone()
        self._db.execute("DELETE FROM edits WHERE file = ?", (file,))
        marks = ", ".join("?" * 14)
        self._db.executemany(f"INSERT INTO edits VALUES ({marks})", (_edit_row(file, p) for p in record.proposals))
        self._db.execute(
            "UPDATE runs SET done = done + ?, quarantined = quarantined + ?, characters = characters + ? WHERE id = ?",
            (not quarantined, quarantined, 0 if quarantined else record.characters, self._run),
        )

    def proposals(self, paths: Iterable[bytes] | None = None) -> Iterator[tuple[bytes, Proposal]]:
        """Every edit made and suggested in the files that are done (those of `paths`), by path and place."""
        wanted = None if paths is None else set(paths)
        rows = self._db.execute(
            'SELECT path, start, "end", observed, replacement, kind, confidence, evidence, made, line, "column", '
            'before, after, contexts FROM edits JOIN files ON file = files.id ORDER BY path, start, "end", made'
        )
        with closing(rows):
            for path, *row in rows:
                if wanted is None or path in wanted:
                    yield path, self._proposal(row)

    def _proposal(self, row: list[Any]) -> Proposal:
        *edit, evidence, made, line, column, before, after, contexts = row
        try:
            known = tuple((str(one), str(other)) for one, other in json.loads(contexts))
            held = Edit.from_dict(dict(zip(_EDIT, edit, strict=True), evidence=json.loads(evidence)))
        except (TypeError, ValueError, RecursionError) as error:  # an `EditError` is one of these
            raise self._damaged() from error
        if not all(map(isinstance, (line, column, before, after), (int, int, str, str))):
            raise self._damaged()
        return Proposal(held, bool(made), line, column, before, after, known)


def _edit_row(file: int, p: Proposal) -> tuple[object, ...]:
    edit = p.edit
    evidence = json.dumps(dict(edit.evidence), ensure_ascii=False)
    contexts = json.dumps(p.contexts, ensure_ascii=False)
    place = (file, int(p.made), edit.start, edit.end, p.line, p.column)
    return (
        *place, edit.observed, edit.replacement, edit.kind, edit.confidence, evidence, p.before, p.after, contexts,
    )  # fmt: skip


def _plain(text: str) -> str:
    """`text` as SQLite can hold it: parts of file names that are not text are escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
