"""The features of doubtful differences, worked out one by one; what a model makes of them; and pieces put together."""

from __future__ import annotations

from math import exp, log, log1p

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment.attach import Piece
from textfix.alignment.cases import Case, Skeletons, parts_of
from textfix.alignment.classify import _decide, _united, classify
from textfix.alignment.evidence import Evidence
from textfix.alignment.features import _Places, measure
from textfix.alignment.folding import fold, is_blank, skeleton
from textfix.alignment.ops import Block
from textfix.alignment.weights import MODELS, Weights
from textfix.lm.vocabulary import BOS, EOS
from textfix.text.codepoints import decode, encode

EVIDENCE = Evidence.shipped()


class Text:
    """An observed text and an authority, put together from what is equal and what differs."""

    def __init__(self) -> None:
        self.x = self.y = ""
        self.blocks: list[Block] = []

    def same(self, text: str) -> Text:
        self.x, self.y = self.x + text, self.y + text
        return self

    def differs(self, observed: str, intended: str) -> Text:
        block = (len(self.x), len(self.x) + len(observed), len(self.y), len(self.y) + len(intended))
        self.blocks.append(block)
        self.x, self.y = self.x + observed, self.y + intended
        return self


def sample() -> Text:
    return (
        Text().same("加快推进资源型地区生态").differs("坏美", "环境").same("修复和综合").differs("", "治")
        .same("理,促进区").differs("城", "域").same("经济").differs("~", "").same("发展").differs("和", "").same("要")
        .differs("", "武陵山片区").same("加强组织领导明确责任").differs("22", "21").same("个").differs("城市", "鲁渝")
        .same("科技协作").differs("岀", "出").same("台")
    )  # fmt: skip


def measured(text: Text, edges: set[int]) -> tuple[list[Case], list[Piece]]:
    marks = np.zeros(len(text.x) + 1, dtype=bool)
    marks[list(edges)] = True
    texts = Skeletons.of(encode(text.x), encode(text.y), marks)
    wholes = parts_of(texts, text.blocks, EVIDENCE)
    measure(texts, wholes, EVIDENCE)
    parts = [part for whole in wholes for part in whole]
    return [p for p in parts if isinstance(p, Case)], [p for p in parts if isinstance(p, Piece)]


def log_prob(middle: str, left: str, right: str) -> float:
    """Of characters and the four behind them, in the context of the authority."""
    table = EVIDENCE.model.vocabulary.table
    ids = [
        *([BOS] * 4 + table[encode(left)].tolist())[-4:],
        *table[encode(middle)].tolist(),
        *(table[encode(right)].tolist() + [EOS] * 4)[:4],
    ]
    return float(EVIDENCE.model.score_windows(np.array([ids], dtype=np.uint16), 4)[0])


def rarity(text: str) -> float:
    ids = EVIDENCE.model.vocabulary.table[encode(text)][:, None]
    return float(EVIDENCE.model.score_columns(ids, 0)[:, 0].mean())


def test_the_features_of_every_case() -> None:
    text = sample()
    cases, pieces = measured(text, {0, 18})
    shown = [(text.x[c.block[0] : c.block[1]], text.y[c.block[2] : c.block[3]], c.model) for c in cases]
    assert shown == [
        ("坏", "环", "replaced"), ("美", "境", "replaced"), ("", "治", "lost"), ("城", "域", "replaced"),
        ("和", "", "invented"), ("城", "鲁", "replaced"), ("市", "渝", "replaced"), ("岀", "出", "replaced"),
    ]  # fmt: skip
    assert [p.kind for p in pieces] == ["noise", "omission", "number"]
    size = len(text.x)
    noise, edits = log(1.5 / (size + 250) * 1000), log(2.5 / (size + 250) * 1000)
    spans = [(c.block[0], c.block[1]) for c in cases]
    for case in cases:
        i0, i1, j0, j1 = case.block
        a, b, c, d = case.run
        read, meant = (log_prob(middle, text.y[:c], text.y[d:]) for middle in (text.x[a:b], text.y[c:d]))
        f = dict(case.features)
        assert f.pop("gain") == pytest.approx(max(min((meant - read) / max(b - a, d - c), 20), -20), abs=1e-3)
        assert f.pop("reads well") == pytest.approx(meant / (d - c + 4), abs=1e-3)
        assert f.pop("several") == (b - a > 1)
        assert f.pop("ragged") == (case.model != "replaced")
        assert (f.pop("noise"), f.pop("edits")) == pytest.approx((noise, edits))
        if i0 < i1:
            assert f.pop("rarity read") == pytest.approx(rarity(text.x[i0:i1]), abs=1e-4)
        if j0 < j1:
            assert f.pop("rarity meant") == pytest.approx(rarity(text.y[j0:j1]), abs=1e-4)
        if case.model == "replaced":
            alike = EVIDENCE.likeness(encode(text.x[a:b]), encode(text.y[c:d]))
            assert f.pop("likeness") == pytest.approx(float(alike[i0 - a]))
            assert f.pop("run likeness") == pytest.approx(float(alike.mean()))
        else:
            assert f.pop("edge") == (18 in (i0, i1))

        def near(spans: list[tuple[int, int]], reach: int, a: int = a, b: int = b) -> int:
            """How many reach into so many characters around the run."""
            return sum(end > a - reach and start < b + reach for start, end in spans)

        edited = [(p.i0, p.i1) for p in pieces if p.kind != "noise"]
        errors = [(p.i0, p.i1) for p in pieces if p.kind == "noise"]
        assert f.pop("near edit") == (near(edited, 6) > 0)
        assert f.pop("near errors") == pytest.approx(log1p(near(errors, 15)))
        mine = b - a if case.model == "replaced" else 1
        assert f.pop("near doubts") == pytest.approx(log1p(near(spans, 15) - mine))
        assert not f
    assert [case.variant for case in cases] == [False] * 7 + [True]


