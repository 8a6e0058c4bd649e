"""Decisions and the rows of tables."""

from __future__ import annotations

from textfix.edits import Edit, Edits, Repair
from textfix.review import Decision, Decisions
from textfix.review.rows import Rejections, apply_to_table
from textfix.tables.confusable import Row, Table

ROWS = [Row("歼", "矸", "glyph", 3, 2), Row("彳壬", "任", "split"), Row("未", "末", "glyph", 2)]
TABLE = Table(ROWS, ["a"], ["test"])
HERE = (("清理", "山"),)


def said(verdict: str, observed: str, replacement: str, kind: str = "glyph", *, everywhere: bool = False) -> Decision:
    return Decision(verdict, observed, replacement, kind, *(("everywhere", ()) if everywhere else ("here", HERE)))


def rows(table: Table) -> dict[tuple[str, str], tuple[int, bool]]:
    return {(row.observed, row.intended): (row.count, row.rejected) for row in table}


def test_rejected_pairs_become_rejected_rows() -> None:
    decisions = Decisions([said("reject", "歼石", "矸石"), said("reject", "人", "入", everywhere=True)])
    done = apply_to_table(TABLE, decisions)
    assert (done.rejected, done.counted, done.passed_over, done.again) == (2, 0, 0, False)
    assert rows(done.table) == {
        ("歼", "矸"): (3, True),
        ("彳壬", "任"): (1, False),
        ("未", "末"): (2, False),
        ("人", "入"): (0, True),
    }
    again = Table.parse(done.table.merge(TABLE, Table([Row("人", "入", "glyph", 9, 9)])).dump())
    assert rows(again)["歼", "矸"] == (6, True)
    assert rows(again)["人", "入"] == (9, True)


def test_the_last_word_for_everywhere_and_mixed_words() -> None:
    mixed = [said("reject", "歼", "矸"), said("accept", "歼石", "矸石")]
    assert rows(apply_to_table(TABLE, Decisions(mixed)).table)["歼", "矸"] == (4, False)
    strict = [*mixed, said("reject", "歼", "矸", everywhere=True)]
    assert rows(apply_to_table(TABLE, Decisions(strict)).table)["歼", "矸"] == (3, True)
    loose = [*strict, said("accept", "歼", "矸", everywhere=True)]
    assert rows(apply_to_table(TABLE, Decisions(loose)).table)["歼", "矸"] == (5, False)


def test_what_was_accepted_counts_once() -> None:
    decisions = Decisions([said("accept", "彳壬", "任", "split"), said("accept", "猛", "锰")])
    once = apply_to_table(TABLE, decisions)
    assert rows(once.table)["彳壬", "任"] == (2, False)
    assert rows(once.table)["猛", "锰"] == (1, False)
    twice = apply_to_table(once.table, decisions)
    assert twice.again
    assert list(twice.table) == list(once.table)


def test_accepting_does_not_bring_a_rejected_row_back() -> None:
    table = TABLE.reject("歼", "矸")
    assert rows(apply_to_table(table, Decisions([said("accept", "歼", "矸")])).table)["歼", "矸"] == (4, True)


def test_what_is_no_row() -> None:
    no_rows = [
        said("reject", ",", "，", "width"),
        said("reject", " ", "", "space"),
        said("accept", "l", "1"),
        said("reject", "究平硏", "研究平", "shift"),
        said("accept", "一二三四五", "六七八九十"),
    ]
    done = apply_to_table(TABLE, Decisions(no_rows))
    assert (done.passed_over, rows(done.table)) == (5, rows(TABLE))


def test_rejected_rows_as_verdicts() -> None:
    table = Table([Row("彳壬", "任", "split", 0, 0, "rejected"), Row("歼", "矸", "glyph", 3, 1)])
    rejections = Rejections(table)
    assert len(rejections) == 1
    edits = [
        Edit(0, 3, "彳壬 ", "任", "split"), Edit(4, 7, "重彳壬", "重任", "split"), Edit(8, 9, "歼", "矸", "glyph"),
        Edit(9, 11, "彳壬", "任务", "split"), Edit(12, 13, ",", "，", "width"),
    ]  # fmt: skip
    assert rejections.verdicts("", Repair("", Edits()), edits) == ["reject", "reject", None, None, None]
    assert not len(Rejections(Table()))
