"""`textfix eval`: how good OCR output is, and what a repair does to it, measured against the true text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..errors import OptionError
from ..files import check_writable
from . import DONE
from .options import encoding_option, examples, output_option
from .progress import track
from .streams import STDIN, json_line, read, say, write

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
@click.option("--preset", help="How sure an edit has to be: strict, balanced (default) or eager.")
@click.option("--min-confidence", type=float, metavar="P", help="The same as a probability from 0 to 1.")
@click.option("--lm", multiple=True, metavar="MODEL[:WEIGHT]", help="Mix in a model of train-lm, half and half.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one line of JSON instead of a table.")
@click.option("--html", metavar="FILE", help="Write a page with plots there, too.")
@output_option
@encoding_option
def command(
    ocr: str,
    truth: str | None,
    no_repair: bool,
    preset: str | None,
    min_confidence: float | None,
    lm: tuple[str, ...],
    as_json: bool,
    html: str | None,
    output: str | None,
    encoding: str,
) -> int:
    """Measure OCR texts, and what textfix repairs in them, against the TRUTH.

    OCR and TRUTH are two files, or two folders: NAME.ocr.txt goes with NAME.gt.txt (in the same folder if no TRUTH is
    named), other files go with the file of the same name. Subfolders are sets. Edits are judged one by one where they
    stand. Intervals are bootstraps over documents. docs/evaluate.md defines every figure.
    """
    if no_repair and (preset or min_confidence is not None or lm):
        raise OptionError("--no-repair contradicts the options of a repair")
    targets = [target for target in (output, html) if target is not None and target != STDIN]
    for target in targets:
        check_writable(target)
    if len(set(targets)) < len(targets):
        raise OptionError("--output and --html name the same file")
    if html == STDIN and (output is None or output == STDIN):
        raise OptionError("--html - needs a file for the table; name one with --output")
    from ..evaluate import Document, evaluate, evaluation_page, find_pairs, table

    names, lonely = find_pairs(ocr, truth)
    repair = None
    if not no_repair:
        from ..lm import load_mixed
        from ..pipeline import Options, Repairer

        options = Options.of(preset=preset, min_confidence=min_confidence)
        repair = Repairer(options, lm=load_mixed(lm) if lm else None).repair

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
