"""Sources of scans: found through noise and cuts, several for one scan, none where there is none."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.match import Index, Match, Passage, parts_of
from textfix.match.passages import maximal
from textfix.reconciler import reconcile_parts

WORDS = (
    "加快推进资源型地区转型升级高质量发展生态修复矿山治理科技创新企业培育人才引进财政支持金融服务监督管理责任落实"
    "统筹协调规划建设产业园区基础设施公共服务民生保障教育医疗养老就业收入改革开放市场主体营商环境数字经济绿色低碳"
)
#: What many documents have in common.
PHRASE = "各区县人民政府、市政府有关部门要高度重视，加强组织领导，明确工作责任，细化工作措施，确保各项任务落到实处。"


def document(number: int, sentences: int = 60) -> str:
    """A made-up document: random words, with a set phrase here and there."""
    rng = random.Random(number)
    lines = [f"关于第{number}号事项的通知"]
    for n in range(sentences):
        words = "，".join(
            "".join(rng.choice(WORDS) for _ in range(rng.randrange(6, 14))) for _ in range(rng.randrange(2, 4))
        )
        lines.append(words + "。" + (PHRASE if n % 20 == 7 else ""))
    return "\n".join(lines)


def scanned(text: str, rate: float, seed: int) -> str:
    """`text` with errors in every way that OCR makes them, and its own line breaks."""
    rng = random.Random(seed)
    out: list[str] = []
    for n, char in enumerate(text.replace("\n", "")):
        chance = rng.random() / rate
        out.append(rng.choice(WORDS) if chance < 0.7 else "" if chance < 0.85 else char + "·" if chance < 1 else char)
        out.append("\n" if n % 35 == 34 else "")
    return "".join(out)


@pytest.fixture(scope="module")
def index(seed: Path) -> Index:
    notice = (seed / "authoritative-notice.txt").read_text("utf-8")
    return Index([*((f"第{n}号", document(n)) for n in range(80)), ("通知", notice)])


def names(matches: tuple[Match, ...]) -> list[str]:
    return [m.name for m in matches]


def test_the_seed_extract_finds_its_notice(index: Index, seed: Path) -> None:
    extract = (seed / "garbled-extract.txt").read_text("utf-8")
    (match,) = index.find(extract)
    assert match.name == "通知"
    assert match.share > 0.95


@pytest.mark.parametrize("rate", [0.01, 0.08])
@pytest.mark.parametrize("number", [3, 41, 79])
def test_an_abridged_noisy_excerpt_finds_its_document(index: Index, number: int, rate: float) -> None:
    lines = document(number).split("\n")[10:34]
    scan = scanned("".join(line for n, line in enumerate(lines) if n % 5), rate, number)
    assert names(index.find(scan)) == [f"第{number}号"]


@pytest.mark.parametrize("number", range(100, 110))
def test_what_is_in_no_document_has_no_source(index: Index, number: int) -> None:
    """Though it has the set phrase of all documents, and a borrowed sentence of one."""
    borrowed = document(5).split("\n")[3]
    scan = scanned(document(number, 30) + borrowed + PHRASE, 0.02, number)
    assert index.find(scan) == ()


@pytest.mark.parametrize("text", ["", "\n \n", "好", PHRASE, "0" * 500, PHRASE * 20])
def test_what_says_nothing_has_no_source(index: Index, text: str) -> None:
    assert index.find(text) == ()
    assert Index([]).find(text) == ()


def test_passages_say_where_they_stand(index: Index) -> None:
    text = document(9)
    scan = text[200:899]
    assert not scan[-1].isspace()
    (match,) = index.find(scan)
    assert [(p.start, p.end, p.other_start, p.other_end) for p in match.passages] == [(0, 699, 200, 899)]
    assert index.texts[match.document] == text
    assert (match.share, match.to_dict()["passages"]) == (1.0, [[0, 699, 200, 899]])


def test_several_sources_each_with_its_part(index: Index) -> None:
    pieces = [scanned(document(n)[300:700], 0.04, n) for n in (12, 60, 33)]
    scan = "\n".join(pieces)
    matches = index.find(scan)
    assert names(matches) == ["第12号", "第60号", "第33号"]
    parts = parts_of(scan, matches)
    assert [p.match.name for p in parts] == names(matches)
    assert [p.start for p in parts] == [0, *(p.end for p in parts[:-1])]
    assert parts[-1].end == len(scan)
    edges = np.cumsum([len(piece) + 1 for piece in pieces])[:-1]
    assert np.abs(edges - [p.end for p in parts[:-1]]).max() <= 6


def test_a_document_in_another_order_is_one_source(index: Index) -> None:
    text = document(20)
    matches = index.find(text[1000:1500] + "\n" + text[100:600])
    assert names(matches) == ["第20号"]
    assert matches[0].share > 0.95


def test_of_two_editions_the_nearer_one_is_named() -> None:
    old = document(1)
    new = "\n".join(line if n % 3 else document(2).split("\n")[n] for n, line in enumerate(old.split("\n")))
    index = Index([("old", old), ("new", new), *((str(n), document(n)) for n in range(3, 9))])
    assert names(index.find(scanned(new[100:900], 0.05, 1))) == ["new"]
    assert names(index.find(scanned(old[100:900], 0.05, 1))) == ["old"]


def test_one_document_is_enough_for_an_index() -> None:
    index = Index([("only", document(1))])
    assert names(index.find(scanned(document(1)[100:500], 0.05, 1))) == ["only"]
    assert index.find(scanned(document(2)[100:500], 0.05, 1)) == ()


def test_a_gazette_has_as_many_sources_as_notices() -> None:
    """Many documents behind one another, each found: work is done near the hits, not on the whole scan."""
    texts = [document(n, 12) for n in range(60)]
    index = Index((str(n), text) for n, text in enumerate(texts))
    assert names(index.find("\n".join(texts))) == [str(n) for n in range(60)]


@pytest.mark.parametrize(
    ("between", "cut"),
    [("\n", 1), ("甲。乙\n丙", 4), ("甲。乙丙", 2), ("甲乙丙", 3), ("", 0)],
)
def test_parts_are_cut_at_line_ends_or_behind_sentences(between: str, cut: int) -> None:
    """Else where the next passage begins; passages of one document behind one another are one part."""
    scan = "前" + "一" * 10 + between + "二" * 10 + "尾"
    second = 11 + len(between)

    def match(number: int, *places: tuple[int, int]) -> Match:
        return Match(number, str(number), 0.5, 9.0, tuple(Passage(a, b, 0, b - a, 5.0) for a, b in places))

    one, two = match(1, (1, 5), (7, 11)), match(2, (second, second + 10))
    found = [(p.start, p.end, p.match.name) for p in parts_of(scan, [two, one])]
    assert found == [(0, 11 + cut, "1"), (11 + cut, len(scan), "2")]
    assert parts_of(scan, []) == []


def test_parts_are_reconciled_each_with_its_own_authority(index: Index) -> None:
    one, two = document(7)[:400].replace("。", "，", 1), document(8)[:400].replace("，", "。", 1)
    scan = one + "\n" + two
    matches = index.find(scan)
    parts = [(p.start, p.end, index.texts[p.match.document]) for p in parts_of(scan, matches)]
    result = reconcile_parts(scan, parts)
    assert result.text == document(7)[:400] + "\n" + document(8)[:400]
    assert [e.kind for e in result.edits] == ["mark", "mark"]
    assert result.alignment.rebuilt() == (scan, document(7) + document(8))
    with pytest.raises(ValueError, match="not the whole"):
        reconcile_parts(scan, parts[:1])


@given(st.lists(st.integers(-3, 3).map(float), max_size=12))
def test_maximal_subsequences_against_a_slow_oracle(scores: list[float]) -> None:
    """The best stretch, then the best of what is left on either side, and so on: that is their definition."""

    def slow(start: int, end: int) -> list[tuple[int, int]]:
        stretches = [(a, b) for a in range(start, end) for b in range(a + 1, end + 1)]
        best = max(stretches, key=lambda s: (sum(scores[s[0] : s[1]]), s[0] - s[1]), default=None)
        if best is None or sum(scores[best[0] : best[1]]) <= 0:
            return []
        return [*slow(start, best[0]), best, *slow(best[1], end)]

    row = [Passage(n, n + 1, n, n + 1, score) for n, score in enumerate(scores)]
    fast = [(p.start, p.end) for p in maximal(row)]
    total = [sum(scores[a:b]) for a, b in fast]
    assert total == [sum(scores[a:b]) for a, b in slow(0, len(scores))]
    assert [p.score for p in maximal(row)] == total
