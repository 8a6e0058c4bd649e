"""The site of the documentation: built strictly, complete, and nothing in it is loaded from anywhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from textfix.tables.confusable import COLUMNS, TABLE_KINDS

from .markdown import pages


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. ``--strict`` fails on links and anchors that lead nowhere, and on pages without a place."""
    pytest.importorskip("material", reason="mkdocs-material is not installed (pip install 'textfix[docs]')")
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", root / "mkdocs.yml", "-d", target],
        capture_output=True,
        text=True,
        timeout=600,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stderr
    return target


class Loaded(HTMLParser):
    """Collects what a browser loads by itself with a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.classes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.classes |= set(given.get("class", "").split())
        if tag in {"script", "img", "iframe", "source", "video", "audio", "embed"} and "src" in given:
            self.loaded.append(given["src"])
        if tag == "link" and given.get("rel") not in {"prev", "next", "canonical"}:
            self.loaded.append(given["href"])


def test_every_page_is_there(site: Path, root: Path) -> None:
    built = {path.stem for path in site.glob("*.html")} - {"404"}
    assert built == {page.stem for page in (root / "docs").glob("*.md")}


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    found = 0
    for path in site.glob("*.html"):
        page = Loaded()
        page.feed(path.read_text("utf-8"))
        for address in page.loaded:
            assert not re.match(r"([a-z]+:)?//", address), f"{path.name} loads {address}"
            if path.name != "404.html":  # that one is written for the root of a server
                assert (site / address).is_file(), f"{path.name} loads {address}, which is not there"
            found += 1
        assert "mermaid" not in page.classes, f"{path.name}: the theme would fetch mermaid from a network"
    assert found > 50
    for path in site.glob("**/*.css"):
        for address in re.findall(r"url\(\s*['\"]?([^)'\"]+)", path.read_text("utf-8")):
            assert address.startswith(("data:", "#")) or "//" not in address, f"{path.name} loads {address}"
        assert "@import" not in path.read_text("utf-8")


def test_the_readme_links_to_what_is_there(root: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (root / "README.md").read_text("utf-8"))
    assert links
    for link in links:
        assert (root / link).exists(), link


def test_every_source_in_the_code_is_on_the_page_of_theory(root: Path) -> None:
    theory = (root / "docs" / "theory.md").read_text("utf-8")
    name = r"(?:[A-Z][a-zäöü]+(?:, [A-Z][a-zäöü]+)* (?:&|and) )?[A-Z][a-zäöü]+(?: et al\.)?"
    cited = set()
    for path in (root / "textfix").glob("**/*.py"):
        text = " ".join(path.read_text("utf-8").split())
        cited |= {(found[1].split()[0].rstrip(","), found[2])
                  for found in re.finditer(rf"({name}),? \(?(19\d\d|20[01]\d|202[0-4])\)", text)}  # fmt: skip
        cited |= {(found[1].split()[0].rstrip(","), found[2])
                  for found in re.finditer(rf"({name}) (19\d\d|20[01]\d|202[0-4])[;,:]", text)}  # fmt: skip
    assert len(cited) > 20
    for author, year in sorted(cited):
        assert re.search(rf"^- {author},.*\({year}\)", theory, re.MULTILINE), f"{author} {year}"


def test_every_format_is_listed(root: Path) -> None:
    code = "".join(path.read_text("utf-8") for path in (root / "textfix").glob("**/*.py"))
    written = set(re.findall(r'(?:"format": |^FORMAT, VERSION = )"(textfix\.[a-z.]+)"', code, re.MULTILINE))
    listed = re.findall(r"^\| `(textfix\.[a-z.]+)`", (root / "docs" / "edits.md").read_text("utf-8"), re.MULTILINE)
    assert set(listed) == written


def test_the_page_of_tables_knows_the_columns_and_kinds(root: Path) -> None:
    text = (root / "docs" / "tables.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([a-z]+)` \| (.*) \|$", text, re.MULTILINE))
    assert tuple(rows) == COLUMNS
    assert set(re.findall(r"`([a-z]+)`", rows["kind"])) == TABLE_KINDS


def test_programs_and_scripts_that_pages_name_are_there(root: Path) -> None:
    for page in pages(root):
        for name in re.findall(r"\b(?:scripts|tests|textfix|confusables|corpora)/[\w/.-]+\w", page.read_text("utf-8")):
            if not any((root / base / name).exists() for base in ("", "textfix")):
                assert name.startswith(("confusables/learned", "textfix/confusables")), f"{page.name}: {name}"
