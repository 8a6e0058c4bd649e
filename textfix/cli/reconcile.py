"""`textfix reconcile`: an extract repaired from the authoritative text, with what people changed kept and reported."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import OptionError
from ..files import check_writable
from . import DONE, FOUND
from .options import difference_kinds, encoding_option, output_option
from .streams import STDIN, json_line, once_stdin, read, say, write

__all__ = ["command"]


@click.command("reconcile")
@click.argument("extract")
@click.option("--against", "notice", required=True, metavar="NOTICE", help="The authoritative text.")
@output_option
@click.option("--report", metavar="FILE", help="Write the report there: text, or JSON with --json or for *.json.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON; without --report to standard output.")
@click.option("--fail-on", multiple=True, metavar="KINDS", help="Exit with 1 if there are differences of these kinds.")
@encoding_option
def command(
    extract: str,
    notice: str,
    output: str | None,
    report: str | None,
    as_json: bool,
    fail_on: tuple[str, ...],
    encoding: str,
) -> int:
    """Repair EXTRACT from NOTICE.

    What OCR did is repaired, and the setting brought to the notice's. What people changed or left out is kept, and
    reported under its kind: number, omission, insertion, substitution, move. The text goes to standard output or to
    OUT; with --json and no --report the JSON, which has the text in it, takes its place on standard output.

    KINDS are kinds of differences, or the groups editorial, ocr, format, content, all.

    \b
      textfix reconcile extract.txt --against notice.txt -o repaired.txt --report report.txt
      textfix reconcile extract.txt --against notice.txt --fail-on number > repaired.txt
    """
    once_stdin([extract, notice])
    for target in (output, report):
        if target is not None and target != STDIN:
            check_writable(target)
    if output is not None and output == report:
        raise OptionError("--output and --report name the same file")
    wanted = difference_kinds(fail_on)
    source = read(extract, encoding, empty=False)
    authority = read(notice, encoding, empty=False)
    from ..reconciler import reconcile

    result = reconcile(source.text, _with_line_ends_of(source.text, authority.text))
    text = source.encode(result.text)
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
    say(result.summary())
    found = any(d.kind in wanted for d in result.alignment.differences)
    return FOUND if found else DONE


def _with_line_ends_of(text: str, other: str) -> str:
    """`other` with the line ends of `text`: they are the file's, not the document's, and are no difference."""
    if "\n" not in text:
        return other
    plain = other.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in text else plain
