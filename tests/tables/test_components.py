"""Characters that fall apart: splits, look-alikes of parts, and joining pieces again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import TableError
from textfix.tables.components import Components
from textfix.text.codepoints import decode, encode

HEAD = "# made for a test\nchar\trelation\tpieces\n"
MADE = HEAD + "任\t⿰\t亻壬\n和\t⿰\t禾口\n知\t⿰\t矢口\n谢\t⿰\t讠身寸\n亻\t≈\t人\n"
ALPHABET = "亻人壬禾口矢讠身寸A，?\U0010ffff\ud800"


@pytest.fixture
def made(tmp_path: Path) -> Components:
    path = tmp_path / "components.tsv"
    path.write_text(MADE, "utf-8")
    return Components.load(path)


@pytest.mark.parametrize(
    ("pieces", "char"),
    [
        *(("彳壬", "任"), ("禾口", "和"), ("日月", "明"), ("木木", "林"), ("立口阝", "部"), ("亻壬", "任")),
        *(("扌比", "批"), ("女子", "好"), ("白勺", "的"), ("讠身寸", "谢"), ("钅孟", "锰"), ("歹千", "歼")),
        *(("石开", "研"), ("弓虽", "强"), ("言丁", "订"), ("氵青", "清"), ("咅阝", "部"), ("手比", "批")),
    ],
)  # fmt: skip
def test_pieces_join_again(pieces: str, char: str) -> None:
    assert Components.load().join(pieces)[0][0] == char


@pytest.mark.parametrize(
    ("pieces", "char"),
    [("扌L", "扎"), ("i丁", "订"), ("亻王", "任"), ("ネ申", "神"), ("1壬", "任"), ("木又", "权")],
)
def test_misread_parts_are_found_too(pieces: str, char: str) -> None:
    assert char in [found for found, _ in Components.load().join(pieces)]


def test_a_lost_part_leaves_every_character_with_the_other() -> None:
    found = dict(Components.load().join("?口", limit=500))
    assert {"和", "知", "如", "加"} <= set(found)
    assert "明" not in found
    assert found["知"] < dict(Components.load().join("矢口"))["知"]


def test_the_part_itself_beats_its_radical_beats_a_look_alike_beats_a_lost_one() -> None:
    components = Components.load()
    exact, radical, alike, lost = (components.score(p, "仕") for p in ("亻士", "人士", "彳士", "?士"))
    assert exact is not None
    assert radical is not None
    assert alike is not None
    assert lost is not None
    assert 0 > exact > radical > alike > lost


@pytest.mark.parametrize("pieces", ["", "扌", "扌比比比", "??", "，。", "\U0010ffff\U0010ffff"])
def test_what_is_no_debris_joins_to_nothing(pieces: str) -> None:
    assert Components.load().join(pieces) == []
    assert Components.load().score(pieces, "批") is None


def test_every_character_joins_from_its_own_parts() -> None:
    components = Components.load()
    level1 = [bytes([r, c]).decode("gb2312") for r in range(0xB0, 0xD7) for c in range(0xA1, 0xFA)]
    splits = [(char, pieces) for char in level1[::7] for pieces in components.parts(char) if "？" not in pieces]
    assert len(splits) > 500
    assert not [(char, pieces) for char, pieces in splits if char not in dict(components.join(pieces))]


def test_parts() -> None:
    components = Components.load()
    assert "扌比" in components.parts("批")
    assert components.parts("A") == []


def test_what_parts_are_printed_as() -> None:
    components = Components.load()
    assert {"匕", "し"} <= {piece for piece, _ in components.alike("乚")}
    assert {"人", "彳"} <= {piece for piece, _ in components.alike("亻")}
    scores = [score for _, score in components.alike("扌", 30)]
    assert scores == sorted(scores, reverse=True)
    assert components.alike("A") == []


@given(st.text(st.sampled_from(ALPHABET), max_size=4), st.sampled_from("任和知谢A"))
def test_score_is_what_join_gives(pieces: str, char: str) -> None:
    components = Components.load()
    assert components.score(pieces, char) == dict(components.join(pieces, limit=1 << 16, floor=-99)).get(char)


def test_a_small_table_by_hand(made: Components) -> None:
    assert [char for char, _ in made.join("?口")] == ["和", "知"]
    assert [char for char, _ in made.join("人壬")] == ["任"]
    assert made.parts("谢") == ["讠身寸"]
    pairs = made.joinable(encode("亻壬讠禾矢"), encode("壬讠身口寸"))
    assert pairs.tolist() == [True, False, False, True, False]
    assert made.joinable(encode("讠亻"), encode("身壬"), encode("寸寸")).tolist() == [True, False]
    assert made.joinable(encode("讠"), encode("身")).tolist() == [False]


@pytest.mark.parametrize(
    "row", ["任\t⿰\t亻", "任\t⿰\t亻壬x口", "任⿰亻壬", "任", "亻\t≈\t彳人", "亻\t≈\t", "任\t⿰\t亻壬\t1"]
)
def test_a_malformed_row_is_refused_with_its_line(tmp_path: Path, row: str) -> None:
    path = tmp_path / "components.tsv"
    path.write_text(MADE + row + "\n", "utf-8")
    with pytest.raises(TableError, match=r"components\.tsv:8"):
        Components.load(path)


def test_what_was_seen_beats_what_the_parts_say() -> None:
    components = Components.load()
    seen, lost = components.score("?口", "和"), components.score("?口", "知")
    assert seen is not None
    assert lost is not None
    assert seen > lost
    assert "扌岀" in components.parts("批")


def test_combine_agrees_with_join_where_parts_stand_exactly() -> None:
    components = Components.load()
    for pieces, char in (("女口", "如"), ("木对", "树"), ("丁页", "顶"), ("口力", "叻"), ("讠身寸", "谢")):
        rows, chars, scores = components.combine(encode(pieces)[None])
        found = dict(zip(decode(chars), scores.tolist(), strict=True))
        assert set(rows.tolist()) == {0}
        assert found[char] == pytest.approx(components.score(pieces, char), abs=1e-3)


def test_sharing_finds_one_exact_part_with_the_score_of_join() -> None:
    components = Components.load()
    pieces, wanted = encode("讠寺")[None], encode("诗计待的")[None]
    rows, columns, scores = components.sharing(pieces, wanted)
    found = {decode(wanted[r, c : c + 1]): s for r, c, s in zip(rows, columns, scores.tolist(), strict=True)}
    assert found["诗"] == pytest.approx(components.score("讠寺", "诗"), abs=1e-3)
    assert set(found) == {"诗", "计", "待"}


def test_joinable_and_partly_look_at_exact_parts_in_their_places() -> None:
    components = Components.load()
    first, second = encode("女的女的"), encode("口的的寸")
    assert components.joinable(first, second).tolist() == [True, False, False, False]
    assert components.partly(first, second).tolist() == [True, False, True, True]
