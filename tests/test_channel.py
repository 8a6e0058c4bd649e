"""The channel: log P(observed | intended) from counts and likeness, and what a user's own table adds to it."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.channel import CANDIDATES, Channel, leanings, pack, unpack
from textfix.errors import TableError
from textfix.tables.confusable import Row, Table
from textfix.tables.shapes import Shapes
from textfix.tables.strays import Strays
from textfix.tables.wholes import Wholes
from textfix.text.codepoints import CodePoints, encode

SHIPPED = Channel.load()
OBSERVED = "歼人入王五力刀己已川城，。一㐀"
ROWS = st.builds(
    Row, st.sampled_from([*OBSERVED, "扌L"]), st.sampled_from([*"矸渝玉方巳旦、丶𠮷", "扎"]), st.just("glyph"),
    st.integers(1, 40), st.just(1), st.sampled_from(["", "", "rejected"]),
)  # fmt: skip


def shipped_pairs() -> tuple[dict[tuple[str, str], float], dict[str, float]]:
    """Counts of pairs, and how often each intended character was read, as plain dicts."""
    counts = {(chr(k >> 32), chr(k & 0xFFFFFFFF)): c for k, c in zip(SHIPPED._keys.tolist(), SHIPPED._counts.tolist(),
                                                                     strict=True)}  # fmt: skip
    read = {chr(k & 0xFFFFFFFF): t for k, t in zip(SHIPPED._keys.tolist(), SHIPPED._totals.tolist(), strict=True)}
    return counts, read


def pair(observed: str, intended: str) -> tuple[CodePoints, CodePoints]:
    return encode(observed), encode(intended)


@settings(max_examples=25, deadline=None)
@given(st.lists(ROWS, max_size=6, unique_by=lambda row: row.key))
def test_a_table_adds_its_counts_and_takes_its_rejected_pairs_out(rows: list[Row]) -> None:
    counts, read = shipped_pairs()
    single = [row for row in rows if len(row.observed) == len(row.intended) == 1 and row.intended < "\U00010000"]
    told: dict[str, float] = {}
    for row in single:
        if not row.rejected:
            counts[row.observed, row.intended] = counts.get((row.observed, row.intended), 0) + row.count
            told[row.intended] = told.get(row.intended, 0) + row.count
    for row in single:
        if row.rejected:
            counts.pop((row.observed, row.intended), None)
    channel = SHIPPED.plus(Table(rows))
    for row in single:
        here = pair(row.observed, row.intended)
        count = counts.get((row.observed, row.intended), 0.0)
        assert channel.count(*here)[0] == count
        alike, ratio = float(Shapes.load().similarity(*here)[0]), float(SHIPPED.spellings.log_ratio(*here)[0])
        p = math.exp(-14 + 8 * alike) + 1e-6
        p += math.exp(min(-12 + 8 * alike**2 + ratio, -5)) if ratio else 0
        p += count / (read.get(row.intended, told.get(row.intended, 0)) + 20)
        assert float(channel.log_prob(*here)[0]) == pytest.approx(math.log(p), abs=1e-5)
        total = sum(c for (observed, _), c in counts.items() if observed == row.observed)
        total += float(SHIPPED.strays.invented(here[0])[0])
        assert float(channel.errors(here[0])[0]) == pytest.approx(total)


def test_what_was_learned_becomes_a_candidate_and_other_characters_keep_theirs() -> None:
    channel = SHIPPED.plus(Table([Row("城", "渝", "glyph", 30, 3), Row("㐀", "丘", "glyph", 2, 1)]))
    for observed, intended in (("城", "渝"), ("㐀", "丘")):
        chars, likely = channel.intended(encode(observed))
        assert chars.shape == likely.shape == (1, CANDIDATES)
        assert ord(intended) in chars[0]
        assert (np.diff(likely[0]) <= 0).all()
        at = chars[0].tolist().index(ord(intended))
        assert likely[0, at] == channel.log_prob(*pair(observed, intended))[0]
        assert ord(intended) not in SHIPPED.intended(encode(observed))[0]
    others = np.array([code for code in SHIPPED._codes.tolist() if chr(code) not in "城㐀"], dtype=np.uint32)
    for mine, theirs in zip(channel.intended(others), SHIPPED.intended(others), strict=True):
        assert (mine == theirs).all()


def test_a_rejected_pair_is_no_better_than_one_never_seen() -> None:
    key = int(SHIPPED._keys[int(SHIPPED._counts.argmax())])
    observed, intended = chr(key >> 32), chr(key & 0xFFFFFFFF)
    channel = Channel.load(Table([Row(observed, intended, "glyph", 0, 0, "rejected")]))
    assert channel.count(*pair(observed, intended))[0] == 0 < SHIPPED.count(*pair(observed, intended))[0]
    assert channel.log_prob(*pair(observed, intended))[0] < SHIPPED.log_prob(*pair(observed, intended))[0]


def test_channels_are_pickled_as_what_they_were_loaded_from() -> None:
    assert pickle.loads(pickle.dumps(SHIPPED)) is SHIPPED
    table = Table([Row("城", "渝", "glyph", 30, 3)])
    assert Channel.load(table) is Channel.load(Table([Row("城", "渝", "glyph", 30, 3)]))
    data = pickle.dumps(Channel.load(table))
    assert len(data) < 2000
    assert pickle.loads(data) is Channel.load(table)
    assert Channel.load(Table([Row("扌L|", "扎", "split"), Row("嬰", "凝聚", "merge")])) is SHIPPED


def test_confusions_lean_towards_the_engine_that_makes_them() -> None:
    one, other = {("入", "人"): 60.0, ("干", "于"): 40.0}, {("干", "于"): 10.0, ("曰", "日"): 10.0}
    found = leanings(one, other)
    # Both families are counted as if they had made 60 confusions, and 2 of each beside their own.
    expected = {("入", "人"): (36 + 2) / 2, ("干", "于"): (24 + 2) / (30 + 2), ("曰", "日"): 2 / (30 + 2)}
    assert found == pytest.approx({both: math.log(ratio) for both, ratio in expected.items()})
    assert leanings(other, one) == pytest.approx({both: -value for both, value in found.items()})
    assert leanings(one, {}) == {}
    channel = Channel.from_counts({**one, **other}, {"人": 100.0}, found)
    for copy in (channel, unpack(np.frombuffer(pack(channel), dtype=np.uint8))):
        for (observed, intended), value in found.items():
            assert copy.lean(*pair(observed, intended))[0] == pytest.approx(value)
        assert copy.lean(*pair("入", "于"))[0] == 0
    rows = [Row("入", "八", "glyph", 5, 1, ""), Row("曰", "日", "glyph", 5, 1, "rejected")]
    more = channel.plus(Table(rows))
    assert [float(more.lean(*pair(*given))[0]) for given in ("入人", "入八", "曰日")] == [
        pytest.approx(found["入", "人"]), 0.0, 0.0,
    ]  # fmt: skip


def test_shape_and_spelling_lean_too() -> None:
    here = encode("采朱，矸"), encode("盯末、歼")  # not alike but in letters; alike; a mark; without a spelling
    alike, ratio = Shapes.load().similarity(*here), SHIPPED.spellings.log_ratio(*here)
    odds = 2.3 - 11.3 * alike + 8.2 * alike**2 + 0.6 * ratio
    guessed = np.where(ratio == 0, 0, 0.6 * np.clip(odds, -2, 2))
    hit = [SHIPPED._leans[n] if known else 0 for known, n in zip(*SHIPPED._find(*here), strict=True)]
    np.testing.assert_allclose(SHIPPED.lean(*here), guessed + hit, atol=1e-5)
    assert guessed[0] > 1 > 0 > guessed[1]
    assert not guessed[2:].any()


def test_what_is_spelled_alike_becomes_a_candidate() -> None:
    """Without a count, beside a channel that knows no spelling."""
    told = {("盯", "采"): 3.0, ("需", "震"): 2.0, ("势", "劳"): 1.0}
    spelled = Channel.from_counts({("歼", "矸"): 1.0}, {}, None, told)
    plain = Channel.from_counts({("歼", "矸"): 1.0}, {})
    assert float(spelled.log_prob(*pair("需", "震"))[0]) > float(plain.log_prob(*pair("需", "震"))[0])
    chars, likely = spelled.intended(encode("需"))
    assert set(plain.intended(encode("需"))[0][0].tolist()) != set(chars[0].tolist())
    np.testing.assert_allclose(likely[0], spelled.log_prob(np.full(CANDIDATES, ord("需"), np.uint32), chars[0]))
    copy = unpack(np.frombuffer(pack(spelled), dtype=np.uint8))
    assert (copy.intended(encode("需"))[0] == chars).all()
    assert copy.log_prob(*pair("需", "震")) == spelled.log_prob(*pair("需", "震"))


def test_the_shipped_channel_leans_both_ways() -> None:
    leans = SHIPPED._leans
    assert len(leans) == len(SHIPPED._keys)
    assert (leans > 1).sum() > 100 < (leans < -1).sum()


SPLITS = st.builds(
    Row, st.sampled_from(["扌L", "人金", "彳壬", "和人", "𠮷人"]), st.sampled_from("扎全任入𠮷"), st.just("split"),
    st.integers(1, 40), st.just(1), st.sampled_from(["", "", "rejected"]),
)  # fmt: skip


def small(wholes: Wholes) -> Channel:
    """A channel of one confusion and of `wholes`; its lists are given, since it takes seconds to find look-alikes."""
    lists = encode("歼"), np.zeros((2, CANDIDATES), dtype=np.uint32), np.full((2, CANDIDATES), -14, dtype=np.float32)
    one = np.ones(1, dtype=np.float32)
    return Channel(np.array([ord("歼") << 32 | ord("矸")], dtype=np.uint64), one, one, lists, wholes=wholes)


@settings(max_examples=40, deadline=None)
@given(st.lists(SPLITS, max_size=8, unique_by=lambda row: row.key))
def test_what_was_read_as_two_is_counted_and_found_by_its_pair(rows: list[Row]) -> None:
    """Against a dict; beyond the basic plane nothing is counted; also behind packing."""
    told: dict[tuple[str, str], float] = {("人金", "全"): 2.0, ("人金", "会"): 1.0}
    channel = small(Wholes.of(told, {"全": 50.0}))
    read = {"全": 50.0, "会": 1.0}
    for row in rows:
        if "𠮷" in row.observed + row.intended:
            continue
        if row.rejected:
            told.pop((row.observed, row.intended), None)
        else:
            told[row.observed, row.intended] = told.get((row.observed, row.intended), 0.0) + row.count
    grown = channel.plus(Table(rows))
    for copy in (grown, unpack(np.frombuffer(pack(grown), dtype=np.uint8))):
        for pair_ in ("扌L", "人金", "彳壬", "和人", "人人"):
            one, two = encode(pair_[0]), encode(pair_[1])
            expected = {whole: count for (observed, whole), count in told.items() if observed == pair_}
            slot, wholes = copy.wholes.of_pairs(one, two)
            assert slot.tolist() == [0] * len(expected)
            assert wholes.tolist() == sorted(map(ord, expected))
            assert bool(copy.wholes.known(one, two)[0]) == bool(expected)
            for whole in "扎全任入会":
                count = expected.get(whole, 0.0)
                assert copy.wholes.count(one, two, encode(whole))[0] == count
                got = float(copy.wholes.log_prob(one, two, encode(whole))[0])
                if not count:
                    assert got == -math.inf
                elif whole in read and ("人金", whole) == (pair_, whole) and count == {"全": 2.0, "会": 1.0}[whole]:
                    assert got == pytest.approx(math.log(count / (read[whole] + 20)), abs=1e-6)


def test_counts_of_two_for_one_come_into_a_channel() -> None:
    channel = Channel.from_counts({("人金", "全"): 2.0, ("歼", "矸"): 1.0, ("人金人", "全"): 1.0}, {"全": 50.0})
    assert channel.wholes.records.tolist() == [(ord("人") << 32 | ord("金"), ord("全"), 2.0, 50.0)]


def test_the_shipped_tables_hold_what_was_read_as_two() -> None:
    slot, wholes = SHIPPED.wholes.of_pairs(encode("彳人扌"), encode("壬金L"))
    assert {(int(n), chr(code)) for n, code in zip(slot, wholes, strict=True)} >= {(0, "任"), (1, "全"), (2, "扎")}


@pytest.mark.parametrize("change", [b"\x00", b"\xff" * 20, b"\x00" * 40])
def test_records_that_are_none_are_refused(change: bytes) -> None:
    good = pack(small(Wholes.of({("人金", "全"): 2.0, ("彳壬", "任"): 1.0}, {})))
    assert len(unpack(np.frombuffer(good, dtype=np.uint8)).wholes.records) == 2
    with pytest.raises(TableError):
        unpack(np.frombuffer(good + change, dtype=np.uint8))


STRAYS = st.builds(
    Row, st.sampled_from(["和", "人", "，", "𠮷", "\uffff"]), st.just(""), st.just("noise"), st.integers(1, 40),
    st.just(1), st.sampled_from(["", "", "rejected"]),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(STRAYS, max_size=4, unique_by=lambda row: row.key), st.booleans())
def test_what_is_invented_and_lost_against_plain_counts(rows: list[Row], lost: bool) -> None:
    """Learned, extended by a user's table, and there and back as bytes."""
    rows = [replace(row, observed="", intended=row.observed, kind="drop") if lost else row for row in rows]
    told: dict[tuple[str, str], float] = {("和", ""): 7.0, ("", "和"): 1.0, ("", "。"): 9.0, ("和和", ""): 5.0}
    read, leans = {"和": 100.0, "。": 4.0}, {("和", ""): 1.25, ("", "。"): -0.5}
    channel = Channel.from_counts({**told, ("歼", "矸"): 1.0}, read, leans)
    del told["和和", ""]
    for row in rows:
        if row.observed + row.intended < "\U00010000":
            key = row.observed, row.intended
            told[key] = 0.0 if row.rejected else told.get(key, 0.0) + row.count
    grown = channel.plus(Table(rows))
    for copy in (grown, unpack(np.frombuffer(pack(grown), dtype=np.uint8))):
        for char in "和人，。歼𠮷\uffff":
            code, seen = encode(char), {way: told.get(way, 0.0) for way in ((char, ""), ("", char))}
            total = max(read.get(char, 0.0), *seen.values(), 9.0 if char == "。" else 0.0)
            strays = copy.strays
            assert [strays.invented(code)[0], strays.lost(code)[0]] == list(seen.values())
            assert [strays.lean_invented(code)[0], strays.lean_lost(code)[0]] == [leans.get(way, 0.0) for way in seen]
            found = strays.log_invented(code)[0], strays.log_lost(code)[0]
            for got, count, usual in zip(found, seen.values(), (1e-4, 1e-3), strict=True):
                wanted = min((count + 50 * usual) / (total + 50), 1.0)
                if not any(row.rejected for row in rows):
                    assert float(got) == pytest.approx(math.log(wanted), abs=1e-5)


