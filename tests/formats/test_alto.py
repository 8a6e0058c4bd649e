"""ALTO: text repaired in place, boxes and ids as they were, changes recorded as the schema provides."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from textfix.formats import open_document

from .rules import broken
from .samples import alto, rewrite, scan, skeleton

OLD = "OCR reading before textfix"


def contents(data: bytes) -> list[str]:
    return [e.attrib["CONTENT"] for e in ET.fromstring(data).iter() if e.tag.endswith("}String")]


def alternatives(data: bytes) -> list[tuple[str, str]]:
    root = ET.fromstring(data)
    strings = (s for s in root.iter() if s.tag.endswith("}String"))
    return [(s.attrib["CONTENT"], a.text or "") for s in strings for a in s if a.attrib.get("PURPOSE") == OLD]


def test_the_text_of_a_real_file() -> None:
    assert open_document(scan("scan.alto.xml")).text == (
        "有关区县〈自治县)人民政府，万外经开区管委会，市级相关部\n门:\n\n"
        "为贯彻落实党中央、国务院决策部署，推进“十四五”时期全市\n"
        "资源型地区高质量发展，经市政府同意，现将《重庆市推进贵产型地\n"
        "区高质量发形实施方案(2022一2025年》》印发给你们，博认真组织\n实。\n\n"
        "司庆市发展和改革委员会\n\n重庆市财政局"
    )


def test_a_real_file_repaired() -> None:
    out = rewrite(scan("scan.alto.xml"), ("发形", "发展"), ("实。", "实施。"), ("部\n门:", "部\n门："))
    assert alternatives(out) == [("：", ":"), ("展", "形"), ("实施", "实")]
    assert not broken(out)
    assert skeleton(out, "alto") == skeleton(scan("scan.alto.xml"), "alto")
    root = ET.fromstring(out)
    (step,) = (e for e in root.iter() if e.tag.endswith("}postProcessingStep"))
    assert "".join(step.itertext()).startswith("OCR errors repaired: 3 edits in 3 wordstextfix")


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("step", [True, False])
def test_strings_joined_and_split(version: int, step: bool) -> None:
    data = alto([["重", "要", "彳", "壬"], ["务", "省"]], version, step=step).encode()
    out = rewrite(data, ("彳壬", "任"), ("省", "少目"))
    assert contents(out) == ["重", "要", "任", "", "务", "少目"]
    assert alternatives(out) == [("任", "彳"), ("", "壬"), ("少目", "省")]
    assert not broken(data)
    assert not broken(out)
    if step:
        assert skeleton(out, "alto") == skeleton(data, "alto")
    names = [e.tag.rpartition("}")[2] for e in ET.fromstring(out).iter()]
    assert ("Processing" in names) == (version == 4)
    assert ("postProcessingStep" in names) == (version < 4)


def test_repaired_twice_the_first_reading_stays() -> None:
    once = rewrite(alto([["甲乙"]]).encode(), ("甲", "丙"))
    twice = rewrite(once, ("乙", "丁"))
    assert alternatives(twice) == [("丙丁", "甲乙")]
    assert sum(e.tag.endswith("}postProcessingStep") for e in ET.fromstring(twice).iter()) == 2
    assert not broken(twice)


def test_the_processing_of_version_4_has_an_id_of_its_own() -> None:
    once = rewrite(alto([["甲乙"]], 4).encode(), ("甲", "丙"))
    twice = rewrite(once, ("乙", "丁"))
    assert b'ID="textfix_1"' in once
    assert b'ID="textfix_2"' in twice
    assert not broken(twice)


def test_shapes_alternatives_and_glyphs_keep_their_order() -> None:
    inner = '<Shape><Polygon POINTS="0,0"/></Shape><ALTERNATIVE PURPOSE="x">y</ALTERNATIVE><Glyph CONTENT="甲"/>'
    data = alto([["甲"]], 4).replace('CONTENT="甲"/>', f'CONTENT="甲">{inner}</String>').encode()
    out = rewrite(data, ("甲", "乙"))
    assert not broken(out)
    assert '<Glyph CONTENT="甲"/>'.encode() in out
    assert f'y</ALTERNATIVE><ALTERNATIVE PURPOSE="{OLD}">甲</ALTERNATIVE><Glyph'.encode() in out


def test_without_a_record() -> None:
    data = alto([["甲", "乙"]]).encode()
    assert rewrite(data, ("甲", "丙"), record=False) == data.replace("甲".encode(), "丙".encode())


def test_nothing_known_of_the_processing_nothing_recorded_of_it() -> None:
    data = alto([["甲"]]).encode()
    start, end = data.index(b"<Description>"), data.index(b"</Description>") + len(b"</Description>")
    out = rewrite(data[:start] + data[end:], ("甲", "乙"))
    assert contents(out) == ["乙"]
    assert b"Processing" not in out


def test_blanks_stand_where_the_script_sets_them() -> None:
    data = alto([["共", "22", "个", "GDP", "per", "capita", "“", "甲", "”", "“Foo", "bar”", "x"]])
    assert open_document(data.encode()).text == "共22个GDP per capita“甲”“Foo bar” x"


def test_strings_side_by_side_without_a_gap() -> None:
    data = alto([["ab", "cd"]]).replace('<SP HPOS="1" VPOS="0" WIDTH="1" HEIGHT="1"/>', "")
    assert open_document(data.encode()).text == "abcd"


def test_a_hyphenated_word_is_repaired_as_a_whole() -> None:
    data = alto([["国民"], ["经挤"]])
    data = data.replace('CONTENT="国民"', 'CONTENT="国民" SUBS_TYPE="HypPart1" SUBS_CONTENT="国民经挤"')
    data = data.replace('CONTENT="经挤"', 'CONTENT="经挤" SUBS_TYPE="HypPart2" SUBS_CONTENT="国民经挤"')
    out = rewrite(data.encode(), ("挤", "济"))
    assert out.count('SUBS_CONTENT="国民经济"'.encode()) == 2
    assert not broken(out)


def test_a_prefix_is_kept() -> None:
    data = alto([["甲"]])
    for name in ("alto", "Description", "MeasurementUnit", "OCRProcessing", "ocrProcessingStep", "Layout", "Page",
                 "PrintSpace", "TextBlock", "TextLine", "String"):  # fmt: skip
        data = data.replace(f"<{name}", f"<a:{name}").replace(f"</{name}", f"</a:{name}")
    data = data.replace("xmlns=", "xmlns:a=").replace("a:PrintSpaceSpace", "a:PrintSpace")
    out = rewrite(data.encode(), ("甲", "乙"))
    assert alternatives(out) == [("乙", "甲")]
    assert not broken(out)


def test_elements_of_another_namespace_are_left_alone() -> None:
    line = '<TextLine xmlns="urn:x"><String CONTENT="甲"/></TextLine>'
    foreign = f'<XmlData><String xmlns="urn:x" CONTENT="甲"/>{line}</XmlData>'
    data = alto([["甲"]]).replace("</Description>", f"</Description><Tags><OtherTag>{foreign}</OtherTag></Tags>")
    out = rewrite(data.encode(), ("甲", "乙"))
    assert foreign.encode() in out
    assert alternatives(out) == [("乙", "甲")]
