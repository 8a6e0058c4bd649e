"""What sees the repairs of `clean` go by: messages on standard error, JSON, diffs.

A `Watcher` is told of every file and of every part that was repaired, and may keep or say what it wants of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click

from ..edits import Edit, Repair
from ..parts import Part, Patch
from ..windows import joined
from .outputs import Output
from .streams import json_line, say, stdout_is_terminal

__all__ = ["Teller", "Watcher", "Whole"]


class Watcher:
    """Sees what happens to the files, one after the other."""

    def begin(self, name: str) -> None:
        """The parts that come now are those of the file `name`, as messages call it."""

    def saw(self, part: Part, repair: Repair, patches: Sequence[Patch]) -> None:
        """A part was repaired, and these are the patches of its bytes; also a part that did not change."""

    def rejected(self, part: Part, reason: str) -> None:
        """A record was bad, for this reason, and is left out."""

    def passed(self, part: Part, data: bytes) -> None:
        """`data` is what became of any part, repaired, passed through or (empty) left out."""

    def end(self) -> None:
        """The file is whole and about to take its place."""

    def abandon(self) -> None:
        """The file will not be whole."""

    def close(self, *, failed: bool) -> None:
        """There are no more files; `failed` tells whether any was abandoned."""


class Teller(Watcher):
    """Warnings; what was changed, with `changes`; what was not certain enough, with `suggestions`."""

    def __init__(self, *, changes: bool, suggestions: bool) -> None:
        self._changes, self._suggestions = changes, suggestions
        self._name = ""
        self._kinds: Counter[str] = Counter()

    def begin(self, name: str) -> None:
        self._name, self._kinds = name, Counter()

    def saw(self, part: Part, repair: Repair, patches: Sequence[Patch]) -> None:  # noqa: ARG002
        warning = repair.report.get("warning")
        if warning:
            place = f"{self._name}:{part.line}" if part.line > 1 else self._name
            say(f"textfix: {place}: {warning}")
        self._kinds.update(edit.kind for edit in repair.edits)
        for edit in repair.suggestions if self._suggestions else ():
            line, column = part.where(edit)
            say(f"{self._name}:{line}:{column}: {_said(edit)}")

    def end(self) -> None:
        if self._changes and self._kinds:
            total = self._kinds.total()
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self._kinds.items()))
            say(f"{self._name}: {total} edit{'s' if total != 1 else ''} ({kinds})")


def _said(edit: Edit) -> str:
    return f"{edit.observed!r} → {edit.replacement!r} ({edit.kind}, {edit.confidence:.2f})"


class Whole(Watcher):
    """The whole file as one repair, shown as JSON or as a diff. This one takes memory."""

    def __init__(self, shown: Output, *, as_json: bool) -> None:
        self._shown, self._as_json = shown, as_json
        self._name, self._codec = "", "utf-8"
        self._texts: list[str] = []
        self._repairs: list[Repair] = []

    def begin(self, name: str) -> None:
        self._name, self._codec, self._texts, self._repairs = name, "utf-8", [], []

    def saw(self, part: Part, repair: Repair, patches: Sequence[Patch]) -> None:  # noqa: ARG002
        self._codec = part.codec
        self._texts.append(part.text)
        self._repairs.append(repair)

    def end(self) -> None:
        repair = joined(self._texts, self._repairs)
        data = self._json(repair) if self._as_json else self._diff(repair)
        self._shown.write(data, changed=True)

    def close(self, *, failed: bool) -> None:
        self._shown.close(failed=failed)

    def _json(self, repair: Repair) -> bytes:
        return json_line({"format": "textfix.repair", "version": 1, "file": self._name, **repair.to_dict()})

    def _diff(self, repair: Repair) -> bytes:
        from ..diffs import unified

        mark = (lambda part, sign: click.style(part, "red" if sign == "-" else "green", bold=True)) if (
            stdout_is_terminal()
        ) else None
        lines = unified("".join(self._texts), repair.edits, self._name, mark=mark)
        # In the encoding of the file, so that `patch` can apply it; only the name may have what that encoding lacks.
        return "".join(lines).encode(self._codec, "backslashreplace")
