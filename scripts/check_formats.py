"""Repair ALTO and PAGE files and validate the results against the published schemas.

    python scripts/check_formats.py --schemas DIR [FILE]...

Without a FILE, those of tests/formats/data, in every version of their formats.

DIR holds the schemas as they are published, in any folders below it: ``alto-*.xsd`` (github.com/altoxml/schema) and
``pagecontent.xsd`` of any date (github.com/PRImA-Research-Lab/PAGE-XML). They are not part of this repository. The
results are held to every schema of their namespace that the file as given is valid against. Nothing is fetched: the
XLink schema that ALTO imports is replaced by one that allows its attributes.

Prints a line for every file and schema; the exit code is 1 if a valid file became invalid, or came back changed without
any edit. Needs lxml.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from textfix import Repairer
from textfix.edits import Edit, Edits, Repair
from textfix.formats import open_document, repair_document

DATA = Path(__file__).resolve().parent.parent / "tests" / "formats" / "data"
_XLINK = "http://www.w3.org/1999/xlink"
_STUB = f"""<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="{_XLINK}">
<xsd:attributeGroup name="simpleLink"><xsd:anyAttribute namespace="{_XLINK}" processContents="skip"/>
</xsd:attributeGroup></xsd:schema>"""


class Everywhere:
    """A repairer that changes as much as can be: replacements, joins, splits and losses over words and lines."""

    def repair(self, text: str) -> Repair:
        """The first time, edits all over the text."""
        edits = []
        for start in range(0, len(text) - 3, 4):
            observed = text[start : start + 3]
            replacement = ("任", "任务", "重庆市政府", "<&>", "")[start // 4 % 5]
            if observed != replacement:
                edits.append(Edit(start, start + 3, observed, replacement, "glyph", 0.9))
        return Repair(text, Edits(edits))


def schemas(folder: Path) -> dict[str, list[tuple[str, etree.XMLSchema]]]:
    """Namespace → the schemas found for it, the oldest first."""
    found: dict[str, list[tuple[str, etree.XMLSchema]]] = {}
    for path in sorted(folder.rglob("*.xsd")):
        text = path.read_text("utf-8")
        target = re.search(r'<(?:\w+:)?schema[^>]*?targetNamespace="([^"]*)"', text, re.S)
        if target is None or "draft" in path.name:
            continue
        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(_Stub())
        try:
            schema = etree.XMLSchema(etree.fromstring(text.encode(), parser, base_url=str(path)))
        except etree.XMLSchemaParseError as error:
            print(f"{path}: {error}", file=sys.stderr)
            continue
        found.setdefault(target[1], []).append((path.name, schema))
    return found


def every_version() -> Iterator[tuple[str, bytes]]:
    """The files of the tests, with the namespace of every version."""
    alto, page = ((DATA / name).read_text("utf-8") for name in ("scan.alto.xml", "scan.page.xml"))
    for number in (2, 3, 4):
        yield f"alto-{number}", alto.replace("ns-v3#", f"ns-v{number}#").encode()
        bare = re.sub(r"<OCRProcessing.*?</OCRProcessing>", "", alto, flags=re.S)
        yield f"alto-{number}-unprocessed", bare.replace("ns-v3#", f"ns-v{number}#").encode()
    for version in (2013, 2016, 2017, 2018, 2019, 2024):
        yield f"page-{version}", page.replace("2019-07-15", f"{version}-07-15").encode()


class _Stub(etree.Resolver):  # type: ignore[misc]
    def resolve(self, url: str, _id: str, context: object) -> object:
        return self.resolve_string(_STUB, context) if "xlink" in url else None


def main() -> int:
    """See the head of the file."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--schemas", type=Path, required=True)
    arguments.add_argument("files", nargs="*", type=Path)
    options = arguments.parse_args()
    known = schemas(options.schemas)
    repairer = Repairer()
    bad = False
    given = [(str(path), path.read_bytes()) for path in options.files] or list(every_version())
    for path, data in given:
        document = open_document(data, name=path)
        bad |= document.write([]) != data
        outputs = {
            "repaired": repair_document(data, repairer, name=path).data,
            "torn": repair_document(data, Everywhere(), name=path).data,
        }
        root = etree.fromstring(data)
        for name, schema in known.get(etree.QName(root).namespace or "", []):
            if not schema.validate(root):
                print(f"{path}: as given not valid against {name}: {schema.error_log.last_error}")
                continue
            for kind, output in outputs.items():
                valid = schema.validate(etree.fromstring(output))
                bad |= not valid
                print(f"{path}: {kind}, {name}: {'valid' if valid else schema.error_log.last_error}")
    return int(bad)


if __name__ == "__main__":
    raise SystemExit(main())
