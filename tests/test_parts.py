"""Bytes to text and back: decoding piece by piece, and patches that leave every other byte as it was."""

from __future__ import annotations

import codecs
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.charset import SAMPLE, guess
from textfix.decoding import Decoding
from textfix.edits import Edit, Edits, Repair
from textfix.errors import DecodeError, InputError, OptionError
from textfix.files import decode
from textfix.parts import encode, patched, plain_parts
from textfix.windows import in_windows

CODECS = ["utf-8", "gb18030", "gbk", "big5", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
TEXTS = st.lists(st.sampled_from(["第一,", "石山|", "\n", "\r\n", "\n\n", " ", "a", "十"]), max_size=30).map("".join)


def repair(text: str) -> Repair:
    """Full-width commas, no bars, a full stop behind 山 (an insertion)."""
    edits = Edits(
        Edit(m.start(), m.end(), m.group(), {",": "，", "|": "", "": "。"}[m.group()], "mark")
        for m in re.finditer(r",|\||(?<=山)(?=\n)", text)
    )
    return Repair(edits.apply(text), edits)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


def cleaned(pieces: list[bytes], encoding: str, size: int) -> bytes:
    parts = list(plain_parts(pieces, Decoding(encoding, "x"), size))
    assert b"".join(part.data for part in parts) == b"".join(pieces)
    assert [part.offset for part in parts] == [0, *(part.offset + len(part.data) for part in parts)][: len(parts)]
    return b"".join(patched(part, part.patches(repair(part.text).edits)) for part in parts)


@pytest.mark.parametrize("encoding", CODECS)
@given(text=TEXTS, cuts=st.lists(st.integers(0, 200), max_size=6), size=st.integers(1, 40))
def test_pieces_and_windows_do_not_matter(encoding: str, text: str, cuts: list[int], size: int) -> None:
    data = text.encode(encoding) if text else b""
    assert cleaned(in_pieces(data, cuts), encoding, size) == (repair(text).text.encode(encoding) if text else b"")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "gb18030"])
def test_the_byte_order_mark_stays(encoding: str) -> None:
    codec = "utf-16-le" if encoding == "utf-16" else encoding
    for text in ("", "第一,\n\n第二,"):
        data = ("\ufeff" + text).encode(codec)
        for cut in range(len(data)):
            assert cleaned([data[:cut], data[cut:]], encoding, 1) == ("\ufeff" + repair(text).text).encode(codec)


def test_a_second_code_of_the_same_character_stays() -> None:
    """Big5 has 十 and 卅 twice; what is decoded from the one would be encoded as the other."""
    odd = b"\xa2\xcc"
    assert odd.decode("big5").encode("big5") != odd
    data = b"|" + odd + "第一,".encode("big5") + odd + b"\n"
    assert cleaned([data], "big5", 50) == data.replace(b"|", b"").replace(b",", "，".encode("big5"))
    assert cleaned([data[:2], data[2:]], "big5", 50) == data.replace(b"|", b"").replace(b",", "，".encode("big5"))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "utf-16-le"])
@given(text=TEXTS, bad=st.integers(0, 60), cuts=st.lists(st.integers(0, 200), max_size=5))
def test_errors_are_the_same_in_pieces(encoding: str, text: str, bad: int, cuts: list[int]) -> None:
    clean = text.encode(encoding)
    data = clean[:bad] + (b"\x00\xd8\x00\xd8" if encoding == "utf-16-le" else b"\xff\xff") + clean[bad:]
    try:
        want: str = decode(data, encoding, "x").text
    except (DecodeError, InputError) as error:
        want = str(error)
    decoding = Decoding(encoding, "x")
    try:
        pieces = in_pieces(data, cuts)
        found = "".join([decoding.feed(piece) for piece in pieces] + [decoding.feed(b"", final=True)])
    except (DecodeError, InputError) as error:
        found = str(error)
    assert found == want


