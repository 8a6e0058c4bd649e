"""`textfix clean`: repair texts by the shipped tables and model, without any reference."""

from __future__ import annotations

from collections import Counter

import click

from ..edits import Edit, Edits, Repair
from ..errors import OptionError, TextfixError
from ..files import Decoded, check_writable
from . import DONE, FAILED, FOUND
from .options import encoding_option, output_option
from .progress import track
from .streams import STDIN, json_line, once_stdin, read, read_lines, say, stdout_is_terminal, write

__all__ = ["command"]


@click.command("clean")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--only", multiple=True, metavar="KINDS", help="Make only such edits: glyph,width,…; content, format.")
@click.option("--skip", multiple=True, metavar="KINDS", help="Make no edits of these kinds.")
@click.option("--preset", help="How sure an edit has to be: strict, balanced (default) or eager.")
@click.option("--min-confidence", type=float, metavar="P", help="The same as a probability from 0 to 1.")
@click.option("--protect", multiple=True, metavar="FILE", help="Never touch the terms in FILE, one a line.")
@click.option("--lm", multiple=True, metavar="MODEL[:WEIGHT]", help="Mix in a model of train-lm, half and half.")
@click.option("--error-rate", type=float, metavar="R", help="Wrong characters per character, instead of an estimate.")
@click.option("--json", "as_json", is_flag=True, help="Print text, edits and suggestions as JSON, one line a file.")
@click.option("--diff", "as_diff", is_flag=True, help="Print a unified diff instead of the text.")
@click.option("--check", is_flag=True, help="Print no text; exit with 1 if any file would be changed.")
@click.option("--suggest", is_flag=True, help="List the edits that were not certain enough on standard error.")
@output_option
@click.option("-i", "--in-place", is_flag=True, help="Write each file back, if it changed, in one step.")
@encoding_option
def command(
    files: tuple[str, ...],
    only: tuple[str, ...],
    skip: tuple[str, ...],
    preset: str | None,
    min_confidence: float | None,
    protect: tuple[str, ...],
    lm: tuple[str, ...],
    error_rate: float | None,
    as_json: bool,
    as_diff: bool,
    check: bool,
    suggest: bool,
    output: str | None,
    in_place: bool,
    encoding: str,
) -> int:
    """Repair OCR errors in Chinese text.

    Line ends, byte order mark and a missing final newline stay as they are, and so does everything that no edit
    touches. Digits, dates, document numbers and Latin words are never changed.

    \b
      echo 歼石山 | textfix clean
      textfix clean --diff scan.txt
      textfix clean -i --skip quote,space scans/*.txt
    """
    names = files or (STDIN,)
    once_stdin(names)
    if as_json and as_diff:
        raise OptionError("--json and --diff contradict each other")
    if in_place and STDIN in names:
        raise OptionError("--in-place needs files; standard input has no place")
    if in_place + check + (output is not None) > 1:
        raise OptionError("--in-place, --check and --output contradict each other")
    if output is not None and output != STDIN:
        check_writable(output)
    from ..lm import load_mixed
    from ..pipeline import Options, Repairer

    terms = [term for name in protect for term in read_lines(name)]
    options = Options.of(
        only=_joined(only),
        skip=_joined(skip),
        preset=preset,
        min_confidence=min_confidence,
        error_rate=error_rate,
        protect=terms,
    )
    repairer = Repairer(options, lm=load_mixed(lm) if lm else None)
    show = _json if as_json else _diff if as_diff else None if check or in_place else _text
    collected: list[bytes] = []
    found = failed = False
    for name in track(names, "cleaning"):
        try:
            if in_place:
                check_writable(name)
            source = read(name, encoding)
            repair = repairer.repair(source.text)
            data = show(source, repair) if show else b""
            if in_place and repair.changed:
                write(name, source.encode(repair.text))
        except TextfixError as error:
            if len(names) == 1:
                raise
            failed = True  # of several files the others still get their turn
            say(f"textfix: {error}")
            continue
        found |= repair.changed
        if output is not None:
            collected.append(data)
        elif data:
            write(None, data)
        _tell(source, repair, changes=check, suggestions=suggest)
    if output is not None and not failed:
        write(output, b"".join(collected))
    return FAILED if failed else FOUND if check and found else DONE


def _joined(words: tuple[str, ...]) -> str | None:
    return ",".join(words) if words else None


def _text(source: Decoded, repair: Repair) -> bytes:
    return source.encode(repair.text)


def _json(source: Decoded, repair: Repair) -> bytes:
    return json_line({"format": "textfix.repair", "version": 1, "file": source.name, **repair.to_dict()})


def _diff(source: Decoded, repair: Repair) -> bytes:
    from ..diffs import unified

    mark = (lambda part, sign: click.style(part, "red" if sign == "-" else "green", bold=True)) if (
        stdout_is_terminal()
    ) else None
    lines = unified(source.text, repair.edits, source.name, mark=mark)
    # In the encoding of the file, so that `patch` can apply it; only the name may have what that encoding lacks.
    return "".join(lines).encode(source.codec, "backslashreplace")


def _tell(source: Decoded, repair: Repair, *, changes: bool, suggestions: bool) -> None:
    warning = repair.report.get("warning")
    if warning:
        say(f"textfix: {source.name}: {warning}")
    if changes and repair.changed:
        say(f"{source.name}: {_counts(repair.edits)}")
    if suggestions:
        for edit in repair.suggestions:
            say(f"{source.name}:{_place(source.text, edit)}")


def _counts(edits: Edits) -> str:
    kinds = Counter(edit.kind for edit in edits)
    parts = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    return f"{len(edits)} edit{'s' if len(edits) != 1 else ''} ({parts})"


def _place(text: str, edit: Edit) -> str:
    line = text.count("\n", 0, edit.start) + 1
    column = edit.start - text.rfind("\n", 0, edit.start)
    return f"{line}:{column}: {edit.observed!r} → {edit.replacement!r} ({edit.kind}, {edit.confidence:.2f})"
