"""Documents as parts of the command line: patches of bytes that say the same as a document written whole."""

from __future__ import annotations

import pytest

from textfix.edits import Edits
from textfix.formats import open_document
from textfix.formats.part import document_part
from textfix.parts import patched

from .samples import SCANS, Told, scan

RULES = [("方案(2022", "方案（2022"), ("实。", "实施。"), ("部\n门:", "部\n门：")]


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("record", [True, False])
def test_patches_make_the_same_file(name: str, codec: str, record: bool) -> None:
    declared = scan(name).decode().replace("UTF-8", codec.removesuffix("-sig")).replace("utf-8", codec)
    data = declared.replace("utf-8-sig", "utf-8").encode(codec)
    document = open_document(data)
    part = document_part(document, record=record)
    assert part.data == data
    assert part.text == document.text
    assert patched(part, part.patches(Edits())) == data
    edits = Told(RULES).repair(part.text).edits
    patches = part.patches(edits)
    assert patched(part, patches) == document.write(edits, record=record) != data
    assert [patch.edit for patch in patches if patch.edit] == list(document.made(edits))
    lines = data.decode(codec).splitlines()
    for patch in patches:
        text = patch.old.decode(document.source.codec)
        assert lines[patch.line - 1][patch.column - 1 :].startswith(text.partition("\n")[0])
        if patch.edit:
            assert part.place is not None
            start, end, _ = part.place(patch.edit)
            assert part.raw[start:end].startswith(patch.edit.observed[0])
            assert part.raw[start:end].endswith(patch.edit.observed[-1])
