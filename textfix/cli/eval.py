"""`textfix eval`: how good OCR output is, and what a repair does to it, measured against the true text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ..errors import OptionError
from ..files import check_writable
from . import DONE
from .options import encoding_option, examples, output_option
from .progress import track
from .repairing import lists_of, repair_options, repairer, take_repair_words
from .streams import STDIN, json_line, keep_apart, once_stdin, read, say, write

if TYPE_CHECKING:
    from ..evaluate import Document

__all__ = ["command"]


@click.command(
    "eval",
    short_help="Measure OCR texts and their repair.",
    epilog=examples(
        "$ textfix eval page1.ocr.txt page1.gt.txt",
        "$ textfix eval scans/ --html evaluation.html",
        "$ textfix eval page1.ocr.txt page1.gt.txt --no-repair --json",
    ),
)
@click.argument("ocr")
@click.argument("truth", required=False)
@click.option("--no-repair", is_flag=True, help="Only compare; repair nothing.")
@repair_options
@click.option("--json", "as_json", is_flag=True, help="Print everything as one line of JSON instead of a table.")
@click.option("--html", metavar="FILE", help="Write a page with plots there, too.")
@output_option
@encoding_option
def command(
    ocr: str,
    truth: str | None,
    no_repair: bool,
    as_json: bool,
    html: str | None,
    output: str | None,
    encoding: str,
    **given: Any,
) -> int:
    """Measure OCR texts, and what textfix repairs in them, against the TRUTH.

    OCR and TRUTH are two files, or two folders: NAME.ocr.txt goes with NAME.gt.txt (in the same folder if no TRUTH is
    named), other files go with the file of the same name. Subfolders are sets. Edits are judged one by one where they
    stand. Intervals are bootstraps over documents. The options of a repair are those of clean. docs/evaluate.md defines
    every figure.
    """
    words = take_repair_words(given)
    if no_repair and any(word is not None and word is not False and word != () for word in words.values()):
        raise OptionError("--no-repair contradicts the options of a repair")
    once_stdin(lists_of(words))
    targets = [target for target in (output, html) if target is not None and target != STDIN]
    for target in targets:
        check_writable(target)
    keep_apart({"--output": output, "--html": html}, [name for name in (ocr, truth) if name is not None])
    if html == STDIN and (output is None or output == STDIN):
        raise OptionError("--html - needs a file for the table; name one with --output")
    from ..evaluate import Document, evaluate, evaluation_page, find_pairs, table

    names, lonely = find_pairs(ocr, truth)
    repair = None if no_repair else repairer(words).repair

    def documents() -> Iterator[Document]:
        for pair in track(names, "evaluating"):
            yield Document(pair.name, pair.group, read(pair.ocr, encoding).text, read(pair.truth, encoding).text)

    evaluation = evaluate(documents(), repair)
    if html is not None:
        write(html, evaluation_page(evaluation, ocr).encode())
    if as_json:
        row = {"format": "textfix.evaluation", "version": 1, "ocr": ocr, "truth": truth}
        write(output, json_line(row | evaluation.to_dict()))
    else:
        write(output, table(evaluation).encode())
    if lonely:
        say(f"{len(lonely)} without a truth left out, the first {lonely[0]}")
    return DONE
