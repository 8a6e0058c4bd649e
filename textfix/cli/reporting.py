"""``--report`` and ``--decisions``: what a person is shown for review, and what that person decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..edits import Repair
from ..errors import OptionError
from ..files import check_writable
from ..parts import Part, Patch
from .streams import STDIN, read, write
from .watchers import Watcher

if TYPE_CHECKING:
    from ..review import Decisions, Proposal

__all__ = ["Reporter", "check_report", "decisions_of", "review_options", "write_report"]

#: Proposals of one file that are held until it is whole. A file that has more is in the report even if it fails.
_HELD = 50_000


def review_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options of a review."""
    command = click.option(
        "--decisions", multiple=True, metavar="FILE", help="Abide by decisions.json of a review (may be repeated)."
    )(command)
    return click.option(
        "--report", metavar="FILE.html", help="Write a page on which a person reviews every edit, the doubtful first."
    )(command)


def check_report(name: str | None) -> None:
    """Refuse a report that cannot be written, before any work is done."""
    if name == STDIN:
        raise OptionError("--report needs a file: standard output carries the texts")
    if name is not None:
        check_writable(name)


def decisions_of(names: Sequence[str]) -> Decisions:
    """The decisions of all files; of two that contradict each other the later one holds."""
    from ..review import Decisions

    every = Decisions()
    for name in names:
        source = read(name)
        every += Decisions.parse(source.text, source.name)
    return every


def write_report(name: str, title: str, items: Iterator[tuple[str, list[Proposal]]]) -> None:
    """Write the page for `items`: what messages call a file, and what was proposed in it."""
    from ..review.page import Report

    report = Report()
    for file, found in items:
        report.add(file, found)
    write(name, report.html(title).encode())


class Reporter(Watcher):
    """Keeps what was proposed, and writes the page when all files are done."""

    def __init__(self, name: str) -> None:
        from ..review.page import Report

        self._name, self._report = name, Report()
        self._file, self._offset = "", 0
        self._files: list[str] = []
        self._found: list[Proposal] = []

    def begin(self, name: str) -> None:
        self._file, self._offset, self._found = name, 0, []

    def saw(self, part: Part, repair: Repair, patches: Sequence[Patch]) -> None:  # noqa: ARG002
        from ..review import proposals_in

        self._found += proposals_in(part, repair, self._offset)
        self._offset += len(part.text)
        if len(self._found) > _HELD:
            self._report.add(self._file, self._found)
            self._found = []

    def end(self) -> None:
        self._report.add(self._file, self._found)
        self._files.append(self._file)

    def close(self, *, failed: bool) -> None:
        if self._files or not failed:
            one = self._files[0] if len(self._files) == 1 else f"{len(self._files)} files"
            write(self._name, self._report.html(f"Review of {Path(one).name}").encode())
