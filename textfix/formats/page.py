"""PAGE-XML (PRImA), any version of its page content schema; records fit 2013-07-15 to 2024-07-15.

A ``TextRegion`` may say its text several times: as a whole, by ``TextLine``, by ``Word`` and by ``Glyph``. The lines'
``TextEquiv`` is read where there is one (then words, glyphs, the region), and the other levels are repaired alongside
where they say the same. Of several ``TextEquiv`` the one with the lowest ``index`` counts.

A repaired word (line, where there are no words) keeps its outline, and the engine's reading stays beside the new one as
a ``TextEquiv`` with the next higher ``index``, from the version on that allows several (2016-07-15). The step is
recorded in ``Metadata``: a ``MetadataItem`` of type ``processingStep`` where there is such a thing (2018-07-15),
``Comments`` before. ``LastChange`` stays: a repair does not depend on the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .document import SOFTWARE, Change, Tally
from .markup import CLOSE, OPEN, Node, Splice, escape
from .text import Builder, Char, Text, Unit, content_chars

__all__ = ["Page"]

_COMMENT = "OCR reading before textfix"
_LINE, _WORD, _GLYPH, _REGION = range(4)


class Page:
    """The markup of a PAGE-XML file."""

    text: Text

    def __init__(self, root: Node) -> None:
        self._root = root
        version = re.search(r"\d{4}-\d{2}-\d{2}$", root.namespace)
        self._version = version[0] if version else ""
        self.unmatched = 0  # elements whose text is not that of their lines, and was left alone
        self._builder = Builder()
        for page in root.find("Page"):
            for region in _in_reading_order(page):
                self._builder.paragraph_end()
                self._region(region)
        self.text = self._builder.build()

    def _region(self, region: Node) -> None:
        first = len(self._builder)
        for line in region.find("TextLine"):
            self._builder.line_end()
            self._line(line)
        own = _chars(_main(region))
        if len(self._builder) == first or self._builder.chars[first:] == ["\n"]:
            self._builder.add(own, region)
        else:
            self._mirror(range(first, len(self._builder)), own, _REGION)

    def _line(self, line: Node) -> None:
        chars = _chars(_main(line))
        words = line.find("Word")
        if not chars:
            for word in words:
                self._word(word)
            return
        within = self._builder.add(chars)
        spoken = [(word, _chars(_main(word)) or _glyph_chars(word)) for word in words]
        indices = self._mirror(within, [char for _, said in spoken for char in said], _WORD)
        if not indices:
            self._unit(line, within)
            return
        at = 0
        for word, said in spoken:
            solid = sum(not char.isspace() for char, _, _ in said)
            if solid:
                place = range(indices[at], indices[at + solid - 1] + 1)
                self._unit(word, place)
                self._glyphs(word, place)
            at += solid

    def _word(self, word: Node) -> None:
        chars = _chars(_main(word))
        if chars:
            self._glyphs(word, self._builder.add(chars, word, blank=True))
        else:
            self._builder.add(_glyph_chars(word), word, blank=True)

    def _unit(self, node: Node, place: range) -> None:
        self._builder.units.append(Unit(node, place.start, place.stop))

    def _glyphs(self, word: Node, place: range) -> None:
        if _main(word) is not None:
            self._mirror(place, _glyph_chars(word), _GLYPH)

    def _mirror(self, within: range, chars: list[Char], level: int) -> list[int] | None:
        if not chars:
            return None
        indices = self._builder.mirror(within, chars, level)
        self.unmatched += indices is None
        return indices

    def record(self, changes: list[Change], tally: Tally, codec: str) -> list[Splice]:
        """See `Markup.record`."""
        out: list[Splice] = []
        if self._version >= "2016-07-15":
            out += [s for change in changes for s in _alternative(change, codec)]
        metadata = next(iter(self._root.find("Metadata")), None)
        if metadata is not None and metadata.children:
            out.append(self._step(metadata, tally))
        return out

    def _step(self, metadata: Node, tally: Tally) -> Splice:
        name, version = SOFTWARE
        p = metadata.prefix
        if self._version >= "2018-07-15":
            last = metadata.children[-1]
            new = (
                f'<{p}MetadataItem type="processingStep" name="recognition/post-correction" value="{name}">'
                f'<{p}Labels><{p}Label type="version" value="{version}"/><{p}Label type="result" value="{tally}"/>'
                f"</{p}Labels></{p}MetadataItem>"
            )
        elif comments := metadata.find("Comments"):
            said = comments[0]
            if said.empty:
                new = f"<{p}Comments>{name} {version}: {tally}</{p}Comments>"
                return Splice(said.start, said.end, CLOSE, new)
            return Splice(said.close_start, said.close_start, CLOSE, f"\n{name} {version}: {tally}")
        else:
            last = metadata.find("LastChange")[-1] if metadata.find("LastChange") else metadata.children[-1]
            new = f"<{p}Comments>{name} {version}: {tally}</{p}Comments>"
        return Splice(last.end, last.end, CLOSE, last.indent + new)


def _in_reading_order(page: Node) -> Iterator[Node]:
    """The text regions: those that ``ReadingOrder`` names in its order, then the others as they stand."""
    regions = [n for n in page.walk() if n.name == "TextRegion" and n.namespace == page.namespace]
    by_id = {region.get("id"): region for region in regions}
    order: dict[int, Node] = {}
    for group in page.find("ReadingOrder"):
        for reference in _references(group):
            region = by_id.get(reference)
            if region is not None:
                order.setdefault(id(region), region)
    yield from order.values()
    yield from (region for region in regions if id(region) not in order)


def _references(order: Node) -> Iterator[str]:
    """The regions that a reading order names; children with an ``index`` stand in its order."""
    stack = [order]
    while stack:
        node = stack.pop()
        if node.get("regionRef"):
            yield node.get("regionRef")
        stack += sorted(node.children, key=_index)[::-1]


def _index(node: Node, default: int = 0) -> int:
    value = node.get("index")
    return int(value) if value.isdecimal() and len(value) < 10 else default


def _main(node: Node) -> Node | None:
    """The ``TextEquiv`` that counts: of the lowest index, those without one last."""
    equivalents = node.find("TextEquiv")
    return min(equivalents, key=lambda n: _index(n, default=1 << 30), default=None)


def _chars(equivalent: Node | None) -> list[Char]:
    if equivalent is None:
        return []
    said = equivalent.find("Unicode")
    return [char for node in said for char in content_chars(node.source, node.open_end, node.close_start)]


def _glyph_chars(word: Node) -> list[Char]:
    return [char for glyph in word.find("Glyph") for char in _chars(_main(glyph))]


def _alternative(change: Change, codec: str) -> Iterable[Splice]:
    """The engine's reading beside the new one, with the next free index; the new one needs the lowest."""
    node = change.unit.node
    main = _main(node)
    if main is None or any(n.get("comments") == _COMMENT for n in node.find("TextEquiv")):
        return []  # only glyphs say what the word is; or the engine's reading is there already
    siblings = node.find("TextEquiv")
    highest = max(_index(n, default=0) for n in siblings)
    p = main.prefix
    confidence = f' conf="{main.get("conf")}"' if main.span("conf") else ""
    new = (
        f'<{p}TextEquiv index="{highest + 1}"{confidence} comments="{_COMMENT}">'
        f"<{p}Unicode>{escape(change.old, codec)}</{p}Unicode></{p}TextEquiv>"
    )
    out = [Splice(siblings[-1].end, siblings[-1].end, CLOSE, main.indent + new)]
    if main.span("index") is None:
        at = main.start + 1 + len(main.prefix) + len(main.name)
        out.append(Splice(at, at, OPEN, ' index="0"'))
    return out
