"""ALTO (Library of Congress), versions 2 to 4; version 1 has the same elements.

The text is the ``CONTENT`` of the ``String`` elements. ``SP`` says that the engine saw a gap; between Chinese
characters that is no blank. A repaired ``String`` keeps its box, confidences and glyphs (version 4 says that ``Glyph``
may differ from ``CONTENT`` after corrections) and gets the engine's reading as an ``ALTERNATIVE``; one whose characters
went to its neighbour keeps its box with an empty ``CONTENT``. The step is recorded in ``Description``: as
``postProcessingStep`` of the last ``OCRProcessing``, and in version 4, which deprecates that, as ``Processing``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count

from .document import SOFTWARE, Change, Tally
from .markup import CLOSE, Node, Splice, escape
from .text import Builder, Text, attribute_chars

__all__ = ["Alto"]

_PURPOSE = "OCR reading before textfix"


class Alto:
    """The markup of an ALTO file."""

    text: Text

    def __init__(self, root: Node) -> None:
        self._root = root
        builder = Builder()
        self._strings: list[Node] = []
        block: Node | None = None
        for line in root.walk():
            if line.name != "TextLine" or line.namespace != root.namespace:
                continue
            if line.parent is block:
                builder.line_end()
            else:
                builder.paragraph_end()
            block = line.parent
            gap = False
            for child in line.children:
                if child.name == "SP":
                    gap = True
                elif child.name == "String" and (span := child.span("CONTENT")) is not None:
                    self._strings.append(child)
                    if builder.add(attribute_chars(root.source, *span), child, blank=gap):
                        gap = False
        self.text = builder.build()

    def record(self, changes: list[Change], tally: Tally, codec: str) -> list[Splice]:
        """See `Markup.record`."""
        out = [s for change in changes for s in _alternative(change.unit.node, change.old, codec)]
        out += self._hyphenated(changes, codec)
        description = next(iter(self._root.find("Description")), None)
        if description is not None and not description.empty:
            out.append(self._step(description, tally))
        return out

    def _hyphenated(self, changes: Iterable[Change], codec: str) -> list[Splice]:
        """The whole word in ``SUBS_CONTENT`` of both its parts, where it was just these parts."""
        new = {id(change.unit.node): change.new for change in changes}
        out: list[Splice] = []
        for one, two in zip(self._strings, self._strings[1:], strict=False):
            if (id(one) in new or id(two) in new) and (one.get("SUBS_TYPE"), two.get("SUBS_TYPE")) == (
                "HypPart1",
                "HypPart2",
            ):
                old = one.get("CONTENT") + two.get("CONTENT")
                whole = new.get(id(one), one.get("CONTENT")) + new.get(id(two), two.get("CONTENT"))
                spans = [node.span("SUBS_CONTENT") for node in (one, two) if node.get("SUBS_CONTENT") == old]
                out += [Splice(*span, CLOSE, escape(whole, codec)) for span in spans if span]
        return out

    def _step(self, description: Node, tally: Tally) -> Splice:
        last = description.children[-1] if description.children else description
        p = description.prefix
        if "/ns-v4#" in description.namespace:
            opening, closing = f'<{p}Processing ID="{self._free_id()}">', f"</{p}Processing>"
            return _beside(last, description, opening + _step_content(p, tally) + closing)
        step = f"<{p}postProcessingStep>{_step_content(p, tally)}</{p}postProcessingStep>"
        processing = description.find("OCRProcessing")
        if processing and processing[-1].children:
            return _beside(processing[-1].children[-1], processing[-1], step)
        # The schema wants a step of recognition in front of what came after it; nothing is known of it.
        whole = f'<{p}OCRProcessing ID="{self._free_id()}"><{p}ocrProcessingStep/>{step}</{p}OCRProcessing>'
        return _beside(last, description, whole)

    def _free_id(self) -> str:
        taken = set(re.findall(r"textfix_\d+", self._root.source))
        return next(name for name in (f"textfix_{number}" for number in count(1)) if name not in taken)


def _step_content(p: str, tally: Tally) -> str:
    name, version = SOFTWARE
    return (
        f"<{p}processingStepDescription>{tally}</{p}processingStepDescription>"
        f"<{p}processingSoftware><{p}softwareName>{name}</{p}softwareName>"
        f"<{p}softwareVersion>{version}</{p}softwareVersion></{p}processingSoftware>"
    )


def _beside(sibling: Node, parent: Node, new: str) -> Splice:
    """Put an element in behind its new sibling, with the same white space in front of it."""
    if sibling is parent:
        return Splice(parent.open_end, parent.open_end, CLOSE, new)
    return Splice(sibling.end, sibling.end, CLOSE, sibling.indent + new)


def _alternative(string: Node, old: str, codec: str) -> list[Splice]:
    """The engine's reading as an alternative; that of the first repair stays if there was one before."""
    if any(child.get("PURPOSE") == _PURPOSE for child in string.find("ALTERNATIVE")):
        return []
    tag = f"{string.prefix}ALTERNATIVE"
    new = f'<{tag} PURPOSE="{_PURPOSE}">{escape(old, codec)}</{tag}>'
    if string.empty:
        slash = string.open_end - 2
        return [Splice(slash, string.end, CLOSE, f">{new}</{string.prefix}String>")]
    before = [child for child in string.children if child.name in ("Shape", "ALTERNATIVE")]
    at = before[-1].end if before else string.open_end
    return [Splice(at, at, CLOSE, new)]
