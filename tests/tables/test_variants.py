"""The one-to-one normalisation of variants: what is in it, what must never be, and how it is read."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import TableError
from textfix.tables.resources import resource
from textfix.tables.variants import SAFE, SOURCES, Variants
from textfix.text.codepoints import decode, encode

#: The twelve ideographs of the compatibility block that are unified ones (Unicode 15, 18.1).
UNIFIED_ALL_THE_SAME = "﨎﨏﨑﨓﨔﨟﨡﨣﨤﨧﨨﨩"

HEAD = "# made for a test\nobserved\tintended\tsource\n"


def rows() -> list[tuple[str, str, str]]:
    lines = resource("variants.tsv").read_text("utf-8").splitlines()
    body = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return [(observed, intended, source) for observed, intended, source in body]


def in_gb2312(char: str) -> bool:
    try:
        return 0xB0 <= char.encode("gb2312")[0] < 0xF8
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize(
    ("observed", "intended", "source"),
    [
        *(("⻔", "门", "radical"), ("⻋", "车", "radical"), ("⻛", "风", "radical"), ("⻓", "长", "radical")),
        *(("⻢", "马", "radical"), ("⻅", "见", "radical"), ("⻚", "页", "radical"), ("⻄", "西", "radical")),
        *(("⾧", "长", "radical"), ("\uf914", "乐", "compat"), ("\U0002f8a6", "慈", "compat")),
        *(("硏", "研", "z-variant"), ("岀", "出", "semantic"), ("戸", "户", "z-variant"), ("囯", "国", "semantic")),
        *(("髙", "高", "semantic"), ("郞", "郎", "z-variant"), ("淸", "清", "component"), ("靑", "青", "component")),
        *(("値", "值", "z-variant"), ("緖", "绪", "z-variant"), ("產", "产", "traditional")),
        *(("內", "内", "traditional"), ("県", "县", "shinjitai"), ("徳", "德", "shinjitai")),
    ],
)  # fmt: skip
def test_known_variants(observed: str, intended: str, source: str) -> None:
    variants = Variants.load()
    assert (variants.of(observed), variants.source(observed)) == (intended, source)


@pytest.mark.parametrize("char", list("研乾瞭藉著覆的Aa0，亻喆堃镕碁麽餘牠吋\U00020000\U0010ffff"))
def test_what_has_its_own_life_or_several_meanings_stays(char: str) -> None:
    variants = Variants.load()
    assert variants.of(char) is None
    assert variants.source(char) is None


def test_only_radicals_and_compatibility_forms_replace_what_is_outside_the_han_block() -> None:
    for observed, _, source in rows():
        assert source in SOURCES
        if source not in ("radical", "compat"):
            assert "CJK UNIFIED" in unicodedata.name(observed) or observed in UNIFIED_ALL_THE_SAME


def test_no_source_is_in_gb2312_and_no_target_is_a_source() -> None:
    table = rows()
    sources = {observed for observed, _, _ in table}
    assert len(sources) == len(table) == len(Variants.load()) > 4000
    assert not [observed for observed in sources if in_gb2312(observed)]
    assert not sources & {intended for _, intended, _ in table}
    assert [row[0] for row in table] == sorted(sources)


def test_every_han_compatibility_form_with_a_common_target_is_there() -> None:
    variants = Variants.load()
    for code in (*range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20)):
        target = unicodedata.normalize("NFKC", chr(code))
        if target != chr(code) and in_gb2312(target):
            assert variants.of(chr(code)) == target


@given(st.text(st.sampled_from("硏研⻔门岀出A1，\U0002f8a6\U0010ffff\ud800"), max_size=40))
def test_the_array_agrees_with_the_scalar(text: str) -> None:
    variants = Variants.load()
    positions, found = variants.find(encode(text))
    slow = [(i, variants.of(char)) for i, char in enumerate(text) if variants.of(char)]
    assert list(zip(positions.tolist(), decode(found), strict=True)) == slow
    normal = variants.normalise(encode(text))
    assert decode(normal) == "".join(variants.of(char) or char for char in text)
    assert variants.find(normal)[0].size == 0


def test_only_some_sources() -> None:
    variants = Variants.load()
    positions, found = variants.find(encode("硏⻔豐岀県"), only=SAFE)
    assert (positions.tolist(), decode(found)) == ([0, 1, 3], "研门出")
    positions, found = variants.find(encode("硏⻔豐岀県"), only=("traditional",))
    assert (positions.tolist(), decode(found)) == ([2], "丰")
    assert set(SAFE) < set(SOURCES)


def test_what_only_simplified_text_has() -> None:
    variants = Variants.load()
    found = variants.only_simplified(encode("实發发里台国会A，\U0010ffff研"))
    assert found.tolist() == [True, False, True, *[False] * 8]
    assert Variants(*np.empty((3, 0), dtype=np.uint32)).only_simplified(encode("实")).tolist() == [False]


def test_nothing_in_nothing() -> None:
    positions, found = Variants.load().find(np.empty(0, dtype=np.uint32))
    assert positions.size == found.size == 0


@pytest.mark.parametrize(
    "body",
    ["硏研\tz-variant\n", "硏\t研\tother\n", "硏\t研\n", "硏\n", "硏\t研\tz-variant\n硏\t出\tz-variant\n",
     "硏\t研\tz-variant\n研\t出\tz-variant\n"],
)  # fmt: skip
def test_a_malformed_table_is_refused(tmp_path: Path, body: str) -> None:
    path = tmp_path / "variants.tsv"
    path.write_text(HEAD + body, "utf-8")
    with pytest.raises(TableError, match=r"variants\.tsv"):
        Variants.load(path)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("硏\t研\tz-variant\n# between\n岀\t出\tother\n", ":5: not a row of observed, intended, source"),
        ("硏\t研\tz-variant\n岀 出\tsemantic\n", ":4: not a row"),
        ("硏\t研\tz-variant\n岀\t出 semantic\n", ":4: not a row"),
        ("硏\t研\tz-variant\n研\t出\tsemantic\n", "a target is itself a source"),
        ("硏\t研\tz-variant\n硏\t出\tsemantic\n", "stands twice"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, body: str, message: str) -> None:
    path = tmp_path / "variants.tsv"
    path.write_text(HEAD + body, "utf-8")
    with pytest.raises(TableError) as caught:
        Variants.load(path)
    assert message in str(caught.value)


def test_a_small_table_by_hand(tmp_path: Path) -> None:
    """With a row for every source, comments between, and no line end after the last row."""
    path = tmp_path / "variants.tsv"
    body = "".join(f"{chr(0x4E00 + k)}\t{chr(0x5000 + k)}\t{source}\n# more\n" for k, source in enumerate(SOURCES))
    path.write_text(HEAD + body + "\U0010ffff\t硏\tcompat", "utf-8")
    variants = Variants.load(path)
    assert len(variants) == len(SOURCES) + 1
    assert [variants.source(chr(0x4E00 + k)) for k in range(len(SOURCES))] == list(SOURCES)
    assert [variants.of(chr(0x4E00 + k)) for k in range(len(SOURCES))] == [chr(0x5000 + k) for k in range(len(SOURCES))]
    assert (variants.of("\U0010ffff"), variants.source("\U0010ffff")) == ("硏", "compat")
    assert (variants.of("A"), variants.of("龥")) == (None, None)
    for source in SOURCES:
        positions, _ = variants.find(encode("".join(chr(0x4E00 + k) for k in range(len(SOURCES)))), only=[source])
        assert positions.tolist() == [SOURCES.index(source)]
    path.write_text("observed\tintended\tsource\n硏\t研\tz-variant", "utf-8")
    assert Variants.load(path).of("硏") == "研"
    assert Variants.load(path).of("硐") is None  # above all that is in it
    path.write_text("# no header", "utf-8")
    with pytest.raises(TableError, match="no header and no rows"):
        Variants.load(path)


def test_an_empty_table_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "variants.tsv"
    path.write_text(HEAD, "utf-8")
    assert len(Variants.load(path)) == 0
    assert Variants.load(path).of("硏") is None
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(TableError, match="not UTF-8: invalid start byte at byte 0"):
        Variants.load(path)
