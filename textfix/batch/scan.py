"""What there is to do under a folder: every regular file, in the order of its name's bytes, symbolic links judged.

Texts are known by their names (`TEXTS`). A file that may be of a scan format by its name (`SCANS`) is looked into.
Names are bytes, as the file system has them, because a name need not be text. A link to a file of the tree counts as
that file; a link to a folder is not followed (what it shows is met at its own place), nor is one that leads out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from ..files import display

__all__ = ["SCANS", "TEXTS", "Found", "Scan", "Signature", "output_name", "scan"]

#: Names that end so, in whatever case, are texts.
TEXTS = (b".txt",)
#: Names that end so may be of a scan format.
SCANS = (b".xml", b".alto", b".page", b".hocr", b".html", b".htm", b".xhtml", b".pdf")


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


def output_name(path: bytes) -> bytes:
    """What the output of a file is called: like the file, but the text of a PDF has one ending more."""
    return path + b".txt" if path.lower().endswith(b".pdf") else path


def scan(root: str, *, exclude: Collection[str] = ()) -> Scan:
    """All files below the folder `root`, but for the folders `exclude` (the output, if it lies within).

    Raises `InputError` if `root` is no folder that can be read.
    """
    found = Scan()
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
                _judge(entry, path, (real, *excluded), found)
            elif not excluded or os.path.realpath(entry.path) not in excluded:
                pending.append(_listed(entry.path))
        except OSError as error:
            found.failed.append((path, _reason(error)))
    found.files.sort(key=lambda item: item.path)
    names = {file.path for file in found.files}
    for file in found.files:
        if (name := output_name(file.path)) != file.path and name in names:
            found.failed.append((file.path, f"its text would take the place of {display(os.fsdecode(name))}"))
    taken = {path for path, _ in found.failed}
    found.files = [file for file in found.files if file.path not in taken]
    return found


def _listed(folder: bytes) -> Iterator[os.DirEntry[bytes]]:
    with os.scandir(folder) as entries:
        return iter(sorted(entries, key=lambda entry: entry.name))


def _judge(entry: os.DirEntry[bytes], path: bytes, roots: tuple[bytes, ...], found: Scan) -> None:
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
    if not entry.name.lower().endswith(TEXTS + SCANS):
        found.others += 1
    elif not stat.S_ISREG(status.st_mode):
        found.left_out.append((path, "no regular file"))
    elif entry.name.lower().endswith(TEXTS) or _is_scan(entry.path):
        found.files.append(Found(path, Signature.of(status)))
    else:
        found.others += 1


def _is_scan(path: bytes) -> bool:
    from ..formats.reading import HEAD, detect  # for trees that have such files

    try:
        with Path(os.fsdecode(path)).open("rb") as file:
            return detect(file.read(HEAD)) is not None
    except OSError:
        return True  # reading it will say what is wrong


def _is_file(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
