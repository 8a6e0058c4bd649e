"""Hard line wraps: joined when asked for, kept by default."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textfix
from textfix.edits import Edits
from textfix.text.layout import reflow

PARAGRAPH = (
    "各级人民政府应当加强对本行政区域内生态环境保护工作的领导，建立健全工作协调机制，将生态环境保护工作"
    "纳入国民经济和社会发展规划，保障工作经费，加强能力建设，推动各项任务落实到位，并接受社会监督和检查。"
)


def wrapped(text: str, width: int = 24, end: str = "\n") -> str:
    return end.join(text[at : at + width] for at in range(0, len(text), width))


def joined(text: str) -> str:
    return Edits(reflow(text)).apply(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
def test_a_wrapped_paragraph_is_one_line_again(end: str) -> None:
    assert joined(wrapped(PARAGRAPH, end=end)) == PARAGRAPH
    assert joined(wrapped(PARAGRAPH, end=end) + "\n\n" + wrapped(PARAGRAPH)) == PARAGRAPH + "\n\n" + PARAGRAPH


def test_headings_items_and_indented_paragraphs_begin_lines() -> None:
    articles = ["第一条 " + PARAGRAPH, "第二条 " + PARAGRAPH]
    text = "\n".join(["第一章 总则", *map(wrapped, articles), "（一）甲；", "（二）乙。"])
    assert joined(text).split("\n") == ["第一章 总则", *articles, "（一）甲；", "（二）乙。"]
    text = "\n".join([wrapped("　　" + PARAGRAPH), wrapped("　　" + PARAGRAPH)])
    assert joined(text) == "　　" + PARAGRAPH + "\n　　" + PARAGRAPH


def test_a_sentence_that_ends_with_the_line_is_joined_only_where_paragraphs_are_indented() -> None:
    line = "加强组织领导，健全工作机制，落实工作责任，强化督促检查。"
    assert joined(f"{line}\n{line}\n") == f"{line}\n{line}\n"
    assert joined(f"　　{line}\n{line}\n") == f"　　{line}{line}\n"


def test_words_get_a_blank_and_figures_stay_apart() -> None:
    head = "推动数字经济与实体经济深度融合，支持企业开展对外合作，引进 "
    assert joined(head + "Open\nSource 软件。") == head + "Open Source 软件。"
    text = "推动数字经济与实体经济深度融合，支持企业开展对外合作，投入 20\n22 万元。"
    assert joined(text) == text


BLOCKS = ["", "\n", "目录\n总则\n附则\n", "姓名\n年龄\n", PARAGRAPH, f"{PARAGRAPH}\n{PARAGRAPH}\n"]


@pytest.mark.parametrize("text", BLOCKS)
def test_what_stays(text: str) -> None:
    assert joined(text) == text


def test_only_when_asked_and_only_once() -> None:
    text = wrapped(PARAGRAPH) + "\n"
    assert textfix.clean(text) == text
    repair = textfix.repair(text, reflow=True)
    assert repair.text == PARAGRAPH + "\n"
    assert {edit.kind for edit in repair.edits} == {"layout"}
    assert repair.edits.inverse().apply(repair.text) == text
    assert textfix.clean(text, reflow=True, skip="layout") == text


KINDS_OF_LINES = [PARAGRAPH, "第一条 " + PARAGRAPH, "　　" + PARAGRAPH, "目录", "", PARAGRAPH[:30]]


@given(st.lists(st.sampled_from(KINDS_OF_LINES), max_size=5), st.integers(20, 40))
@settings(max_examples=30, deadline=None)
def test_reflowing_what_was_reflowed_changes_nothing(paragraphs: list[str], width: int) -> None:
    text = "\n".join(wrapped(paragraph, width) for paragraph in paragraphs)
    once = textfix.clean(text, reflow=True, only="layout")
    assert textfix.clean(once, reflow=True, only="layout") == once
    assert "".join(once.split()) == "".join(text.split())


def test_the_command_line() -> None:
    run = [sys.executable, "-m", "textfix", "clean", "--reflow"]
    done = subprocess.run(run, input=wrapped(PARAGRAPH).encode(), capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == PARAGRAPH
