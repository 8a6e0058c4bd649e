"""Broken files out of good ones: a few mutations of a seed, as a Hypothesis strategy; and wrong values in JSON.

What it makes is what happens to files and what is done to them: bits that flipped, a file that was cut off, stretches
that are there twice or many times, halves of two files, signs that mean something to the format in the wrong place.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

__all__ = ["LARGEST", "SIGNS", "mangled_json", "mangled_xml", "mutated"]

#: No broken file is larger, in bytes.
LARGEST = 1 << 16
#: What has a meaning in some format or another, or is a limit of one.
SIGNS = (
    b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\t", b" ", b"\\", b'"', b"'",
    b"<", b">", b"</", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>", b"<!DOCTYPE a [",
    b"<!ENTITY a 'b'>", b"&a;", b"&", b"&#", b"&#0;", b"&#x110000;", b"&#xD800;", b"&#" + b"0" * 4400 + b"65;",
    b"9" * 4400, b"-1", b"1e999", b"NaN", b"Infinity", b"4294967296", b"18446744073709551616", b"[" * 3000,
    b'{"a":' * 3000, b"null", b"{}", b"[]", b"\\u0000", b"\\ud800", b"\\udc00", b"\\U00110000", b"\\e",
    b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xa8", b"\xf0\xa0\x80\x80", "“".encode(), "任".encode(),
    "㐀".encode(), b"%PDF-", b"endobj", b"xref", b"stream", b"encoding='idna'", b"encoding='hz'",
)  # fmt: skip

Change = Callable[[bytes], bytes]


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes], signs: Sequence[bytes] = SIGNS) -> bytes:
    """One of `seeds` after up to six mutations."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        data = draw(st.sampled_from(_CHANGES))(draw, data, seeds, signs)[:LARGEST]
    return data


def _span(draw: st.DrawFn, data: bytes) -> tuple[int, int]:
    """A stretch of `data`, a short one mostly."""
    start = draw(st.integers(0, len(data)))
    return start, min(start + draw(st.one_of(st.integers(0, 16), st.integers(0, len(data)))), len(data))


def _flip(draw: st.DrawFn, data: bytes, *_: object) -> bytes:
    if not data:
        return data
    at, bit = draw(st.integers(0, len(data) - 1)), draw(st.integers(0, 7))
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def _number(draw: st.DrawFn, data: bytes, *_: object) -> bytes:
    """Bytes that are a number to binary formats become an extreme one."""
    width = draw(st.sampled_from([1, 2, 4, 8]))
    at = draw(st.integers(0, max(len(data) - width, 0)))
    value = draw(st.sampled_from([0, 1, (1 << 8 * width) - 1, 1 << (8 * width - 1), (1 << (8 * width - 1)) - 1]))
    return data[:at] + value.to_bytes(width, "little") + data[at + width :]


def _cut(draw: st.DrawFn, data: bytes, *_: object) -> bytes:
    return data[: draw(st.integers(0, len(data)))]


def _drop(draw: st.DrawFn, data: bytes, *_: object) -> bytes:
    start, end = _span(draw, data)
    return data[:start] + data[end:]


