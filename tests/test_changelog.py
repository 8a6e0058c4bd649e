"""The changelog has the form of Keep a Changelog, and its newest release is the version of the package."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import textfix

#: In this order, each at most once in a release.
TYPES = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


@pytest.fixture(scope="module")
def changelog(root: Path) -> str:
    return (root / "CHANGELOG.md").read_text("utf-8")


def test_releases_stand_in_order(changelog: str) -> None:
    heads = re.findall(r"^## (.*)$", changelog, re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    released = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d{2}-\d{2})", head) for head in heads[1:]]
    assert all(released), heads
    numbers = [tuple(map(int, match.groups()[:3])) for match in released if match]
    assert all(newer > older for newer, older in pairwise(numbers))
    assert not numbers or ".".join(map(str, numbers[0])) == textfix.__version__


def test_changes_stand_under_their_types(changelog: str) -> None:
    for release in changelog.split("\n## ")[1:]:
        types = re.findall(r"^### (.*)$", release, re.MULTILINE)
        assert types == [name for name in TYPES if name in types]
        for section in release.split("\n### ")[1:]:
            entries = section.partition("\n")[2].strip()
            assert entries.startswith("- "), section[:40]
            assert not re.search(r"^(?!- |  \S|$)", entries, re.MULTILINE)  # items of a list, their lines indented
