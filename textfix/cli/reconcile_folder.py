"""`textfix reconcile` on folders: every scan repaired from the authorities that it was taken from."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..batch.scan import TEXTS
from ..batch.scan import scan as look
from ..errors import InputError, OptionError, TextfixError
from ..files import check_writable, display, write_bytes
from ..learner import rows_of
from ..match import Index, Match, Part, parts_of
from ..reconciler import Reconciliation, reconcile_parts
from ..tables.confusable import Row
from . import DONE, FAILED, FOUND
from .progress import track
from .reconcile import with_line_ends_of, write_table
from .streams import STDIN, json_line, read, say, write

__all__ = ["reconcile_folder"]

_COLUMNS = ("scan", "sources", "share", "repaired", "set", "kept")
_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})
#: The report for the folder, and what is added to a scan's name for its own.
_ALL, _EACH = "report.json", ".report.json"


@dataclass(slots=True)
class _Run:
    """What became of the scans so far: their rows of the report, what failed, what was learned, kinds that were met."""

    files: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    totals: dict[str, dict[str, int]] = field(default_factory=lambda: {"repaired": {}, "set": {}, "kept": {}})
    learned: list[Row] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)

    def fail(self, name: str, error: str) -> None:
        """Note a file that could not be used, and tell of it; the others still get their turn."""
        self.failed.append({"file": name, "error": error})
        say(f"textfix: {error}")

    def add(self, name: str, matches: Sequence[Match], result: Reconciliation | None) -> dict[str, Any]:
        """Note a scan; gives its row."""
        counts = result.counts() if result else {"repaired": {}, "set": {}, "kept": {}}
        for group, tally in counts.items():
            for kind, count in tally.items():
                self.totals[group][kind] = self.totals[group].get(kind, 0) + count
        if result is not None:
            self.learned += rows_of(result.alignment)
            self.kinds.update(d.kind for d in result.alignment.differences)
        sources = [{"name": m.name, "share": round(m.share, 4), "evidence": round(m.evidence, 1)} for m in matches]
        self.files.append({"scan": name, "sources": sources, "summary": counts})
        return self.files[-1]


def reconcile_folder(
    scans: str,
    authorities: str,
    output: str | None,
    reports: str | None,
    as_json: bool,
    table: str | None,
    wanted: frozenset[str],
    encoding: str,
) -> int:
    """Do what `textfix reconcile` says about folders; either of `scans` and `authorities` may be a file."""
    _check(scans, authorities, output, reports)
    if table is not None:
        check_writable(table)
    run = _Run()
    index = Index(_texts(_files(authorities, run), encoding, run))
    if not len(index):
        raise InputError(f"{display(authorities)}: no text in it; authorities are files that end in .txt")
    names = _files(scans, run)
    folder = reports or output
    for name, path in track(names, "reconciling"):
        try:
            source = read(path, encoding)
            matches = index.find(source.text)
            parts = parts_of(source.text, matches)
            result = _reconciled(source.text, parts, index) if parts else None
            if output is not None:
                _write(Path(output, name), source.encode(result.text if result else source.text))
            row = run.add(name, matches, result)
            if folder is not None:
                _write(Path(folder, name + _EACH), json_line(_report(row, matches, parts, index, result)))
        except TextfixError as error:
            run.fail(name, str(error))
    if table is not None:
        write_table(table, run.learned, [row["scan"] for row in run.files if row["sources"]])
    report = _folder_report(scans, authorities, index, run)
    if folder is not None:
        _write(Path(folder, _ALL), json_line(report))
    write(None, json_line(report) if as_json else _lines(run))
    say(_summary(report))
    return FAILED if run.failed else FOUND if run.kinds & wanted else DONE


def _check(scans: str, authorities: str, output: str | None, reports: str | None) -> None:
    """Raise `OptionError` where results would be taken for scans or authorities, or one for the other."""
    if STDIN in (scans, authorities, output, reports):
        raise OptionError("with folders, standard input and output take no part: name a folder with -o")
    for path in (scans, authorities):
        if not Path(path).exists():
            raise InputError(f"{display(path)}: no such file or folder")
    for result in (output, reports):
        if result is None:
            continue
        if Path(result).exists() and not Path(result).is_dir():
            raise OptionError(f"{display(result)}: must be a folder, since the scans or the authorities are one")
        for given in (scans, authorities):
            if _contains(given, result):
                raise OptionError(f"{display(result)} lies in {display(given)}: name a folder outside for the results")
    if _contains(scans, authorities) or _contains(authorities, scans):
        raise OptionError(f"{display(scans)} and {display(authorities)} lie in one another; keep them apart")


def _contains(folder: str, path: str) -> bool:
    outer, inner = os.path.realpath(folder), os.path.realpath(path)
    return os.path.commonpath((outer, inner)) == outer


def _files(root: str, run: _Run) -> list[tuple[str, str]]:
    """The texts under `root`, or `root` itself if it is a file: their names below it, and their paths."""
    if not Path(root).is_dir():
        return [(Path(root).name, root)]
    found = look(root)
    for path, reason in found.failed:
        run.fail(os.fsdecode(path), f"{display(Path(root, os.fsdecode(path)))}: {reason}")
    for path, reason in found.left_out:
        say(f"textfix: {display(Path(root, os.fsdecode(path)))}: left out, {reason}")
    names = [os.fsdecode(item.path) for item in found.files if item.path.lower().endswith(TEXTS)]
    if len(names) < len(found.files):
        left = len(found.files) - len(names)
        say(f"textfix: {display(root)}: {left} of ALTO, hOCR, PAGE or PDF left out; only texts are reconciled")
    return [(name, str(Path(root, name))) for name in names]


def _texts(files: Sequence[tuple[str, str]], encoding: str, run: _Run) -> Iterator[tuple[str, str]]:
    for name, path in track(files, "indexing"):
        try:
            yield name, read(path, encoding).text
        except InputError as error:
            run.fail(name, str(error))


def _reconciled(text: str, parts: Sequence[Part], index: Index) -> Reconciliation:
    return reconcile_parts(
        text, [(p.start, p.end, with_line_ends_of(text, index.texts[p.match.document])) for p in parts]
    )


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{display(path.parent)}: {(error.strerror or str(error)).lower()}") from error
    write_bytes(path, data)


def _report(
    row: Mapping[str, Any],
    matches: Sequence[Match],
    parts: Sequence[Part],
    index: Index,
    result: Reconciliation | None,
) -> dict[str, Any]:
    """The report of one scan. Places in the authorities are those in their texts with the line ends of the scan."""
    out: dict[str, Any] = {"format": "textfix.reconciliation", "version": 1, "extract": row["scan"]}
    out["sources"] = [m.to_dict() for m in matches]
    out["parts"] = [{"start": p.start, "end": p.end, "authority": p.match.name} for p in parts]
    if result is None:
        return out
    out |= result.to_dict()
    lengths = [len(with_line_ends_of(result.alignment.a, index.texts[p.match.document])) for p in parts]
    offsets = [sum(lengths[:n]) for n in range(len(parts))]
    for place in (*out["editorial"], *out["moves"], *(d for move in out["moves"] for d in move["differences"])):
        part = bisect_right(offsets, place["other_start"]) - 1
        if place["start"] < parts[part].start:  # what is left out at the end of a part
            part -= 1
        place["authority"] = parts[part].match.name
        place["other_start"] -= offsets[part]
        place["other_end"] -= offsets[part]
    return out


def _folder_report(scans: str, authorities: str, index: Index, run: _Run) -> dict[str, Any]:
    return {
        "format": "textfix.reconciliation.folder",
        "version": 1,
        "scans": display(scans),
        "against": display(authorities),
        "authorities": len(index),
        "matched": sum(bool(row["sources"]) for row in run.files),
        "unmatched": [row["scan"] for row in run.files if not row["sources"]],
        "summary": run.totals,
        "files": run.files,
        "failed": run.failed,
    }


def _lines(run: _Run) -> bytes:
    """A table for people and for `cut`: a line a scan."""
    lines = ["\t".join(_COLUMNS)]
    for row in run.files:
        share = sum(source["share"] for source in row["sources"])
        sizes = [sum(tally.values()) for tally in row["summary"].values()]
        cells = [row["scan"], "; ".join(source["name"] for source in row["sources"]) or "-", f"{share:.2f}", *sizes]
        lines.append("\t".join(str(cell).translate(_ESCAPES) for cell in cells))
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _summary(report: Mapping[str, Any]) -> str:
    repaired, formatted, kept = (sum(tally.values()) for tally in report["summary"].values())
    failed = f", {len(report['failed'])} files failed" if report["failed"] else ""
    return (
        f"{len(report['files'])} scans against {report['authorities']} authorities: {report['matched']} matched, "
        f"{len(report['unmatched'])} without a source{failed}; {repaired} OCR errors repaired, "
        f"{formatted} places set as in the authorities, {kept} editorial differences kept"
    )
