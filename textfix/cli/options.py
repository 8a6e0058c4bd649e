"""Options that several commands share, said once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

__all__ = ["encoding_option", "output_option"]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

encoding_option: Decorator = click.option(
    "--encoding",
    default="utf-8",
    metavar="NAME",
    show_default=True,
    help="Encoding of the input (utf-8, gb18030, big5, utf-16 …), never guessed.",
)
output_option: Decorator = click.option(
    "-o", "--output", metavar="OUT", help="Write there, whole or not at all, instead of to standard output."
)
