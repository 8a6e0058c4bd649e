"""A recipe without a language model, for tests of the machinery. Workers import it by its name: see `conftest.py`.

It turns ``a`` into ``b``, and does as it is told by the words of a file.
"""

from __future__ import annotations

import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textfix.batch import Convert, Converted
from textfix.edits import Edit, Edits, Repair
from textfix.errors import InputError, TableError
from textfix.review import proposals


@dataclass(frozen=True)
class Toy:
    """`to` is what becomes of ``a``; `build` fails as `fails` says."""

    to: str = "b"
    fails: str = ""

    def describe(self) -> dict[str, Any]:
        return {"to": self.to}

    def build(self) -> Convert:
        if self.fails == "table":
            raise TableError("the table is missing; reinstall textfix")
        if self.fails == "death":
            os.kill(os.getpid(), signal.SIGKILL)
        return self.convert

    def convert(self, data: bytes, name: str) -> Converted:
        text = data.decode("utf-8")
        if "POISON" in text:
            raise ValueError("a defect\nof two lines")
        if "BAD" in text:
            raise InputError(f"{name}: is bad")
        if "MEMORY" in text:
            raise MemoryError
        if "DIE ALWAYS" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if once := re.search("DIE ONCE (.*)", text):
            marker = Path(once[1])
            if not marker.exists():
                marker.touch()
                os._exit(7)
        if slow := re.search(r"SLEEP ([\d.]+)", text):
            time.sleep(float(slow[1]))
        found = [(match.start(), match.end(), match[0]) for match in re.finditer("[ac]", text)]
        edits = Edits(Edit(*at, self.to, "glyph", 0.9, {"rule": "toy"}) for at in found if at[2] == "a")
        suggestions = tuple(Edit(*at, "d", "mark", 0.4) for at in found if at[2] == "c")
        repair = Repair(edits.apply(text), edits, suggestions)
        return Converted(repair.text.encode(), len(text), tuple(proposals(text, repair)))
