"""A repairer without a model: what it proposes follows from the text alone, and is over when it was done."""

from __future__ import annotations

import re
from typing import Any

import pytest

from textfix.edits import Edit, Edits, Repair

#: What is read, what it becomes, its kind, how sure that is. What is at least 0.8 is made.
RULES = (
    ("歼石", "矸石", "glyph", 0.9),
    ("彳壬", "任", "split", 0.97),
    (",", "，", "width", 0.99),
    (" ", "", "space", 0.95),
    ("猛", "锰", "glyph", 0.6),
    ("末", "未", "glyph", 0.3),
)


class Rules:
    """Finds the first rule that fits at every place."""

    def __init__(self) -> None:
        self.calls = 0

    def repair(self, text: str, **words: Any) -> Repair:  # noqa: ARG002
        self.calls += 1
        made: list[Edit] = []
        left: list[Edit] = []
        for match in re.finditer("|".join(observed for observed, *_ in RULES), text):
            (rule,) = (rule for rule in RULES if rule[0] == match[0])
            edit = Edit(match.start(), match.end(), *rule, {"rule": "test"})
            (made if edit.confidence >= 0.8 else left).append(edit)
        edits = Edits(made)
        return Repair(edits.apply(text), edits, tuple(left), {"error_rate": 0.1})


@pytest.fixture
def rules() -> Rules:
    return Rules()
