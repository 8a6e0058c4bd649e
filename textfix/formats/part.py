"""A document as a `Part`: what `textfix clean` takes a file apart into, with changes as patches of bytes."""

from __future__ import annotations

from dataclasses import dataclass

from ..edits import Edit, Edits
from ..parts import Part, Patch
from .document import Document

__all__ = ["DocumentPart", "document_part"]


@dataclass(frozen=True, slots=True)
class DocumentPart(Part):
    """The whole of an ALTO, hOCR or PAGE file.

    One edit may become several patches (of several words, or of the levels of PAGE): the first carries the edit as it
    was made, the others and those of records carry none.
    """

    document: Document | None = None
    keep_record: bool = True

    def patches(self, edits: Edits) -> list[Patch]:
        """What `edits` of the text do to the bytes, in the order of the file."""
        assert self.document is not None
        out: list[Patch] = []
        line, head, at, offset = 1, 0, 0, len(self.document.source.bom)
        for change, edit in self.document.changes(edits, record=self.keep_record):
            line += self.raw.count("\n", at, change.start)
            newline = self.raw.rfind("\n", at, change.start)
            head = newline + 1 if newline >= 0 else head
            offset += len(self.raw[at : change.start].encode(self.codec))
            at = change.start
            old = self.raw[at : change.end].encode(self.codec)
            out.append(Patch(offset, old, change.new.encode(self.codec), edit, line, at - head + 1))
        return out

    def where(self, edit: Edit) -> tuple[int, int]:
        """Line and column of the character that an edit of the text begins at, from 1."""
        assert self.document is not None
        places = self.document.markup.text.places[0]
        found = (places[i][0] for i in range(edit.start, edit.end + 1) if i in places)
        behind = (places[i][1] for i in range(edit.start - 1, -1, -1) if i in places)
        at = next(found, None)
        at = next(behind, 0) if at is None else at
        return self.raw.count("\n", 0, at) + 1, at - self.raw.rfind("\n", 0, at)


def document_part(document: Document, *, record: bool = True) -> DocumentPart:
    """`document` as the one part of its file; with `record` changes are recorded in the format's own way."""
    source = document.source
    return DocumentPart(
        source.encode(source.text), 0, 1, source.codec, source.text, document.text, source.name,
        document=document, keep_record=record,
    )  # fmt: skip
