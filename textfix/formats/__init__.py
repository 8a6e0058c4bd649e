"""Scan formats: ALTO, hOCR and PAGE in, the same format out; and the text layer of PDF.

>>> from textfix import Repairer
>>> from textfix.formats import repair_document
>>> done = repair_document(Path("page.xml").read_bytes(), Repairer())
>>> done.data  # the file, repaired
>>> done.repair.edits  # the edits of done.text, what the file said

See docs/formats.md.
"""

from __future__ import annotations

from .document import Document
from .part import parts_in
from .reading import FORMATS, detect, open_document
from .repairing import Outcome, Repairs, repair_document

__all__ = ["FORMATS", "Document", "Outcome", "Repairs", "detect", "open_document", "parts_in", "repair_document"]
