"""`textfix clean`: repair texts by the shipped tables and model, without any reference.

A file is taken apart (`containers`), each part is repaired (`repairing`), its bytes go to an output (`outputs`), and
what was done is shown or kept by watchers (`watchers`). All of it goes by piece by piece; nothing but the watchers of
``--json`` and ``--diff`` holds a whole file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..edits import Repair
from ..errors import OptionError, TextfixError
from ..files import check_writable
from ..parts import Part, patched
from ..windows import WINDOW
from . import DONE, FAILED, FOUND
from .containers import Reading, display_name, parts_of
from .options import encoding_option, output_option
from .outputs import InPlace, Nowhere, OneFile, Output, Standard
from .progress import track
from .repairing import repair_options, repairer, take_repair_words
from .reporting import Reporter, check_report, decisions_of, review_options
from .streams import STDIN, once_stdin, say
from .watchers import Teller, Watcher, Whole

if TYPE_CHECKING:
    from ..pipeline import Repairer

__all__ = ["command"]

#: Changes a repair before it is made: takes out edits that somebody rejected, puts in what somebody accepted.
Adjust = Callable[[Part, Repair], Repair]


@click.command("clean")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@repair_options
@review_options
@click.option("--json", "as_json", is_flag=True, help="Print text, edits and suggestions as JSON, one line a file.")
@click.option("--diff", "as_diff", is_flag=True, help="Print a unified diff instead of the text.")
@click.option("--check", is_flag=True, help="Print no text; exit with 1 if any file would be changed.")
@click.option("--suggest", is_flag=True, help="List the edits that were not certain enough on standard error.")
@click.option(
    "--window",
    type=click.IntRange(min=1),
    default=WINDOW,
    metavar="SIZE",
    show_default=True,
    help="Characters that are repaired, and go out, as one document; 1: every paragraph by itself.",
)
@click.option(
    "--input-format",
    type=click.Choice(["auto", "text", "alto", "hocr", "page", "pdf"]),
    default="auto",
    show_default=True,
    help="What FILEs are; auto looks at their content. Scan formats come out as they are, a PDF as text.",
)
@click.option("--no-record", is_flag=True, help="In scan formats repair the text alone, and record nothing.")
@output_option
@click.option("-i", "--in-place", is_flag=True, help="Write each file back, if it changed, in one step.")
@encoding_option
def command(files: tuple[str, ...], **given: Any) -> int:
    """Repair OCR errors in Chinese text.

    Line ends, byte order mark and a missing final newline stay as they are, and so does everything that no edit
    touches. Digits, dates, document numbers and Latin words are never changed.

    ALTO, hOCR and PAGE files come out in the same format, with boxes and ids as they were; of a PDF with a text layer,
    its text comes out.

    A text longer than --window is repaired and written window by window, so input without an end is welcome.

    \b
      echo 歼石山 | textfix clean
      textfix clean --diff scan.txt
      textfix clean -i --skip quote,space scans/*.txt
    """
    words = take_repair_words(given)
    settings = Settings(files or (STDIN,), **given)
    settings.verify()
    return Run(settings, settings.reviewed(repairer(words)), *settings.ends()).all()


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for, apart from what a repair may do."""

    files: tuple[str, ...]
    as_json: bool
    as_diff: bool
    check: bool
    suggest: bool
    window: int
    input_format: str
    no_record: bool
    output: str | None
    in_place: bool
    encoding: str
    report: str | None
    decisions: tuple[str, ...]

    def verify(self) -> None:
        """Refuse what contradicts itself or cannot be written, before any work is done."""
        once_stdin([*self.files, *self.decisions])
        check_report(self.report)
        if self.as_json and self.as_diff:
            raise OptionError("--json and --diff contradict each other")
        if self.in_place and STDIN in self.files:
            raise OptionError("--in-place needs files; standard input has no place")
        if self.in_place + self.check + (self.output is not None) > 1:
            raise OptionError("--in-place, --check and --output contradict each other")
        if self.output is not None and self.output != STDIN:
            check_writable(self.output)

    @property
    def reading(self) -> Reading:
        """How the files are to be read."""
        return Reading(self.encoding, self.window, self.input_format, self.in_place, not self.no_record)

    def reviewed(self, plain: Repairer) -> Callable[[str], Repair]:
        """How a text is repaired: as `plain` does it, but as people decided."""
        if not self.decisions:
            return plain.repair
        from ..review import Reviewed

        return Reviewed(plain, decisions_of(self.decisions)).repair

    def ends(self) -> tuple[Output, list[Watcher]]:
        """Where the cleaned bytes go, and who looks on."""
        shown = OneFile(self.output) if self.output not in (None, STDIN) else Standard()
        watchers: list[Watcher] = [Teller(changes=self.check, suggestions=self.suggest)]
        if self.as_json or self.as_diff:
            watchers.append(Whole(shown, as_json=self.as_json))
        if self.report is not None:
            watchers.append(Reporter(self.report))
        if self.in_place:
            return InPlace(), watchers
        return Nowhere() if self.check or self.as_json or self.as_diff else shown, watchers


@dataclass(slots=True)
class Run:
    """One pass over the files."""

    settings: Settings
    repair: Callable[[str], Repair]
    output: Output
    watchers: Sequence[Watcher]
    adjustments: Sequence[Adjust] = ()

    @property
    def _ends(self) -> tuple[Watcher | Output, ...]:
        return (*self.watchers, self.output)  # what keeps the way back is safe before the file is replaced

    def all(self) -> int:
        """Work through the files; the exit code. Of several files, one that fails leaves the others their turn."""
        names = self.settings.files
        found = failed = done = False
        try:
            for name in track(names, "cleaning"):
                try:
                    found |= self.one(name)
                except TextfixError as error:
                    if len(names) == 1:
                        raise
                    failed = True
                    say(f"textfix: {error}")
            done = True
        finally:
            for each in self._ends:
                each.close(failed=failed or not done)
        return FAILED if failed else FOUND if self.settings.check and found else DONE

    def one(self, name: str) -> bool:
        """Clean one file, and tell whether it changed."""
        changed = False
        try:
            self.output.begin(name)
            for watcher in self.watchers:
                watcher.begin(display_name(name))
            for part in parts_of(name, self.settings.reading):
                changed |= self.part(part)
            for each in self._ends:
                each.end()
        except BaseException:
            for each in self._ends:
                each.abandon()
            raise
        return changed

    def part(self, part: Part) -> bool:
        """Clean one part of a file, and tell whether it changed."""
        if not part.text:
            self.output.write(part.data, changed=False)
            return False
        repair = part.repaired(self.repair)
        for adjust in self.adjustments:
            repair = adjust(part, repair)
        patches = part.patches(repair.edits)
        for watcher in self.watchers:
            watcher.saw(part, repair, patches)
        self.output.write(patched(part, patches), changed=bool(patches))
        return bool(patches)
