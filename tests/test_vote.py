"""Several readings of one page: better than each, complete, and no harm where they agree."""

from __future__ import annotations

import random
from pathlib import Path

import Levenshtein
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textfix.alignment.folding import skeleton
from textfix.channel import Channel
from textfix.errors import InputError, NothingInCommonError
from textfix.text.codepoints import encode
from textfix.vote import Vote, columns_of, vote

#: A passage of ordinary official prose.
TEXT = (
    "各区县人民政府要加强组织领导，建立工作机制，细化工作措施，明确责任分工，确保各项任务落到实处。\n"
    "市级有关部门要按照职能职责，加大政策支持和资金投入力度，统筹推进产业转型升级和生态环境保护。\n"
    "到2025年，全市森林覆盖率达到57%以上，城镇新增就业60万人，居民收入增长与经济增长基本同步。\n"
)
any_text = st.text(st.sampled_from("资源型地区ab1 \n\u3000\u200b,，“\"”、。硏研"), max_size=40)


def read(text: str, seed: int, rate: float) -> str:
    """What an engine makes of `text`: look-alikes, losses, noise; digits are left."""
    rng = random.Random(seed)
    alike, _ = Channel.load().intended(encode(text))
    out = []
    for n, char in enumerate(text):
        chance = 9.0 if char in "\n0123456789%" else rng.random() / rate
        row = alike[n][alike[n] > 0]
        if chance < 0.8 and len(row):
            out.append(chr(int(rng.choice(row[:8]))))
        elif chance > 0.9:
            out.append(char + "·" if chance < 1 else char)
    return "".join(out)


