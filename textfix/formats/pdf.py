"""The text layer of a born-digital PDF, through PDFium (pypdfium2, the extra ``textfix[pdf]``).

A text layer says which characters the fonts claim to draw. Many Chinese PDFs claim radicals (⽂ for 文) or
compatibility forms, or draw one character as several glyphs: that is what the repairer mends.
"""

from __future__ import annotations

import re
from typing import Any

from ..errors import InputError, MissingExtraError

__all__ = ["extract"]

#: What PDFium writes for a hyphen at a line's end, and what else is no text.
_HYPHEN = re.compile("[\ufffe\x02]")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ufeff\uffff]")


def extract(data: bytes, name: str = "<document>") -> str:
    """The text of a PDF: lines end with a line feed, every page with a form feed behind its last line but the last.

    Raises `InputError` for a file that is damaged, needs a password, or has no text layer; `MissingExtraError` without
    pypdfium2.
    """
    pdfium = _pdfium()
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        reason = "needs a password" if "password" in str(error).lower() else f"is no readable PDF ({error})"
        raise InputError(f"{name}: {reason}") from error
    try:
        pages = [_page_text(document[number]) for number in range(len(document))]
    except pdfium.PdfiumError as error:
        raise InputError(f"{name}: is no readable PDF ({error})") from error
    finally:
        document.close()
    if not any(page.strip() for page in pages):
        raise InputError(f"{name}: has no text layer, so it is a scan; run OCR on it first")
    return "\f".join(pages)


def _page_text(page: Any) -> str:
    layer = page.get_textpage()
    try:
        text: str = layer.get_text_range()
    finally:
        layer.close()
        page.close()
    text = _NO_TEXT.sub("", _HYPHEN.sub("-", text.replace("\r\n", "\n").replace("\r", "\n")))
    return text.rstrip("\n") + "\n" if text.strip() else ""


def _pdfium() -> Any:
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingExtraError("PDF needs pypdfium2: pip install 'textfix[pdf]'") from error
    return pypdfium2
