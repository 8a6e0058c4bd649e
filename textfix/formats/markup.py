"""Markup with offsets: elements that know where their tags and attribute values stand in the text of the file.

Files are never written from a tree. The tree only says where something stands; whoever changes it puts new text in the
place of old (`splice`), so that what nobody touches stays as it was, byte for byte.

XML is read by expat, which also decides whether it is well-formed. Nothing is fetched and no document type is read; a
file that declares entities of its own is refused, so nothing can be expanded ("billion laughs"). HTML, which hOCR may
be, is read leniently by `parse_html`: no error, whatever stands there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape as _resolve
from xml.parsers import expat

import numpy as np

from ..errors import InputError, brief

__all__ = ["Node", "Splice", "escape", "parse_html", "parse_xml", "skip", "splice", "unescape"]

# Nothing here is tried in two ways (++, *+) or from the middle of a name: what does not fit costs its length, once.
_ATTRIBUTE = re.compile(
    r"""(?<![^\s=<>"'/])([^\s=<>"'/]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>=`]++))"""
)
_START = re.compile(r"""<[^\s/>]++(?:[^>"']|"[^"]*"|'[^']*')*+>""")
_HTML_START = re.compile(r"""<([a-zA-Z][^\s<>/]*+)(?:[^<>"']|"[^"]*"|'[^']*')*+>""")
_HTML_END = re.compile(r"</([a-zA-Z][^\s<>/]*+)[^<>]*+>")
#: The longest tag in characters, and how many that do not end are put up with.
_LONGEST, _BROKEN = 1 << 16, 1000
#: A character reference by number, in hexadecimal or decimal digits.
_NUMBER = re.compile(r"&#(?:[xX]([0-9a-fA-F]++)|([0-9]++))")
#: Elements of HTML that have no end tag, and those whose content is no markup.
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "wbr"})
_RAW = frozenset({"script", "style"})


@dataclass(slots=True, eq=False)
class Node:
    """An element. Offsets count code points of the file's text: ``start:open_end`` is the start tag,
    ``open_end:close_start`` the content, ``close_start:end`` the end tag (empty where there is none)."""

    name: str  # without prefix; HTML names are in lower case
    prefix: str  # with its colon, or empty
    namespace: str
    start: int
    open_end: int
    close_start: int
    end: int
    source: str = field(repr=False)
    parent: Node | None = field(default=None, repr=False)
    children: list[Node] = field(default_factory=list, repr=False)

    @property
    def empty(self) -> bool:
        """Whether it is written as one tag, ``<a/>``."""
        return self.open_end == self.end

    def span(self, attribute: str) -> tuple[int, int] | None:
        """Where the value of an attribute stands, without its quotes."""
        for match in _ATTRIBUTE.finditer(self.source, self.start + 1 + len(self.prefix + self.name), self.open_end):
            if match[1] == attribute:
                return next(match.span(group) for group in (2, 3, 4) if match[group] is not None)
        return None

    def get(self, attribute: str, default: str = "") -> str:
        """The value of an attribute."""
        span = self.span(attribute)
        return default if span is None else unescape(self.source[slice(*span)])

    def find(self, name: str) -> list[Node]:
        """The children of that name, in the namespace of this element."""
        return [child for child in self.children if child.name == name and child.namespace == self.namespace]

    @property
    def indent(self) -> str:
        """The white space in front of it."""
        first = self.start
        while first and self.source[first - 1].isspace():
            first -= 1
        return self.source[first : self.start]

    def walk(self) -> Iterator[Node]:
        """This element and all below it, in the order of the file."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def ancestors(self) -> Iterator[Node]:
        """The elements around it, from the inside."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


def parse_xml(text: str, name: str) -> Node:
    """The root element of an XML document. `name` is what messages call the file.

    Raises `InputError` for what is not well-formed XML, or declares entities.
    """
    data = text.encode("utf-8", "surrogatepass")
    events: list[tuple[int, str | None]] = []
    parser = expat.ParserCreate("utf-8", "}")  # whatever the document declares: it has been decoded

    def refuse(entity: str, *_: object) -> None:
        raise InputError(f"{name}: declares the entity {brief(entity)}; resolve entities first (xmllint --noent)")

    parser.StartElementHandler = lambda tag, _: events.append((parser.CurrentByteIndex, tag))
    parser.EndElementHandler = lambda _: events.append((parser.CurrentByteIndex, None))
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise InputError(f"{name}: line {error.lineno}, column {error.offset + 1}: not XML ({reason})") from error
    at = _code_points(data, [offset for offset, _ in events])
    return _tree(text, [(offset, tag) for offset, (_, tag) in zip(at, events, strict=True)])


def _code_points(data: bytes, offsets: list[int]) -> list[int]:
    """Offsets in UTF-8 as offsets in code points."""
    starts = np.flatnonzero((np.frombuffer(data, dtype=np.uint8) & 0xC0) != 0x80)
    return np.searchsorted(starts, offsets).tolist() if starts.size < len(data) else offsets


