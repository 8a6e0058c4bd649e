"""A unified diff made from edits does what ``patch`` expects of one: applied to the old text it gives the new."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textfix.diffs import unified
from textfix.edits import Edit, Edits

CHARS = "歼石\n\r "


def patched(text: str, diff: str) -> str:
    """A small `patch`: strict about line numbers, counts and context."""
    old = re.findall(r"[^\n]*\n|[^\n]+", text)
    out: list[str] = []
    at = 0
    body = re.findall(r"[^\n]*\n", diff)[2:]
    while body:
        head = body.pop(0)
        match = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@\n", head)
        assert match, head
        start, count, new_start, new_count = map(int, match.groups())
        start -= count > 0
        out += old[at:start]
        assert len(out) == new_start - (new_count > 0)
        before = len(out)
        at = start
        while body and body[0][0] in " -+":
            sign, line = body[0][0], body.pop(0)[1:]
            if body and body[0].startswith("\\ No newline"):
                body.pop(0)
                line = line[:-1]
            if sign in " -":
                assert old[at] == line
                at += 1
            if sign in " +":
                out.append(line)
        assert (at - start, len(out) - before) == (count, new_count)
    return "".join(out + old[at:])


@st.composite
def text_and_edits(draw: st.DrawFn) -> tuple[str, Edits]:
    text = draw(st.text(CHARS, max_size=30))
    out: list[Edit] = []
    at = 0
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(at, len(text)))
        end = draw(st.integers(start, min(start + 3, len(text))))
        replacement = draw(st.text(CHARS, max_size=3))
        if text[start:end] == replacement or (out and out[-1].start == out[-1].end == start == end):
            continue
        out.append(Edit(start, end, text[start:end], replacement, "glyph"))
        at = end
    return text, Edits(out)


@given(text_and_edits(), st.integers(0, 3))
def test_patching_gives_the_new_text(case: tuple[str, Edits], context: int) -> None:
    text, edits = case
    diff = "".join(unified(text, edits, "f", context=context))
    assert patched(text, diff) == edits.apply(text)
    assert bool(diff) == bool(edits)


@given(text_and_edits())
def test_marks_add_nothing_but_marks(case: tuple[str, Edits]) -> None:
    text, edits = case
    plain = "".join(unified(text, edits, "f"))
    marked = "".join(unified(text, edits, "f", mark=lambda s, sign: f"[{sign}{s}{sign}]"))
    assert re.sub(r"\[([-+])|[-+]\]", "", marked) == plain
    for edit in edits:
        for part in filter(None, edit.replacement.split("\n")):
            assert f"[+{part}+]" in marked


@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the diff")
def test_git_applies_it(tmp_path: Path) -> None:
    text = "一\n二歼\n三\n四\n五\n六\n七\n八\n九山"
    edits = Edits([Edit(3, 4, "歼", "矸", "glyph"), Edit(len(text), len(text), "", "。\n", "drop")])
    (tmp_path / "f").write_text(text, "utf-8")
    diff = "".join(unified(text, edits, "f")).encode()
    subprocess.run(["git", "apply", "-p0", "-"], cwd=tmp_path, check=True, input=diff)
    assert (tmp_path / "f").read_text("utf-8") == edits.apply(text)
