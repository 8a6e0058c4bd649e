"""The parts of the published schemas that a repair could break, written down by hand from them.

Content models as regular expressions over the names of the children; attributes that must be there; values that must be
of a form. scripts/check_formats.py validates against the whole schemas, which are not part of this repository.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

_STEP = r"(processingDateTime )?(processingAgency )?(processingStepDescription )*(processingStepSettings )?"
_STEP += r"(processingSoftware )?"

#: alto-2-0.xsd to alto-4-4.xsd
_ALTO = {
    "Description": r"(MeasurementUnit )?(sourceImageInformation )?(OCRProcessing )*(Processing )*",
    "OCRProcessing": r"(preProcessingStep )*ocrProcessingStep (postProcessingStep )*",
    "ocrProcessingStep": _STEP,
    "postProcessingStep": _STEP,
    "Processing": r"(processingCategory )?" + _STEP,
    "processingSoftware": r"(softwareCreator )?(softwareName )?(softwareVersion )?(applicationDescription )?",
    "TextLine": r"(Shape )?(String (SP )?)+(HYP )?",
    "String": r"(Shape )?(ALTERNATIVE )*(Glyph )*",
    "ALTERNATIVE": "",
    "SP": "",
}
_ALTO_REQUIRED = {"String": {"CONTENT"}, "OCRProcessing": {"ID"}, "Processing": {"ID"}, "TextBlock": {"ID"}}

#: pagecontent.xsd of 2013-07-15 to 2019-07-15; {0} says how many TextEquiv there may be
_PAGE = {
    "Metadata": r"Creator Created LastChange (Comments )?(UserDefined )?(MetadataItem )*",
    "MetadataItem": r"(Labels )*",
    "Labels": r"(Label )*",
    "TextRegion": r"(AlternativeImage )*Coords (TextLine )*(TextEquiv ){0}(TextStyle )?",
    "TextLine": r"(AlternativeImage )*Coords (Baseline )?(Word )*(TextEquiv ){0}(TextStyle )?",
    "Word": r"(AlternativeImage )*Coords (Glyph )*(TextEquiv ){0}(TextStyle )?",
    "Glyph": r"(AlternativeImage )*Coords (TextEquiv ){0}(TextStyle )?",
    "TextEquiv": r"(PlainText )?Unicode ",
    "Unicode": "",
}
_PAGE_REQUIRED = {"Word": {"id"}, "MetadataItem": {"value"}, "Label": {"value"}}
_PAGE_ATTRIBUTES = {"2013-07-15": {"conf"}, "2016-07-15": {"index", "conf", "dataType", "dataTypeDetails", "comments"}}


def broken(data: bytes) -> list[str]:
    """What an ALTO or PAGE file breaks of the rules."""
    root = ET.fromstring(data)
    namespace = root.tag[1:].partition("}")[0]
    is_alto = root.tag.endswith("}alto")
    version = namespace[-10:]
    models = _ALTO if is_alto else _PAGE
    required = _ALTO_REQUIRED if is_alto else _PAGE_REQUIRED
    if is_alto and "ns-v4" not in namespace:
        models = models | {"Description": models["Description"].replace("(Processing )*", "")}
    if not is_alto and version < "2018-07-15":
        models = models | {"Metadata": r"Creator Created LastChange (Comments )?"}
    many = "?" if not is_alto and version < "2016-07-15" else "*"
    out = []
    ids: list[str] = []
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        children = "".join(child.tag.rpartition("}")[2] + " " for child in element)
        if name in models and not re.fullmatch(models[name].replace("{0}", many), children):
            out.append(f"{name} holds {children}")
        out += [f"{name} lacks {attribute}" for attribute in required.get(name, set()) - set(element.attrib)]
        ids += [value for key, value in element.attrib.items() if key in ("ID", "id")]
        if name == "TextEquiv" and version in _PAGE_ATTRIBUTES:
            out += [f"{name} has {extra}" for extra in set(element.attrib) - _PAGE_ATTRIBUTES[version]]
    return out + [f"{id} is there twice" for id in set(ids) if ids.count(id) > 1]