def test_a_long_cut_is_no_edit_of_the_text() -> None:
    for size, edits in ((60, 1.5), (61, 0.5)):
        text = Text().same("加快推进").differs("", "甲" * size).same("生态修复综合").differs("坏", "环").same("境治理")
        (case,), _ = measured(text, set())
        assert case.features["edits"] == pytest.approx(log(edits / (len(text.x) + 250) * 1000))


def test_without_cases_there_is_nothing_to_measure() -> None:
    cases, pieces = measured(Text().same("加快").differs("22", "21").same("个"), set())
    assert (cases, [p.kind for p in pieces]) == ([], ["number"])


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=8)


@given(spans, st.integers(-5, 35), st.integers(0, 20))
def test_places_within(drawn: list[tuple[int, int]], start: int, size: int) -> None:
    """Of disjoint ordered spans those that reach in; one of no length counts if it is inside."""
    places, at = [], 0
    for gap, length in drawn:
        places.append((at + gap % 5 + 1, at + gap % 5 + 1 + length))
        at = places[-1][1]
    end = start + size
    slow = sum(b > start and a < end for a, b in places)
    if size:
        assert _Places(places).within(start, end) == slow


def test_scores_of_readings_of_several_lengths_are_those_of_each_alone() -> None:
    authority = encode("加快推进生态修复和综合治理")
    readings = EVIDENCE.readings(authority)
    given = ((0, 1, "如"), (4, 6, "牛态"), (4, 6, "牛"), (6, 6, "的"), (12, 13, ""))
    spans = [(j0, j1, encode(observed)) for j0, j1, observed in given]
    together = readings.score(spans)
    assert together.shape == (5, 2)
    for row, (j0, j1, observed) in zip(together.tolist(), spans, strict=True):
        left, right = decode(authority[:j0]), decode(authority[j1:])
        assert row == pytest.approx(
            [log_prob(decode(observed), left, right), log_prob(decode(authority[j0:j1]), left, right)], abs=1e-4
        )


@pytest.mark.parametrize(
    ("pieces", "whole", "fits"),
    [("禾口", "和", True), ("讠身寸", "谢", True), ("禾", "和", False), ("禾口口口", "和", False),
     ("禾口", "和和", False), ("甲乙", "和", False)],
)  # fmt: skip
def test_compositions(pieces: str, whole: str, fits: bool) -> None:
    assert (EVIDENCE.composition(pieces, whole) is not None) == fits


# what is decided


def case(model: str, likeness: float, *, variant: bool = False) -> Case:
    return Case((1, 2, 3, 4), model, False, (1, 2, 3, 4), variant, {"likeness": likeness, "gain": 1.234, "noise": 2.0})


