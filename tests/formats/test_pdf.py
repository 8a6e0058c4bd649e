"""The text layer of PDF: radicals and split glyphs, pages, and files that have none."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import pytest

from textfix import Repairer
from textfix.errors import InputError, MissingExtraError
from textfix.formats import detect, repair_document
from textfix.formats.pdf import extract


def pdf(pages: Sequence[Sequence[str]], *, claim: str | None = None) -> bytes:
    """A PDF of A5 pages whose lines are set in a font that is not embedded; its text layer is the ToUnicode map.

    Every character of `claim` (all of them by default) gets its own code, as programs write it.
    """
    letters = sorted({c for page in pages for line in page for c in line})
    code = {c: number + 1 for number, c in enumerate(letters)}
    claims = "\n".join(f"<{code[c]:04X}> <{c.encode('utf-16-be').hex()}>" for c in (claim or letters))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{len(claim or letters)} beginbfchar\n{claims}\nendbfchar\nendcmap end end"
    )
    contents = [
        "BT /F 12 Tf 16 TL 40 500 Td "
        + " T* ".join(f"<{''.join(f'{code[c]:04X}' for c in line)}> Tj" for line in page)
        + " ET"
        for page in pages
    ]
    first = 6
    kids = " ".join(f"{first + 2 * k} 0 R" for k in range(len(pages)))
    system = "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    font = "/Type /Font /BaseFont /None"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        f"<< {font} /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        f"<< {font} /Subtype /CIDFontType2 /CIDSystemInfo {system} /DW 1000 >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    ]
    for k, content in enumerate(contents):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents {first + 2 * k + 1} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects):
        places.append(len(out))
        out += f"{number + 1} 0 obj\n{content}\nendobj\n".encode("latin-1")
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}{trailer}".encode("latin-1")


def test_the_text_layer() -> None:
    data = pdf([["推进重庆市资源型地区", "高质量发展。"], ["第二页"]])
    assert detect(data) == "pdf"
    assert extract(data) == "推进重庆市资源型地区\n高质量发展。\n\f第二页\n"


def test_radicals_and_split_glyphs_are_repaired() -> None:
    broken = ["推进重庆市资源型地区⾼质量发展，加强⽣态环境保护，", "全面落实各项重点彳壬务。⼈⺠政府"]
    done = repair_document(pdf([broken]), Repairer())
    assert done.format == "pdf"
    assert done.text.splitlines() == broken
    whole = ["推进重庆市资源型地区高质量发展，加强生态环境保护，", "全面落实各项重点任务。人民政府"]
    assert done.data.decode().splitlines() == whole
    assert done.repair.edits.apply(done.text) == done.repair.text == done.data.decode()


def test_without_a_text_layer() -> None:
    with pytest.raises(InputError, match=r"a\.pdf: has no text layer, so it is a scan; run OCR on it first"):
        extract(pdf([[""]]), "a.pdf")


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", b"%PDF-1.4\n" + b"\xff" * 100, pdf([["甲"]])[:300]])
def test_damaged_files(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^a\.pdf: (is no readable PDF|has no text layer)"):
        extract(data, "a.pdf")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pypdfium2"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=r"pip install 'textfix\[pdf\]'"):
        extract(pdf([["甲"]]))
