"""What pieces may have been, against the sum that the module describes, written out character by character."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from textfix.errors import TableError
from textfix.tables.components import LOST, Components
from textfix.tables.resources import resource
from textfix.tables.shapes import Shapes
from textfix.text.codepoints import decode, encode

HEAD = "# made for a test\nchar\trelation\tpieces\n"
MADE = HEAD + (
    "任\t⿰\t亻壬\n任\t✓\t彳王\n仕\t⿰\t亻士\n和\t⿰\t禾口\n和\t✓\t禾日\n知\t⿰\t矢口\n如\t⿰\t女口\n谢\t⿰\t讠身寸\n树\t⿲\t木又寸\n"
    "呆\t⿱\t口木\n杏\t⿱\t木口\n困\t⿴\t囗木\n区\t⿷\t匚？\n亨\t⿳\t亠口了\n晶\t⿱\t日日日\n昌\t⿱\t日日\n"
    "亻\t≈\t人\n亻\t≈\t彳\n讠\t≈\t言\n木\t≈\t本\n"
)
PIECES = "亻人彳壬王士禾口矢女讠言身寸木本又囗匚亠了日曰目A1，?□？\U0010ffff"
RARER = {"⿰": 0.0, "⿲": 0.0, "✓": 0.0, "⿱": -1.5, "⿳": -1.5}

Split = tuple[str, float, str]


class Slow:
    """Splits of a table file, and scores by the docstring of the module."""

    def __init__(self, path: Path) -> None:
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        cells = [tuple(line.split("\t")) for line in lines[1:]]
        self.splits: list[Split] = [(c, RARER.get(how, -2.5), parts) for c, how, parts in cells if how != "≈"]
        self.forms = {(part, form) for part, how, form in cells if how == "≈"}
        self.parts = sorted({part for _, _, parts in self.splits for part in parts})
        self.printed = cache(self._printed)
        self.likeness = cache(self._likeness)

    def _likeness(self, piece: str) -> dict[str, float]:
        likeness = Shapes.load_parts().similarity(encode("".join(self.parts)), encode(piece))
        return dict(zip(self.parts, likeness.tolist(), strict=True))

    def _printed(self, part: str, piece: str) -> float:
        if part == piece:
            return -0.3
        if part == "？":
            return -6.0
        if (part, piece) in self.forms:
            return -1.5
        if piece in LOST:
            return -5.0
        alike = -1.0 - 8.0 * (1 - self.likeness(piece)[part])
        return max(alike, -5.0) if piece == "口" else alike

    def total(self, split: Split, pieces: str) -> float | None:
        _, penalty, parts = split
        if len(parts) != len(pieces):
            return None
        each = [self.printed(part, piece) for part, piece in zip(parts, pieces, strict=True)]
        telling = [score for score, piece in zip(each, pieces, strict=True) if piece.isalnum()]
        return penalty + sum(each) if max(telling, default=-9.0) >= -4.5 else None

    def join(self, pieces: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for split in self.splits:
            total = self.total(split, pieces)
            if total is not None:
                found[split[0]] = max(total, found.get(split[0], -99.0))
        return found

    def likeliest(self, piece: str, count: int) -> list[str]:
        if piece in LOST:
            return []
        fits = [(-self.printed(part, piece), part) for part in self.parts if self.printed(part, piece) > -4.5]
        return [part for _, part in sorted(fits)][:count]

    def combine(self, pieces: str) -> dict[str, float]:
        likely = [self.likeliest(piece, 10 if len(pieces) == 2 else 5) for piece in pieces]
        found: dict[str, float] = {}
        for char, penalty, parts in self.splits:
            if len(parts) == len(pieces) and all(p in fit for p, fit in zip(parts, likely, strict=True)):
                each = [self.printed(part, piece) for part, piece in zip(parts, pieces, strict=True)]
                if sum(each) > -9.0:  # together no less likely than one part of which nothing is left
                    found[char] = max(sum(each) + penalty, found.get(char, -99.0))
        return found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tables") / "components.tsv"
    place.write_text(MADE, "utf-8")
    return place


@pytest.fixture(scope="module")
def slow(path: Path) -> Slow:
    return Slow(path)


@given(st.text(PIECES, min_size=2, max_size=3))
def test_join_finds_what_the_sum_says(path: Path, slow: Slow, pieces: str) -> None:
    components = Components.load(path)
    wanted = slow.join(pieces)
    found = components.join(pieces, limit=99, floor=-99.0)
    assert dict(found) == pytest.approx(wanted, abs=2e-3)
    assert len(found) == len(wanted)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert dict(components.join(pieces, limit=99)) == pytest.approx(
        {char: score for char, score in wanted.items() if score >= -12.0}, abs=2e-3
    )
    assert components.join(pieces, limit=1, floor=-99.0) == found[:1]
    for char in "任困谢A":
        assert components.score(pieces, char) == pytest.approx(wanted.get(char), abs=2e-3)


@given(st.lists(st.text(PIECES, min_size=2, max_size=2), min_size=1, max_size=4))
def test_combine_finds_the_likely_ones_in_two(path: Path, slow: Slow, pieces: list[str]) -> None:
    check_combine(Components.load(path), slow, pieces)


@given(st.lists(st.text(PIECES, min_size=3, max_size=3), min_size=1, max_size=3))
@example(["匚匚曰"])
def test_combine_finds_the_likely_ones_in_three(path: Path, slow: Slow, pieces: list[str]) -> None:
    check_combine(Components.load(path), slow, pieces)


def test_combine_with_the_shipped_table() -> None:
    slow = Slow(resource("components.tsv"))
    check_combine(Components.load(), slow, ["扌比", "禾口", "亻王", "口口", "木寸"])
    check_combine(Components.load(), slow, ["讠身寸", "木又寸"])


def check_combine(components: Components, slow: Slow, pieces: list[str]) -> None:
    rows, chars, scores = components.combine(encode("".join(pieces)).reshape(len(pieces), -1))
    found: list[dict[str, float]] = [{} for _ in pieces]
    for row, char, score in zip(rows.tolist(), decode(chars), scores.tolist(), strict=True):
        assert char not in found[row]
        found[row][char] = score
    for each, those in zip(found, pieces, strict=True):
        assert each == pytest.approx(slow.combine(those), abs=2e-3)


@given(st.text(PIECES, min_size=4, max_size=4))
def test_sharing_finds_those_with_one_part_in_its_place(path: Path, slow: Slow, text: str) -> None:
    """Scores are those of the split; a form of a radical counts by its shape here, and nothing is below the floor."""

    def printed(part: str, piece: str) -> float:
        if part in (piece, "？"):
            return slow.printed(part, piece)
        return max(-1.0 - 8.0 * (1 - slow.likeness(piece)[part]), -9.0)

    pieces, chars = encode(text).reshape(2, 2), encode("任仕和知如谢呆杏困区昌A" * 2).reshape(2, -1)
    wanted = [
        (row, column, -0.3 + printed(parts[1 - place], pair[1 - place]) + penalty)
        for row, pair in enumerate((text[:2], text[2:]))
        for column, char in enumerate(decode(chars[row]))
        for char_of, penalty, parts in slow.splits
        for place in (0, 1)
        if char_of == char and len(parts) == 2 and parts[place] == pair[place]
    ]
    rows, columns, scores = Components.load(path).sharing(pieces, chars)
    found = list(zip(rows.tolist(), columns.tolist(), scores.tolist(), strict=True))
    assert sorted(found) == [pytest.approx(hit, abs=2e-3) for hit in sorted(wanted)]


@given(st.text(PIECES, min_size=3, max_size=3))
def test_joinable_and_partly_by_the_splits(path: Path, slow: Slow, text: str) -> None:
    components = Components.load(path)
    first, second, third = (encode(char) for char in text)
    held = {parts for _, _, parts in slow.splits}
    assert components.joinable(first, second).tolist() == [text[:2] in held]
    assert components.joinable(first, second, third).tolist() == [text in held]
    two = [parts for parts in held if len(parts) == 2]
    partly = any(parts[0] == text[0] or parts[1] == text[1] for parts in two)
    assert components.partly(first, second).tolist() == [partly]


def test_the_greatest_part_is_found_in_its_place(path: Path) -> None:
    """What lies above every part falls on the last entry of the table of places, which is nobody's."""
    place = path.with_name("two.tsv")
    place.write_text(HEAD + "任\t⿰\t亻壬\n如\t⿰\t口女\n", "utf-8")
    components = Components.load(place)
    first, second = encode("女女女口\U0010ffff"), encode("女壬亻寸\U0010ffff")
    assert components.partly(first, second).tolist() == [True, True, False, True, False]


