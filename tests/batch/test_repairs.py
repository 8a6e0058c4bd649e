"""The recipe of ``textfix batch``: what becomes of the bytes of a file, and what its results depend on."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from textfix import Options, Repairer
from textfix.batch.recipe import fingerprint
from textfix.batch.repairs import Repairs
from textfix.edits import Edits
from textfix.errors import DecodeError, InputError, OptionError
from textfix.formats import repair_document
from textfix.review import Decision, Decisions

DATA = Path(__file__).resolve().parent.parent / "formats" / "data"


@pytest.fixture(scope="module")
def repairer() -> Repairer:
    return Repairer()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_texts(repairer: Repairer, encoding: str) -> None:
    text = "加快建设,提高质量。\r\n第二行\n"
    done = Repairs(repairer, encoding).build()(text.encode(encoding), "a.txt")
    assert done.data == text.replace(",", "，").encode(encoding)
    assert (done.characters, done.counts) == (len(text), {"width": 1})
    assert [(p.edit.start, p.line, p.column) for p in done.proposals if p.made] == [(4, 1, 5)]


def test_an_encoding_that_was_found_out_is_told(repairer: Repairer, seed: Path) -> None:
    convert = Repairs(repairer, "auto").build()
    text = "加快建设,提高质量。\n" + (seed / "authoritative-notice.txt").read_text("utf-8")[:2000]
    done = convert(text.encode("gb18030"), "a.txt")
    assert done.data.decode("gb18030").startswith("加快建设，提高")
    assert done.warning.startswith("taken as gb18030 (")
    assert convert((DATA / "scan.hocr").read_bytes(), "a.txt").warning == ""
    assert convert("好,好".encode(), "a.txt").warning.startswith("taken as utf-8 (certain")


def test_windows_count_on(repairer: Repairer) -> None:
    """A text of several windows is repaired window by window; edits count from its beginning."""
    paragraph = "加快建设，提高质量。" * 20 + "\n\n"
    text = paragraph * 260 + "加快建设,提高质量。\n"
    done = Repairs(repairer).build()(text.encode(), "a.txt")
    (found,) = (p for p in done.proposals if p.made)
    assert (found.edit.start, found.line) == (len(paragraph) * 260 + 4, 521)
    assert Edits([found.edit]).apply(text).encode() == done.data


def test_bad_bytes(repairer: Repairer) -> None:
    convert = Repairs(repairer).build()
    with pytest.raises(DecodeError, match=r"^a\.txt: byte 0xff"):
        convert(b"\xff", "a.txt")
    with pytest.raises(InputError, match=r"call it \.pdf"):
        convert(b"%PDF-1.7", "a.txt")
    with pytest.raises(OptionError, match="klingon"):
        Repairs(repairer, "klingon")


@pytest.mark.parametrize("name", ["scan.alto.xml", "scan.hocr"])
def test_scan_formats_are_known_by_content(repairer: Repairer, name: str) -> None:
    data = (DATA / name).read_bytes()
    done = Repairs(repairer).build()(data, "page.xml")
    known = repair_document(data, repairer)
    assert (done.data, done.characters) == (known.data, len(known.text))
    assert Edits(p.edit for p in done.proposals if p.made) == known.repair.edits


def test_the_text_of_a_pdf(repairer: Repairer) -> None:
    pytest.importorskip("pypdfium2", reason="needs pypdfium2")
    data = (DATA / "radicals.pdf").read_bytes()
    done = Repairs(repairer).build()(data, "'a\\n.PDF'")  # a name as messages quote it
    assert done.data.decode("utf-8") == repair_document(data, repairer).repair.text
    assert done.counts["variant"] > 0


def test_decisions_are_heeded(repairer: Repairer) -> None:
    decisions = Decisions([Decision("reject", ",", "，", "width", "everywhere")])
    done = Repairs(repairer, decisions=decisions).build()("好,好".encode(), "a.txt")
    assert done.data == "好,好".encode()


def test_all_that_matters_is_described(repairer: Repairer, tmp_path: Path) -> None:
    (tmp_path / "a.lm").write_bytes(b"1")
    recipes = [
        Repairs(repairer),
        Repairs(Repairer(Options.of(preset="strict"))),
        Repairs(Repairer(Options.of(protect=["歼石山"]))),
        Repairs(repairer, "gb18030"),
        Repairs(repairer, models=(f"{tmp_path / 'a.lm'}:0.5",)),
        Repairs(repairer, models=(f"{tmp_path / 'a.lm'}:0.4",)),
        Repairs(repairer, decisions=Decisions([Decision("reject", "a", "b", "glyph", "everywhere")])),
    ]
    prints = [fingerprint(recipe.describe()) for recipe in recipes]
    (tmp_path / "a.lm").write_bytes(b"2")
    prints.append(fingerprint(recipes[4].describe()))
    assert len(set(prints)) == len(prints)
    assert json.loads(json.dumps(recipes[2].describe())) == recipes[2].describe()
    for recipe in recipes[:3]:
        again = pickle.loads(pickle.dumps(recipe))
        assert again.describe() == recipe.describe()
