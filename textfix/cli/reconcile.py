"""`textfix reconcile`: an extract repaired from the authoritative text, with what people changed kept and reported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import OptionError
from ..files import check_writable
from . import DONE, FOUND
from .learn import rejections
from .options import difference_kinds, encoding_option, examples, output_option
from .streams import STDIN, json_line, keep_apart, once_stdin, read, say, write

if TYPE_CHECKING:
    from ..tables.confusable import Row

__all__ = ["command", "with_line_ends_of", "write_table"]


@click.command(
    "reconcile",
    epilog=examples(
        "$ textfix reconcile extract.txt --against notice.txt -o repaired.txt --report report.txt",
        "$ textfix reconcile scans/ --against authorities/ -o repaired/ --learn confusions.tsv",
    ),
)
@click.argument("extract")
@click.option("--against", "notice", required=True, metavar="NOTICE", help="The authoritative text, or a folder.")
@output_option
@click.option("--report", metavar="FILE", help="Write the report there: text, or JSON with --json or for *.json.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON; without --report to standard output.")
@click.option("--learn", "table", metavar="TABLE", help="Write there what OCR was seen to confuse.")
@click.option("--fail-on", multiple=True, metavar="KINDS", help="Exit with 1 if there are differences of these kinds.")
@encoding_option
def command(
    extract: str,
    notice: str,
    output: str | None,
    report: str | None,
    as_json: bool,
    table: str | None,
    fail_on: tuple[str, ...],
    encoding: str,
) -> int:
    """Repair EXTRACT from NOTICE.

    What OCR did is repaired, and the setting brought to the notice's. What people changed or left out is kept, and
    reported under its kind: number, omission, insertion, substitution, move. The text goes to standard output or to
    OUT; with --json and no --report the JSON, which has the text in it, takes its place on standard output.

    With folders, every .txt file under EXTRACT is repaired from the documents under NOTICE that it quotes or abridges,
    which are found by themselves; what has no source stays as it is. The results go to the folder OUT under the same
    names, with a report beside each and one for all, report.json (or both to the folder FILE). On standard output a
    line a scan tells its sources; with --json it is the report for all.

    KINDS are kinds of differences, or the groups editorial, ocr, format, content, all.
    """
    once_stdin([extract, notice])
    if Path(extract).is_dir() or Path(notice).is_dir():
        from .reconcile_folder import reconcile_folder

        return reconcile_folder(extract, notice, output, report, as_json, table, difference_kinds(fail_on), encoding)
    for target in (output, report, table):
        if target is not None and target != STDIN:
            check_writable(target)
    beside = {"--report": report, "--learn": table}
    keep_apart(beside, [extract])
    keep_apart({"--output": output, **beside}, [notice])
    if [output, report, table].count(STDIN) > 1:
        raise OptionError("standard output can take only one of --output, --report and --learn")
    wanted = difference_kinds(fail_on)
    source = read(extract, encoding, empty=False)
    authority = read(notice, encoding, empty=False)
    from ..reconciler import reconcile

    result = reconcile(source.text, with_line_ends_of(source.text, authority.text))
    text, shown = source.encode(result.text), b""
    row = {"format": "textfix.reconciliation", "version": 1, "extract": source.name, "authority": authority.name}
    if report is not None:
        in_json = as_json or Path(report).suffix == ".json"
        write(report, json_line(row | result.to_dict()) if in_json else result.report().encode())
    if as_json and report is None:
        write(None, json_line(row | result.to_dict()))
        if output is not None and output != STDIN:
            write(output, text)
    else:
        write(output, text)
        shown = text if output in (None, STDIN) else b""
    if table is not None:
        from ..learner import rows_of

        write_table(table, rows_of(result.alignment), [source.name])
    say(result.summary(), after=shown)
    found = any(d.kind in wanted for d in result.alignment.differences)
    return FOUND if found else DONE


def write_table(target: str, rows: Iterable[Row], names: Iterable[str]) -> int:
    """Write the table of `rows`, which were learned from the scans `names`; give the number of its rows.

    Rows that a person rejected in a table that stands in the file `target` stay rejected.
    """
    from ..learner import GENERATOR
    from ..tables.confusable import Table

    table = Table(rows, names, [GENERATOR]).merge(rejections(target))
    write(target, table.dump().encode())
    return len(table)


def with_line_ends_of(text: str, other: str) -> str:
    """`other` with the line ends of `text`: they are the file's, not the document's, and are no difference."""
    if "\n" not in text:
        return other
    plain = other.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in text else plain