def test_alike_is_of_every_shape_and_knows_forms(path: Path, slow: Slow) -> None:
    codes = decode(Shapes.load_parts().codes)
    for part in "亻口木":
        likeness = Shapes.load_parts().matrix(encode(codes), encode(part))[:, 0].tolist()
        scores = {c: -1.5 if (part, c) in slow.forms else -9.0 + 8.0 * x for c, x in zip(codes, likeness, strict=True)}
        del scores[part]
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:12]
        found = Components.load(path).alike(part, 12)
        assert [piece for piece, _ in found] == [piece for piece, _ in best]
        assert [score for _, score in found] == pytest.approx([score for _, score in best], abs=1e-3)
    assert len(Components.load(path).alike("亻")) == 10


def test_several_characters_of_the_same_pieces_are_all_found(tmp_path: Path) -> None:
    """Up to three: the usual way of falling apart first."""
    place = tmp_path / "components.tsv"
    place.write_text(HEAD + "杏\t⿱\t木口\n束\t⿴\t木口\n呆\t⿰\t木口\n困\t⿴\t囗木\n", "utf-8")
    rows, chars, scores = Components.load(place).combine(encode("木口")[None])
    found = dict(zip(decode(chars), scores.tolist(), strict=True))
    assert found == pytest.approx({"呆": -0.6, "杏": -2.1, "束": -3.1}, abs=1e-3)
    assert rows.tolist() == [0, 0, 0]