def _repeat(draw: st.DrawFn, data: bytes, *_: object) -> bytes:
    start, end = _span(draw, data)
    times = draw(st.sampled_from([2, 3, 50, 3000]))
    return data[:start] + (data[start:end] * min(times, LARGEST // max(end - start, 1) + 1))[:LARGEST] + data[end:]


def _move(draw: st.DrawFn, data: bytes, *_: object) -> bytes:
    start, end = _span(draw, data)
    rest = data[:start] + data[end:]
    at = draw(st.integers(0, len(rest)))
    return rest[:at] + data[start:end] + rest[at:]


def _splice(draw: st.DrawFn, data: bytes, seeds: Sequence[bytes], _: object) -> bytes:
    other = draw(st.sampled_from(seeds))
    return data[: draw(st.integers(0, len(data)))] + other[draw(st.integers(0, len(other))) :]


def _sign(draw: st.DrawFn, data: bytes, _: object, signs: Sequence[bytes]) -> bytes:
    start, end = _span(draw, data)
    times = draw(st.sampled_from([1, 1, 1, 200, 5000]))
    return data[:start] + (draw(st.sampled_from(signs)) * times)[:LARGEST] + data[draw(st.sampled_from([start, end])) :]


_CHANGES = (_flip, _flip, _number, _cut, _drop, _repeat, _move, _splice, _sign, _sign)


#: Any value that JSON can write, and some that Python's reader takes beside it.
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.sampled_from([-1, 10**18, 10**400, 2**31, 2**63]), st.floats(),
        st.text(max_size=8),
        st.sampled_from(["\ud800", "a\0b", "\n", "utf-8", "rot13", "idna", "zz", "edit", "end", "file"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def mangled_json(draw: st.DrawFn, seeds: Sequence[bytes], *, lines: bool) -> bytes:
    """One of `seeds`, which are JSON (or `lines` of it), in which up to three values became others or went."""
    rows = [json.loads(row) for row in _rows(draw(st.sampled_from(seeds)), lines=lines)]
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.integers(0, len(rows) - 1))
        rows[row] = _mangled(draw, rows[row])
    return b"\n".join(json.dumps(row).encode() for row in rows) + b"\n"


def _rows(seed: bytes, *, lines: bool) -> list[bytes]:
    return [line for line in seed.split(b"\n") if line] if lines else [seed]


def _mangled(draw: st.DrawFn, value: Any) -> Any:
    """`value` with something in it that is something else, or is gone."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 9)) == 0:
        return draw(VALUES)
    keys = sorted(value) if isinstance(value, dict) else range(len(value))
    key = draw(st.sampled_from(list(keys)))
    out = value.copy()
    if draw(st.integers(0, 5)) == 0:
        del out[key]
    else:
        out[key] = _mangled(draw, out[key])
    return out


#: What the content of an element or the value of an attribute may become.
TEXTS = st.text(max_size=6) | st.sampled_from(
    [
        "",
        " ",
        "\n",
        "的重工a一。",
        "“",
        "]]>",
        "<!--",
        "&amp;",
        "0",
        "-1",
        "9" * 4400,
        "HypPart1",
        "textfix_1",
        "\u2028",
        "x" * 3000,
    ]
)
#: What may stand among the characters of an element without being one of them, or stand for one.
BETWEEN = st.sampled_from(
    [
        b"<!-- a -->",
        b"<?a <b> ?>",
        b"<![CDATA[ \xe7\x9a\x84<&]]>",
        b"<![CDATA[]]>",
        b"&#10;",
        b"&#x4e00;",
        b"&#00000097;",
        b"\r\n",
        b"\r",
    ]
)


@st.composite
def mangled_xml(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of `seeds`, which are XML, with elements dropped, doubled, renamed, moved, or of other content."""
    root = ET.fromstring(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 5))):
        every = [(parent, child) for parent in root.iter() for child in parent]
        if not every:
            break
        parent, child = draw(st.sampled_from(every))
        draw(st.sampled_from(_XML))(draw, root, parent, child)
    data = ET.tostring(root, "utf-8", xml_declaration=True)
    for _ in range(draw(st.integers(0, 3))):
        places = [at for at in range(1, len(data)) if data[at - 1 : at] == b">" or data[at : at + 1] == b"<"]
        at = draw(st.sampled_from(places))
        data = data[:at] + draw(BETWEEN) + data[at:]
    return data


def _drop_element(draw: st.DrawFn, root: ET.Element, parent: ET.Element, child: ET.Element) -> None:  # noqa: ARG001
    parent.remove(child)


def _double(draw: st.DrawFn, root: ET.Element, parent: ET.Element, child: ET.Element) -> None:  # noqa: ARG001
    for _ in range(draw(st.sampled_from([1, 2, 40]))):
        parent.insert(draw(st.integers(0, len(parent))), ET.fromstring(ET.tostring(child)))


def _rename(draw: st.DrawFn, root: ET.Element, parent: ET.Element, child: ET.Element) -> None:  # noqa: ARG001
    child.tag = draw(st.sampled_from(sorted({element.tag for element in root.iter()} | {"bare"})))


def _attribute(draw: st.DrawFn, root: ET.Element, parent: ET.Element, child: ET.Element) -> None:  # noqa: ARG001
    names = sorted({name for element in root.iter() for name in element.attrib})
    if names:
        child.set(draw(st.sampled_from(names)), _plain(draw(TEXTS)))


def _content(draw: st.DrawFn, root: ET.Element, parent: ET.Element, child: ET.Element) -> None:  # noqa: ARG001
    if draw(st.booleans()):
        child.text = _plain(draw(TEXTS))
    else:
        child.tail = _plain(draw(TEXTS))


def _adopt(draw: st.DrawFn, root: ET.Element, parent: ET.Element, child: ET.Element) -> None:
    below = set(child.iter())
    homes = [element for element in root.iter() if element not in below]
    parent.remove(child)
    home = draw(st.sampled_from(homes))
    home.insert(draw(st.integers(0, len(home))), child)


def _plain(text: str) -> str:
    """`text` without what XML cannot say."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )


_XML = (_drop_element, _double, _rename, _attribute, _attribute, _content, _content, _adopt)
