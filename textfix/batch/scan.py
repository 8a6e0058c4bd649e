"""What there is to do under a folder: every regular file, in the order of its name's bytes, symbolic links judged.

Names are bytes, as the file system has them, because a name need not be text. A link to a file of the tree counts as
that file; a link to a folder is not followed (what it shows is met at its own place), nor is one that leads out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ..errors import InputError
from ..files import display

__all__ = ["SUFFIXES", "Found", "Scan", "Signature", "scan"]

#: Names that end so, in whatever case, are texts.
SUFFIXES = (".txt",)


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells, without reading, that a file is the one that was read before."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Signature:
        """From the answer of `os.stat`."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to repair: its path below the root, with slashes, and its signature."""

    path: bytes
    signature: Signature


@dataclass(slots=True)
class Scan:
    """The files to repair in order; what was left out, with the reason; folders and links that failed; the rest."""

    files: list[Found] = field(default_factory=list)
    left_out: list[tuple[bytes, str]] = field(default_factory=list)
    failed: list[tuple[bytes, str]] = field(default_factory=list)
    others: int = 0


def scan(root: str, *, suffixes: Collection[str] = SUFFIXES, exclude: Collection[str] = ()) -> Scan:
    """All files below the folder `root`, but for the folders `exclude` (the output, if it lies within).

    Raises `InputError` if `root` is no folder that can be read.
    """
    found = Scan()
    ends = tuple(os.fsencode(suffix.lower()) for suffix in suffixes)
    top = os.fsencode(root)
    real = os.path.realpath(top)
    excluded = tuple(os.path.realpath(os.fsencode(path)) for path in exclude)
    try:
        pending = [_listed(top)]
    except OSError as error:
        raise InputError(f"{display(root)}: {_reason(error)}") from error
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
            continue
        path = os.path.relpath(entry.path, top) if os.sep != "/" else entry.path[len(top) :].lstrip(b"/")
        try:
            if not entry.is_dir(follow_symlinks=False):
                _judge(entry, path, (real, *excluded), ends, found)
            elif not excluded or os.path.realpath(entry.path) not in excluded:
                pending.append(_listed(entry.path))
        except OSError as error:
            found.failed.append((path, _reason(error)))
    found.files.sort(key=lambda item: item.path)
    return found


def _listed(folder: bytes) -> Iterator[os.DirEntry[bytes]]:
    with os.scandir(folder) as entries:
        return iter(sorted(entries, key=lambda entry: entry.name))


def _judge(
    entry: os.DirEntry[bytes], path: bytes, roots: tuple[bytes, ...], ends: tuple[bytes, ...], found: Scan
) -> None:
    """Put a file, a link or something else where it belongs. `roots` are the tree's root and the excluded folders."""
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if [os.path.commonpath((target, root)) == root for root in roots] != [True] + [False] * (len(roots) - 1):
            found.left_out.append((path, "a link that leads out of the tree"))
            return
        if not _is_file(entry):
            found.left_out.append((path, "a link to a folder, or to nothing"))
            return
    status = entry.stat()
    if not entry.name.lower().endswith(ends):
        found.others += 1
    elif stat.S_ISREG(status.st_mode):
        found.files.append(Found(path, Signature.of(status)))
    else:
        found.left_out.append((path, "no regular file"))


def _is_file(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
