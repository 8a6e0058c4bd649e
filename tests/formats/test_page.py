"""PAGE: all levels of the text repaired together, the engine's readings kept with a higher index."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from textfix.formats import open_document

from .rules import broken
from .samples import page, rewrite, scan, skeleton

OLD = "OCR reading before textfix"


def said(data: bytes) -> dict[str, list[tuple[str | None, str]]]:
    """What every element that has an id says: index and text."""
    out: dict[str, list[tuple[str | None, str]]] = {}
    for element in ET.fromstring(data).iter():
        equivalents = [child for child in element if child.tag.endswith("}TextEquiv")]
        if equivalents:
            texts = ["".join(e.itertext()).strip("\t") for e in equivalents]
            indices = [e.attrib.get("index") for e in equivalents]
            out[element.attrib["id"]] = [(i, t.strip("\n\t")) for i, t in zip(indices, texts, strict=True)]
    return out


def test_a_made_up_file_says_what_the_engine_said() -> None:
    assert open_document(scan("scan.page.xml")).text == open_document(scan("scan.alto.xml")).text


def test_all_levels_are_repaired() -> None:
    data = scan("scan.page.xml")
    out = rewrite(data, ("方案(2022", "方案（2022"), ("实。", "实施。"))
    before, after = said(data), said(out)
    changed = {key: after[key] for key in after if after[key] != before[key]}
    texts = sorted((key.partition("_")[0], [text for _, text in values]) for key, values in changed.items())
    assert [name for name, _ in texts] == ["line", "line", "region", "word", "word", "word", "word"]
    assert (["word"], ["（2022", "(2022"]) in [([name], text) for name, text in texts]
    assert (["word"], ["（"]) in [([name], text) for name, text in texts]  # the glyph
    assert not broken(out)
    assert skeleton(out, "page") == skeleton(data, "page")
    region = next(text for name, text in texts if name == "region")[0]
    assert "方案（2022一2025" in region
    assert region.endswith("实施。")


@pytest.mark.parametrize("version", ["2013-07-15", "2016-07-15", "2017-07-15", "2018-07-15", "2019-07-15"])
def test_words_joined_and_split(version: str) -> None:
    data = page([["重", "要", "彳", "壬"], ["务", "省"]], version).encode()
    out = rewrite(data, ("彳壬", "任"), ("省", "少目"))
    after = said(out)
    assert after["r"] == [(None, "重要任\n务少目")]
    assert after["l0"] == [(None, "重要任")]
    several = version > "2013-07-15"
    assert after["w0_2"] == ([("0", "任"), ("1", "彳")] if several else [(None, "任")])
    assert after["w0_3"] == ([("0", ""), ("1", "壬")] if several else [(None, "")])
    assert after["w1_1"] == ([("0", "少目"), ("1", "省")] if several else [(None, "少目")])
    assert not broken(data)
    assert not broken(out)
    assert skeleton(out, "page") == skeleton(data, "page")
    assert (b'<MetadataItem type="processingStep"' in out) == (version >= "2018")
    assert (b"<Comments>textfix" in out) == (version < "2018")


def test_comments_that_are_there_stay() -> None:
    for given, expected in (("<Comments/>", "<Comments>textfix"), ("<Comments>甲</Comments>", "<Comments>甲\ntextfix")):
        data = page([["甲"]], "2013-07-15").replace("</LastChange>", f"</LastChange>{given}")
        out = rewrite(data.encode(), ("甲", "乙"))
        assert expected in out.decode()
        assert not broken(out)


def test_the_lowest_index_counts_and_the_next_free_one_is_taken() -> None:
    several = '<TextEquiv index="3" conf="0.5"><Unicode>乙</Unicode></TextEquiv>\n'
    several += '<TextEquiv index="1" conf="0.7"><Unicode>甲</Unicode></TextEquiv>'
    data = page([["甲"]]).replace("<TextEquiv><Unicode>甲</Unicode></TextEquiv></Word>", several + "</Word>")
    assert open_document(data.encode()).text == "甲"
    out = rewrite(data.encode(), ("甲", "丙"))
    assert said(out)["w0_0"] == [("3", "乙"), ("1", "丙"), ("4", "甲")]
    assert f'index="4" conf="0.7" comments="{OLD}"' in out.decode()


def test_a_level_that_says_something_else_is_left_alone() -> None:
    data = page([["甲", "乙"]]).replace("<Unicode>乙</Unicode>", "<Unicode>丙</Unicode>")
    out = rewrite(data.encode(), ("甲", "丁"))
    assert said(out) == {"w0_0": [(None, "甲")], "w0_1": [(None, "丙")], "l0": [("0", "丁乙"), ("1", "甲乙")],
                         "r": [(None, "丁乙")]}  # fmt: skip


def test_only_words_only_regions() -> None:
    words = page([["GDP", "per"], ["甲", "乙"]])
    for text in ("GDPper", "甲乙", "GDPper\n甲乙"):
        words = words.replace(f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv>", "")
    assert open_document(words.encode()).text == "GDP per\n甲乙"
    region = words[: words.index("<TextLine")] + "<TextEquiv><Unicode>甲\n乙 丙</Unicode></TextEquiv>"
    region += "</TextRegion></Page></PcGts>"
    assert open_document(region.encode()).text == "甲\n乙 丙"
    out = rewrite(region.encode(), ("甲\n乙 丙", "甲戊\n丁丙"))
    assert said(out) == {"r": [("0", "甲戊\n丁丙"), ("1", "甲\n乙 丙")]}


def test_blanks_in_a_line_can_go() -> None:
    data = page([["甲", "乙"]]).replace("<Unicode>甲乙<", "<Unicode>甲 乙<", 1)
    assert open_document(data.encode()).text == "甲 乙"
    after = said(rewrite(data.encode(), ("甲 乙", "丙乙")))
    assert after["l0"] == [(None, "丙乙")]
    assert after["r"] == [(None, "丙乙")]
    assert after["w0_0"] == [("0", "丙"), ("1", "甲")]


def test_a_blank_in_a_line_can_become_a_mark() -> None:
    data = page([["甲", "乙"]]).replace("<Unicode>甲乙<", "<Unicode>甲 乙<")
    after = said(rewrite(data.encode(), ("甲 乙", "甲，乙")))
    assert after == {"w0_0": [("0", "甲，"), ("1", "甲")], "w0_1": [(None, "乙")], "l0": [(None, "甲，乙")],
                     "r": [(None, "甲，乙")]}  # fmt: skip


def test_reading_order() -> None:
    region = '<TextRegion id="{0}"><Coords points="0,0"/><TextEquiv><Unicode>{0}</Unicode></TextEquiv></TextRegion>'
    order = '<ReadingOrder><OrderedGroup id="o"><RegionRefIndexed index="1" regionRef="丙"/><UnorderedGroupIndexed '
    order += 'id="u" index="0"><RegionRef regionRef="丁"/><RegionRef regionRef="none"/></UnorderedGroupIndexed>'
    order += "</OrderedGroup></ReadingOrder>"
    data = page([["甲"]]).replace('imageHeight="1">', f'imageHeight="1">{order}')
    data = data.replace("</Page>", region.format("乙") + region.format("丙") + region.format("丁") + "</Page>")
    assert open_document(data.encode()).text == "丁\n\n丙\n\n甲\n\n乙"


def test_regions_in_tables_are_read() -> None:
    data = page([["甲"]])
    data = data.replace("<TextRegion", '<TableRegion id="t"><Coords points="0,0"/><TextRegion')
    data = data.replace("</TextRegion>", "</TextRegion></TableRegion>")
    assert open_document(data.encode()).text == "甲"