def test_the_shipped_tables_know_what_tesseract_invents_and_paddle_loses() -> None:
    usual, often = SHIPPED.strays.log_invented(encode("的和"))
    assert often > usual + 3
    assert float(SHIPPED.strays.lean_invented(encode("和"))[0]) > 1
    assert float(SHIPPED.strays.lean_lost(encode("疆"))[0]) < -1
    assert float(SHIPPED.errors(encode("和"))[0]) > float(SHIPPED.strays.invented(encode("和"))[0]) > 100


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r["char"].__setitem__(slice(None), r["char"][::-1].copy()),
        lambda r: r["char"].__setitem__(-1, 0x10000),
        lambda r: r["counts"].__setitem__((0, 0), -1),
        lambda r: r["counts"].__setitem__((0, 1), math.inf),
        lambda r: r["read"].__setitem__(0, math.nan),
        lambda r: r["read"].__setitem__(0, -1),
        lambda r: r["leans"].__setitem__((1, 0), math.nan),
    ],
)
def test_strays_that_are_none_are_refused(spoil: Callable[[np.ndarray], None]) -> None:
    strays = Strays.of({("和", ""): 3.0, ("", "。"): 5.0}, {"和": 40.0}, {})
    raw = np.frombuffer(strays.pack(), dtype=np.uint8)
    again, size = Strays.unpack(raw)
    assert size == raw.size
    assert (again.records == strays.records).all()
    with pytest.raises(TableError, match="truncated"):
        Strays.unpack(raw[:-1])
    with pytest.raises(TableError, match="truncated"):
        Strays.unpack(raw[:3])
    spoil(strays.records[:-1])
    with pytest.raises(TableError, match="invented or lost"):
        Strays.unpack(np.frombuffer(strays.pack(), dtype=np.uint8))
