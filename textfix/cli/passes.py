"""One pass over the files of `clean`: what all passes do, and repairing (`replaying` makes and undoes journals)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..edits import Repair
from ..errors import InputError, TextfixError
from ..parts import BadRecord, Part, patched
from ..windows import in_windows
from . import DONE, FAILED, FOUND
from .containers import Reading, display_name, parts_of
from .outputs import Output
from .progress import track
from .streams import say
from .watchers import Watcher

__all__ = ["Adjust", "Cleaning", "Pass"]

#: Changes a repair before it is made: takes out edits that somebody rejected, puts in what somebody accepted.
Adjust = Callable[[Part, Repair], Repair]


@dataclass(slots=True, kw_only=True)
class Pass:
    """What all passes have in common: file after file to one output, with watchers that look on."""

    output: Output
    watchers: Sequence[Watcher] = ()
    found: bool = field(default=False, init=False)
    failed: bool = field(default=False, init=False)

    def run(self, names: Sequence[str], *, question: bool = False) -> int:
        """Work through the files; the exit code. Of several, one that fails leaves the others their turn.

        `question`: whether a change is what the exit code tells.
        """
        finished = False
        try:
            for name in track(names, "cleaning"):
                try:
                    self._file(name)
                except TextfixError as error:
                    if len(names) == 1:
                        raise
                    self.failed = True
                    say(f"textfix: {error}")
            finished = True
        finally:
            for end in self._ends:
                end.close(failed=self.failed or not finished)
        return FAILED if self.failed or self.incomplete else FOUND if question and self.found else DONE

    @property
    def incomplete(self) -> bool:
        """Whether something was left out, though nothing failed."""
        return False

    def one(self, name: str) -> None:
        """Take one file through to the output."""
        raise NotImplementedError

    def _file(self, name: str) -> None:
        try:
            self.output.begin(name)
            for watcher in self.watchers:
                watcher.begin(display_name(name))
            self.one(name)
            for end in self._ends:
                end.end()
        except BaseException:
            for end in self._ends:
                end.abandon()
            raise

    @property
    def _ends(self) -> tuple[Watcher | Output, ...]:
        return (*self.watchers, self.output)  # the way back is safe before a file is replaced


@dataclass(slots=True, kw_only=True)
class Cleaning(Pass):
    """Repairs files part by part. Bad records are left out if `rejects`, and are an error if not."""

    repair: Callable[[str], Repair]
    reading: Reading
    rejects: bool = False
    adjustments: Sequence[Adjust] = ()
    rejected: bool = field(default=False, init=False)

    @property
    def incomplete(self) -> bool:
        """Whether a record was left out."""
        return self.rejected

    def one(self, name: str) -> None:
        """Clean one file."""
        for item in parts_of(name, self.reading):
            if isinstance(item, BadRecord):
                self._reject(item.part, item.reason)
                continue
            if not item.text:
                self._put(item, item.data, changed=False)
                continue
            try:
                self._part(item)
            except TextfixError as error:  # what cannot be written back
                if item.record is None:
                    raise
                self._reject(item, str(error).removeprefix(f"{item.name}: "))

    def _part(self, part: Part) -> None:
        repair = part.repaired(lambda text: in_windows(self.repair, text, self.reading.window))
        for adjust in self.adjustments:
            repair = adjust(part, repair)
        patches = part.patches(repair.edits)
        for watcher in self.watchers:
            watcher.saw(part, repair, patches)
        self._put(part, patched(part, patches), changed=bool(patches))

    def _reject(self, part: Part, reason: str) -> None:
        if not self.rejects:
            raise InputError(
                f"{part.name}: record {part.record} (line {part.line}): {reason}; "
                "put such records aside and go on with --rejects FILE"
            )
        self.rejected = True
        for watcher in self.watchers:
            watcher.rejected(part, reason)
        self._put(part, b"", changed=True)

    def _put(self, part: Part, data: bytes, *, changed: bool) -> None:
        self.found |= changed
        self.output.write(data, changed=changed)
        for watcher in self.watchers:
            watcher.passed(part, data)
