"""Good files of every kind, small, for the fuzzer to break."""

from __future__ import annotations

import io
import json
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from textfix.batch import Batch, run, runner
from textfix.channel import CANDIDATES, Channel
from textfix.channel import pack as pack_channel
from textfix.decoding import Decoding
from textfix.edits import Repair
from textfix.lm import Vocabulary, marks, network, phrases, towers, train
from textfix.parts import patched, plain_parts
from textfix.repairer.detector import BINS, GAP_FEATURES, GROUPS, SPOT_FEATURES, Detector
from textfix.repairer.forest import Decider, Forest
from textfix.review import Decision, Decisions
from textfix.tables.confusable import Row, Table
from textfix.tables.resources import resource
from textfix.tables.strays import Strays
from textfix.tables.wholes import Wholes

from ..batch.conftest import Inline
from ..batch.conftest import Toy as ToyRecipe
from ..formats.test_pdf import pdf
from ..lm.conftest import LETTERS, MARKS, synthetic

#: What the journal of the seeds is about.
JOURNALLED = "建设一批的\r\n青少年a，重庆。工业".encode()
#: Columns that the forests of the seeds ask for.
COLUMNS = 6

_ODD = {
    "alto": (
        '<?xml version="1.0"?>\n<!DOCTYPE alto SYSTEM "http://127.0.0.1:9/alto.dtd">\n'
        '<!-- <String CONTENT="no"/> -->\n'
        '<a:alto xmlns:a="http://www.loc.gov/standards/alto/ns-v4#"><a:Description/><a:TextLine ID="textfix_1">'
        "<a:String CONTENT='的 &#10;一'><a:ALTERNATIVE>x</a:ALTERNATIVE></a:String><a:SP/>"
        '<a:String SUBS_TYPE="HypPart1" SUBS_CONTENT="重庆a" CONTENT="重庆"/></a:TextLine><a:TextLine>'
        '<a:String SUBS_TYPE="HypPart2" SUBS_CONTENT="重庆a" CONTENT="a"/></a:TextLine></a:alto>'
    ),
    "hocr": (
        "<html><head><meta charset='utf-8'><title>ocr-system</title><script>1 < '<span class=ocrx_word>'</script>"
        "<body><p class=ocr_par><span class=ocr_line><b>重庆<i>一</b>批</i> &nbsp;的<br>&lt;工</span><p class=ocr_par>"
        "<span class='ocr_line x'><span class=\"ocrx_word\" id=w><span class=ocrx_cinfo>重</span> "
        "<span class=ocrx_cinfo>庆</span></span> <span class=ocrx_word><ins>a</ins><del>b</del></span></span>"
        "<!-- c --><![CDATA[ 的 ]]><span class=ocr_line>&notit; &#x80; &#0;一</span>"
    ),
    "page": (
        '<p:PcGts xmlns:p="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"><p:Metadata><p:Creator/>'
        "<p:Comments/></p:Metadata><p:Page><p:ReadingOrder><p:OrderedGroup>"
        "<p:RegionRefIndexed index='1' regionRef='b'/><p:RegionRefIndexed index='0' regionRef='a'/>"
        "</p:OrderedGroup></p:ReadingOrder><p:TextRegion id='a'><p:TextLine><p:Word>"
        "<p:Glyph><p:TextEquiv><p:Unicode>重</p:Unicode></p:TextEquiv></p:Glyph>"
        "<p:Glyph><p:TextEquiv><p:Unicode>庆</p:Unicode></p:TextEquiv></p:Glyph></p:Word>"
        "<p:TextEquiv index='1'><p:Unicode>no</p:Unicode></p:TextEquiv>"
        "<p:TextEquiv index='0'><p:Unicode><![CDATA[重庆 <的>]]></p:Unicode></p:TextEquiv></p:TextLine></p:TextRegion>"
        "<p:TextRegion id='b'><p:TextEquiv><p:Unicode>一 &amp; a\n工</p:Unicode></p:TextEquiv></p:TextRegion>"
        "</p:Page></p:PcGts>"
    ),
}


def odd(format: str) -> bytes:
    """A file of a scan format that has what real ones seldom have."""
    return _ODD[format].encode()


def shipped(name: str) -> bytes:
    """The beginning of a shipped table, in whole lines."""
    return b"".join(resource(name).read_bytes().splitlines(keepends=True)[:60])


def texts() -> list[bytes]:
    """Texts whose first byte says in which encoding to read them (see `targets`)."""
    text = "建设一扌青少岀年课外活动场所，\r\n扌L 实做好（一）的a1。\n\n歼石山“重庆”\u2028工"
    return [
        b"\x01" + text.encode("gb18030"),
        b"P" + "\ufeff".encode() + text.encode(),
        b"\x1f" + "\ufeff".encode("utf-16-le") + text.encode("utf-16-le"),
        b"\x0c" + "各級人民政府十".encode("big5"),
        "臺灣總督府國務院關於印發實施方案的通知，請認眞貫徹執行。".encode(),
        "A1 二〇二二年〔2022〕5号　　　一、二、四、".encode(),
    ]


