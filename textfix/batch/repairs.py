"""`Repairs`, the recipe of ``textfix batch``, and everything that its results depend on, as digests."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from .. import __version__
from ..charset import AUTO, SAMPLE, guess
from ..decoding import Decoding
from ..edits import Edits, Repair
from ..errors import InputError
from ..files import read_bytes
from ..formats import detect, parts_in
from ..formats.reading import HEAD
from ..lm.mixture import split_weight
from ..parts import patched, plain_parts
from ..pipeline import Repairer
from ..review import Decisions, Proposal, Reviewed, proposals_in
from ..tables.resources import confusables_dir
from ..windows import WINDOW
from .recipe import Convert, Converted, sha256

__all__ = ["Repairs"]


@dataclass(frozen=True, slots=True)
class Repairs:
    """Files in `encoding`, repaired by `repairer`, but as `decisions` say. With the encoding ``auto`` each is judged.

    `models` are the files from which the repairer's language model was mixed, as ``--lm`` names them.
    """

    repairer: Repairer
    encoding: str = "utf-8"
    decisions: Decisions = field(default_factory=Decisions)
    models: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.encoding != AUTO:
            list(plain_parts([], Decoding(self.encoding)))  # refuses an encoding that there is not

    def build(self) -> Convert:
        """One `Repairer` for the life of the process; its model and tables are memory-mapped, and so shared."""
        repairer = Reviewed(self.repairer, self.decisions) if self.decisions else self.repairer

        def convert(data: bytes, name: str) -> Converted:
            if data.startswith(b"%PDF-") and not name.lower().rstrip("'").endswith(".pdf"):
                raise InputError(f"{name}: is a PDF; call it .pdf")
            out: list[bytes] = []
            found: list[Proposal] = []
            encoding, *warnings = self._encoding_of(data, name)
            characters = 0
            for part in parts_in(data, name, encoding=encoding):
                repair = part.repaired(repairer.repair) if part.text else Repair("", Edits())
                out.append(patched(part, part.patches(repair.edits)))
                found += proposals_in(part, repair, characters)
                warnings += [str(repair.report["warning"])] if repair.report.get("warning") else []
                characters += len(part.text)
            return Converted(b"".join(out), characters, tuple(found), "; ".join(dict.fromkeys(warnings)))

        return convert

    def _encoding_of(self, data: bytes, name: str) -> tuple[str, ...]:
        """The encoding of a text, and if it was found out, how."""
        if self.encoding != AUTO or detect(data[:HEAD]) is not None:  # documents say their encoding themselves
            return ("utf-8" if self.encoding == AUTO else self.encoding,)
        found = guess(data[:SAMPLE], name, whole=len(data) <= SAMPLE)
        return found.encoding, f"taken as {found.encoding} ({found.why})"

    def describe(self) -> dict[str, Any]:
        """Version, options, and the SHA-256 of every table and model that is used."""
        shipped = confusables_dir()
        tables = sorted(path for path in shipped.rglob("*") if path.is_file() and path.parent.name != "learned")
        mixed = [split_weight(item) for item in self.models]
        options = self.repairer.options
        return {
            "textfix": __version__,
            "options": {item.name: _plain(getattr(options, item.name)) for item in fields(options)},
            "encoding": self.encoding,
            "window": WINDOW,
            "tables": {str(path.relative_to(shipped)): sha256(read_bytes(path)) for path in tables},
            "models": [[sha256(read_bytes(Path(path))), weight] for path, weight in mixed],
            "table": sha256(self.repairer.table.dump().encode()) if self.repairer.table is not None else None,
            "decisions": sha256(self.decisions.dump().encode()) if self.decisions else None,
        }


def _plain(value: object) -> object:
    """An option as JSON; sets in order."""
    if isinstance(value, set | frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value
