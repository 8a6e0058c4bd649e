"""Every example of README.md and docs/ is run, or says why it is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .markdown import Block, blocks_of, pages
from .runner import Runner

ROOT = Path(__file__).parent.parent.parent
BLOCKS = [block for page in pages(ROOT) for block in blocks_of(page.read_text("utf-8"), str(page.relative_to(ROOT)))]
LANGUAGES = {"sh", "console", "python", "pycon", "json"}
#: So many blocks may go without being run, in all pages. Lower it when one runs; think twice before you raise it.
NOT_RUN = 7
NEEDS = {"tesseract": pytest.mark.needs_tesseract, "java": [pytest.mark.needs_java, pytest.mark.slow]}


def _free(block: Block) -> bool:
    return not {"not run", "needs", "newcomer"} & set(block.marks)


@pytest.mark.parametrize("page", sorted({block.page for block in BLOCKS if _free(block)}))
def test_the_examples_of_a_page(page: str, runner: Callable[[], Runner]) -> None:
    reader = runner()
    for block in BLOCKS:
        if block.page == page and _free(block):
            reader.run(block)


@pytest.mark.parametrize(
    "block", [pytest.param(b, id=b.place, marks=NEEDS[b.marks["needs"]]) for b in BLOCKS if "needs" in b.marks]
)
def test_examples_that_need_a_program(block: Block, runner: Callable[[], Runner]) -> None:
    if shutil.which(block.marks["needs"]) is None:
        pytest.skip(f"{block.place} needs {block.marks['needs']}")
    runner().run(block)


def test_few_blocks_are_not_run_and_they_say_why() -> None:
    left = {block.place: block.marks["not run"] for block in BLOCKS if "not run" in block.marks}
    print("\n".join(f"{place}: {reason}" for place, reason in left.items()))
    assert all(len(reason.split()) > 2 for reason in left.values()), left
    assert len(left) <= NOT_RUN, left


def test_every_block_says_what_it_is() -> None:
    for block in BLOCKS:
        assert block.language in LANGUAGES or {"file", "not run"} & set(block.marks), block.place
        if "endless" in block.marks or "each line alone" in block.marks:
            assert block.language == "sh", block.place
