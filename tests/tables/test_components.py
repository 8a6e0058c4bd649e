"""Characters that fall apart: splits, look-alikes of parts, and joining pieces again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import TableError
from textfix.tables.components import Components
from textfix.text.codepoints import encode

HEAD = "# made for a test\nchar\trelation\tpieces\tlikeness\n"
MADE = HEAD + "任\t⿰\t亻壬\t\n和\t⿰\t禾口\t\n知\t⿰\t矢口\t\n谢\t⿰\t讠身寸\t\n亻\t≈\t彳\t66\n"


@pytest.mark.parametrize(
    ("pieces", "char"),
    [
        *(("扌L", "扎"), ("彳壬", "任"), ("禾口", "和"), ("日月", "明"), ("木木", "林"), ("立口阝", "部")),
        *(("亻壬", "任"), ("扌比", "批"), ("女子", "好"), ("白勺", "的"), ("讠身寸", "谢"), ("钅孟", "锰")),
        *(("歹千", "歼"), ("石开", "研"), ("弓虽", "强"), ("言丁", "订"), ("氵青", "清"), ("咅阝", "部")),
    ],
)  # fmt: skip
def test_pieces_join_again(pieces: str, char: str) -> None:
    assert Components.load().join(pieces)[0][0] == char


def test_a_lost_part_leaves_every_character_with_the_other() -> None:
    found = dict(Components.load().join("?口", limit=500))
    assert {"和", "知", "如", "加"} <= set(found)
    assert "明" not in found
    assert found["和"] < dict(Components.load().join("禾口"))["和"]


def test_the_part_itself_beats_a_look_alike_beats_a_lost_one() -> None:
    components = Components.load()
    exact, alike, lost = (dict(components.join(p, limit=500))["任"] for p in ("亻壬", "彳壬", "?壬"))
    assert 0 > exact > alike > lost


@pytest.mark.parametrize("pieces", ["", "扌", "扌比比比", "AB", "??", "，。", "\U0010ffff\U0010ffff"])
def test_what_is_no_debris_joins_to_nothing(pieces: str) -> None:
    assert Components.load().join(pieces) == []


def test_every_left_right_character_joins_from_its_own_parts() -> None:
    components = Components.load()
    level1 = [bytes([r, c]).decode("gb2312") for r in range(0xB0, 0xD7) for c in range(0xA1, 0xFA)]
    splits = [(char, pieces) for char in level1[::7] for pieces in components.parts(char) if "？" not in pieces]
    assert len(splits) > 500
    assert not [(char, pieces) for char, pieces in splits if char not in dict(components.join(pieces))]


def test_reverse_index_and_parts() -> None:
    components = Components.load()
    assert "扌比" in components.parts("批")
    assert components.parts("A") == []
    assert set("批昆皆毕陛") <= set(components.with_part("比"))
    assert components.with_part("A") == ""


@given(st.text(st.sampled_from("亻彳禾口A1，\U0010ffff\ud800"), max_size=20))
def test_starts_agrees_with_the_table(text: str) -> None:
    components = Components.load()
    assert components.starts(encode(text)).tolist() == [bool(components.starts(encode(c))[0]) for c in text]
    assert components.starts(encode("亻彳禾口，")).tolist() == [True, True, True, True, False]


def test_a_small_table_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "components.tsv"
    path.write_text(MADE, "utf-8")
    components = Components.load(path)
    assert [char for char, _ in components.join("?口")] == ["和", "知"]
    assert [char for char, _ in components.join("彳壬")] == ["任"]
    assert components.alike("亻") == [("彳", pytest.approx(0.66))]
    assert components.parts("谢") == ["讠身寸"]
    assert components.starts(np.empty(0, dtype=np.uint32)).size == 0


@pytest.mark.parametrize(
    "row", ["任\t⿰\t亻\t", "任\t⿰\t亻壬x口\t", "任⿰亻壬", "任", "亻\t≈\t彳\t6", "亻\t≈\t彳\txx", "任\t⿰\t亻壬\t1"]
)
def test_a_malformed_row_is_refused_with_its_line(tmp_path: Path, row: str) -> None:
    path = tmp_path / "components.tsv"
    path.write_text(MADE + row + "\n", "utf-8")
    with pytest.raises(TableError, match=r"components\.tsv:8"):
        Components.load(path)
