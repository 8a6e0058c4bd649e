"""`textfix learn`: a confusable table from OCR texts and their truths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError, OptionError
from ..files import check_writable, display
from . import DONE
from .options import encoding_option, examples
from .progress import track
from .streams import STDIN, once_stdin, read, say, write

if TYPE_CHECKING:
    from ..tables.confusable import Table

__all__ = ["command", "rejections"]

_OCR, _TRUTH = ".ocr.txt", ".gt.txt"


@click.command(
    "learn",
    short_help="Learn what OCR confuses from pairs.",
    epilog=examples(
        "$ textfix learn page1.ocr.txt page1.gt.txt page2.ocr.txt page2.gt.txt > mine.tsv",
        "$ textfix learn --pairs scans/ -o mine.tsv",
    ),
)
@click.argument("texts", nargs=-1, metavar="[OCR TRUTH]...")
@click.option("--pairs", "folder", metavar="DIR", help=f"Learn from every NAME{_OCR} in DIR that has a NAME{_TRUTH}.")
@click.option("-o", "--output", metavar="TABLE", help="Write the table there instead of to standard output.")
@encoding_option
def command(texts: tuple[str, ...], folder: str | None, output: str | None, encoding: str) -> int:
    """Learn what OCR confuses from pairs of its output and the true text.

    The truth may be longer than the OCR text, and edited by people: what they changed is not learned. A table that
    stands in TABLE is written anew, but rows that a person rejected there stay rejected.
    """
    if len(texts) % 2:
        raise OptionError("texts come in pairs: OCR TRUTH [OCR TRUTH]...")
    once_stdin(texts)
    names = list(zip(texts[::2], texts[1::2], strict=True))
    if folder is not None:
        names += _pairs_in(Path(folder))
    if not names:
        raise OptionError("nothing to learn from; name pairs OCR TRUTH, or a folder with --pairs")
    if output is not None and output != STDIN:
        check_writable(output)
    from ..learner import Pair, learn

    old = rejections(output)

    def pairs() -> Iterator[Pair]:
        for ocr, truth in track(names, "learning"):
            source, authority = read(ocr, encoding, empty=False), read(truth, encoding, empty=False)
            yield Pair(source.text, authority.text, _title(ocr))

    table = learn(pairs()).merge(old)
    write(output, table.dump().encode())
    say(f"{len(table)} rows from {len(names)} pair{'s' if len(names) != 1 else ''}")
    return DONE


def rejections(target: str | None) -> Table:
    """The rows that a person rejected in the table that stands in the file `target`, if one does, uncounted."""
    from ..tables.confusable import Table

    if target is None or not Path(target).is_file():
        return Table()
    old = Table.parse(read(target).text, display(target))
    return Table(replace(row, count=0, documents=0) for row in old if row.rejected)


def _title(name: str) -> str:
    """What the table calls a source: the file's name, which says the same on every machine, unlike its folder."""
    return "<stdin>" if name == STDIN else display(Path(name).name.removesuffix(_OCR))


def _pairs_in(folder: Path) -> list[tuple[str, str]]:
    if not folder.is_dir():
        raise InputError(f"{display(folder)}: no such folder")
    found = [(path, path.with_name(path.name.removesuffix(_OCR) + _TRUTH)) for path in sorted(folder.glob("*" + _OCR))]
    pairs = [(str(ocr), str(truth)) for ocr, truth in found if truth.is_file()]
    if not pairs:
        raise InputError(f"{display(folder)}: no NAME{_OCR} beside a NAME{_TRUTH}")
    return pairs
