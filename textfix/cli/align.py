"""`textfix align`: every difference of two texts, classified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import OptionError
from ..files import Decoded, check_writable
from . import DONE
from .options import difference_kinds, encoding_option, examples, output_option
from .streams import STDIN, json_line, keep_apart, once_stdin, read, say, stdout_is_terminal, write

if TYPE_CHECKING:
    from ..alignment import Alignment

__all__ = ["command"]

_COLUMNS = ("start", "end", "other_start", "other_end", "kind", "confidence", "observed", "intended")
_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})


@dataclass(frozen=True, slots=True)
class _Job:
    """What is printed: an alignment, the two sources, the kinds that are wanted, and where it goes."""

    alignment: Alignment
    one: Decoded
    two: Decoded
    kinds: frozenset[str]
    output: str | None

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [d.to_dict() for d in self.alignment.differences if d.kind in self.kinds]


def _json(job: _Job) -> bytes:
    row = {"format": "textfix.alignment", "version": 1, "a": job.one.name, "b": job.two.name}
    return json_line(row | job.alignment.to_dict() | {"differences": job.rows})


def _tsv(job: _Job) -> bytes:
    lines = ["\t".join(str(row[column]).translate(_ESCAPES) for column in _COLUMNS) for row in job.rows]
    return "\n".join(["\t".join(_COLUMNS), *lines, ""]).encode()


def _diff(job: _Job) -> bytes:
    from ..alignment.views import word_diff

    coloured = job.output in (None, STDIN) and stdout_is_terminal()
    mark = (lambda part, sign: click.style(part, "red" if sign == "-" else "green")) if coloured else None
    lines = word_diff(job.alignment, job.one.name, job.two.name, kinds=job.kinds, mark=mark)
    return "".join(lines).encode("utf-8", "backslashreplace")


def _html(job: _Job) -> bytes:
    from ..alignment.facing import facing_page

    names = [Path(source.name).name for source in (job.one, job.two)]
    if names[0] == names[1]:
        names = [job.one.name, job.two.name]
    return facing_page(job.alignment, *names, kinds=job.kinds).encode()


_FORMATS: dict[str, Callable[[_Job], bytes]] = {"json": _json, "tsv": _tsv, "diff": _diff, "html": _html}


@click.command(
    "align",
    short_help="Print every difference of two texts.",
    epilog=examples(
        "$ textfix align extract.txt notice.txt --format diff --only content",
        "$ textfix align extract.txt notice.txt --format html -o differences.html",
    ),
)
@click.argument("a")
@click.argument("b")
@click.option("--format", "form", default="tsv", show_default=True, metavar="|".join(_FORMATS), help="What to print.")
@click.option("--only", multiple=True, metavar="KINDS", help="Only differences of these kinds (in html: at first).")
@output_option
@encoding_option
def command(a: str, b: str, form: str, only: tuple[str, ...], output: str | None, encoding: str) -> int:
    """Print every difference of A (an OCR text, an extract) and B (its truth, an authority).

    A row of TSV says where the difference stands in both texts (code points, half open), its kind, how probable that
    kind is, and what A and B have there; a tab, a line end or a backslash is written as \\t, \\n, \\r or \\\\. JSON has
    the evidence and the error rates, too. diff is to be read: [-what A has-]{+what B has+}. html is one page with both
    texts side by side.

    KINDS are kinds of differences, or the groups editorial, ocr, format, content, all.
    """
    if form not in _FORMATS:
        raise OptionError(f"no format {form!r}; there are {', '.join(_FORMATS)}")
    once_stdin([a, b])
    keep_apart({"--output": output}, [a, b])
    wanted = difference_kinds(only)
    if output is not None and output != STDIN:
        check_writable(output)
    one, two = read(a, encoding, empty=False), read(b, encoding, empty=False)
    from ..alignment import DIFFERENCE_KINDS, align

    alignment = align(one.text, two.text)
    kinds = wanted if only else frozenset(DIFFERENCE_KINDS)
    write(output, _FORMATS[form](_Job(alignment, one, two, kinds, output)))
    counts = {kind: count for kind, count in alignment.counts().items() if kind in kinds}
    tally = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    say(f"{sum(counts.values())} differences" + (f" ({tally})" if tally else ""))
    return DONE
