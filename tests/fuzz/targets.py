"""What is fuzzed: every reader of a file, as a function of its bytes, with files to begin from.

A target returns, or raises a `TextfixError` of one line that can be read. Anything else is a finding: another
exception, a wrong result (each target asserts what must hold of whatever can be read), too long a time, too much
memory.

Checksums are a lock that random bytes do not pass, so the targets of model files also try the bytes with their
checksums put right (`sealed`).
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

import textfix
from textfix.alignment.weights import Weights
from textfix.batch import Ledger, ledger_path, look, run
from textfix.batch.ledger import errors_named
from textfix.channel import CANDIDATES
from textfix.channel import unpack as unpack_channel
from textfix.charset import guess
from textfix.decoding import Decoding
from textfix.edits import Edit, Edits, Repair
from textfix.errors import TextfixError
from textfix.fields import JsonLines, RecordFormat, Separated
from textfix.files import decode
from textfix.formats import detect, open_document, parts_in
from textfix.formats.document import repaired
from textfix.formats.pdf import extract
from textfix.journal import JournalWriter, apply_section, sections
from textfix.lm import Model, store
from textfix.lm.cloze import Cloze
from textfix.lm.marks import Marks
from textfix.lm.phrases import SIDE, Phrases
from textfix.parts import BadRecord, Part, patched, plain_parts
from textfix.records import record_parts
from textfix.repairer.debris_judge import Judge
from textfix.repairer.forest import CALIBRATED, Decider
from textfix.review import Decisions
from textfix.review.rows import apply_to_table
from textfix.tables.components import Components
from textfix.tables.confusable import Table
from textfix.tables.shapes import Shapes
from textfix.tables.terms import TermIndex
from textfix.tables.variants import Variants
from textfix.text.codepoints import encode

from ..formats.samples import SCANS, alto, hocr, page, scan, solid
from ..pace import at_most
from . import seeds
from .mutations import mangled_json, mangled_xml, mutated

__all__ = ["TARGETS", "TURNS", "Target", "attempt", "broken"]

#: What no file of `mutations.LARGEST` bytes may take (some 5 s of a processor); most take thousandths.
TURNS = 50.0
#: The longest message that is still a line to read, in characters.
_MESSAGE = 1000


@dataclass(frozen=True)
class Target:
    """A reader: `seeds` gives good files, `run` reads one that may be anything.

    `kind` says more of the seeds: ``json``, ``lines`` (JSON, one value a line), ``xml``. `loose`: it runs C code of
    others on the data, which had better die in a process of its own.
    """

    name: str
    seeds: Callable[[], Sequence[bytes]]
    run: Callable[[bytes], None]
    kind: str = ""
    loose: bool = False


def broken(target: Target) -> st.SearchStrategy[bytes]:
    """Broken files for `target`: of broken bytes, and of broken content where the bytes are well-formed."""
    seeds = target.seeds()
    files = mutated(seeds)
    if target.kind == "xml":
        return files | mangled_xml([seed for seed in seeds if len(seed) < 6000])
    return files | mangled_json(seeds, lines=target.kind == "lines") if target.kind else files


def attempt(target: Target, data: bytes, turns: float = TURNS) -> bool:
    """Run `target`; whether it took the data. Raises whatever is a finding."""
    taken = True
    try:
        with at_most(turns):
            target.run(data)
    except TextfixError as error:
        taken = False
        message = str(error)
        assert message, "an error without a message"
        assert len(message) <= _MESSAGE, f"a message of {len(message)} characters: {message[:200]}"
        assert len(message.splitlines()) == 1, f"a message of several lines: {message!r}"
    return taken


# --- a repairer that does much, and that is known ------------------------------------------------------------------

#: What it replaces, and by what: signs that a format must escape, nothing, more than one character.
_RULES = {"的": "<&>", "重": "\"'", "工": "", "a": "任务", "一": "𠀀", "。": "．"}


def toy(text: str) -> Repair:
    """Makes every replacement of `_RULES`, once."""
    edits = Edits(Edit(i, i + 1, c, _RULES[c], "glyph", 0.9) for i, c in enumerate(text) if c in _RULES)
    return Repair(edits.apply(text), edits)


@contextlib.contextmanager
def on_disk(data: bytes, name: str = "file") -> Iterator[Path]:
    """`data` as a file in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="textfix-fuzz-", dir=_FAST) as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        yield path


_FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


# --- texts and documents -------------------------------------------------------------------------------------------


def _document(format: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        detect(data)
        document = open_document(data, format=format, name="f")
        assert document.write([]) == data
        repair = repaired(document, toy)
        out = document.write(repair.edits)
        (part,) = parts_in(data, "f", format=format)
        assert patched(part, part.patches(repair.edits)) == out
        # whether a blank stands between two words depends on what the words are, so blanks may differ
        assert solid(open_document(out, format=format, name="f").text) == solid(repair.text)

    return read


_ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "utf-16-le", "gbk", "utf-32", "shift_jis", "euc_kr", "latin-1")


def _text(data: bytes) -> None:
    """The first byte says in what encoding, and how large a window is."""
    if not data:
        return
    encoding, size = _ENCODINGS[data[0] % len(_ENCODINGS)], 1 + data[0] // len(_ENCODINGS)
    body = data[1:]
    parts = list(plain_parts([body[:3], body[3:]], Decoding(encoding, "f"), size))
    assert b"".join(part.data for part in parts) == body
    assert "".join(part.text for part in parts) == decode(body, encoding).text
    for part in [part for part in parts if part.text][:3]:
        edits = toy(part.text).edits
        with contextlib.suppress(TextfixError):  # a character that the encoding lacks
            assert patched(part, part.patches(edits)).decode(part.codec) == edits.apply(part.text)


def _charset(data: bytes) -> None:
    found = guess(data, "f", whole=True)
    decode(data, found.encoding, "f")


def _pdf(data: bytes) -> None:
    text = extract(data, "f")
    text.encode("utf-8")
    assert "\0" not in text


