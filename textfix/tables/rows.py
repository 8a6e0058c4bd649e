"""Tables of single characters, read as one array of code points: `variants.tsv` and `components.tsv`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import TableError
from ..text.codepoints import CodePoints, encode

__all__ = ["NEWLINE", "TAB", "line_of", "rows_of"]

TAB, NEWLINE, _HASH = 0x09, 0x0A, 0x23


def rows_of(path: Path, ahead: int) -> tuple[CodePoints, NDArray[np.intp]]:
    """The code points of the table in `path`, and where its rows start, without comments and header.

    Line ends are added, so that from the start of every row `ahead` code points can be looked at. Raises `TableError`
    for a file that is not UTF-8, or that has no header.
    """
    try:
        codes = encode(path.read_text("utf-8") + "\n" * ahead)
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    starts = np.concatenate(([0], np.flatnonzero(codes == NEWLINE)[:-ahead] + 1))
    starts = starts[codes[starts] != _HASH]
    if not starts.size:
        raise TableError(f"{path} has no header and no rows")
    return codes, starts[1:] if codes[starts[-1]] != NEWLINE else starts[1:-1]  # without the header, the end


def line_of(codes: CodePoints, start: int) -> int:
    """The number of the line that begins at `start`, from 1."""
    return int(np.count_nonzero(codes[:start] == NEWLINE)) + 1
