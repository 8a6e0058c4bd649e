"""All formats alike: byte for byte without edits, in any encoding, whatever stands around the words; safe to open."""

from __future__ import annotations

import codecs
import pickle
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix import Repairer
from textfix.edits import Edit, Edits, Repair
from textfix.errors import InputError, OptionError
from textfix.formats import detect, open_document, repair_document

from .samples import SCANS, Told, alto, hocr, page, scan, skeleton, solid

WRITERS: dict[str, Callable[[list[list[str]]], str]] = {"alto": alto, "hocr": hocr, "page": page}


def format_of(name: str) -> str:
    return next(known for known in WRITERS if known in name)


class Identity:
    def repair(self, text: str) -> Repair:
        return Repair(text, Edits())


@pytest.mark.parametrize("name", SCANS)
def test_without_edits_the_bytes_are_the_same(name: str) -> None:
    data = scan(name)
    assert repair_document(data, Identity()).data == data
    assert open_document(data).write([]) == data
    assert detect(data) == detect(data[:3000]) == format_of(name)


@pytest.fixture(scope="module")
def repairer() -> Repairer:
    return Repairer()


@pytest.mark.parametrize("name", SCANS)
def test_a_real_page_is_repaired_once(name: str, repairer: Repairer) -> None:
    data = scan(name)
    done = repair_document(data, repairer, name=name)
    assert done.format == format_of(name)
    assert done.text == open_document(scan("scan.hocr")).text
    assert "2022—2025年" in done.repair.text
    assert "请认真组织" in done.repair.text
    assert done.repair.edits.apply(done.text) == done.repair.text == open_document(done.data).text
    assert skeleton(done.data, done.format) == skeleton(data, done.format)
    again = repair_document(done.data, repairer, name=name)
    assert again.data == done.data
    assert not again.repair.edits


#: From the seed: glyphs that fell apart over two words, glyphs that landed in another word.
SEED = ["建设一扌青少岀年课外活动场所，", "扌L实做好常态化疫情防控工作。"]
MENDED = "建设一批青少年课外活动场所，\n扎实做好常态化疫情防控工作。"


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_errors_over_words_and_lines(format: str, repairer: Repairer) -> None:
    data = WRITERS[format]([list(line) for line in SEED]).encode()
    done = repair_document(data, repairer)
    assert open_document(done.data).text == done.repair.text == MENDED
    assert skeleton(done.data, format) == skeleton(data, format)
    assert repair_document(done.data, repairer).data == done.data


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("change", ["crlf", "bom", "utf-16", "utf-16-be", "gb18030", "gb2312"])
def test_encodings_and_line_ends_are_kept(name: str, change: str) -> None:
    text = scan(name).decode().replace("\n", "\r\n" if change == "crlf" else "\n")
    if change in ("crlf", "bom"):
        data = (codecs.BOM_UTF8 if change == "bom" else b"") + text.encode()
    else:
        text = text.replace("UTF-8", change).replace("utf-8", change)
        data = text.encode(change, "xmlcharrefreplace")
    document = open_document(data)
    assert document.write([]) == data
    assert document.text == open_document(scan(name)).text
    out = repair_document(data, Told([("重庆市推进", "重慶市推进")])).data
    codec = change if "-" in change or "gb" in change else "utf-8-sig"
    char = "慶" if change != "gb2312" else "&#x6176;"
    assert char in out.decode(codec)
    assert open_document(out).text == document.text.replace("重庆市推进", "重慶市推进")


WORDS = st.text(alphabet="甲乙丙丁，。“”—a1", min_size=1, max_size=4)
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=4)
#: What may stand between tags without meaning anything.
AROUND = st.sampled_from(["", " ", "\n\t", "\r\n", "<!-- <String CONTENT='甲'> -->", "<?pi <a> ?>", "&#10;"])


