"""What a run has to do: the files that are new or changed, or whose result would be another one by now."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from ..files import display, read_bytes
from .ledger import Entry
from .recipe import sha256
from .scan import Found, Scan, Signature, output_name

__all__ = ["Plan", "Task", "input_path", "output_path", "output_state", "plan", "sweep"]


@dataclass(frozen=True, slots=True)
class Task:
    """A file to work on and why: new, changed, options, unfinished, output, retry.

    `replaces`: whether what stands at the output's place, if anything, is ours to write over.
    """

    path: bytes
    signature: Signature
    why: str
    replaces: bool = True


@dataclass(slots=True)
class Plan:
    """`tasks` in the order of their paths, files that are up to date, and what is left alone with the reason.

    `same` are files whose signature changed but not their content. `edited` have an output that somebody changed
    since; nothing new is to be said about them. `held` are in quarantine since an earlier run. `passed_over` counts
    the files that are older than the run wants.
    """

    tasks: list[Task] = field(default_factory=list)
    fresh: int = 0
    same: list[Found] = field(default_factory=list)
    edited: list[bytes] = field(default_factory=list)
    held: list[tuple[bytes, str]] = field(default_factory=list)
    passed_over: int = 0


def plan(
    found: Scan,
    known: Mapping[bytes, Entry],
    recipe: str,
    source: str,
    target: str,
    *,
    since_ns: int | None = None,
    retry: bool = False,
    overwrite: bool = False,
) -> Plan:
    """Compare what was found below `source` with what the ledger knows under the fingerprint `recipe`.

    `since_ns` passes over files that were not modified since then (nanoseconds of the epoch); `retry` takes up what is
    in quarantine; `overwrite` writes over outputs that are not ours, or not as we left them.
    """
    out = Plan()
    for file in found.files:
        if since_ns is not None and file.signature.mtime_ns < since_ns:
            out.passed_over += 1
            continue
        entry = known.get(file.path)
        state = "absent" if entry is not None and entry.claimed else output_state(entry, output_path(target, file.path))
        why = _why(file, entry, state, recipe, source, retry)
        if why == "held":
            out.held.append((file.path, (entry.error if entry else None) or ""))
        elif why:
            replaces = overwrite or state in ("absent", "ours")
            out.tasks.append(Task(file.path, file.signature, why, replaces))
        elif state == "foreign" and overwrite:
            out.tasks.append(Task(file.path, file.signature, "output"))
        else:
            out.fresh += 1
            if state == "foreign":
                out.edited.append(file.path)
            if entry is not None and entry.signature != file.signature:
                out.same.append(file)
    return out


def _why(file: Found, entry: Entry | None, state: str, recipe: str, source: str, retry: bool) -> str:
    """Why there is something to do; empty where there is nothing."""
    if entry is None or (entry.status == "new" and not entry.claimed):
        return "new"
    if entry.claimed:
        return "unfinished"
    if entry.recipe != recipe:
        return "options"
    if entry.status == "quarantined":  # whatever was wrong may be right now, a mode for instance
        return "retry" if retry else "held" if entry.signature == file.signature else "changed"
    if entry.signature != file.signature and _digest(source, file.path) != entry.input_sha256:
        return "changed"
    return "output" if state == "absent" else ""


def _digest(source: str, path: bytes) -> str | None:
    try:
        return sha256(read_bytes(input_path(source, path)))
    except InputError:
        return None  # the worker will find out and say why


def output_state(entry: Entry | None, path: Path) -> str:
    """``absent``, ``ours`` (as we left it), or ``foreign``."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    if entry is None or entry.output_sha256 is None or path.is_symlink() or not path.is_file():
        return "foreign"
    if (status.st_size, status.st_mtime_ns) == (entry.output_size, entry.output_mtime_ns):
        return "ours"
    return "ours" if sha256(read_bytes(path)) == entry.output_sha256 else "foreign"


def input_path(root: str, path: bytes) -> Path:
    """The place below the input folder of a path with slashes."""
    return Path(root, os.fsdecode(path))


def output_path(root: str, path: bytes) -> Path:
    """The place below the output folder `root` of what becomes of a file."""
    return Path(root, os.fsdecode(output_name(path)))


def sweep(path: Path) -> None:
    """Remove the temporary files that a killed process left where it was about to write `path`.

    The name is the one that `textfix.files.write_bytes` gives them. Only for outputs that were claimed.
    """
    ours = re.compile(re.escape(f".{path.name[:50]}.") + r"[0-9a-f]{12}\.tmp", re.DOTALL)
    try:
        left = [entry for entry in path.parent.iterdir() if ours.fullmatch(entry.name)]
        for entry in left:
            entry.unlink(missing_ok=True)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise InputError(f"{display(path.parent)}: {error.strerror or error}") from error
