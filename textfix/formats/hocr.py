"""hOCR 1.1 and 1.2 (https://kba.github.io/hocr-spec/1.2/), written as XHTML or as HTML.

The text is that of the ``ocrx_word`` (or ``ocr_word``) elements, and of lines without words in them. A gap between
words of Chinese is no blank. What an engine lists as other choices for a character is no text, and of alternative
readings only the first one, in ``ins``, is. A repaired word keeps its box and confidence; its content becomes
``alternatives`` with the repaired reading in ``ins`` and the engine's in ``del``, each with an ``x_cost``. The step is
recorded in the head as Dublin Core provenance, the vocabulary that hOCR names for metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import SOFTWARE, Change, Tally
from .markup import CLOSE, OPEN, Node, Splice, escape
from .text import Builder, Char, Text, content_chars

__all__ = ["Hocr"]

_WORDS = frozenset({"ocrx_word", "ocr_word"})
_LINES = frozenset({"ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat"})
_PARAGRAPHS = frozenset({"ocr_par", "ocr_carea", "ocr_column", "ocrx_block", "ocr_page"})
#: How Tesseract calls what it lists as other choices (``lstm_choice_mode``, ``hocr_char_boxes``).
_CHOICES = re.compile(r"(lstm_choices|timestep|choice|symbol)_?\d")


class Hocr:
    """The markup of an hOCR file."""

    text: Text

    def __init__(self, root: Node) -> None:
        self._root = root
        builder = Builder()
        line: Node | None = None
        paragraph: Node | None = None
        for unit, in_line, in_paragraph in _units(root):
            if in_paragraph is not paragraph:
                builder.paragraph_end()
            elif in_line is not line:
                builder.line_end()
            line, paragraph = in_line, in_paragraph
            builder.add(_solid(unit, _chars(unit)), unit, blank=True)
        self.text = builder.build()

    def record(self, changes: list[Change], tally: Tally, codec: str) -> list[Splice]:
        """See `Markup.record`."""
        out: list[Splice] = []
        for change in changes:
            node = change.unit.node
            if any("alternatives" in _classes(inner) for inner in node.walk()):
                continue  # the engine's reading is there already
            content = node.source[node.open_end : node.close_start]
            first = node.open_end + len(content) - len(content.lstrip())
            last = node.open_end + len(content.rstrip())
            new, old = (f'title="x_cost {cost:.2f}"' for cost in change.cost)
            reading = f'<del class="alt" {old}>{escape(change.old, codec)}</del>'
            out.append(Splice(first, first, OPEN, f'<span class="alternatives"><ins class="alt" {new}>'))
            out.append(Splice(last, last, CLOSE, f"</ins>{reading}</span>"))
        return out + self._provenance(tally)

    def _provenance(self, tally: Tally) -> list[Splice]:
        metas = [node for node in self._root.walk() if node.name == "meta"]
        if not metas:
            return []
        meta = next((m for m in metas if m.get("name") == "ocr-capabilities"), metas[-1])
        content = f"{' '.join(SOFTWARE)}: {tally}"
        new = f'<meta name="DCTERMS.provenance" content="{content}"/>'
        return [Splice(meta.open_end, meta.open_end, CLOSE, meta.indent + new)]


def _classes(node: Node) -> frozenset[str]:
    return frozenset(node.get("class").split())


def _units(root: Node) -> Iterator[tuple[Node, Node, Node]]:
    """Words, and lines that hold no words, in the order of the file; with the line and the paragraph that each is in.

    However deep they lie, the time is linear: nobody looks up or down from every element.
    """
    classes = {id(node): _classes(node) for node in root.walk()}
    holders: set[int] = set()  # what has a word in it
    for node in root.walk():
        if classes[id(node)] & _WORDS:
            for holder in node.ancestors():
                if id(holder) in holders:
                    break
                holders.add(id(holder))
    stack: list[tuple[Node, Node | None, Node]] = [(root, None, root)]
    while stack:
        node, line, paragraph = stack.pop()
        own = classes[id(node)]
        line = node if own & _LINES else line
        paragraph = node if own & _PARAGRAPHS else paragraph
        if own & _WORDS or (own & _LINES and id(node) not in holders):
            yield node, line or paragraph, paragraph
        else:
            stack.extend((child, line, paragraph) for child in reversed(node.children))


def _chars(unit: Node) -> list[Char]:
    """The characters of a unit, without other readings and choices."""
    out: list[Char] = []
    at = unit.open_end
    for node in _hidden(unit):
        out += content_chars(unit.source, at, node.start)
        at = node.end
    return out + content_chars(unit.source, at, unit.close_start)


def _hidden(unit: Node) -> Iterator[Node]:
    """The elements below a unit whose content is not its text."""
    stack = list(reversed(unit.children))
    while stack:
        node = stack.pop()
        classes = _classes(node)
        is_choice = classes & {"ocrx_cinfo", "ocr_symbol"} and _CHOICES.match(node.get("id"))
        if node.name in ("del", "script", "style") or is_choice:
            yield node
        else:
            stack.extend(reversed(node.children))


def _solid(unit: Node, chars: list[Char]) -> list[Char]:
    """White space at the ends of a unit is layout of the file. Inside, a run is one blank; between glyphs, layout."""
    glyphs = any("ocrx_cinfo" in _classes(node) and not _CHOICES.match(node.get("id")) for node in unit.walk())
    out: list[Char] = []
    for char, start, end in chars:
        if not char.isspace():
            out.append((char, start, end))
        elif out and not glyphs:
            if out[-1][0] != " ":
                out.append((" ", start, end))
            elif out[-1][2] == start:
                out[-1] = (" ", out[-1][1], end)
    while out and out[-1][0] == " ":
        out.pop()
    return out