@st.composite
def documents(draw: st.DrawFn, formats: tuple[str, ...] = tuple(sorted(WRITERS))) -> tuple[str, str]:
    """A format and a file of it, with something between the tags."""
    format = draw(st.sampled_from(formats))
    parts = WRITERS[format](draw(LINES)).split("\n")
    out = parts[0]
    for part in parts[1:]:
        around = draw(AROUND)
        inside = not part.startswith(("<meta", "</head")) and "xmlns" not in part
        out += (around if inside and around != "&#10;" else "\n") + part
    if draw(st.booleans()):  # references for some characters
        for char in draw(st.sets(st.sampled_from("甲丙，“a"))) - {"a"}:
            out = out.replace(char, f"&#x{ord(char):x};")
    return format, out


@st.composite
def edited(draw: st.DrawFn, formats: tuple[str, ...] = tuple(sorted(WRITERS))) -> tuple[str, str, Edits]:
    """A document and edits of its text, each of which touches a character that is no white space."""
    format, data = draw(documents(formats))
    text = open_document(data.encode()).text
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    edits = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        new = draw(st.text(alphabet="甲戊己<&>\"' \n", max_size=3))
        if new != text[start:end] and text[max(0, start - 1) : end + 1].strip():
            edits.append(Edit(start, end, text[start:end], new, "glyph", draw(st.sampled_from([0.0, 0.5, 1.0]))))
    return format, data, Edits(edits)


@settings(max_examples=60)
@given(documents())
def test_whatever_stands_around_the_words_stays(task: tuple[str, str]) -> None:
    format, data = task
    assert detect(data.encode()) == format
    assert open_document(data.encode()).write([]) == data.encode()


@settings(max_examples=60)
@given(edited(), st.booleans())
def test_what_was_edited_is_what_is_read(task: tuple[str, str, Edits], record: bool) -> None:
    format, data, edits = task
    document = open_document(data.encode())
    out = document.write(edits, record=record)
    after = open_document(out)
    assert solid(after.text) == solid(edits.apply(document.text))
    assert after.write([]) == out
    assert skeleton(out, format) == skeleton(data.encode(), format)
    made = document.made(edits)
    assert solid(made.apply(document.text)) == solid(after.text)
    assert document.write(made, record=record) == out


def levels(data: bytes) -> set[str]:
    """What the region, the lines and the words of a PAGE file say, each without white space."""
    out: dict[str, list[str]] = {"TextRegion": [], "TextLine": [], "Word": []}
    for element in ET.fromstring(data).iter():
        name = element.tag.rpartition("}")[2]
        if name in out:
            counts = next(e for e in element if e.tag.endswith("}TextEquiv") and e.get("index", "0") == "0")
            out[name].append("".join(counts.itertext()))
    return {solid("".join(texts)) for texts in out.values()}


@settings(max_examples=60)
@given(edited(("page",)))
def test_all_levels_of_a_page_still_say_the_same(task: tuple[str, str, Edits]) -> None:
    _, data, edits = task
    document = open_document(data.encode())
    assert levels(document.write(edits)) == {solid(edits.apply(document.text))}


def test_edits_that_do_not_fit_are_refused() -> None:
    document = open_document(alto([["甲"]]).encode())
    with pytest.raises(ValueError, match="expects"):
        document.write([Edit(0, 1, "乙", "丙", "glyph")])


def test_a_repair_that_gaps_kept_from_being_whole_goes_on() -> None:
    """What is left after the line ends were put back is repaired again, until nothing more is found."""

    class Joiner:
        def repair(self, text: str) -> Repair:
            edits = Edits(
                Edit(i, i + 2, text[i : i + 2], {"\n乙": "丙", "甲\n": "甲", "丙丁": "戊"}[text[i : i + 2]], "glyph")
                for i in range(len(text) - 1)
                if text[i : i + 2] in ("\n乙", "丙丁")
            )
            return Repair(edits.apply(text), edits)

    done = repair_document(alto([["甲"], ["乙丁"]]).encode(), Joiner())
    assert done.repair.text == "甲\n戊"
    assert done.repair.edits.apply(done.text) == done.repair.text
    assert open_document(done.data).text == done.repair.text