@cache
def pdfs() -> list[bytes]:
    """PDFs of one and of two pages."""
    return [pdf([["推进重庆市", "高质量发展。"]]), pdf([["第一页"], ["第二页", "a"]]), pdf([[]])]


def json_lines() -> list[bytes]:
    """JSON Lines with the text at ``a.text``."""
    rows = [
        '{"id": 1, "a": {"text": "重庆的一批", "n": [1, 2.5e3, {"text": null}]}}',
        ' { "a" : { "b" : "\\"" , "text" : "\\u91cd\\ud840\\udc00 a\\n的" } , "a.b" : true }\r',
        '{"a": {"text": null}}\n\n{"a": {"text": 1}}\n{"a": []}\n{"a": {"text": "x", "text": "y"}}',
    ]
    return ["\n".join(rows).encode(), rows[0].encode(), rows[1].encode()]


def csv() -> list[bytes]:
    """CSV and TSV with a column ``text``, the second."""
    return [
        'id,text,c\r\n1,"重庆,的\r\n一批""a""",x\r\n2,工业,\r\n3,"",\r\n4\r\n'.encode(),
        'text,b\n的,"\n"\n'.encode(),
        "id\ttext\n1\t重庆的一批a\n2\t\n".encode(),
    ]


def journal(writer: Any, repair: Callable[[str], Repair]) -> bytes:
    """The journal of repairing `JOURNALLED`."""
    out = bytearray()
    made = writer(out.extend, "1")
    for encoding in ("utf-8", "latin-1"):
        made.begin(f"{encoding}.txt")
        for part in plain_parts([JOURNALLED], Decoding(encoding, "f"), 6):
            patches = part.patches(repair(part.text).edits) if encoding == "utf-8" else []
            for patch in patches:
                made.add(patch, part.codec)
            made.passed(part.data, patched(part, patches))
        made.end()
    return bytes(out)


def edits(repair: Callable[[str], Repair]) -> list[bytes]:
    """Edits as JSON, one a line."""
    return ["\n".join(json.dumps(edit.to_dict()) for edit in repair("重庆的一批a。").edits).encode()]


def decisions() -> list[bytes]:
    """Files of decisions."""
    made = [
        Decision("reject", "歼", "矸", "glyph", contexts=(("弃地、", "石山"), ("", ""))),
        Decision("accept", "扌岀", "批", "split", "everywhere", file="a.txt", line=3),
    ]
    return [Decisions(made).dump().encode(), Decisions().dump().encode()]


def tables() -> list[bytes]:
    """Confusable tables."""
    rows = [
        Row("歼", "矸", "glyph", 3, 2, example="弃地、{歼→矸}石山"), Row("扌…岀", "批", "shift"), Row("", "，", "drop"),
        Row("\u3000\\", "\U000e0001", "mark", 0, 0, "rejected"),
    ]  # fmt: skip
    return [Table(rows, ["a", "b"], ["textfix learn"]).dump().encode(), Table().dump().encode()]


def terms() -> list[bytes]:
    """Lists of authority terms."""
    return [
        "\n".join(["重庆", "重庆市", "国务院办公厅", "发改委", "规划和自然资源局", "甲乙丙丁戊", "一二三四"]).encode()
    ]


@cache
def shapes() -> list[bytes]:
    """A small file of shapes."""
    codes = sorted(map(ord, "歼石山研矸a，"))
    n, d, m, k = len(codes), 4, 3, 2
    chance = np.random.default_rng(1)
    parts = [
        b"TFSHAPE2" + struct.pack("<IIIIf", n, d, m, k, 1e-4), np.array(codes, dtype="<u4").tobytes(),
        chance.integers(-99, 99, (n, d)).astype(np.int8).tobytes(), np.array([1, 2, 4], dtype="<u2").tobytes(),
        np.array([[2, 4], [1, 4], [1, 2]], dtype="<u2").tobytes(), bytes(range(m * k)),
    ]  # fmt: skip
    return [b"".join(parts)]


@cache
def channels() -> list[bytes]:
    """A small channel."""
    keys = np.sort(np.array([ord("歼") << 32 | ord("矸"), ord("a") << 32 | ord("石")], dtype=np.uint64))
    codes = np.array(sorted(map(ord, "歼a研")), dtype=np.uint32)
    intended = np.zeros((4, CANDIDATES), dtype=np.uint32)
    intended[:3, 0] = ord("矸")
    lists = codes, intended, np.full((4, CANDIDATES), -14, dtype=np.float32)
    ones = np.ones(2, dtype=np.float32)
    wholes = Wholes.of({("人金", "全"): 2.0, ("彳壬", "任"): 1.0}, {})
    strays = Strays.of({("和", ""): 3.0, ("", "。"): 5.0, ("", "和"): 1.0}, {"和": 40.0}, {("和", ""): 1.5})
    return [pack_channel(Channel(keys, ones, ones * 2, lists, wholes=wholes, strays=strays))]


