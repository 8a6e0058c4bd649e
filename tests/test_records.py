"""Records: the field and nothing else, bad ones put aside, the same however the bytes arrive."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix import records as module
from textfix.decoding import Decoding
from textfix.edits import Edit, Edits
from textfix.errors import InputError, OptionError
from textfix.fields import JsonLines, RecordError, RecordFormat, Separated
from textfix.parts import BadRecord, patched
from textfix.records import record_parts

from .test_parts import repair

ATOMS = ["一,", '"', "石山|", "\n", "\\", "\u2028", "😀", "é", "\t", "\ud800"]
TEXT = st.lists(st.sampled_from(ATOMS), max_size=8).map("".join)


def comma() -> Separated:
    return Separated("text", delimiter=",", quotes=True)


def run(
    data: bytes, form: RecordFormat, encoding: str = "utf-8", pieces: int = 1 << 20
) -> tuple[bytes, list[BadRecord]]:
    """The file with every field repaired, and its bad records."""
    cut = [data[i : i + pieces] for i in range(0, len(data), pieces)]
    out, bad, seen = b"", [], b""
    for item in record_parts(cut, Decoding(encoding, "x"), form):
        part = item.part if isinstance(item, BadRecord) else item
        assert part.offset == len(seen)
        assert part.line == seen.decode(encoding, "replace").count("\n") + 1
        seen += part.data
        if isinstance(item, BadRecord):
            bad.append(item)
        else:
            out += patched(part, part.patches(repair(part.text).edits))
    assert seen == data
    return out, bad


# --- JSON Lines -----------------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda v: st.lists(v) | st.dictionaries(TEXT, v),
    max_leaves=6,
)


@given(
    st.lists(st.tuples(st.dictionaries(st.sampled_from("xyz"), VALUES), TEXT), max_size=4),
    st.booleans(),
    st.sampled_from([(",", ":"), (" , ", " : ")]),
    st.sampled_from([1, 2, 7, 1000]),
)
def test_json_one_field_and_nothing_else(
    rows: list[tuple[dict[str, Any], str]], escaped: bool, separators: Any, step: int
) -> None:
    def dumped(text_of: Any) -> bytes:
        lines = [{"a": [0, {"text": text_of(text)}], **other} for other, text in rows]
        data = "".join(json.dumps(r, ensure_ascii=escaped, separators=separators) + "\r\n" for r in lines)
        return data.encode("utf-8", "surrogatepass")

    if not escaped and "\ud800" in dumped(str).decode("utf-8", "surrogatepass"):
        return  # is not UTF-8
    out, bad = run(dumped(str), JsonLines("a.1.text"), pieces=step)
    assert not bad
    want = dumped(lambda text: repair(text).text)
    if not escaped or all("\\u" in json.dumps(text) for _, text in rows):
        assert out == want
    else:  # a text that shows no escapes gets none
        lines = zip(out.split(b"\r\n")[:-1], want.split(b"\r\n")[:-1], strict=True)
        assert all(json.loads(ours) == json.loads(theirs) for ours, theirs in lines)


def test_json_keeps_what_it_does_not_understand() -> None:
    line = b'{ "n" : 1.50e400, "big": ' + b"9" * 5000 + b', "u":"\\u00e9\\/", "t" :"\\u4e00,\\/|\\ud83d\\ude00,"}'
    want = line.replace(b"\\u4e00,", b"\\u4e00\\uff0c").replace(b"|", b"").replace(b"\\ude00,", b"\\ude00\\uff0c")
    assert run(line, JsonLines("t")) == (want, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("", None),
        ("  ", None),
        ("[1]", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ('{"text":"a"} x', "more behind"),
        ('{"text":1}', "not a string"),
        ('{"text":null}', None),
        ('{"text":{"a":"b"}}', "not a string"),
        ('{"tekst":"a"}', "no field 'text'"),
        ('{"text":"a","text":"b"}', "more than one"),
        ('{"te\\u0078t":"a,"}', None),
        ("[" * 100_000, "nested"),
        ('{"text":"a\tb"}', "not JSON"),
        ('{"text":"a\0b"}', "NUL"),
    ],
)
def test_json_bad_records(line: str, reason: str | None) -> None:
    out, bad = run(f'{{"text":"一,"}}\n{line}\n{{"text":"二,"}}'.encode(), JsonLines("text"))
    if reason is None:
        assert not bad
        assert line.replace(",", "，") in out.decode()
    else:
        assert [b.reason for b in bad if reason in b.reason] == [b.reason for b in bad] != []
        assert bad[0].part.data == line.encode() + b"\n"
        assert bad[0].part.record == 2
        assert out.decode() == '{"text":"一，"}\n{"text":"二，"}'


def test_bytes_that_are_not_text_spoil_one_record_only() -> None:
    out, bad = run('{"t":"一,"}\n'.encode() + b'{"t":"\xff"}\n' + '{"t":"二,"}\n'.encode(), JsonLines("t"))
    assert out.decode() == '{"t":"一，"}\n{"t":"二，"}\n'
    assert "0xff at offset 19 is not utf-8" in bad[0].reason


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_encodings(encoding: str, step: int) -> None:
    text = '{"t":"一,"}\n\n{"t":"\u0a0a\u0a0d石山|二,"}\n' if "utf" in encoding else '{"t":"一,"}\n{"t":"石山|二,"}\n'
    out, bad = run(text.encode(encoding), JsonLines("t"), encoding, step)
    assert (out, bad) == (text.replace("一,", "一，").replace("|二,", "二，").encode(encoding), [])


def test_paths() -> None:
    line = '{"a.b":"一,","a":{"b":"二,"}}'.encode()
    assert run(line, JsonLines("a\\.b"))[0].decode() == '{"a.b":"一，","a":{"b":"二,"}}'
    assert run(line, JsonLines("a.b"))[0].decode() == '{"a.b":"一,","a":{"b":"二，"}}'
    for path in ("", ".", "a..b"):
        with pytest.raises(OptionError):
            JsonLines(path)


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", 1000)
    with pytest.raises(InputError, match="line 2 is longer"):
        run(b'{"t":"a"}\n' + b"x" * 5000, JsonLines("t"), pieces=100)


# --- CSV and TSV ----------------------------------------------------------------------------------------------------

CELLS = st.lists(st.sampled_from(["一,", '"', "石山|", "\n", "\r\n", "a", " "]), max_size=6).map("".join)


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from([1, 5, 1000]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_csv_as_the_standard_library_reads_it(rows: list[tuple[str, ...]], quoting: Any, step: int, end: str) -> None:
    def written(text_of: Any) -> str:
        out = io.StringIO()
        writer = csv.writer(out, quoting=quoting, lineterminator=end)
        writer.writerows([("id", "text", "more"), *((a, text_of(b), c) for a, b, c in rows)])
        return out.getvalue()

    out, bad = run(written(str).encode(), comma(), pieces=step)
    assert not bad
    want = list(csv.reader(io.StringIO(written(lambda text: repair(text).text), newline="")))
    assert list(csv.reader(io.StringIO(out.decode(), newline=""))) == want
    if quoting == csv.QUOTE_ALL:
        assert out.decode() == written(lambda text: repair(text).text)


def test_csv_other_cells_keep_their_quotes() -> None:
    given_ = '\ufeff"id",text,"note"\r\n"1","一,""二"",",plain "quote"\r\n\r\n2,三|,""'
    want = '\ufeff"id",text,"note"\r\n"1","一，""二""，",plain "quote"\r\n\r\n2,三,""'
    for step in (1, 4, 100):
        assert run(given_.encode(), comma(), pieces=step) == (want.encode(), [])


@pytest.mark.parametrize(
    ("lines", "bad_lines", "reason"),
    [
        (["1,一|", "2", "3,二|"], ["2"], "1 cells"),
        (["1,一|", '2,"x"y', "3,二|"], ['2,"x"y'], "behind a closing quote"),
        (["1,一|", '2,"never closed', "3,二|"], ['2,"never closed'], "never closed"),
        (["1,一|", '2,"never', 'closed" properly', "3,二|"], ['2,"never', 'closed" properly'], "behind a closing"),
    ],
)
def test_csv_bad_records(lines: list[str], bad_lines: list[str], reason: str) -> None:
    out, bad = run(("id,text\n" + "\n".join(lines)).encode(), comma())
    assert [b.part.data.decode().rstrip("\n") for b in bad] == bad_lines
    assert reason in bad[0].reason
    assert out.decode() == "id,text\n1,一\n3,二"


def test_an_open_quote_does_not_take_all_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_OPEN", 500)
    out, bad = run(("id,text\n" + '1,"open\n' + "2,一|\n" * 300).encode(), comma(), pieces=64)
    assert len(bad) == 1
    assert out.decode() == "id,text\n" + "2,一\n" * 300


def test_tsv_has_no_quotes() -> None:
    form = Separated("2", delimiter="\t", quotes=False)
    out, bad = run('1\t"一,二\t"x\n2\t三|"\t\n3\t四\n'.encode(), form)
    assert out.decode() == '1\t"一，二\t"x\n2\t三"\t\n'
    assert len(bad) == 1


def test_columns() -> None:
    assert run("一,a\n二,b|\n".encode(), Separated("2", delimiter=",", quotes=True))[0] == "一,a\n二,b\n".encode()
    with pytest.raises(InputError, match=r"x: no column 'text'; there are 'id, more'"):
        run(b"id,more\n1,2\n", comma())
    with pytest.raises(InputError, match="more than one"):
        run(b"text,text\n1,2\n", comma())
    with pytest.raises(InputError, match="the first record has 2"):
        run(b"1,2\n", Separated("3", delimiter=",", quotes=True))
    with pytest.raises(OptionError):
        Separated("0", delimiter=",", quotes=True)


def test_what_a_cell_cannot_hold_is_not_written() -> None:
    (part,) = record_parts([b"x,y\n"], Decoding(), Separated("1", delimiter=",", quotes=True))
    assert not isinstance(part, BadRecord)
    with pytest.raises(RecordError, match="without quotes"):
        part.patches(Edits([Edit(0, 1, "x", '"', "quote")]))


def test_records_are_cut_the_same_in_any_pieces() -> None:
    data = 'id,text\n1,"一,\n二|"\n2,三|\n'.encode()
    whole = run(data, comma())
    for pieces in range(1, len(data) + 1):
        assert run(data, comma(), pieces=pieces) == whole, pieces
