"""How texts lie in a file: which reader takes a file apart for `clean`.

A new kind of file is entered in `parts_of`: its reader takes the bytes as they come and gives the `Part`s of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..decoding import Decoding
from ..files import display
from ..parts import Part, plain_parts
from ..windows import WINDOW
from .streams import STDIN, pieces

__all__ = ["Reading", "display_name", "parts_of"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are to be read: their encoding, and the size of a window in characters."""

    encoding: str = "utf-8"
    window: int = WINDOW


def display_name(name: str) -> str:
    """What messages call a file."""
    return "<stdin>" if name == STDIN else display(name)


def parts_of(name: str, reading: Reading) -> Iterator[Part]:
    """The parts of the file `name`, or of standard input for ``-``."""
    return plain_parts(pieces(name), Decoding(reading.encoding, display_name(name)), reading.window)
