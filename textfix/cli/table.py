"""`textfix table`: look at confusable tables, merge and check them, and have a person's say about their rows."""

from __future__ import annotations

import click

from ..errors import OptionError, TableError
from ..tables.confusable import Table
from . import DONE, FAILED, FOUND
from .options import examples, output_option
from .streams import STDIN, once_stdin, read, say, write

__all__ = ["command"]


@click.group(
    "table", short_help="Look after tables of confusions.", epilog=examples("$ textfix table show mine.tsv --by-count")
)
def command() -> None:
    """Show, merge and check confusable tables; reject a row for good; apply what a review decided."""


def _load(name: str) -> tuple[Table, str]:
    """A table and the text that it was read from."""
    source = read(name)
    return Table.parse(source.text, source.name), source.text


@command.command("show", short_help="Print rows of a table.", epilog=examples("$ textfix table show mine.tsv 矸 硏"))
@click.argument("table")
@click.argument("strings", nargs=-1, metavar="[STRING]...")
@click.option("--kind", multiple=True, metavar="KIND", help="Only rows of this kind (may be repeated).")
@click.option("--rejected/--active", default=None, help="Only rows that a person rejected, or only the others.")
@click.option("--by-count", is_flag=True, help="Most frequent first.")
def show(table: str, strings: tuple[str, ...], kind: tuple[str, ...], rejected: bool | None, by_count: bool) -> int:
    """Print the rows of TABLE, or those in which any STRING occurs, as TSV.

    How many they are goes to standard error.
    """
    rows = Table(
        row
        for row in _load(table)[0]
        if (not strings or any(s in row.observed or s in row.intended for s in strings))
        and (not kind or row.kind in kind)
        and rejected in (None, row.rejected)
    )
    head, *lines = rows.dump().splitlines(keepends=True)[-len(rows) - 1 :]
    if by_count:
        lines = [line for _, line in sorted(zip(rows, lines, strict=True), key=lambda pair: -pair[0].count)]
    write(None, "".join([head, *lines]).encode())
    say(f"{len(rows)} rows, {sum(r.rejected for r in rows)} rejected, seen {sum(r.count for r in rows)} times")
    return DONE


@command.command("merge", epilog=examples("$ textfix table merge mine.tsv theirs.tsv -o ours.tsv"))
@click.argument("tables", nargs=-1, required=True, metavar="TABLE...")
@output_option
def merge(tables: tuple[str, ...], output: str | None) -> int:
    """Add tables up. The order does not matter; a rejected row stays rejected."""
    once_stdin(tables)
    first, *others = (_load(name)[0] for name in tables)
    write(output, first.merge(*others).dump().encode())
    return DONE


@command.command(
    "check", short_help="Say which tables are malformed.", epilog=examples("$ textfix table check mine.tsv")
)
@click.argument("tables", nargs=-1, required=True, metavar="TABLE...")
def check(tables: tuple[str, ...]) -> int:
    """Say which tables are malformed (exit 2) or not in the order in which textfix writes them (exit 1)."""
    once_stdin(tables)
    status = DONE
    for name in tables:
        try:
            table, text = _load(name)
        except TableError as error:
            say(f"textfix: {error}")
            status = FAILED
            continue
        if table.dump() != text:
            say(f"{name}: not as textfix writes it; textfix table merge {name} -o {name} puts it in order")
            status = max(status, FOUND)
    return status


@command.command(
    "reject", short_help="Reject a pair for good.", epilog=examples("$ textfix table reject -i mine.tsv 猛 锰")
)
@click.argument("table")
@click.argument("observed")
@click.argument("intended")
@click.option("-i", "--in-place", is_flag=True, help="Write TABLE back, in one step.")
@output_option
def reject(table: str, observed: str, intended: str, in_place: bool, output: str | None) -> int:
    """Mark the pair OBSERVED → INTENDED as rejected: it is not used, and stays so through every merge."""
    if in_place and (output is not None or table == STDIN):
        raise OptionError("--in-place needs a file and contradicts --output")
    changed = _load(table)[0].reject(observed, intended)
    write(table if in_place else output, changed.dump().encode())
    return DONE


@command.command(
    "apply",
    short_help="Apply what a review decided.",
    epilog=examples("$ textfix table apply -i decisions.json mine.tsv"),
)
@click.argument("decisions")
@click.argument("table", required=False)
@click.option("-i", "--in-place", is_flag=True, help="Write TABLE back, in one step.")
@output_option
def apply(decisions: str, table: str | None, in_place: bool, output: str | None) -> int:
    """Apply DECISIONS, as the page of --report downloads them, to TABLE, or to an empty one.

    A pair that was rejected everywhere, or in some places and accepted in none, becomes a rejected row, which stays
    rejected through relearning and merging. An accepted one is counted, once however often the file is applied.
    """
    if in_place and (output is not None or table in (None, STDIN)):
        raise OptionError("--in-place needs a TABLE and contradicts --output")
    once_stdin([decisions, *([table] if table else [])])
    from ..review import Decisions
    from ..review.rows import apply_to_table

    source = read(decisions)
    said = Decisions.parse(source.text, source.name)
    done = apply_to_table(_load(table)[0] if table else Table(), said)
    write(table if in_place else output, done.table.dump().encode())
    counted = "counted already" if done.again else f"{done.counted} counted"
    say(f"{done.rejected} pairs rejected, {counted}, {done.passed_over} decisions that are no rows")
    return DONE
