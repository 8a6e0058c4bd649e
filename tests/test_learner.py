"""Learning: what OCR did is counted, by document; nothing that people did, and no digits."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.alignment import align
from textfix.learner import GENERATOR, Pair, learn
from textfix.tables.confusable import Row, Table

TRUTH = "加快解决工矿废弃地、矸石山、尾矿库等历史遗留问题，推进锰产业生态修复和环境整治。"


@pytest.fixture(scope="module")
def table(seed: Path) -> Table:
    extract = (seed / "garbled-extract.txt").read_text("utf-8")
    notice = (seed / "authoritative-notice.txt").read_text("utf-8")
    return learn([Pair(extract, notice, "seed")])


def test_the_seed_pair_gives_its_genuine_pairs(table: Table) -> None:
    assert {(r.observed, r.intended, r.kind, r.count) for r in table} == {
        ("歼", "矸", "glyph", 1),
        ("猛", "锰", "glyph", 1),
        ("扌L", "扎", "split", 1),
        ("彳壬", "任", "split", 1),
        ("?口", "和", "split", 1),
        ("硏", "研", "shift", 3),
        ("扌…岀", "批", "shift", 1),
        ("", "、", "drop", 1),
    }
    assert table.sources == ("seed",)
    assert table.generators == (GENERATOR,)
    assert table["歼", "矸", "glyph"].example == "工矿废弃地、{歼→矸}石山、尾矿库"


def test_counts_and_documents_add_up() -> None:
    one = Pair(TRUTH.replace("矸", "歼"), TRUTH, "one")
    two = Pair("".join([TRUTH, TRUTH]).replace("矸", "歼"), TRUTH + TRUTH, "two")
    table = learn([one, two])
    assert list(table) == [Row("歼", "矸", "glyph", 3, 2, "", "工矿废弃地、{歼→矸}石山、尾矿库")]
    assert table == learn([two, one]) == learn([one]).merge(learn([two]))


def test_a_rejected_row_stays_rejected_after_relearning() -> None:
    pair = Pair(TRUTH.replace("矸", "歼"), TRUTH, "one")
    rejected = learn([pair]).reject("歼", "矸")
    assert rejected.merge(learn([pair])).active == ()


def test_nothing_editorial_and_no_digits() -> None:
    truth = TRUTH + "共涉及22个区县，面积297.72万亩，深入推进川渝科技协作。"
    edited = truth.replace("22", "21").replace("297.72", "260").replace("渝", "城").replace("历史遗留", "")
    assert list(learn([Pair(edited, truth, "edited")])) == []


def test_alignments_can_be_learned_from_too() -> None:
    alignment = align(TRUTH.replace("矸", "歼"), TRUTH)
    assert [r.key for r in learn([alignment])] == [("歼", "矸", "glyph")]


@given(st.text(st.sampled_from("矸歼锰猛12３ ,，。"), max_size=12))
def test_rows_of_any_pair_fit_a_table(piece: str) -> None:
    table = learn([Pair(TRUTH[:20] + piece + TRUTH[20:], TRUTH, "any")])
    assert Table.parse(table.dump()) == table
    assert not any(c.isdigit() for row in table for c in row.observed + row.intended)
