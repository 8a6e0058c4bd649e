"""A document as a `Part`: what `textfix clean` takes a file apart into, with changes as patches of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..decoding import Decoding
from ..edits import Edit, Edits, Repair
from ..parts import Part, Patch, plain_parts
from .document import Document, repaired
from .reading import detect, open_document

__all__ = ["DocumentPart", "document_part", "parts_in"]


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

    def repaired(self, repair: Callable[[str], Repair]) -> Repair:
        """The repair of the text, with the edits that the document can make (see `document.repaired`)."""
        assert self.document is not None
        return repaired(self.document, repair)


def parts_in(
    data: bytes, name: str, *, encoding: str = "utf-8", format: str = "auto", record: bool = True
) -> Iterator[Part]:
    """The parts of a file of any kind: a document of a scan format, or a text in `encoding` (`textfix.parts`).

    `format` is ``text``, one of `FORMATS`, or ``auto``: by content. Of a PDF the parts are those of its text layer, in
    UTF-8. With `record` changes of a document are recorded in its format's own way. Raises what reading the file
    raises.
    """
    known = detect(data) if format == "auto" else format
    if known is None or known == "text":
        yield from plain_parts([data], Decoding(encoding, name))
    elif known == "pdf":
        from .pdf import extract

        yield from plain_parts([extract(data, name).encode("utf-8")], Decoding("utf-8", name))
    else:
        yield document_part(open_document(data, format=known, name=name), record=record)


def document_part(document: Document, *, record: bool = True) -> DocumentPart:
    """`document` as the one part of its file; with `record` changes are recorded in the format's own way."""
    source = document.source
    return DocumentPart(
        source.encode(source.text),
        0,
        1,
        source.codec,
        source.text,
        document.text,
        source.name,
        place=lambda edit: (*_span(document, edit), edit.replacement),
        document=document,
        keep_record=record,
    )


def _span(document: Document, edit: Edit) -> tuple[int, int]:
    """Where an edit begins and ends in the file's text, on the level that is read."""
    places = document.markup.text.places[0]
    held = [places[i] for i in range(edit.start, edit.end) if i in places]
    if held:
        return held[0][0], held[-1][1]
    behind = next((places[i][1] for i in range(edit.start - 1, -1, -1) if i in places), 0)
    return behind, behind