BOMB = '<!DOCTYPE alto [<!ENTITY a "甲"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE alto [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [BOMB, EXTERNAL, EXTERNAL.replace("ENTITY a", "ENTITY % a")])
def test_entities_are_refused(declared: str) -> None:
    data = alto([["&b;" if declared is BOMB else "&a;"]]).replace("<alto", f"{declared}<alto")
    with pytest.raises(InputError, match=r"x\.xml: declares the entity '[ab]'"):
        open_document(data.encode(), name="x.xml")


def test_a_document_type_is_not_fetched() -> None:
    data = alto([["甲"]]).replace("<alto", '<!DOCTYPE alto SYSTEM "http://127.0.0.1:9/alto.dtd"><alto')
    assert open_document(data.encode()).text == "甲"


@pytest.mark.parametrize(
    ("data", "format", "message"),
    [
        (b"<alto><a></alto>", "auto", r"x: line 1, column 12: not XML \(mismatched tag\)"),
        (b"<alto>", "auto", "x: line 1, column 7: not XML"),
        (b"", "alto", "not XML"),
        (b"plain", "auto", "x: is not ALTO, hOCR or PAGE"),
        (b"<html></html>", "page", "x: is not PAGE XML: its root element is 'html', not 'PcGts'"),
        ('<?xml version="1.0" encoding="ascii"?><alto>甲</alto>'.encode(), "auto", "x: byte 0xe7 at offset 44"),
        (b"<alto>\0</alto>", "auto", "x: NUL byte"),
    ],
)
def test_what_cannot_be_taken(data: bytes, format: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_document(data, format=format, name="x")


def test_unknown_names() -> None:
    with pytest.raises(OptionError, match="no markup format 'docx'"):
        open_document(b"", format="docx")
    with pytest.raises(OptionError, match="no text encoding 'nonsense'"):
        open_document(b'<?xml version="1.0" encoding="nonsense"?><alto/>')


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"", None),
        ("歼石山".encode(), None),
        (b"a < b", None),
        (b"<html><body>a page about <b>ocr</b></body></html>", None),
        (b"<?xml version='1.0'?><TEI/>", None),
        (b"<!-- <alto> --> <x:alto xmlns:x='urn:a'/>", "alto"),
        (b"<!DOCTYPE PcGts [<!ELEMENT a (b)> <!-- ] -->]>\n<PcGts>", "page"),
        ("\ufeff<alto/>".encode("utf-16-le"), "alto"),
        ('<?xml version="1.0"?><alto/>'.encode("utf-16-be"), "alto"),
        (b"<!DOCTYPE html><HTML><div class=ocr_page>", "hocr"),
    ],
)
def test_formats_are_told_by_content(data: bytes, format: str | None) -> None:
    assert detect(data) == format


HOSTILE = ["<b>", "<!--", "<i class=ocr_line>", "</b>", "<b></c>", "<p><b></p>"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_deep_and_wide_html_is_no_trouble(piece: str) -> None:
    assert open_document(f"<html class='ocr_page'>{piece * 20_000}".encode(), format="hocr").text == ""


@pytest.mark.parametrize("piece", ["<a '", "<a x"])
def test_what_is_no_html_is_refused(piece: str) -> None:
    with pytest.raises(InputError, match="x: is no HTML"):
        open_document(f"<html class='ocr_page'>{piece * 20_000}".encode(), format="hocr", name="x")


def test_deep_xml_is_no_trouble() -> None:
    deep = "<alto>" + "<a>" * 20_000 + "</a>" * 20_000 + "</alto>"
    assert open_document(deep.encode()).text == ""


def test_documents_go_to_other_processes() -> None:
    document = open_document(alto([["甲", "乙"]]).encode())
    assert pickle.loads(pickle.dumps(document)).write([]) == document.write([])
