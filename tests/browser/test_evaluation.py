"""The page of `textfix eval --html` in a browser: plots are drawn, nothing complains, a phone can read it."""

from __future__ import annotations

from typing import Any

import pytest

from textfix.edits import Edit, Edits, Repair
from textfix.evaluate import Document, evaluate, evaluation_page

from .conftest import DESKTOP, PHONE, Open

pytestmark = pytest.mark.needs_chromium

By: Any = pytest.importorskip("selenium.webdriver.common.by").By

TRUTH = "加快解决工矿废弃地、矸石山等历史遗留问题，推进锰产业生态修复和环境整治。\n"


def repair(text: str) -> Repair:
    edits = Edits(Edit(i, i + 1, "歼", "矸", "glyph", 0.9) for i, char in enumerate(text) if char == "歼")
    return Repair(edits.apply(text), edits)


@pytest.fixture(scope="module")
def html() -> str:
    texts = [TRUTH.replace("矸", "歼"), TRUTH.replace("锰", "猛"), TRUTH]
    documents = [Document(f"文件{n}", f"set{n % 2}", texts[n % 3], TRUTH) for n in range(9)]
    return evaluation_page(evaluate(documents, repair), "scans")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_page_shows_its_plots(show: Open, html: str, size: tuple[int, int]) -> None:
    browser = show(html, size)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    plots = browser.find_elements(By.CSS_SELECTOR, "svg.plot")
    assert len(plots) == 3
    for plot in plots:
        assert plot.rect["width"] > 100
        assert plot.rect["height"] > 100
        assert plot.accessible_name
        drawn = plot.find_elements(By.CSS_SELECTOR, "circle, rect")
        assert drawn
        for shape in drawn:
            assert shape.value_of_css_property("fill") not in ("rgb(0, 0, 0)", "none")  # coloured by the page
    after = plots[0].find_elements(By.CSS_SELECTOR, "circle.after")
    assert len(after) == 9
    assert "歼" in browser.find_element(By.TAG_NAME, "main").text
    assert {row.text.split()[0] for row in browser.find_elements(By.CSS_SELECTOR, "table")[0].find_elements(
        By.CSS_SELECTOR, "tbody tr")} == {"set0", "set1", "all"}  # fmt: skip
