"""The fenced blocks of a Markdown page, and what HTML comments right before them say about them.

A mark is a comment on the line before the fence:

``<!-- not run: REASON -->``      the block is not run; the tests list these, and there may be few
``<!-- needs: PROGRAM -->``       it runs where that program is, as a test of its own
``<!-- file: NAME -->``           the block is the content of that file, which the examples after it use
``<!-- each line alone -->``      every line starts from the same files
``<!-- endless -->``              it never ends; it is stopped when it has answered
``<!-- newcomer -->``             a command of the newcomer's path
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MARKS", "Block", "blocks_of", "commands_of", "pages"]

MARKS = ("not run", "needs", "file", "each line alone", "endless", "newcomer")
_FENCE = re.compile(r"^(\s*)(```+)(\w*)\s*$")
_COMMENT = re.compile(r"^\s*<!--\s*([a-z ]+?)\s*(?::\s*(.*?)\s*)?-->\s*$")


@dataclass(frozen=True)
class Block:
    """A fenced block. `line` is the number of its first line inside the fence."""

    page: str
    line: int
    language: str
    code: str
    marks: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def pages(root: Path) -> list[Path]:
    """The Markdown files whose examples are tested."""
    return [root / "README.md", *sorted((root / "docs").glob("**/*.md"))]


def blocks_of(text: str, page: str) -> list[Block]:
    """All fenced blocks of a page in order. Raises `ValueError` on an unknown mark, or a fence that is left open."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if fence := _FENCE.match(line):
            indent, ticks, language = fence.groups()
            code = []
            for _, inner in lines:
                if inner.strip() == ticks:
                    break
                code.append(inner.removeprefix(indent))
            else:
                raise ValueError(f"{page}:{number}: the fence is never closed")
            found.append(Block(page, number + 1, language, "".join(f"{row}\n" for row in code), marks))
            marks = {}
        elif comment := _COMMENT.match(line):
            name, value = comment.groups()
            if name not in MARKS:
                raise ValueError(f"{page}:{number}: no mark {name!r}; there are {', '.join(MARKS)}")
            marks = marks | {name: value or ""}
        elif line.strip() and marks:
            raise ValueError(f"{page}:{number}: a mark without a block: {', '.join(marks)}")
    return found


def commands_of(code: str) -> list[tuple[int, str]]:
    """The commands of a shell block with their places in it (lines from 0); a backslash carries a line on."""
    commands: list[tuple[int, str]] = []
    open_at: int | None = None
    for number, line in enumerate(code.splitlines()):
        if open_at is not None:
            commands[-1] = (open_at, f"{commands[-1][1]}\n{line}")
        elif line.strip() and not line.lstrip().startswith("#"):
            commands.append((number, line))
            open_at = number
        else:
            continue
        if not line.endswith("\\"):
            open_at = None
    return commands