def test_pieces_are_scored_once(path: Path) -> None:
    """What was worked out for a piece is kept, and nobody can write on it."""
    components = Components.load(path)
    score = components._printed(ord("亻"))
    assert components._printed(ord("亻")) is score
    with pytest.raises(ValueError, match="read-only"):
        score[0] = 0.0
    assert np.isfinite(score).all()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("# only a comment", "no header and no rows"),
        ("", "says of no character what it falls apart into"),
        (HEAD, "says of no character what it falls apart into"),
        (HEAD + "亻\t≈\t人\n", "says of no character what it falls apart into"),
        (HEAD + "任\t⿰\t亻壬\n和⿰\t禾口x\n", ":4: not a row"),
        (HEAD + "任\t⿰\t亻壬\n和\t⿰禾口x\n", ":4: not a row"),
        (HEAD + "任\t⿰\t亻壬\n和\t⿰\t\t口\n", ":4: not a row"),
        (HEAD + "任\t⿰\t亻壬\n和\t⿰\t禾\t\n", ":4: not a row"),
        (HEAD + "任\t⿰\t亻壬\n和\t⿰\t\n", ":4: not a row"),
        (HEAD + "任\t⿰\t亻壬\n# between\n和\t⿰\t禾口寸木\n", ":5: not a row"),
        (HEAD + "任\t⿰\t亻壬\n\n和\t⿰\t禾口\n", ":4: not a row"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(tmp_path: Path, body: str, message: str) -> None:
    place = tmp_path / "components.tsv"
    place.write_text(body, "utf-8")
    with pytest.raises(TableError) as caught:
        Components.load(place)
    assert message in str(caught.value)


def test_a_table_in_other_bytes_and_one_without_a_last_line_end(tmp_path: Path) -> None:
    place = tmp_path / "components.tsv"
    place.write_bytes(b"# head\n\xff\n")
    with pytest.raises(TableError, match="not UTF-8: invalid start byte at byte 7"):
        Components.load(place)
    place.write_text((HEAD + "任\t⿰\t亻壬\n谢\t⿰\t讠身寸").replace("# made for a test\n", ""), "utf-8")
    components = Components.load(place)
    assert components.parts("任") == ["亻壬"]
    assert components.parts("谢") == ["讠身寸"]
