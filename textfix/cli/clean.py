"""`textfix clean`: repair texts by the shipped tables and model, without any reference.

A file is taken apart (`containers`), each part is repaired (`repairing`), its bytes go to an output (`outputs`), and
what was done is shown or kept by watchers (`watchers`). All of it goes by piece by piece; nothing but the watchers of
``--json`` and ``--diff`` holds a whole file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..edits import Repair
from ..errors import OptionError
from ..files import check_writable
from ..windows import WINDOW
from .containers import Reading
from .options import encoding_option, examples, output_option
from .outputs import InPlace, Nowhere, OneFile, Output, Standard
from .passes import Cleaning
from .repairing import lists_of, repair_options, repairer, take_repair_words
from .reporting import Reporter, check_report, decisions_of, review_options
from .streams import STDIN, keep_apart, once_stdin
from .watchers import Teller, Watcher, Whole

if TYPE_CHECKING:
    from ..fields import RecordFormat
    from ..pipeline import Repairer

__all__ = ["command"]


@click.command(
    "clean",
    epilog=examples(
        "$ echo 各项重点彳壬务 | textfix clean",
        "各项重点任务",
        "$ textfix clean --diff scan.txt",
        "$ textfix clean -i --skip quote,space scans/*.txt",
    ),
)
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
@click.option("--jsonl", is_flag=True, help="FILEs are JSON Lines; repair the string --field of each record.")
@click.option("--field", metavar="PATH", help="Keys that lead to the string, joined by dots: text, page.lines.0 …")
@click.option("--csv", "as_csv", is_flag=True, help="FILEs are CSV; repair the cells of --column.")
@click.option("--tsv", "as_tsv", is_flag=True, help="FILEs are TSV, without quotes; repair the cells of --column.")
@click.option("--column", metavar="NAME|N", help="Its name in the first record, or its number from 1.")
@click.option("--rejects", metavar="FILE", help="Put bad records aside there, with line and reason, and go on.")
@click.option("--edits", metavar="FILE", help="Keep every edit there, as lines of JSON, for --replay and --undo.")
@click.option("--replay", metavar="FILE", help="Repair nothing; make the edits of FILE again.")
@click.option("--undo", metavar="FILE", help="Repair nothing; take the edits of FILE back, byte for byte.")
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
    """
    words = take_repair_words(given)
    settings = Settings(files or (STDIN,), **given)
    once_stdin([*settings.files, *settings.decisions, *lists_of(words)])
    settings.verify()
    journal = settings.replay or settings.undo
    if journal is not None:
        from ..journal import sections
        from .replaying import Replaying

        known = sections(journal)
        replaying = Replaying(output=settings.bytes_output(), sections=known, undo=settings.undo is not None)
        return replaying.run(settings.files, question=settings.check)
    repair = settings.reviewed(repairer(words))
    output, watchers = settings.ends()
    cleaning = Cleaning(
        output=output, watchers=watchers, repair=repair, reading=settings.reading, rejects=settings.rejects is not None
    )
    return cleaning.run(settings.files, question=settings.check)


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
    jsonl: bool
    field: str | None
    as_csv: bool
    as_tsv: bool
    column: str | None
    rejects: str | None
    edits: str | None
    replay: str | None
    undo: str | None
    output: str | None
    in_place: bool
    encoding: str
    report: str | None
    decisions: tuple[str, ...]

    @property
    def in_records(self) -> bool:
        """Whether files are records of which one field is repaired."""
        return self.jsonl or self.as_csv or self.as_tsv

    def verify(self) -> None:
        """Refuse what contradicts itself or cannot be written, before any work is done."""
        check_report(self.report)
        shown = {"--json": self.as_json, "--diff": self.as_diff}
        records = {"--jsonl": self.jsonl, "--csv": self.as_csv, "--tsv": self.as_tsv}
        journals = {"--replay": self.replay is not None, "--undo": self.undo is not None}
        targets = {"--in-place": self.in_place, "--check": self.check, "--output": self.output is not None}
        for group in (shown, records, journals, targets, shown | records):
            _at_most_one(group)
        kept = {"--edits": self.edits is not None, "--rejects": self.rejects is not None, "--suggest": self.suggest}
        kept |= {"--report": self.report is not None, "--decisions": bool(self.decisions)}
        for name in journals:
            _apart(name, journals[name], shown | records | kept)
        if self.in_place and STDIN in self.files:
            raise OptionError("--in-place needs files; standard input has no place")
        self._verify_records()
        beside = {"--report": self.report, "--edits": self.edits, "--rejects": self.rejects}
        keep_apart(beside, self.files)
        keep_apart({"--output": self.output, **beside}, self.decisions)
        taken = [name for name in (self.edits, self.rejects) if name == STDIN]
        if len(taken) + (not (self.in_place or self.check) and self.output in (None, STDIN)) > 1 and taken:
            raise OptionError("standard output can take only one of the text, --edits and --rejects")
        for target in (self.output, self.rejects, self.edits):
            if target is not None and target != STDIN:
                check_writable(target)

    def _verify_records(self) -> None:
        if self.jsonl != (self.field is not None):
            raise OptionError("--jsonl and --field go together")
        if (self.as_csv or self.as_tsv) != (self.column is not None):
            raise OptionError("--csv and --tsv go together with --column")
        if self.rejects is not None and not self.in_records:
            raise OptionError("--rejects is for records: --jsonl, --csv or --tsv")
        if self.in_records and self.input_format not in ("auto", "text"):
            raise OptionError(f"--input-format {self.input_format} and records contradict each other")
        if self.in_records:
            self.record_format()

    def record_format(self) -> RecordFormat:
        """A reader for the records of one file."""
        from ..fields import JsonLines, Separated

        if self.field is not None:
            return JsonLines(self.field)
        return Separated(self.column or "", delimiter="\t" if self.as_tsv else ",", quotes=self.as_csv)

    @property
    def reading(self) -> Reading:
        """How the files are to be read."""
        rewrite = self.in_place or self.edits is not None
        records = self.record_format if self.in_records else None
        return Reading(self.encoding, self.window, self.input_format, rewrite, not self.no_record, records)

    def reviewed(self, plain: Repairer) -> Callable[[str], Repair]:
        """How a text is repaired: as `plain` does it, but as people decided."""
        if not self.decisions:
            return plain.repair
        from ..review import Reviewed

        return Reviewed(plain, decisions_of(self.decisions)).repair

    def bytes_output(self) -> Output:
        """Where the cleaned bytes go."""
        if self.in_place:
            return InPlace()
        if self.check or self.as_json or self.as_diff:
            return Nowhere()
        return self._shown()

    def _shown(self) -> Output:
        return OneFile(self.output) if self.output is not None and self.output != STDIN else Standard()

    def ends(self) -> tuple[Output, list[Watcher]]:
        """Where the cleaned bytes go, and who looks on."""
        watchers: list[Watcher] = [Teller(changes=self.check, suggestions=self.suggest)]
        if self.as_json or self.as_diff:
            watchers.append(Whole(self._shown(), as_json=self.as_json))
        if self.rejects is not None:
            from .logs import Rejects

            watchers.append(Rejects(self.rejects))
        if self.edits is not None:
            from .logs import Journal

            watchers.append(Journal(self.edits, in_place=self.in_place))
        if self.report is not None:
            watchers.append(Reporter(self.report))
        return self.bytes_output(), watchers


def _at_most_one(group: Mapping[str, bool]) -> None:
    given = [name for name, is_given in group.items() if is_given]
    if len(given) > 1:
        raise OptionError(f"{', '.join(given[:-1])} and {given[-1]} contradict each other")


def _apart(name: str, given: bool, others: Mapping[str, bool]) -> None:
    clash = [other for other, is_given in others.items() if is_given]
    if given and clash:
        raise OptionError(f"{name} repairs nothing, so {clash[0]} says nothing")
