"""How Tesseract spells characters: the table, and what letters tell of a confusion, against a slow count."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.channel import Channel
from textfix.errors import TableError
from textfix.tables.confusable import Table
from textfix.tables.resources import resource
from textfix.tables.spellings import Spellings
from textfix.text.codepoints import encode

LINES = resource("spellings.tsv").read_text("utf-8").splitlines()
SPELLED = dict(line.split("\t") for line in LINES if line[0] != "#" and line != "char\tletters")
CHARS = "盯采势劳震需人入矸，𠮷A"  # 矸 and what is no Han character have no spelling


def test_the_table_is_headed_sorted_and_well_formed() -> None:
    head = [line for line in LINES if line.startswith("#")]
    assert LINES[: len(head) + 1] == [*head, "char\tletters"]
    assert any("build_spellings.py" in line for line in head)
    assert any("Apache-2.0" in line for line in head)
    chars = list(SPELLED)
    assert chars == sorted(chars)
    assert len(chars) == len(LINES) - len(head) - 1 > 3800
    assert all(1 <= len(own) <= 4 and set(own) <= set("ABCDEFGHIJKLMNOPQRSTUVWXY") for own in SPELLED.values())
    assert (SPELLED["势"], SPELLED["人"], "矸" in SPELLED) == ("RVYL", "W", False)


COUNTS = st.dictionaries(st.tuples(st.sampled_from(CHARS), st.sampled_from(CHARS)), st.integers(1, 50), max_size=12)


@settings(max_examples=60)
@given(COUNTS)
def test_weights_and_ratios_against_a_slow_count(counts: dict[tuple[str, str], float]) -> None:
    found = Spellings.learned(counts)
    used = {(o, i): math.sqrt(c) for (o, i), c in counts.items() if o != i and o in SPELLED and i in SPELLED}
    total = max(sum(used.values()), 1.0)

    def letter(char: str, place: int) -> str:
        return SPELLED[char][place : place + 1]

    for observed in CHARS:
        for intended in CHARS:
            expected = 0.0
            if observed != intended and observed in SPELLED and intended in SPELLED:
                for place in range(4):
                    one, two = letter(observed, place), letter(intended, place)
                    seen, left, right = Counter[str](), Counter[str](), Counter[str]()
                    for (o, i), share in used.items():
                        seen[letter(o, place) + "|" + letter(i, place)] += share
                        left[letter(o, place)] += share
                        right[letter(i, place)] += share
                    chance = left[one] * right[two] / total
                    expected += math.log((seen[one + "|" + two] + 4) / (chance + 4))
            ratio = found.log_ratio(encode(observed), encode(intended))
            assert float(ratio[0]) == pytest.approx(expected, abs=1e-5)
            same = sum(a == b for a, b in zip(SPELLED.get(observed, ""), SPELLED.get(intended, ""), strict=False))
            assert float(found.agreement(encode(observed), encode(intended))[0]) == same


def test_ratios_broadcast() -> None:
    found = Channel.load().spellings
    one, two = encode("盯势人"), encode("采劳")
    table = found.log_ratio(one[:, None], two[None, :])
    assert table.shape == (3, 2)
    for row, observed in enumerate("盯势人"):
        for at, intended in enumerate("采劳"):
            assert table[row, at] == found.log_ratio(encode(observed), encode(intended))[0]


def test_tesseract_confuses_what_it_spells_alike() -> None:
    """Among what was learned of it, against the same characters paired at random."""
    rows = Table.load(resource("learned/tesseract.tsv")).active
    pairs = [(r.observed, r.intended) for r in rows if {r.observed, r.intended} <= SPELLED.keys()]
    assert len(pairs) > 3000
    observed, intended = (encode("".join(side)) for side in zip(*pairs, strict=True))
    found = Channel.load().spellings
    shuffled = np.random.default_rng(1).permutation(intended)
    assert found.log_ratio(observed, intended).mean() > 1.2 > -0.5 > found.log_ratio(observed, shuffled).mean()
    assert found.agreement(observed, intended).mean() > 3 * found.agreement(observed, shuffled).mean()


def test_packed_and_unpacked() -> None:
    found = Spellings.learned({("盯", "采"): 3.0, ("势", "劳"): 1.0})
    raw = np.frombuffer(found.pack() + b"more", dtype=np.uint8)
    copy, size = Spellings.unpack(raw)
    assert size == raw.size - 4
    assert (copy.letters == found.letters).all()
    assert (copy.weights == found.weights).all()
    assert copy.chars.tolist() == sorted(map(ord, SPELLED))
    none, size = Spellings.unpack(np.frombuffer(Spellings.none().pack(), dtype=np.uint8))
    assert not none.chars.size
    assert float(none.log_ratio(encode("盯"), encode("采"))[0]) == 0


def corrupt(place: int, value: int) -> bytes:
    data = bytearray(Spellings.learned({("盯", "采"): 3.0}).pack())
    data[place] = value
    return bytes(data)


N = len(SPELLED)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x01\x00", corrupt(2, 1), corrupt(3, 9), Spellings.none().pack()[:-1],
        corrupt(4 + 2, 1),  # a code point beyond the basic plane
        corrupt(4, 255),  # not ascending
        corrupt(4 + 4 * N, 27), corrupt(4 + 4 * N, 0),  # no letter, no first letter
        corrupt(4 + 8 * N + 3, 0x7F),  # a weight that is none
    ],
)  # fmt: skip
def test_bytes_that_are_none_are_refused(data: bytes) -> None:
    with pytest.raises(TableError, match=r"channel\.bin"):
        Spellings.unpack(np.frombuffer(data, dtype=np.uint8))


@pytest.mark.parametrize("row", ["势", "势\t", "势\tRVYLA", "势\trv", "势力\tRV", "𠮷\tFSK", "势\tR1"])
def test_rows_that_are_none_are_refused(row: str, tmp_path: Path) -> None:
    path = tmp_path / "spellings.tsv"
    path.write_text(f"# head\nchar\tletters\n人\tW\n{row}\n", "utf-8")
    with pytest.raises(TableError, match=r"spellings\.tsv:4"):
        Spellings.learned({}, path)
