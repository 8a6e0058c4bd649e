"""The confusable table: round trip, merge, rejection, and errors that name the line."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.errors import InputError, TableError
from textfix.tables.confusable import COLUMNS, TABLE_KINDS, Row, Table

pieces = st.text(st.sampled_from("歼矸硏研口 \t\n\\e…\u3000\u2028\ud800𠀀"), max_size=3)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    observed = draw(pieces)
    intended = draw(pieces.filter(lambda text: text != observed))
    documents = draw(st.integers(1, 9))
    return Row(
        observed,
        intended,
        draw(st.sampled_from(sorted(TABLE_KINDS))),
        documents + draw(st.integers(0, 9)),
        documents,
        draw(st.sampled_from(["", "rejected"])),
        draw(pieces),
    )


tables = st.builds(
    Table, st.lists(rows(), max_size=6), st.lists(st.text(max_size=5), max_size=2), st.lists(st.just("g"), max_size=1)
)
HEAD = "# textfix confusable table, version 1\n" + "\t".join(COLUMNS) + "\n"


@given(tables)
def test_round_trip(table: Table) -> None:
    assert Table.parse(table.dump()) == table
    assert Table.parse(table.dump()).dump() == table.dump()
    assert pickle.loads(pickle.dumps(table)) == table


@given(tables, tables, tables)
def test_merge_is_associative_and_commutative(a: Table, b: Table, c: Table) -> None:
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c)) == Table().merge(c, b, a)
    assert a.merge(Table()) == a
    assert sum(r.count for r in a.merge(b)) == sum(r.count for r in a) + sum(r.count for r in b)


@given(tables, tables)
def test_a_rejected_row_stays_rejected(table: Table, later: Table) -> None:
    for row in table:
        merged = table.reject(row.observed, row.intended).merge(later)
        assert merged[row.key].rejected
        assert merged[row.key] not in merged.active


def test_sorted_and_headed() -> None:
    shown = Row("歼", "矸", "glyph", 3, 2, example="废弃地、{歼→矸}石山")
    table = Table([Row("猛", "锰", "glyph"), shown], ["seed"], ["learn"])
    assert table.dump() == (
        "# textfix confusable table, version 1\n# generator: learn\n# source: seed\n"
        "observed\tintended\tkind\tcount\tdocuments\tstatus\texample\n"
        "歼\t矸\tglyph\t3\t2\t\t废弃地、{歼→矸}石山\n猛\t锰\tglyph\t1\t1\t\t\n"
    )
    assert table.find("歼") == (table["歼", "矸", "glyph"],)
    assert table.find("歼", "研") == ()


def test_rows_in_any_order_and_with_windows_line_ends() -> None:
    text = HEAD + "猛\t锰\tglyph\t1\t1\t\t\n歼\t矸\tglyph\t1\t1\trejected\t\n"
    assert [r.observed for r in Table.parse("\ufeff" + text.replace("\n", "\r\n"))] == ["歼", "猛"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line"),
        ("# textfix confusable table, version 1\n", "column names"),
        ("# textfix confusable table, version 1\na\tb\n", ":2: the columns must be observed, intended, kind, "),
        (HEAD + "歼\t矸\tglyph\n", ":3: 3 columns"),
        (HEAD + "歼\t矸\tglyph\tmany\t1\t\t\n", ":3: count"),
        (HEAD + "歼\t矸\tglyph\t²\t1\t\t\n", ":3: count"),
        (HEAD + "歼\t矸\tglyph\t1\t2\t\t\n", ":3: row"),
        (HEAD + "歼\t矸\tglyph\t0\t0\t\t\n", ":3: row"),
        (HEAD + "歼\t歼\tglyph\t1\t1\t\t\n", "the same"),
        (HEAD + "歼\t矸\tnumber\t1\t1\t\t\n", "unknown kind"),
        (HEAD + "歼\t矸\tglyph\t1\t1\tmaybe\t\n", "unknown status"),
        (HEAD + "\t矸\tglyph\t1\t1\t\t\n", "written \\e"),
        (HEAD + "\\x\t矸\tglyph\t1\t1\t\t\n", "no escape"),
        (HEAD + "\\Uffffffff\t矸\tglyph\t1\t1\t\t\n", "no escape"),
        (HEAD + "歼\t矸\tglyph\t1\t1\t\t\n" * 2, ":4: '歼' → '矸' stands twice"),
    ],
)
def test_malformed_tables_name_the_line(text: str, message: str) -> None:
    with pytest.raises(TableError, match=r"t\.tsv") as caught:
        Table.parse(text, "t.tsv")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rows_of_one_pair_add_up() -> None:
    one = Row("歼", "矸", "glyph", 3, 2, example="甲{歼→矸}乙丙")
    other = Row("歼", "矸", "glyph", 4, 1, "rejected", "甲{歼→矸}丁")
    assert one + other == other + one == Row("歼", "矸", "glyph", 7, 3, "rejected", "甲{歼→矸}丁")
    assert (one + Row("歼", "矸", "glyph")).example == one.example
    assert (Row("歼", "矸", "glyph", example="乙") + Row("歼", "矸", "glyph", example="甲")).example == "乙"
    with pytest.raises(TableError, match="not the same pair"):
        one + Row("歼", "矸", "merge")
    assert Table([one, other]) == Table([one + other])


def test_a_table_is_what_its_rows_and_its_origin_are() -> None:
    row = Row("歼", "矸", "glyph")
    table = Table([row], ["seed", "a\nb"], ["learn"])
    assert (len(table), list(table), row.key in table, ("歼", "矸", "shift") in table) == (1, [row], True, False)
    assert table.sources == ("a b", "seed")
    assert repr(table) == "<Table: 1 rows from 2 sources>"
    assert table == Table([row], ["a b", "seed"], ["learn"])
    assert hash(table) == hash(Table([row], ["a b", "seed"], ["learn"]))
    assert table != Table([row], ["seed"], ["learn"])
    assert table != Table([row], ["seed", "a b"])
    assert table != [row]


def test_rejecting_takes_every_kind_of_the_pair_and_no_other() -> None:
    rows = [Row("歼", "矸", "glyph"), Row("歼", "矸", "shift"), Row("歼", "研", "glyph"), Row("猛", "矸", "glyph")]
    table = Table(rows, ["seed"], ["learn"])
    rejected = table.reject("歼", "矸")
    assert {row.key for row in rejected if row.rejected} == {rows[0].key, rows[1].key}
    assert (rejected.sources, rejected.generators) == (("seed",), ("learn",))
    assert rejected.active == (table[rows[2].key], table[rows[3].key])
    assert table.find("歼", "矸") == (rows[0], rows[1])
    assert not any(row.rejected for row in table)


def test_white_space_is_written_as_escapes_but_plain_in_examples_and_notes() -> None:
    table = Table([Row(" ", "", "noise", example="a b\tc")], ["two words"], ["a tool"])
    lines = table.dump().splitlines()
    assert lines[1:3] == ["# generator: a tool", "# source: two words"]
    assert lines[-1] == "\\u0020\t\\e\tnoise\t1\t1\t\ta b\\u0009c"
    (row,) = Table.parse(HEAD + "\\U0000006b\t矸\tglyph\t1\t1\t\t\n")
    assert row.observed == "k"


def test_comments_and_notes_of_others_are_passed_over() -> None:
    head = "# textfix confusable table, version 1\n# checked by: somebody\n# source: x\n\n" + "\t".join(COLUMNS) + "\n"
    table = Table.parse(head + "\n歼\t矸\tglyph\t1\t1\t\t\n\n")
    assert (len(table), table.sources, table.generators) == (1, ("x",), ())


def test_a_person_may_reject_what_was_never_seen() -> None:
    assert Row("猛", "锰", "glyph", 0, 0, "rejected").rejected


def test_rejecting_a_pair_that_is_not_there() -> None:
    with pytest.raises(TableError, match="no pair"):
        Table().reject("甲", "乙")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    with pytest.raises(InputError, match=r"t\.tsv"):
        Table.load(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(TableError, match="not UTF-8 at byte 0"):
        Table.load(path)
    table = Table([Row("歼", "矸", "glyph")])
    path.write_text(table.dump(), "utf-8")
    assert Table.load(path) == table
