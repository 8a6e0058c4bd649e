"""Repair a whole document in one call: what the command line and batches use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..edits import Repair
from ..errors import InputError
from .document import repaired
from .reading import detect, open_document

__all__ = ["Outcome", "Repairs", "repair_document"]


class Repairs(Protocol):
    """Whatever repairs a text: `textfix.Repairer`."""

    def repair(self, text: str) -> Repair:
        """The repair of `text`."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """A repaired document.

    `data` is the file, of the same format, or for a PDF the text in UTF-8; without edits the very bytes of the input.
    `text` is what the document said, and `repair.edits` are edits of it.
    """

    format: str
    data: bytes
    text: str
    repair: Repair


def repair_document(
    data: bytes, repairer: Repairs, *, format: str = "auto", name: str = "<document>", record: bool = True
) -> Outcome:
    """Repair an ALTO, hOCR, PAGE or PDF file, whose text is repaired as a whole.

    `format` is one of `FORMATS`, or ``auto``: by content. `name` is what messages call the file. With `record` (the
    default) the changes are recorded in the format's own way. Raises `InputError` for a file that cannot be taken, and
    `MissingExtraError` for a PDF where pypdfium2 is not installed.
    """
    known = detect(data) if format == "auto" else format
    if known is None:
        raise InputError(f"{name}: is not ALTO, hOCR, PAGE or PDF; read it as text")
    if known == "pdf":
        from .pdf import extract

        text = extract(data, name)
        repair = repairer.repair(text)
        return Outcome(known, repair.text.encode("utf-8"), text, repair)
    document = open_document(data, format=known, name=name)
    repair = repaired(document, repairer.repair)
    return Outcome(known, document.write(repair.edits, record=record), document.text, repair)