def _tree(text: str, events: Iterable[tuple[int, str | None]]) -> Node:
    root: Node | None = None
    node: Node | None = None
    for at, tag in events:
        if tag is not None:
            match = _START.match(text, at)
            assert match is not None  # expat found a start tag here
            namespace, _, local = tag.rpartition("}")
            written = re.match(r"[^\s/>]+", text[at + 1 : match.end()])
            prefix = written[0][: -len(local)] if written else ""
            child = Node(local, prefix, namespace, at, match.end(), match.end(), match.end(), text, node)
            if node is None:
                root = child
            else:
                node.children.append(child)
            node = child
        else:
            assert node is not None
            if not text.endswith("/>", node.start, node.open_end):
                node.close_start, node.end = at, text.index(">", at) + 1
            node = node.parent
    assert root is not None  # or expat would have complained
    return root


def parse_html(text: str, name: str) -> Node:
    """The elements of an HTML document below a root of no name. End tags that are missing or too many do no harm.

    `name` is what messages call the file. Raises `InputError` where so much is no tag that it is no HTML either.
    """
    root = node = Node("", "", "", 0, 0, len(text), len(text), text)
    still_open: Counter[str] = Counter()
    endless: set[str] = set()
    broken = 0
    at = text.find("<")
    while at >= 0:
        after = at + 1
        if start := _HTML_START.match(text, at, at + _LONGEST):
            child = _opened(node, start)
            node.children.append(child)
            after = child.end
            if child.name not in _VOID | _RAW and not start[0].endswith("/>"):
                node = child
                still_open[node.name] += 1
        elif end := _HTML_END.match(text, at, at + _LONGEST):
            after = end.end()
            if still_open[end[1].lower()]:
                node = _close(node, end[1].lower(), at, after, still_open)
        else:
            after = skip(text, at, len(text), endless) or (len(text) if text.startswith("<!", at) else at + 1)
            broken += after == at + 1 and text[after : after + 2].lstrip("/")[:1].isalpha()
            if broken > _BROKEN:
                raise InputError(f"{name}: is no HTML: {broken} tags do not end")
        at = text.find("<", after)
    while node.parent is not None:
        node.close_start = node.end = len(text)
        node = node.parent
    return root


def _opened(parent: Node, start: re.Match[str]) -> Node:
    """The element of a start tag. One whose content is no markup is complete, the end tag left out."""
    name, after = start[1].lower(), start.end()
    node = Node(name, "", "", start.start(), after, after, after, start.string, parent)
    if name in _RAW:
        end = re.compile(rf"</{name}\b", re.I).search(start.string, after)
        node.close_start = node.end = end.start() if end else len(start.string)
    return node


def _close(node: Node, name: str, at: int, after: int, still_open: Counter[str]) -> Node:
    """Close the innermost open element of that name, and those inside it; gives the one around it."""
    while True:
        still_open[node.name] -= 1
        node.close_start = node.end = at
        parent = node.parent
        assert parent is not None  # one of that name is open
        if node.name == name:
            node.end = after
            return parent
        node = parent


def skip(text: str, at: int, stop: int, endless: set[str]) -> int:
    """The end of a comment, CDATA section, declaration or processing instruction at `at`; 0 if there is none.

    `endless` remembers which of their ends stand nowhere in what is left up to `stop`: it is not searched again.
    """
    for opening, closing in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<?", ">"), ("<!", ">")):
        if closing not in endless and text.startswith(opening, at):
            end = text.find(closing, at + len(opening), stop)
            if end >= 0:
                return end + len(closing)
            endless.add(closing)
    return 0


@dataclass(frozen=True, slots=True)
class Splice:
    """Put `new` in the place of ``start:end``. At one place the lower `rank` comes first."""

    start: int
    end: int
    rank: int
    new: str

    @property
    def order(self) -> tuple[int, bool, int]:
        """Sorts what is put in at a place before what takes the place of what stands there."""
        return self.start, self.end > self.start, self.rank


#: Ranks of what is put in at one place: text behind a character, tags that close, tags that open, text before one.
BEHIND, CLOSE, OPEN, BEFORE = range(4)


def splice(text: str, changes: Iterable[Splice]) -> str:
    """`text` with all changes made. They must not overlap."""
    out: list[str] = []
    at = 0
    for change in sorted(changes, key=lambda change: change.order):
        if change.start < at:
            raise AssertionError(f"changes overlap at {change.start}")
        out += (text[at : change.start], change.new)
        at = change.end
    out.append(text[at:])
    return "".join(out)


def unescape(text: str) -> str:
    """`text` with its references resolved, as HTML does it; a number may have any number of digits."""
    return _resolve(_NUMBER.sub(_bounded, text) if "&#" in text else text)


def _bounded(reference: re.Match[str]) -> str:
    digits = (reference[1] or reference[2]).lstrip("0") or "0"
    if len(digits) > 8:
        return "&#x110000"  # as good as any other beyond the last character
    return f"&#x{digits}" if reference[1] else f"&#{digits}"


_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"} | {c: f"&#{ord(c)};" for c in "\t\n\r"}


def escape(text: str, codec: str) -> str:
    """`text` as content or attribute value; what `codec` cannot write becomes a character reference."""
    return "".join(_ESCAPES.get(c) or _fitting(c, codec) for c in text)


def _fitting(char: str, codec: str) -> str:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return f"&#x{ord(char):X};"
    return char
