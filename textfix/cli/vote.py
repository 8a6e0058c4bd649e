"""`textfix vote`: one text from the OCR outputs of several engines."""

from __future__ import annotations

import click

from ..errors import OptionError
from ..files import check_writable
from . import DONE
from .options import encoding_option, examples, output_option
from .reconcile import with_line_ends_of
from .streams import STDIN, json_line, keep_apart, once_stdin, read, say, write

__all__ = ["command"]


@click.command(
    "vote",
    short_help="Make one text of several readings.",
    epilog=examples(
        "$ textfix vote page.tess.txt page.rapid.txt -o page.txt",
        "$ textfix vote page.tess.txt page.rapid.txt | textfix clean",
    ),
)
@click.argument("readings", nargs=-1, required=True, metavar="A B...")
@output_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the text and every disagreement.")
@encoding_option
def command(readings: tuple[str, ...], output: str | None, as_json: bool, encoding: str) -> int:
    """Make one text of A, B...: what several engines, or several runs, read on the same page.

    Where they differ, the channel and the language model decide what most likely stood there, not the majority alone.
    A witness may lack parts. Layout and line breaks are those of the witness that errs least. The text goes to
    standard output or to OUT; with --json the JSON, which has the text in it, takes its place on standard output.
    """
    if len(readings) < 2:
        raise OptionError("one witness makes no vote; name two texts or more")
    once_stdin(readings)
    keep_apart({"--output": output}, readings)
    if output is not None and output != STDIN:
        check_writable(output)
    sources = [read(name, encoding) for name in readings]
    from ..vote import vote

    result = vote([with_line_ends_of(sources[0].text, source.text) for source in sources])
    text = sources[0].encode(result.text)
    if as_json:
        row = {"format": "textfix.vote", "version": 1, "readings": [source.name for source in sources]}
        write(None, json_line(row | result.to_dict()))
    if not as_json or (output is not None and output != STDIN):
        write(output, text)
    shown = text if not as_json and output in (None, STDIN) else b""
    rates = ", ".join(f"{s.name} {rate:.1%}" for s, rate in zip(sources, result.rates, strict=True))
    say(f"{len(result.disagreements)} disagreements decided; estimated errors: {rates}", after=shown)
    return DONE