@pytest.mark.parametrize(
    ("model", "people", "ocr"),
    [("replaced", "substitution", "glyph"), ("lost", "omission", "drop"), ("invented", "insertion", "noise")],
)
def test_the_likelier_party_did_it(model: str, people: str, ocr: str) -> None:
    weights = Weights({name: {"constant": -1.0, "likeness": 2.0} for name in MODELS})
    for likeness, kind in ((0.25, people), (0.5, ocr), (0.75, ocr)):
        odds = 2 * likeness - 1
        piece = _decide(case(model, likeness), weights)
        assert (piece.i0, piece.i1, piece.j0, piece.j1, piece.kind) == (1, 2, 3, 4, kind)
        assert piece.confidence == pytest.approx(1 / (1 + exp(-abs(odds))))
        assert piece.evidence == {"odds": round(odds, 2), "likeness": round(likeness, 2), "gain": 1.23, "noise": 2.0}
    assert _decide(case(model, -1e9), weights).confidence == 1.0
    assert _decide(case(model, 0.0, variant=True), weights) == Piece(1, 2, 3, 4, "variant", 0.98)


def kinds(*pieces: Piece) -> list[tuple[int, int, int, int, str, float]]:
    return [(p.i0, p.i1, p.j0, p.j1, p.kind, p.confidence) for p in _united(pieces)]


def test_what_people_did_side_by_side_is_one() -> None:
    cut, added = Piece(1, 1, 1, 4, "omission", 0.9), Piece(1, 3, 4, 4, "insertion", 0.8, {"odds": 1.0})
    assert kinds(cut, added) == [(1, 3, 1, 4, "substitution", 0.8)]
    assert _united([cut, added])[0].evidence == {"odds": 1.0}
    assert kinds(cut, Piece(1, 1, 4, 6, "omission")) == [(1, 1, 1, 6, "omission", 0.9)]
    assert kinds(added, Piece(3, 5, 4, 4, "insertion")) == [(1, 5, 4, 4, "insertion", 0.8)]
    equal = Piece(3, 4, 4, 5, "")
    behind = Piece(4, 5, 5, 6, "substitution", 0.7)
    assert kinds(added, equal, behind) == [(1, 5, 4, 6, "substitution", 0.7)]
    far = Piece(5, 6, 6, 7, "substitution", 0.7)
    assert kinds(added, equal, far) == [(1, 3, 4, 4, "insertion", 0.8), (5, 6, 6, 7, "substitution", 0.7)]
    glyph = Piece(3, 4, 4, 5, "glyph")
    assert [row[4] for row in kinds(added, glyph, behind)] == ["insertion", "glyph", "substitution"]
    assert kinds(equal) == []


def test_pieces_come_with_their_classes_and_evidence() -> None:
    text = sample()
    texts = Skeletons.of(encode(text.x), encode(text.y), np.zeros(len(text.x) + 1, dtype=bool))
    sure = {"replaced": 9.0, "lost": -9.0, "invented": 9.0}
    weights = Weights({name: {"constant": value} for name, value in sure.items()})
    found = classify(texts, text.blocks, EVIDENCE, weights)
    assert [(text.x[p.i0 : p.i1], text.y[p.j0 : p.j1], p.kind) for p in found] == [
        ("坏", "环", "glyph"), ("美", "境", "glyph"), ("", "治", "omission"), ("城", "域", "glyph"), ("~", "", "noise"),
        ("和", "", "noise"), ("", "武陵山片区", "omission"), ("22", "21", "number"), ("城", "鲁", "glyph"),
        ("市", "渝", "glyph"), ("岀", "出", "variant"),
    ]  # fmt: skip


# what is folded


def test_forms_of_one_mark_are_one() -> None:
    assert decode(fold(encode("，！（Ａ９“”‘—－•〔〕｡､～"))) == ",!(A9\"\"'--·[]。、~"
    assert decode(fold(encode("。、；：甲𠀀\ud800"))) == "。、;:甲𠀀\ud800"
    assert fold(encode("")).size == 0
    assert decode(fold(encode("，甲"))) == ",甲"
    assert fold(np.array([0xFFFF, 0x10000, 0x10FFFF], dtype=np.uint32)).tolist() == [0xFFFF, 0x10000, 0x10FFFF]
    assert fold(np.array([0xFF00, 0xFF01, 0xFF5E, 0xFF5F], dtype=np.uint32)).tolist() == [0xFF00, 0x21, 0x7E, 0xFF5F]


def test_white_space_is_left_out() -> None:
    text = "甲 乙\u3000\n，\t丙"
    codes, places = skeleton(encode(text))
    assert (decode(codes), places.tolist()) == ("甲乙,丙", [0, 2, 5, 7])
    assert is_blank(encode(text)).tolist() == [char.isspace() for char in text]
