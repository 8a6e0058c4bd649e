"""The page of `textfix align --format html` as people use it: by mouse, by keyboard, on a phone, with long texts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from textfix.alignment import align
from textfix.alignment.facing import facing_page
from textfix.edits import FORMAT_KINDS

from .conftest import DESKTOP, PHONE, Open

pytestmark = pytest.mark.needs_chromium

By: Any = pytest.importorskip("selenium.webdriver.common.by").By
Keys: Any = pytest.importorskip("selenium.webdriver.common.keys").Keys

EXTRACT = "解决工矿废弃地、歼石山等历史遗留问题,涉及22个区县。\n推进资源型地区高质量发展。\n<b>一致</b>的段。\n"
NOTICE = "解决工矿废弃地、矸石山等历史遗留问题，涉及21个区县。\n推进重庆市资源型地区高质量发展。\n<b>一致</b>的段。\n"


@pytest.fixture(scope="module")
def html() -> str:
    return facing_page(align(EXTRACT, NOTICE), "extract <1>.txt", "notice.txt")


def texts(browser: Any, side: str) -> str:
    """All of one side, as the document has it."""
    script = "return Array.from(document.querySelectorAll('.row:not(.head) > .' + arguments[0]), e => e.textContent)"
    return "".join(browser.execute_script(script, side))


def pressed(browser: Any) -> dict[str, bool]:
    chips = browser.find_elements(By.CSS_SELECTOR, "button[data-kind]")
    return {chip.get_attribute("data-kind"): chip.get_attribute("aria-pressed") == "true" for chip in chips}


def about(browser: Any) -> str:
    return str(browser.find_element(By.ID, "about").text)


def touch(browser: Any, selector: str) -> None:
    element = browser.find_element(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)  # not below the bar
    element.click()


def test_both_texts_are_there(show: Open, html: str) -> None:
    browser = show(html)
    assert (texts(browser, "a"), texts(browser, "b")) == (EXTRACT, NOTICE)
    assert browser.title == "extract <1>.txt beside notice.txt"
    rows = browser.find_elements(By.CSS_SELECTOR, ".row:not(.head)")
    assert len(rows) == 3
    left, right = (rows[0].find_element(By.CLASS_NAME, side).rect for side in "ab")
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]


def test_counts_and_filters(show: Open, html: str) -> None:
    browser = show(html)
    counted = Counter(d.kind for d in align(EXTRACT, NOTICE).differences)
    chips = browser.find_elements(By.CSS_SELECTOR, "button[data-kind]")
    assert {c.get_attribute("data-kind"): int(c.find_element(By.TAG_NAME, "b").text) for c in chips} == counted
    assert pressed(browser) == {kind: kind not in FORMAT_KINDS for kind in counted}

    mark = browser.find_element(By.CSS_SELECTOR, ".a mark.k-number")
    coloured = mark.value_of_css_property("background-color")
    for group, kinds in (("editorial", {"number", "omission"}), ("ocr", {"glyph"})):
        browser.find_element(By.CSS_SELECTOR, f"button[data-group={group}]").click()
        assert not any(pressed(browser)[kind] for kind in kinds)
    assert mark.value_of_css_property("background-color") == "rgba(0, 0, 0, 0)" != coloured
    browser.find_element(By.CSS_SELECTOR, "button[data-kind=number]").click()
    assert mark.value_of_css_property("background-color") == coloured
    browser.find_element(By.ID, "only").click()
    shown = [row.is_displayed() for row in browser.find_elements(By.CSS_SELECTOR, ".row:not(.head)")]
    assert shown == [True, False, False]


def test_stepping_by_keyboard(show: Open, html: str) -> None:
    browser = show(html)
    body = browser.find_element(By.TAG_NAME, "body")
    seen = []
    for _ in range(3):
        body.send_keys("n")
        seen.append(about(browser).split()[0])
        assert len(browser.find_elements(By.CSS_SELECTOR, "mark.on")) == 2
    assert seen == ["glyph", "number", "omission"]  # the width is switched off
    body.send_keys("n")
    assert "No difference further on" in about(browser)
    body.send_keys("p")
    assert "22" in about(browser)
    assert "21" in about(browser)
    assert browser.current_url.endswith("#d2")
    browser.find_element(By.ID, "next").send_keys(Keys.ENTER)
    assert about(browser).startswith("omission")
    browser.find_element(By.ID, "keys").click()  # whoever dictates may switch single keys off
    body.send_keys("p")
    assert about(browser).startswith("omission")


def test_every_control_can_be_reached_and_has_a_name(show: Open, html: str) -> None:
    browser = show(html)
    controls = browser.find_elements(By.CSS_SELECTOR, "button, input, summary, a")
    for control in controls:
        assert control.accessible_name, control.get_attribute("outerHTML")
    reached = set()
    for _ in controls:
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.add(browser.switch_to.active_element.id)
    assert {control.id for control in controls} <= reached
    for role in ("table", "row", "columnheader", "cell"):
        assert browser.find_elements(By.CSS_SELECTOR, f"[role={role}]")


def test_a_touched_difference_explains_itself(show: Open, html: str) -> None:
    browser = show(html)
    touch(browser, ".b mark.k-omission")
    assert "重庆市" in about(browser)
    assert "leaves out" in about(browser)
    assert browser.find_element(By.ID, "about").get_attribute("aria-live") == "polite"


def test_a_link_leads_to_a_difference(show: Open, html: str) -> None:
    assert about(show(html, fragment="#d2")).startswith("number")


def test_on_a_phone(show: Open, html: str) -> None:
    browser = show(html, PHONE)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
    rows = browser.find_elements(By.CSS_SELECTOR, ".row:not(.head)")
    left, right = (rows[0].find_element(By.CLASS_NAME, side).rect for side in "ab")
    assert left["x"] == right["x"]
    assert left["y"] + left["height"] <= right["y"]
    assert not rows[2].find_element(By.CLASS_NAME, "b").is_displayed()  # what is equal is read once
    for button in browser.find_elements(By.TAG_NAME, "button"):
        assert button.rect["height"] >= 44
    browser.find_element(By.ID, "next").click()
    assert about(browser).startswith("glyph")


def test_a_moved_passage_is_marked_at_both_ends(show: Open, seed: Path) -> None:
    notice = (seed / "authoritative-notice.txt").read_text("utf-8")
    paragraphs = [p for p in notice.split("\n") if 80 < len(p) < 300][:8]
    broken = paragraphs[2].replace("资源", "贷源", 1)
    a, b = "\n".join([*paragraphs[:2], *paragraphs[3:], broken]), "\n".join(paragraphs)
    alignment = align(a, b)
    assert len(alignment.moves) == 1
    browser = show(facing_page(alignment, "a", "b"))
    assert (texts(browser, "a"), texts(browser, "b")) == (a, b)
    for side, passage, misread in (("a", broken, "贷"), ("b", paragraphs[2], "资")):
        (mark,) = browser.find_elements(By.CSS_SELECTOR, f".{side} mark.k-move:not(.gap)")
        assert passage in mark.text
        assert mark.find_element(By.CSS_SELECTOR, "mark.k-glyph").text == misread
    touch(browser, ".a mark.k-glyph")
    assert about(browser).startswith("glyph")


def test_a_long_omission_is_folded(show: Open) -> None:
    lines = [f"第{n}条 本规定由有关部门负责解释。\n" for n in range(60)]
    a, b = "".join(lines[:2] + lines[58:]), "".join(lines)
    browser = show(facing_page(align(a, b), "a", "b"))
    fold = browser.find_element(By.CSS_SELECTOR, ".b details.long")
    assert fold.get_attribute("open") is None
    assert "characters)" in fold.text
    fold.find_element(By.TAG_NAME, "summary").click()
    assert lines[30].strip() in fold.text


def test_a_long_text_opens_at_once(show: Open, seed: Path) -> None:
    """100,000 characters with some thousand differences; the bound is generous, for machines that are shared."""
    one = (seed / "authoritative-notice.txt").read_text("utf-8")
    b = "".join(f"{n}\n{one}" for n in range(11))
    a = "".join("石" if n % 25 == 0 and "一" <= c <= "龥" else c for n, c in enumerate(b))
    alignment = align(a, b)
    assert len(b) > 100_000
    assert len(alignment.differences) > 2500
    browser = show(facing_page(alignment, "a", "b"))
    timing = browser.execute_script("return performance.timing.domComplete - performance.timing.responseEnd")
    assert timing < 10_000
    took = browser.execute_async_script(
        "const done = arguments[0], t = performance.now();"
        "document.getElementById('next').click();"
        "requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - t)))"
    )
    assert took < 5_000
    assert browser.find_element(By.CSS_SELECTOR, ".a mark.on").is_displayed()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_equal_texts(show: Open, size: tuple[int, int]) -> None:
    browser = show(facing_page(align(NOTICE, NOTICE), "a", "b"), size)
    assert "equal" in browser.find_element(By.TAG_NAME, "nav").text
    browser.find_element(By.ID, "next").click()
    assert "No difference" in about(browser)
