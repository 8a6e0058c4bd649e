"""`textfix align`: every difference of two texts, classified."""

from __future__ import annotations

import click

from ..errors import OptionError
from . import DONE
from .options import encoding_option, output_option
from .streams import json_line, once_stdin, read, say, write

__all__ = ["command"]

_FORMATS = ("json", "tsv")
_COLUMNS = ("start", "end", "other_start", "other_end", "kind", "confidence", "observed", "intended")
_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})


@click.command("align")
@click.argument("a")
@click.argument("b")
@click.option("--format", "form", default="tsv", show_default=True, metavar="|".join(_FORMATS), help="What to print.")
@output_option
@encoding_option
def command(a: str, b: str, form: str, output: str | None, encoding: str) -> int:
    """Print every difference of A (an OCR text, an extract) and B (its truth, an authority).

    A row says where the difference stands in both texts (code points, half open), its kind, how probable that kind
    is, and what A and B have there. In TSV a tab, a line end or a backslash is written as \\t, \\n, \\r or \\\\.
    """
    if form not in _FORMATS:
        raise OptionError(f"no format {form!r}; there are {', '.join(_FORMATS)}")
    once_stdin([a, b])
    one, two = read(a, encoding, empty=False), read(b, encoding, empty=False)
    from ..alignment import align

    alignment = align(one.text, two.text)
    if form == "json":
        row = {"format": "textfix.alignment", "version": 1, "a": one.name, "b": two.name}
        write(output, json_line(row | alignment.to_dict()))
    else:
        rows = [d.to_dict() for d in alignment.differences]
        lines = ["\t".join(str(row[column]).translate(_ESCAPES) for column in _COLUMNS) for row in rows]
        write(output, "\n".join(["\t".join(_COLUMNS), *lines, ""]).encode())
    tally = ", ".join(f"{count} {kind}" for kind, count in alignment.counts().items())
    say(f"{len(alignment.differences)} differences" + (f" ({tally})" if tally else ""))
    return DONE