def _repair(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    done = textfix.repair(text)
    assert done.edits.apply(text) == done.text


def _utf8(run: Callable[[str], None]) -> Callable[[bytes], None]:
    return lambda data: run(decode(data, name="f").text)


# --- records and journals ------------------------------------------------------------------------------------------


def _records(make: Callable[[], RecordFormat]) -> Callable[[bytes], None]:
    def texts(data: bytes) -> list[tuple[Part, str | None]]:
        parts = list(record_parts([data[:7], data[7:]], Decoding("utf-8", "f"), make()))
        return [(p.part, None) if isinstance(p, BadRecord) else (p, p.text) for p in parts]

    def read(data: bytes) -> None:
        found = texts(data)
        assert b"".join(part.data for part, _ in found) == data
        out, wanted = [], []
        for part, text in found:
            repair = toy(text or "")
            try:
                out.append(patched(part, part.patches(repair.edits)))
            except TextfixError:  # what cannot be written into this cell
                out.append(part.data)
                repair = Repair(text or "", Edits())
            wanted.append(None if text is None else repair.text)
        assert [text for _, text in texts(b"".join(out))] == wanted

    return read


def _journal(data: bytes) -> None:
    """A journal, replayed on the files it was made of, and undone."""
    with on_disk(data) as path:
        for section in sections(str(path))[:20]:
            for undo in (False, True):
                with contextlib.suppress(TextfixError):
                    list(apply_section(section, [seeds.JOURNALLED], "f", undo=undo))


def _row(text: str) -> None:
    for line in text.split("\n")[:50]:
        with contextlib.suppress(json.JSONDecodeError, RecursionError):
            value = json.loads(line)
            with contextlib.suppress(TextfixError):
                edit = Edit.from_dict(value)
                assert Edit.from_dict(edit.to_dict()) == edit


def _decisions(text: str) -> None:
    decisions = Decisions.parse(text, "f")
    assert Decisions.parse(decisions.dump()) == decisions
    decisions.dump().encode()
    apply_to_table(Table(), decisions).table.dump().encode()
    decisions.verdicts("歼石山", toy("歼石山"), [])


# --- tables --------------------------------------------------------------------------------------------------------


def _table(text: str) -> None:
    table = Table.parse(text, "f")
    assert Table.parse(table.dump()) == table
    table.dump().encode()
    assert len(table.merge(table)) == len(table)


def _terms(text: str) -> None:
    index = TermIndex(text.split("\n"))
    codes = encode("".join(text.split())[:2000])
    hits = index.search(codes)
    assert ((hits.start >= 0) & (hits.end <= codes.size)).all()


def _loaded(load: Callable[[Path], object]) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        with on_disk(data) as path:
            load(path)

    return read


_PROBE = encode("歼石山研a，\U0010ffff")


def _shapes(path: Path) -> None:
    shapes = Shapes.load(path)
    shapes.similarity(_PROBE, _PROBE[::-1])
    shapes.matrix(_PROBE, _PROBE)
    shapes.neighbours(_PROBE)


def _components(path: Path) -> None:
    known = Components.load(path)
    known.join("扌岀")
    known.joinable(_PROBE, _PROBE[::-1])
    known.partly(_PROBE, _PROBE[::-1])


def _variants(path: Path) -> None:
    Variants.load(path).normalise(_PROBE)


def _channel(data: bytes) -> None:
    channel = unpack_channel(np.frombuffer(data, dtype=np.uint8))
    found, _ = channel.intended(_PROBE)
    assert found.shape == (len(_PROBE), CANDIDATES)
    channel.log_prob(_PROBE, _PROBE[::-1])
    channel.errors(_PROBE)
    slot, wholes = channel.wholes.of_pairs(_PROBE, _PROBE[::-1])
    channel.wholes.log_prob(_PROBE[slot], _PROBE[::-1][slot], wholes)
    for price in (channel.strays.log_invented(_PROBE), channel.strays.log_lost(_PROBE)):
        assert (price <= 0).all()


def _decider(path: Path) -> None:
    decider = Decider.load(path)
    x = np.random.default_rng(0).normal(size=(9, seeds.COLUMNS)).astype(np.float32)
    decider.opinion(x)
    decider.calibrated(decider.second.log_odds(x), np.arange(9) % CALIBRATED)


# --- models and ledgers --------------------------------------------------------------------------------------------


def sealed(data: bytes) -> bytes:
    """A model file with its checksums put right, as somebody would who means harm."""
    head = store._HEAD
    if len(data) < head.size:
        return data
    magic, version, length, _, _, _ = head.unpack_from(data)
    start = head.size + length
    fresh = head.pack(magic, version, length, len(data), zlib.crc32(data[start:]), 0)[:-4]
    return fresh + zlib.crc32(data[head.size : start], zlib.crc32(fresh)).to_bytes(4, "little") + data[head.size :]


def _sealed(run: Callable[[Path], None]) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        with on_disk(sealed(data)) as path:
            run(path)
        with on_disk(data) as path:
            run(path)

    return read


def _model(path: Path) -> None:
    model = Model.load(path)
    model.verify()
    repr(model)
    ids, _ = model.encode("的国家人民政府，1a歼")
    model.log_prob(ids)
    model.score_windows(ids[None, :], 3)
    model.propose(ids[None, :4], ids[None, 4:8])
    model.slot_columns(ids[None, :4], ids[None, 4:8], np.zeros(3, dtype=np.int64), ids[:3])
    assert len(model.code_of) == model.vocabulary.size


def _cloze(path: Path) -> None:
    cloze = Cloze.load(path)
    ids = cloze.id_of(encode("一二三四五六七八"))
    at = np.array([2, 3])
    around = cloze.surroundings(ids, at - 1, at + 1, np.zeros(2, dtype=np.int64), np.full(2, len(ids)))
    found = cloze.log_probs(around)
    assert found.shape == (2, cloze.size)


def _marks(path: Path) -> None:
    marks = Marks.load(path)
    ids = marks.id_of(encode("一二三四五六七八"))
    at = np.array([2, 5])
    found = marks.log_probs(ids, at - 1, at, np.zeros(2, dtype=np.int64), np.full(2, len(ids)))
    assert found.shape == (2, marks.size)


def _phrases(path: Path) -> None:
    table = Phrases.load(path)
    ids = table.vocabulary.id_of(encode("一二三四五六一二三四"))
    table.attested(ids)
    table.around(ids[None, :SIDE], ids[None, :2], ids[None, -SIDE:])
    found = table.fillers(ids[None, :SIDE], ids[None, -SIDE:])
    assert (found.ids < table.vocabulary.size).all()
    two = table.two_fillers(ids[None, :SIDE], ids[None, -SIDE:])
    assert (two.ids < table.vocabulary.size).all()


def _ledger(data: bytes) -> None:
    with on_disk(data, "ledger") as path:
        (path.parent / "in").mkdir()
        (path.parent / "in" / "1.txt").write_text("a")
        (path.parent / "in" / "new.txt").write_text("a")
        batch = seeds.batch_at(path.parent, path)
        assert ledger_path(batch) == str(path)
        look(batch)
        with errors_named(path):
            ledger = Ledger(path, readonly=True)
            try:
                list(ledger.proposals())
            finally:
                ledger.close()
        with seeds.inline():
            run(batch, seeds.Silent())


def _parquet(data: bytes) -> None:
    from textfix.columns import clean_parquet

    with on_disk(data) as path:
        clean_parquet(path, path.with_name("out"), "text", repairer=seeds.Toy(toy))  # type: ignore[arg-type]


# --- the list ------------------------------------------------------------------------------------------------------


@cache
def _scans(format: str) -> list[bytes]:
    lines = [["重庆市", "一批", "a b"], ["工业的", "&lt;x&gt;。"], ["“甲”", "&#x4e00;"]]
    writers = {"alto": alto, "hocr": hocr, "page": page}
    made = [writers[format](lines)]
    if format == "alto":
        made.append(alto(lines, 4))
    real = [scan(name) for name in SCANS if format in name]
    return [text.encode() for text in made] + real + [seeds.odd(format)]


def _names(*names: str) -> Callable[[], list[bytes]]:
    return lambda: [seeds.shipped(name) for name in names]


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("alto", lambda: _scans("alto"), _document("alto"), kind="xml"),
        Target("hocr", lambda: _scans("hocr"), _document("hocr")),
        Target("page", lambda: _scans("page"), _document("page"), kind="xml"),
        Target("pdf", seeds.pdfs, _pdf, loose=True),
        Target("text", seeds.texts, _text),
        Target("charset", seeds.texts, _charset),
        Target("repair", seeds.texts, _repair),
        Target("jsonl", seeds.json_lines, _records(lambda: JsonLines("a.text")), kind="lines"),
        Target("csv", seeds.csv, _records(lambda: Separated("text", delimiter=",", quotes=True))),
        Target("tsv", seeds.csv, _records(lambda: Separated("2", delimiter="\t", quotes=False))),
        Target("journal", lambda: [seeds.journal(JournalWriter, toy)], _journal, kind="lines"),
        Target("edit", lambda: seeds.edits(toy), _utf8(_row), kind="lines"),
        Target("decisions", seeds.decisions, _utf8(_decisions), kind="json"),
        Target("table", seeds.tables, _utf8(_table)),
        Target("terms", seeds.terms, _utf8(_terms)),
        Target("weights", _names("differences.tsv"), _loaded(Weights.load)),
        Target("judge", _names("debris.tsv"), _loaded(Judge.load)),
        Target("components", _names("components.tsv"), _loaded(_components)),
        Target("variants", _names("variants.tsv"), _loaded(_variants)),
        Target("shapes", seeds.shapes, _loaded(_shapes)),
        Target("channel", seeds.channels, _channel),
        Target("decider", seeds.deciders, _loaded(_decider)),
        Target("model", seeds.models, _sealed(_model)),
        Target("cloze", seeds.clozes, _sealed(_cloze)),
        Target("marks", seeds.mark_models, _sealed(_marks)),
        Target("phrases", seeds.phrase_tables, _sealed(_phrases)),
        Target("ledger", seeds.ledgers, _ledger),
        Target("parquet", seeds.parquets, _parquet, loose=True),
    )
}