def test_an_error_names_file_offset_and_line() -> None:
    data = "第一行\n".encode() * 1000 + b"\xff\n"
    with pytest.raises(DecodeError, match=r"^x: byte 0xff at offset 10000 \(line 1001\) is not utf-8; .*--encoding"):
        list(plain_parts(in_pieces(data, [3, 4, 5, 777]), Decoding("utf-8", "x"), 10))
    with pytest.raises(DecodeError, match=r"offset 10000 \(line 1001\)"):
        list(plain_parts([data[:10_000], b"\xe7\xac"], Decoding("utf-8", "x"), 10))
    with pytest.raises(InputError, match=r"NUL byte at offset 10 \(line 2\)"):
        list(plain_parts(["第一行\n".encode(), b"\0"], Decoding("utf-8", "x"), 10))


@pytest.mark.parametrize("encoding", ["hz", "utf-7", "iso2022_jp"])
def test_encodings_with_a_state_are_refused(encoding: str) -> None:
    with pytest.raises(OptionError, match="state"):
        list(plain_parts([b"a"], Decoding(encoding, "x"), 10))


def test_what_the_encoding_lacks_is_an_error() -> None:
    with pytest.raises(InputError, match=r"x: .*U\+9530.*big5"):
        encode("锰", "big5", "x")


def test_memory_is_bounded_by_the_window() -> None:
    asked: list[int] = []

    def endless() -> object:
        for number in range(1000):
            asked.append(number)
            yield "第一段,没有空行。".encode() * 100

    parts = plain_parts(endless(), Decoding(), 500)
    next(parts)
    assert len(asked) < 15  # 10,000 characters of a paragraph without end, and no more
    assert len(next(parts).text) <= 10_501


def test_a_long_text_is_repaired_in_windows_of_its_own() -> None:
    text = ("第一,\n\n" * 10) + "尾,"
    seen: list[str] = []

    def noted(window: str) -> Repair:
        seen.append(window)
        found = repair(window)
        return Repair(found.text, found.edits, found.edits[:1] and tuple(found.edits[:1]), {"error_rate": 0.5})

    whole = in_windows(noted, text, 12)
    assert len(seen) > 2
    assert whole.text == repair(text).text == whole.edits.apply(text)
    assert whole.report == {"windows": len(seen), "error_rate": 0.5}
    assert all(text[s.start : s.end] == s.observed for s in whole.suggestions)
    assert in_windows(noted, text, 500).report == {"error_rate": 0.5}


# --- what encoding it is --------------------------------------------------------------------------------------------

NOTICE = (Path(__file__).resolve().parent.parent / "corpora/seed/authoritative-notice.txt").read_text("utf-8")
TRADITIONAL = "中華民國憲法基於三民主義，為民有民治民享之民主共和國。中華民國之主權屬於國民全體。\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(NOTICE[:800], e) for e in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")] + [(TRADITIONAL, "big5")],
    ids=["utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5"],
)
def test_an_encoding_is_recognised(text: str, encoding: str) -> None:
    assert guess(text.encode(encoding), "x", whole=True).encoding == encoding
    sample = (text * 2000).encode(encoding)[:SAMPLE]
    assert guess(sample, "x", whole=False).encoding == encoding


def test_marks_and_ascii_are_certain() -> None:
    assert guess(codecs.BOM_UTF16_LE + "一".encode("utf-16-le"), "x", whole=True).encoding == "utf-16"
    assert guess(codecs.BOM_UTF8 + "一".encode(), "x", whole=True).encoding == "utf-8"
    assert guess(b"", "x", whole=True).encoding == "utf-8"
    assert "certain" in guess("一".encode(), "x", whole=True).why


@pytest.mark.parametrize("data", ["一,二".encode("gb18030"), "十".encode("big5"), b"\xff\xff\xff\xff", b"a\0b"])
def test_what_cannot_be_told_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^x: cannot tell .* --encoding$"):
        guess(data, "x", whole=True)