def plain(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def page(seed: Path) -> str:
    return (seed / "authoritative-notice.txt").read_text("utf-8")[2000:3200]


@pytest.mark.parametrize("count", [2, 3])
def test_a_vote_beats_its_best_witness(page: str, count: int) -> None:
    witnesses = [read(page, k, 0.05) for k in range(count)]
    errors = [Levenshtein.distance(plain(text), plain(page)) for text in witnesses]
    result = vote(witnesses)
    assert Levenshtein.distance(plain(result.text), plain(page)) < 0.4 * min(errors)
    assert_consistent(result, count)


def assert_consistent(result: Vote, count: int) -> None:
    """Spans and readings are what they say they are."""
    at = 0
    for d in result.disagreements:
        assert at <= d.start <= d.end
        assert result.text[d.start : d.end] == d.choice
        assert len(d.readings) == count
        assert 0.0 <= d.confidence <= 1.0
        at = d.end


def test_two_witnesses_each_right_in_its_place() -> None:
    one = TEXT.replace("资金", "贵金").replace("职责", "职贵")
    two = TEXT.replace("森林", "森材").replace("收入", "收人")
    result = vote([one, two])
    assert result.text == TEXT
    assert [(d.readings, d.choice) for d in result.disagreements] == [
        (("贵", "责"), "责"), (("贵", "资"), "资"), (("林", "材"), "林"), (("入", "人"), "入"),
    ]  # fmt: skip
    assert all(d.confidence > 0.5 for d in result.disagreements)


def test_not_merely_the_majority() -> None:
    wrong = TEXT.replace("收入", "收人")
    assert vote([wrong, wrong, TEXT]).text == TEXT


def test_the_majority_where_nothing_else_can_tell() -> None:
    """A digit for another reads as well; the order of the witnesses says nothing."""
    other = TEXT.replace("57%", "51%")
    assert vote([other, TEXT, TEXT]).text == TEXT
    assert vote([other, TEXT, other]).text == other
    assert vote([TEXT, other]).text == vote([other, TEXT]).text


def test_debris_that_one_witness_alone_has_is_left_out() -> None:
    lines = TEXT.splitlines(keepends=True)
    debris = "旧凶臣曰由甲巾币帅申叮仃厶厂\n"
    result = vote([lines[0] + debris + lines[1], lines[0] + lines[1]])
    assert result.text == lines[0] + lines[1]
    assert [(d.readings, d.choice) for d in result.disagreements] == [((debris.strip(), None), "")]


def test_a_part_that_only_one_witness_has_is_taken() -> None:
    lines = TEXT.splitlines(keepends=True)
    result = vote([lines[0] + lines[2], lines[0] + lines[1]])
    assert all(line.strip("。\n") in result.text for line in lines)
    assert len(result.text) <= len(TEXT)
    assert vote([lines[0] + lines[2], TEXT]).text == TEXT
    assert vote([TEXT, lines[1], lines[2]]).text == TEXT


def test_a_witness_that_lacks_a_part_does_not_vote_there() -> None:
    lines = TEXT.splitlines(keepends=True)
    result = vote([lines[0] + lines[2], TEXT.replace("资金", "贵金"), TEXT])
    assert result.text == TEXT
    assert [d.readings for d in result.disagreements] == [(None, "贵", "资")]


@pytest.mark.parametrize("text", ["加强硏究,工作\n", "\n赵钱孙 李周吴\n", TEXT, "|·?"])
def test_a_witness_that_reads_nothing_has_no_vote(text: str) -> None:
    for witnesses in ([text, ""], ["", text], [" \n", text, "\u3000"]):
        result = vote(witnesses)
        assert result.text.replace("，", ",") == text.replace("，", ",")
        assert witnesses[result.base] == text
        assert [rate == 1.0 for rate in result.rates] == [witness != text for witness in witnesses]
    assert vote([text, text, ""]).text == vote([text, text]).text
    assert vote(["", " "]).text.strip() == ""


def test_a_passage_in_another_order_is_not_doubled() -> None:
    lines = TEXT.splitlines(keepends=True)
    moved = lines[1] + lines[0] + lines[2].replace("森林", "森材")
    assert vote([TEXT, moved]).text == TEXT


def test_layout_is_that_of_the_better_witness_and_marks_are_wide() -> None:
    narrow = "\n".join(TEXT[k : k + 7].replace("\n", "") for k in range(0, len(TEXT), 7)).replace("，", ",")
    worse = narrow.replace("人民", "入民").replace("措施", "揩施").replace("细化", "纽化")
    assert vote([worse, TEXT]).text == TEXT


@given(any_text, st.integers(1, 3))
def test_witnesses_that_agree_are_returned_as_they_are(text: str, count: int) -> None:
    result = vote([text] * count)
    assert (result.text, result.disagreements) == (text, ())


@settings(max_examples=60)
@given(st.lists(any_text, min_size=1, max_size=4))
def test_columns_hold_every_character_of_every_witness_once(texts: list[str]) -> None:
    bones = [skeleton(encode(text))[0] for text in texts]
    columns = columns_of(bones)
    for bone, places, codes in zip(bones, columns.places, columns.codes, strict=True):
        held = places[places >= 0]
        assert sorted(held.tolist()) == list(range(len(bone)))
        assert np.array_equal(bone[held], codes[places >= 0])
    if all(len(bone) for bone in bones):
        assert (columns.places >= 0).any(axis=0).all()


@settings(max_examples=60)
@given(st.lists(any_text, min_size=2, max_size=3))
def test_any_witnesses_are_taken(texts: list[str]) -> None:
    texts = [TEXT + text for text in texts]
    result = vote(texts)
    assert_consistent(result, len(texts))
    assert vote(texts) == result


def test_ruined_pages_take_time_by_their_length(page: str) -> None:
    """Doubts without end are decided piece by piece: all combinations of a thousand would be far too many."""
    one, two = (read(page[:400], seed, 0.45) for seed in (1, 2))
    result = vote([one, two])
    assert_consistent(result, 2)
    assert len(result.disagreements) > 60


def test_what_cannot_be_voted_on() -> None:
    with pytest.raises(InputError):
        vote([])
    with pytest.raises(NothingInCommonError, match="witness 3"):
        vote([TEXT, TEXT, "今日天气晴转多云，最高气温二十六度，东南风三级。" * 6])
