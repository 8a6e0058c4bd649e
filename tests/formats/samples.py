"""Documents to test with: files of a real engine, made-up ones, and a repairer that does what it is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from textfix.edits import Edit, Edits, Repair
from textfix.formats import open_document

#: ``scan.png`` is a page of the seed notice, drawn and degraded by scripts/ocrdata; ``scan.alto.xml``, ``scan.hocr``
#: and ``scan.glyphs.hocr`` are what Tesseract 5.3.0 wrote for it (the last with hocr_char_boxes=1 and
#: lstm_choice_mode=2), untouched. ``scan.page.xml`` says the same in PAGE, made to the schema of 2019-07-15.
DATA = Path(__file__).with_name("data")
SCANS = ("scan.alto.xml", "scan.hocr", "scan.glyphs.hocr", "scan.page.xml")


@cache
def scan(name: str) -> bytes:
    return (DATA / name).read_bytes()


@dataclass(frozen=True)
class Told:
    """Makes the given replacements wherever they fit, each once; and nothing the second time."""

    rules: Sequence[tuple[str, str]]

    def repair(self, text: str) -> Repair:
        edits = Edits(edit for rule in self.rules for edit in replace(text, *rule))
        return Repair(edits.apply(text), edits)


def replace(text: str, observed: str, replacement: str) -> list[Edit]:
    """The first place where `text` has `observed`, as an edit."""
    at = text.find(observed)
    return [] if at < 0 else [Edit(at, at + len(observed), observed, replacement, "glyph", 0.9)]


def rewrite(data: bytes, *rules: tuple[str, str], record: bool = True) -> bytes:
    """A document after some replacements."""
    document = open_document(data)
    edits = Told(rules).repair(document.text).edits
    assert len(edits) == len(rules), document.text
    return document.write(edits, record=record)


def solid(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())


def alto(lines: Iterable[Sequence[str]], version: int = 3, *, step: bool = True) -> str:
    """An ALTO file of one block; every line is a sequence of the contents of its strings."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    out.append(f'<alto xmlns="http://www.loc.gov/standards/alto/ns-v{version}#">')
    out.append("<Description><MeasurementUnit>pixel</MeasurementUnit>")
    if step:
        out.append('<OCRProcessing ID="OCR_0"><ocrProcessingStep/></OCRProcessing>')
    box = 'HPOS="0" VPOS="0" WIDTH="9" HEIGHT="9"'
    out.append(f'</Description><Layout><Page ID="p" PHYSICAL_IMG_NR="1"><PrintSpace {box}><TextBlock ID="b" {box}>')
    for number, line in enumerate(lines):
        out.append(f'<TextLine ID="l{number}" HPOS="0" VPOS="{number}" WIDTH="9" HEIGHT="1">')
        box = f'HPOS="1" VPOS="{number}" WIDTH="1" HEIGHT="1"'
        strings = (f'<String ID="s{number}_{k}" {box} CONTENT="{word}"/>' for k, word in enumerate(line))
        out.append(f"<SP {box}/>".join(strings) + "</TextLine>")
    out.append("</TextBlock></PrintSpace></Page></Layout></alto>")
    return "\n".join(out)


def hocr(lines: Iterable[Sequence[str]]) -> str:
    """An hOCR file of one paragraph."""
    out = ["<!DOCTYPE html>\n<html><head><meta charset=utf-8>", "<meta name='ocr-capabilities' content='ocr_page'>"]
    out.append("</head><body><div class='ocr_page'><p class='ocr_par'>")
    for line in lines:
        words = (f"<span class='ocrx_word' title='bbox 1 2 3 4; x_wconf 90'>{word}</span>" for word in line)
        out.append(f"<span class='ocr_line'>{' '.join(words)}</span>")
    out.append("</p></div></body></html>")
    return "\n".join(out)


def page(lines: Iterable[Sequence[str]], version: str = "2019-07-15") -> str:
    """A PAGE file of one region that says its text by line and by word."""
    said = [list(line) for line in lines]
    equivalent = "<TextEquiv><Unicode>{}</Unicode></TextEquiv>".format
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    out.append(f'<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/{version}"><Metadata><Creator/>')
    out.append("<Created>2026-01-01T00:00:00</Created><LastChange>2026-01-01T00:00:00</LastChange></Metadata>")
    out.append('<Page imageFilename="a" imageWidth="1" imageHeight="1"><TextRegion id="r"><Coords points="0,0 1,1"/>')
    for number, line in enumerate(said):
        out.append(f'<TextLine id="l{number}"><Coords points="0,0 1,1"/>')
        for k, word in enumerate(line):
            out.append(f'<Word id="w{number}_{k}"><Coords points="0,0 1,1"/>{equivalent(word)}</Word>')
        out.append(equivalent("".join(line)) + "</TextLine>")
    out.append(equivalent("\n".join("".join(line) for line in said)) + "</TextRegion></Page></PcGts>")
    return "\n".join(out)


#: What a repair may add to a file, and where it writes text: what is left without them is the rest of the markup.
_ADDED = {
    "alto": (
        r'(?:/>|>)(?=<(?:\w+:)?ALTERNATIVE PURPOSE="OCR reading before textfix">)',
        r'<(\w+:)?ALTERNATIVE PURPOSE="OCR reading before textfix">[^<]*</(\w+:)?ALTERNATIVE>(</(\w+:)?String>)?',
        r"\s*<(\w+:)?postProcessingStep>.*?</(\w+:)?postProcessingStep>",
        r'\s*<(\w+:)?Processing ID="textfix_\d+">.*?</(\w+:)?Processing>',
        r'(?<=CONTENT=")[^"]*(?=")',
        r"(?<=CONTENT=')[^']*(?=')",
        r"/?>(?=\s*<(?:\w+:)?(?:String|SP|HYP|/TextLine))",
    ),
    "hocr": (
        r'<span class="alternatives"><ins class="alt" title="x_cost [\d.]+">',
        r'</ins><del class="alt" title="x_cost [\d.]+">[^<]*</del></span>',
        r'\s*<meta name="DCTERMS.provenance" content="textfix [^"]*"/>',
        r"(?<=>)[^<>]*(?=<)",
    ),
    "page": (
        r'\s*<(\w+:)?TextEquiv index="\d+"[^>]*comments="OCR reading before textfix">.*?</(\w+:)?TextEquiv>',
        r"\s*<(\w+:)?MetadataItem .*?</(\w+:)?MetadataItem>",
        r"\s*<(\w+:)?Comments>textfix .*?</(\w+:)?Comments>",
        r'(?<=TextEquiv) index="0"',
        r"(?:(?<=Unicode>)|(?<=-->)|(?<=\?>))[^<]*",
    ),
}


def skeleton(data: bytes, format: str) -> str:
    """A file without its text and without what a repair may add: everything else, character for character."""
    text = data.decode("utf-8")
    for pattern in _ADDED[format]:
        text = re.sub(pattern, "", text, flags=re.S)
    return text
