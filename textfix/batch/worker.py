"""The life of a worker process: take a file, repair it, write it, say what became of it; end when the parent ends."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from ..errors import InputError, OptionError, TextfixError
from ..files import display, read_bytes, write_bytes
from .ledger import Record
from .plan import Task, input_path, output_path
from .recipe import Convert, Converted, Recipe, sha256
from .scan import Signature

__all__ = ["Broken", "Ready", "Refused", "Reply", "Site", "work"]

#: What goes wrong with the place, not with the file: going on would only lose more.
_HOPELESS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE}


@dataclass(frozen=True, slots=True)
class Site:
    """Where a worker works: the input folder, the output folder, and how files are converted."""

    source: str
    target: str
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has everything loaded."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Nobody can work: the disk is full, a model is missing. `reason` is one line."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The output of `path` could not be written, or is not ours to write. Nothing was changed."""

    path: bytes
    reason: str


Reply = Ready | Broken | Refused | Record


def work(site: Site, wire: Connection, held: object) -> None:  # noqa: ARG001
    """The body of a worker process. `held` keeps the lock on the output alive for as long as the process lives."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):  # the parent is gone; so are we
        try:
            convert = site.recipe.build()
        except TextfixError as error:
            wire.send(Broken(str(error)))
            return
        wire.send(Ready())
        while (task := wire.recv()) is not None:
            wire.send(handle(task, site, convert))


def _end_with_parent() -> None:
    """Without its parent a worker must not write: the next run may be under way already."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def handle(task: Task, site: Site, convert: Convert) -> Reply:
    """Repair one file and write it."""
    started = time.perf_counter()
    name = display(os.fsdecode(task.path))
    signature, digest, detail = task.signature, None, ""
    try:
        path = input_path(site.source, task.path)
        with contextlib.suppress(OSError):  # reading will say what is wrong
            signature = Signature.of(path.stat())  # before reading: what is written meanwhile is seen the next time
        data = read_bytes(path)
        digest = sha256(data)
        converted = convert(data, name)
    except MemoryError:
        reason = "out of memory"
    except OptionError as error:  # the same for every file
        return Broken(str(error))
    except TextfixError as error:
        reason = str(error)
    except Exception as error:
        reason, detail = f"internal error ({type(error).__name__})", traceback.format_exc()
    else:
        return _deliver(task, site, converted, Record(task.path, signature, digest), started)
    reason = " ".join(reason.splitlines()).removeprefix(f"{name}: ")
    seconds = time.perf_counter() - started
    return Record(task.path, signature, digest, seconds=seconds, error=reason, detail=detail)


def _deliver(task: Task, site: Site, converted: Converted, record: Record, started: float) -> Reply:
    """Write what became of a file, if that may be."""
    path = output_path(site.target, task.path)
    try:
        _place(path, site, converted.data, replaces=task.replaces)
        status = path.stat()
    except InputError as error:
        cause = error.__cause__
        hopeless = isinstance(cause, OSError) and cause.errno in _HOPELESS
        return Broken(str(error)) if hopeless else Refused(task.path, str(error))
    except OSError as error:
        reason = f"{display(path)}: {(error.strerror or str(error)).lower()}"
        return Broken(reason) if error.errno in _HOPELESS else Refused(task.path, reason)
    return Record(
        record.path,
        record.signature,
        record.input_sha256,
        sha256(converted.data),
        status.st_size,
        status.st_mtime_ns,
        converted.characters,
        converted.counts,
        converted.proposals,
        time.perf_counter() - started,
        converted.warning,
    )


def _place(path: Path, site: Site, data: bytes, *, replaces: bool) -> None:
    """Write `data` to `path`, whole or not at all. Raises `InputError` where that would destroy what is not ours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.realpath(site.target)
    if path.is_symlink() or os.path.commonpath((os.path.realpath(path.parent), target)) != target:
        raise InputError(f"{display(path)}: is a link, or lies behind one that leads elsewhere; move it away")
    if not replaces and path.exists():
        if path.is_file() and read_bytes(path) == data:
            return
        raise InputError(f"{display(path)}: was not written by this batch; move it away, or say --overwrite")
    write_bytes(path, data)
