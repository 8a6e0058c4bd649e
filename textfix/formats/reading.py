"""Open a file of a scan format: which one it is, in which encoding, and what it says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

from ..errors import InputError, OptionError, brief
from ..files import Decoded, decode
from .alto import Alto
from .document import Document, Markup
from .hocr import Hocr
from .markup import parse_html, parse_xml
from .page import Page

__all__ = ["FORMATS", "detect", "open_document"]

#: Names of the scan formats → what they are.
FORMATS: Mapping[str, str] = {"alto": "ALTO XML", "hocr": "hOCR", "page": "PAGE XML", "pdf": "PDF with a text layer"}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_CHARSET = re.compile(rb"""<meta[^>]*?charset\s*+=\s*+["']?\s*([A-Za-z][A-Za-z0-9._-]*)""", re.I)
_PROLOGUE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*", re.S | re.I)
_ROOT = re.compile(r"<(?:[^\s<>/:]+:)?([A-Za-z][\w.-]*)[\s/>]")
_HOCR = re.compile(r"""ocr-(?:system|capabilities)|class\s*+=\s*+["']?\s*ocrx?_\w""")
#: How much of a file `detect` looks at.
HEAD = 1 << 16


def detect(head: bytes) -> str | None:
    """The scan format of a file that begins with `head`, or None: plain text, or something else.

    64 KB are enough. Looks at content alone: the root element, and for hOCR what only hOCR has.
    """
    if head.startswith(b"%PDF-"):
        return "pdf"
    if b"<" not in head[:1024]:
        return None
    text = head[:HEAD].decode(_encoding(head) if _is_wide(head) else "latin-1", "ignore").lstrip("\ufeffï»¿")
    prologue = _PROLOGUE.match(text)
    root = _ROOT.match(text, prologue.end() if prologue else 0)
    if root is None:
        return None
    if root[1] in ("alto", "PcGts"):
        return "alto" if root[1] == "alto" else "page"
    return "hocr" if root[1].lower() == "html" and _HOCR.search(text) else None


def open_document(data: bytes, *, format: str = "auto", name: str = "<document>") -> Document:
    """The document in `data`, an ALTO, hOCR or PAGE file; `name` is what messages call it.

    The encoding is the one that the file declares. Raises `InputError` for a file that is of no such format, is no
    well-formed XML (hOCR may be HTML), declares entities, or whose bytes could not be written back as they are.
    """
    known = detect(data) if format == "auto" else format
    if known not in ("alto", "hocr", "page"):
        if format == "auto":
            raise InputError(f"{name}: is not ALTO, hOCR or PAGE; read it as text")
        raise OptionError(f"no markup format {format!r}; there are alto, hocr and page")
    source = decode(data, _encoding(data), name)
    if source.encode(source.text) != data:
        raise InputError(f"{name}: {source.codec} could not write it back byte for byte; convert it to UTF-8 first")
    return Document(known, source, _markup(known, source))


def _markup(format: str, source: Decoded) -> Markup:
    if format == "hocr":
        return Hocr(parse_html(source.text, source.name))
    root = parse_xml(source.text, source.name)
    wanted = "alto" if format == "alto" else "PcGts"
    if root.name != wanted:
        what = f"its root element is {brief(root.name)}, not {wanted!r}"
        raise InputError(f"{source.name}: is not {FORMATS[format]}: {what}")
    return Alto(root) if format == "alto" else Page(root)


def _is_wide(data: bytes) -> bool:
    return b"\0" in data[:4] or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _encoding(data: bytes) -> str:
    """The encoding by its mark, by its first bytes, or as declared; UTF-8 otherwise (XML 1.0, appendix F)."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return codec
    if _is_wide(data):
        return "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    declared = _DECLARED.search(data[:1024]) or _CHARSET.search(data[:4096])
    return declared[1].decode("ascii") if declared else "utf-8"
