"""`textfix batch`: a folder of files repaired into another one, in parallel, to be resumed at any time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..batch import Batch, Ledger, Plan, Summary, found_in, ledger_path, look, run
from ..batch.repairs import Repairs
from ..errors import OptionError
from ..files import display
from . import DONE, FAILED
from .batch_progress import progress
from .options import encoding_option, examples
from .repairing import lists_of, repair_options, repairer, take_repair_words
from .reporting import check_report, decisions_of, review_options, write_report
from .streams import once_stdin, say, write

if TYPE_CHECKING:
    from ..review import Proposal

__all__ = ["command"]


@click.command(
    "batch",
    short_help="Repair a folder, or a column, in parallel.",
    epilog=examples(
        "$ textfix batch scans/ repaired/ --jobs 2 --report report.html",
        "$ textfix batch scans/ repaired/ --dry-run",
    ),
)
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option("-j", "--jobs", type=int, metavar="N", help="Processes that work at a time (one for each processor).")
@click.option("-n", "--dry-run", is_flag=True, help="Print what would be done and why; do nothing.")
@click.option("--since", metavar="DATE", help="Only files modified since then (UTC, if no offset is given).")
@click.option("--fail-fast", is_flag=True, help="Stop at the first file that fails.")
@click.option("--retry", is_flag=True, help="Try the files in quarantine again.")
@click.option("--overwrite", is_flag=True, help="Write over files in OUT that are not of this batch, or were changed.")
@click.option("--ledger", metavar="FILE", help="The ledger, instead of OUT.ledger.sqlite.")
@click.option("--column", metavar="NAME", help="IN and OUT are Parquet files; repair the texts of that column.")
@click.option("--edits", metavar="NAME", help="Add a column of that name to OUT that holds the edits.")
@review_options
@repair_options
@encoding_option
def command(source: str, target: str, **given: Any) -> int:
    """Repair every text (*.txt), ALTO, hOCR, PAGE and PDF file under the folder IN into the same place under OUT.

    What is up to date stays as it is: a second run does only what is new or changed, or what other options or tables
    would repair in another way. A run may be killed at any time; the next one goes on. A file that cannot be repaired
    is put into quarantine (its reason is in the ledger) and the others go on; exit code 2 says that there are such.
    """
    words = take_repair_words(given)
    once_stdin([*given["decisions"], *lists_of(words)])
    column, edits = given.pop("column"), given.pop("edits")
    if column is not None:
        from .batch_parquet import run as run_parquet

        jobs = given.pop("jobs")
        return run_parquet(source, target, column, edits, _processors() if jobs is None else jobs, words, given)
    if edits is not None or source.endswith(".parquet"):
        raise OptionError("a Parquet file needs --column NAME, the column of texts that is to be repaired")
    report, dry_run = given.pop("report"), given.pop("dry_run")
    check_report(report)
    recipe = Repairs(repairer(words), given.pop("encoding"), decisions_of(given.pop("decisions")), tuple(words["lm"]))
    jobs, since = given.pop("jobs"), given.pop("since")
    batch = Batch(
        source,
        target,
        recipe,
        jobs=_processors() if jobs is None else jobs,
        since_ns=None if since is None else _nanoseconds(since),
        **given,
    )
    if dry_run:
        return _show(*look(batch)[1:])
    with progress() as watcher:
        summary = run(batch, watcher)
    if report is not None:
        write_report(report, f"Review of {display(Path(source).resolve().name)}", _proposed(batch))
    say(_told(summary))
    if summary.broken:
        say(f"textfix: stopped: {summary.broken}")
    return FAILED if summary.failed else DONE


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _nanoseconds(date: str) -> int:
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        raise OptionError(f"--since {date!r} is no date; write 2026-11-22 or 2026-11-22T08:00+08:00") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * 1_000_000_000


def _name(path: bytes) -> str:
    return display(os.fsdecode(path))


def _show(todo: Plan) -> int:
    rows = [(_name(task.path), task.why if task.replaces else f"{task.why}, but OUT has it") for task in todo.tasks]
    rows += [(_name(path), "held") for path, _ in todo.held]
    write(None, "".join(f"{why}\t{name}\n" for name, why in sorted(rows)).encode())
    say(f"{len(todo.tasks)} files to do, {todo.fresh} up to date, {len(todo.held)} in quarantine")
    return DONE


def _proposed(batch: Batch) -> Iterator[tuple[str, list[Proposal]]]:
    """What was made and suggested in every file that is in IN now, whichever run repaired it."""
    ledger = Ledger(ledger_path(batch), readonly=True)
    try:
        paths = {file.path for file in found_in(batch).files}
        for path, items in groupby(ledger.proposals(paths), key=lambda item: item[0]):
            yield _name(path), [p for _, p in items]
    finally:
        ledger.close()


def _told(done: Summary) -> str:
    """The line at the end."""
    rate = f", {done.characters / done.seconds:,.0f} a second" if done.characters and done.seconds else ""
    what = f"{done.edits:,} edits made, {done.suggestions:,} suggested; {done.characters:,} characters{rate}"
    parts = [f"{done.done:,} files repaired ({what}) in {done.seconds:.1f} s", f"{done.fresh:,} up to date"]
    if done.edited:
        parts.append(f"{done.edited:,} changed by somebody in OUT and kept")
    if done.troubles:
        parts.append(f"{len(done.troubles):,} failed")
    if done.held:
        parts.append(f"{done.held:,} in quarantine since earlier (--retry)")
    if done.others:
        parts.append(f"{done.others:,} other files left out")
    return "; ".join(parts)
