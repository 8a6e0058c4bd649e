"""Options that several commands share, said once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..errors import OptionError

__all__ = ["difference_kinds", "encoding_option", "examples", "output_option"]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

encoding_option: Decorator = click.option(
    "--encoding",
    default="utf-8",
    metavar="NAME",
    show_default=True,
    help="Encoding of the input: utf-8, gb18030, big5, utf-16 …; auto finds out, says so, and refuses to guess.",
)
output_option: Decorator = click.option(
    "-o", "--output", metavar="OUT", help="Write there, whole or not at all, instead of to standard output."
)


def examples(*lines: str) -> str:
    """The end of a command's help: what can be typed as it stands, and what it prints. A test runs all of it.

    A line that begins with ``$`` is a command, one that does not is its output.
    """
    many = sum(line.startswith("$") for line in lines) > 1
    return "\n".join(["\b", "Examples:" if many else "Example:", *(f"  {line}" for line in lines)])


def difference_kinds(words: tuple[str, ...]) -> frozenset[str]:
    """The kinds of difference that are meant. Raises `OptionError` for a word that is none."""
    names = [name.strip() for word in words for name in word.split(",")]
    if not names:
        return frozenset()
    from ..alignment import DIFFERENCE_KINDS, EDITORIAL_KINDS
    from ..edits import FORMAT_KINDS

    groups = {
        "all": frozenset(DIFFERENCE_KINDS),
        "content": frozenset(DIFFERENCE_KINDS) - FORMAT_KINDS,
        "editorial": frozenset(EDITORIAL_KINDS),
        "format": FORMAT_KINDS,
        "ocr": frozenset(DIFFERENCE_KINDS) - frozenset(EDITORIAL_KINDS) - FORMAT_KINDS,
    }
    for name in names:
        if name not in groups and name not in DIFFERENCE_KINDS:
            raise OptionError(
                f"no kind of difference {name!r}; there are {', '.join(DIFFERENCE_KINDS)}, "
                f"and the groups {', '.join(groups)}"
            )
    return frozenset().union(*(groups.get(name, frozenset({name})) for name in names))
