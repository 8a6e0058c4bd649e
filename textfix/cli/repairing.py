"""What a repair may do, as options that `clean`, `batch` and `eval` share, and the `Repairer` that they ask for.

An option for repairs is added here: to `_OPTIONS`, and to `repairer` where it has to reach the library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .streams import read, read_lines

if TYPE_CHECKING:
    from ..options import Options
    from ..pipeline import Repairer
    from ..tables.confusable import Table

__all__ = ["lists_of", "options_of", "repair_options", "repairer", "take_repair_words"]

#: Parameter → its option.
_OPTIONS = {
    "only": click.option(
        "--only", multiple=True, metavar="KINDS", help="Make only such edits: glyph,width,…; content, format."
    ),
    "skip": click.option("--skip", multiple=True, metavar="KINDS", help="Make no edits of these kinds."),
    "preset": click.option("--preset", help="How sure an edit has to be: strict, balanced (default) or eager."),
    "min_confidence": click.option(
        "--min-confidence", type=float, metavar="P", help="The same as a probability from 0 to 1."
    ),
    "protect": click.option(
        "--protect", multiple=True, metavar="FILE", help="Never touch the terms in FILE, one a line."
    ),
    "terms": click.option(
        "--terms", multiple=True, metavar="FILE", help="Names and titles, one a line: repair near misses to them."
    ),
    "table": click.option(
        "--table", multiple=True, metavar="FILE", help="Know these confusions, too (learn); never make rejected ones."
    ),
    "lm": click.option(
        "--lm", multiple=True, metavar="MODEL[:WEIGHT]", help="Mix in a model of train-lm, half and half."
    ),
    "error_rate": click.option(
        "--error-rate", type=float, metavar="R", help="Wrong characters per character, instead of an estimate."
    ),
    "reflow": click.option("--reflow", is_flag=True, help="Join lines that were broken because the page was narrow."),
}


def repair_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options of a repair, in their order."""
    for option in reversed(_OPTIONS.values()):
        command = option(command)
    return command


def take_repair_words(given: MutableMapping[str, Any]) -> dict[str, Any]:
    """What was given for the options of a repair, taken out of all that was `given`."""
    return {name: given.pop(name) for name in _OPTIONS}


def lists_of(words: Mapping[str, Any]) -> list[str]:
    """The files of terms and confusions among the words that were given."""
    return [name for option in ("protect", "terms", "table") for name in words[option]]


def options_of(words: Mapping[str, Any]) -> Options:
    """The library's options for the words that were given."""
    from ..options import Options

    return Options.of(
        only=_joined(words["only"]),
        skip=_joined(words["skip"]),
        preset=words["preset"],
        min_confidence=words["min_confidence"],
        error_rate=words["error_rate"],
        reflow=words["reflow"],
        protect=[term for name in words["protect"] for term in read_lines(name)],
        terms=[term for name in words["terms"] for term in read_lines(name)],
    )


def repairer(words: Mapping[str, Any]) -> Repairer:
    """The repairer for the words that were given."""
    from ..lm import load_mixed
    from ..pipeline import Repairer

    options = options_of(words)
    return Repairer(options, lm=load_mixed(words["lm"]) if words["lm"] else None, table=_table_of(words["table"]))


def _table_of(names: Sequence[str]) -> Table | None:
    """The sum of the tables that were named."""
    if not names:
        return None
    from ..tables.confusable import Table

    sources = [read(name) for name in names]
    first, *others = (Table.parse(source.text, source.name) for source in sources)
    return first.merge(*others)


def _joined(words: tuple[str, ...]) -> str | None:
    return ",".join(words) if words else None
