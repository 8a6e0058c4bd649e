"""The mark model: which mark stands in a slot, or none, or no mark at all, given forty characters on either side.

Whether a clause ends with a comma, a list goes on, or a quotation is open shows further away than the cloze model sees.
Trained by `scripts/fit_marks.py`, likewise on text that was misread on purpose.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..files import display
from ..tables.resources import resource
from ..text.codepoints import CodePoints
from . import store
from .towers import Towers

__all__ = ["ANSWERS", "NONE", "Marks", "answer_of"]

#: The marks that are told apart.
ANSWERS = "，。、；：“”（）《》"
#: The answers behind them: nothing stands there, or something else does.
NONE, ELSE = len(ANSWERS), len(ANSWERS) + 1

_ANSWER = np.full(0x10000, ELSE, dtype=np.int64)
_ANSWER[[ord(c) for c in ANSWERS]] = np.arange(len(ANSWERS))


def answer_of(codes: CodePoints) -> NDArray[np.int64]:
    """The answer that each code point is."""
    return np.where(codes < 0x10000, _ANSWER.take(codes, mode="clip"), ELSE)


class Marks(Towers):
    """The network that names marks."""

    _called, _script = "the mark model", "scripts/fit_marks.py"

    @classmethod
    def load(cls, path: Path | None = None) -> Marks:
        """The shipped model, mapped once in a process, or that of `path`. Raises `ModelError`."""
        return _shipped() if path is None else _read(path)

    @property
    def size(self) -> int:
        """How many answers there are."""
        return ELSE + 1


def _read(path: Path) -> Marks:
    return Marks(*store.unpack(store.view(path), display(path)))


@cache
def _shipped() -> Marks:
    return _read(resource("marks.bin"))
