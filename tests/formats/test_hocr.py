"""hOCR: the words of a page repaired, the engine's readings kept as alternatives."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from textfix import __version__
from textfix.formats import open_document

from .samples import hocr, rewrite, scan, skeleton

ALTERNATIVES = re.compile(
    r'<span class="alternatives"><ins class="alt" title="x_cost ([\d.]+)">(.*?)</ins>'
    r'<del class="alt" title="x_cost ([\d.]+)">(.*?)</del></span>',
    re.S,
)


def readings(data: bytes) -> list[tuple[str, str]]:
    """New and old reading of every recorded change, tags left out."""
    found = ALTERNATIVES.findall(data.decode())
    return [(re.sub(r"<[^>]*>|\s", "", new), old) for _, new, _, old in found]


@pytest.mark.parametrize("name", ["scan.hocr", "scan.glyphs.hocr"])
def test_a_real_file_says_what_its_alto_says(name: str) -> None:
    assert open_document(scan(name)).text == open_document(scan("scan.alto.xml")).text


def test_a_real_file_repaired() -> None:
    out = rewrite(scan("scan.hocr"), ("发形", "发展"), ("实。", "实施。"), ("部\n门:", "部\n门："))
    assert readings(out) == [("：", ":"), ("展", "形"), ("实施", "实")]
    assert skeleton(out, "hocr") == skeleton(scan("scan.hocr"), "hocr")
    root = ET.fromstring(out)
    metas = {m.attrib.get("name"): m.attrib["content"] for m in root.iter() if m.tag.endswith("}meta")}
    assert metas["DCTERMS.provenance"].endswith(": OCR errors repaired: 3 edits in 3 words")
    assert [m.attrib.get("name") for m in root.iter() if m.tag.endswith("}meta")].count("ocr-capabilities") == 1


def test_glyph_by_glyph_the_choices_stay() -> None:
    data = scan("scan.glyphs.hocr")
    out = rewrite(data, ("方案(2022", "方案（2022"))
    assert '<span class=\'ocrx_cinfo\' title=\'x_bboxes' in out.decode()
    cut = skeleton(out, "hocr")
    assert cut == skeleton(data, "hocr")
    assert "<del class=\"alt\" title=\"x_cost 2.30\">(2022</del>" in out.decode()
    assert open_document(out).text == open_document(data).text.replace("方案(2022", "方案（2022")


def test_what_stands_where() -> None:
    word = '<span class="alternatives"><ins class="alt" title="x_cost 0.11">丙</ins>'
    word += '<del class="alt" title="x_cost 2.30">乙</del></span>'
    meta = f'\n<meta name="DCTERMS.provenance" content="textfix {__version__}: OCR errors repaired: 1 edit in 1 word"/>'
    expected = hocr([["甲", word]]).replace("content='ocr_page'>", f"content='ocr_page'>{meta}")
    assert rewrite(hocr([["甲", "乙"]]).encode(), ("乙", "丙")).decode() == expected


def test_words_joined_and_emptied() -> None:
    out = rewrite(hocr([["重", "要", "彳", "壬"], ["务"]]).encode(), ("彳壬\n务", "任\n务"))
    assert readings(out) == [("任", "彳"), ("", "壬")]
    assert open_document(out).text == "重要任\n务"


def test_repaired_twice_the_first_reading_stays() -> None:
    once = rewrite(hocr([["甲乙"]]).encode(), ("甲", "丙"))
    twice = rewrite(once, ("乙", "丁"))
    assert readings(twice) == [("丙丁", "甲乙")]
    assert twice.count(b"provenance") == 2


def test_html_that_is_no_xml() -> None:
    data = """<!doctype html><HTML><head><meta name=ocr-system content=x><title>a < b & c</title><script>if (a<b) "</p>"
    </script><body><!-- <span class=ocrx_word>not this</span> --><div class=ocr_page><p class=ocr_par><br>
    <span class="ocr_line" title='image "a>b"'><span class=ocrx_word>甲&nbsp;&amp;&#20057;<b>丙</b></span>
    <span class=ocrx_word>丁</p></div><p>outside</p>"""
    document = open_document(data.encode())
    assert document.text == "甲 &乙丙丁"
    out = rewrite(data.encode(), ("乙丙", "戊己"), record=False).decode()
    assert out == data.replace("&#20057;", "戊").replace("丙", "己")


def test_signs_inside_tags_and_instructions_are_no_text() -> None:
    data = hocr([["""甲<b title="a>'b" lang='>"'>乙</b><?x <a> ?><!-- > --><br/>丙"""]]).encode()
    assert open_document(data).text == "甲乙丙"
    out = rewrite(data, ("甲乙丙", "丁戊己"), record=False).decode()
    assert out == data.decode().translate(str.maketrans("甲乙丙", "丁戊己"))


def test_lines_without_words() -> None:
    data = "<html><meta name='ocr-system'><div class='ocr_page'><span class='ocr_line'> 甲乙 丙\n</span>"
    data += "<span class='ocr_line'>丁</span></div></html>"
    assert open_document(data.encode()).text == "甲乙 丙\n丁"
    out = rewrite(data.encode(), ("丁", "戊"))
    assert readings(out) == [("戊", "丁")]


def test_pages_and_paragraphs_are_parted() -> None:
    word = "<span class=ocrx_word>{}</span>".format
    data = hocr([["甲"], ["乙"]]).replace("</p></div>", f"</p><p class='ocr_par'>{word('丙')}</p></div>")
    data = data.replace("</body>", f"<div class='ocr_page'><span class='ocr_line'>{word('丁')}</span></div>")
    assert open_document(data.encode()).text == "甲\n乙\n\n丙\n\n丁"


def test_old_readings_are_no_text() -> None:
    span = '<span class="alternatives"><ins class="alt" title="nlp 0.3">甲</ins> <del class="alt">乙</del></span>'
    assert open_document(hocr([[span, "丙"]]).encode()).text == "甲丙"
    out = rewrite(hocr([[span, "丙"]]).encode(), ("甲", "丁"))
    assert span.replace("甲", "丁").encode() in out


def test_references_that_mean_nothing_are_one_character_each() -> None:
    data = hocr([["甲&nbsp;&bogus;&#1;乙&&#X4e19;"]]).encode()
    assert open_document(data).text == "甲 \ufffd\ufffd乙&丙"
    assert rewrite(data, ("\ufffd\ufffd乙", "\ufffd丁"), record=False) == data.replace("&#1;乙".encode(), "丁".encode())