@cache
def deciders() -> list[bytes]:
    """Small forests, packed and not."""
    chance = np.random.default_rng(2)

    def forest(trees: int) -> Forest:
        return Forest(
            chance.integers(0, COLUMNS, (trees, 3)).astype(np.int16),
            chance.normal(size=(trees, 3)).astype(np.float32), chance.normal(size=(trees, 4)).astype(np.float32), 0.5,
        )  # fmt: skip

    spots = np.zeros((len(SPOT_FEATURES), GROUPS * BINS), dtype=np.float32)
    gaps = np.zeros((len(GAP_FEATURES), GROUPS * BINS), dtype=np.float32)
    decider = Decider(Detector(spots, gaps, (0.0, 1.0), (2.0, 3.0)), forest(30), forest(2))
    out = []
    for save in (np.savez, np.savez_compressed):
        stream = io.BytesIO()
        save(stream, **decider.arrays())
        out.append(stream.getvalue())
    return out


@cache
def models() -> list[bytes]:
    """A small language model."""
    vocabulary = Vocabulary(np.frombuffer((LETTERS + MARKS)[:20].encode("utf-32-le"), dtype="<u4"))
    return [train([(synthetic(1, 400), 1.0)], vocabulary=vocabulary).to_bytes()]


@cache
def clozes() -> list[bytes]:
    """A small cloze model."""
    return [_network(12)]


@cache
def mark_models() -> list[bytes]:
    """A small mark model."""
    size, width, chance = 12, 4, np.random.default_rng(0)
    shapes = {"embedding": (size, 2), "mix": (2 * width, 4), "answers": (4, marks.ELSE + 1)}
    for side in ("left", "right"):
        shapes |= {f"{side}0": (8, width), f"{side}1": (2 * width, width)}
    weights = {name: chance.normal(size=shape, scale=0.5) for name, shape in shapes.items()}
    weights |= {f"{name}_bias": chance.normal(size=shape[1]) for name, shape in shapes.items() if name != "embedding"}
    characters = np.array([ord(c) for c in "一二三四五六"], dtype=np.uint32)
    return [towers.pack(weights, characters, (2,), chance.integers(0, size, (20, 30)).astype(np.uint16))]


def _network(answers: int) -> bytes:
    reach, size = 3, 12
    chance = np.random.default_rng(0)
    shapes = {
        "embedding": (size, 2), "first": (4 * reach, 5), "second": (5, 5), "third": (5, 4), "answers": (4, answers),
    }  # fmt: skip
    weights = {name: chance.normal(size=shape, scale=0.5) for name, shape in shapes.items()}
    for k, name in enumerate(("first", "second", "third", "answers"), 1):
        weights[f"bias{k}"] = chance.normal(size=shapes[name][1])
    characters = np.array([ord(c) for c in "一二三四五六"], dtype=np.uint32)
    sample = chance.integers(0, size, (500, 2 * reach)).astype(np.uint16)
    return network.pack(weights, characters, reach, sample)


@cache
def phrase_tables() -> list[bytes]:
    """A small phrase table."""
    characters = np.array([ord(c) for c in "一二三四五六"], dtype=np.uint32)
    windows = np.random.default_rng(0).integers(6, 12, (60, phrases.WIDTH)).astype(np.uint16)
    return [phrases.pack(np.unique(windows, axis=0), characters)]


class Silent:
    """A watcher of a batch that says nothing."""

    def begin(self, found: object, todo: object) -> None: ...

    def done(self, task: object, record: object) -> None: ...

    def trouble(self, path: bytes, reason: str) -> None: ...


@contextmanager
def inline() -> Iterator[None]:
    """Batches without processes of their own."""
    before = runner.Pool
    runner.Pool = Inline  # type: ignore[assignment, misc]
    try:
        yield
    finally:
        runner.Pool = before  # type: ignore[misc]


def batch_at(folder: Path, ledger: Path) -> Batch:
    """A batch from ``in`` to ``out`` in `folder`, that knows what to do without tables."""
    return Batch(str(folder / "in"), str(folder / "out"), ToyRecipe(), str(ledger))


@cache
def ledgers() -> list[bytes]:
    """The ledger of a small batch."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for number, text in enumerate(("a", "ac", "BAD", "")):
            (folder / "in" / f"{number}.txt").write_text(text)
        with inline():
            run(batch_at(folder, folder / "ledger"), Silent())
        return [(folder / "ledger").read_bytes()]


@dataclass(frozen=True)
class Toy:
    """A repairer of columns."""

    make: Callable[[str], Repair]

    def repair(self, text: str, **_: object) -> Repair:
        return self.make(text)


@cache
def parquets() -> list[bytes]:
    """Parquet files with a column ``text``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = []
    for compression, strings in (("none", pa.string()), ("zstd", pa.large_string())):
        table = pa.table({"id": [1, 2, 3], "text": pa.array(["重庆的", None, "a"], strings)})
        stream = io.BytesIO()
        pq.write_table(table, stream, compression=compression)
        out.append(stream.getvalue())
    return out
