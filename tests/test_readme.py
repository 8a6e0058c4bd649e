"""The README says what is there: commands, kinds, exit codes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from textfix.cli.group import COMMANDS
from textfix.edits import FORMAT_KINDS, KINDS


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text("utf-8")


def test_two_commands_do_all_the_set_up(readme: str) -> None:
    """`.ci/run` runs them word for word."""
    commands = re.findall(r"^python3 -m venv .*$", readme, re.MULTILINE)
    assert len(commands) == 2
    assert "textfix reconcile corpora/seed/" in commands[0]
    assert commands[1].endswith(".venv/bin/pytest")
    for command in commands:
        assert shlex.split(command)[:4] == ["python3", "-m", "venv", ".venv"]


def test_every_command_is_listed(readme: str) -> None:
    listed = re.findall(r"^\| `textfix ([a-z-]+)", readme, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


def test_every_kind_is_explained(readme: str) -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| (content|format) \| (.*) \|$", readme, re.MULTILINE)
    assert {kind: text for kind, _, text in rows} == dict(KINDS)
    assert {kind for kind, group, _ in rows if group == "format"} == FORMAT_KINDS


def test_the_licences_are_named(readme: str) -> None:
    licence = readme.partition("## Licence")[2]
    for word in ("GPL-3.0-or-later", "python-Levenshtein", "GPL-2.0", "OpenCC", "diff-match-patch", "Apache-2.0"):
        assert word in licence
