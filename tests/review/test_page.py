"""The review page: what stands in it, and that a person can work with it, in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from textfix.edits import Edit, Edits, Repair
from textfix.review import Decisions, Proposal, Reviewed, proposals
from textfix.review.page import LIMIT, Report

from .conftest import Rules

TEXT = "清理歼石山,推进猛产业\n完成彳壬务,周末 加班\n清理歼石堆"
NASTY = "</script><img src=x onerror=document.title='pwned'> & \"' \u2028\u202e\ufeff\t"


def items(*texts: str) -> list[tuple[str, Proposal]]:
    return [(f"{n}.txt", p) for n, text in enumerate(texts) for p in proposals(text, Rules().repair(text))]


def review_page(title: str, found: Iterable[tuple[str, Proposal]], limit: int = LIMIT) -> str:
    report = Report(limit=limit)
    for file, p in found:
        report.add(file, [p])
    return report.html(title)


def data(html: str, name: str) -> Any:
    (text,) = re.findall(rf'<script type="application/json" id="{name}">(.*?)</script>', html, re.DOTALL)
    return json.loads(text)


def test_the_most_doubtful_come_first() -> None:
    html = review_page("t", items(TEXT, "歼石\n猛"))
    files, rows = data(html, "files"), data(html, "items")
    seen = [(files[row[0]], row[1], row[4]) for row in rows]
    assert seen[:4] == [("0.txt", 1, "猛"), ("1.txt", 2, "猛"), ("0.txt", 2, "末"), ("0.txt", 1, "歼石")]
    assert len(seen) == 10
    assert html == review_page("t", reversed(items(TEXT, "歼石\n猛")))
    assert "10 edits, 7 made and 3 only suggested" in html


def test_only_so_many() -> None:
    html = review_page("t", items(*["歼石,猛"] * 500), limit=20)
    assert len(data(html, "items")) == 20
    assert data(html, "about")["total"] == 1500
    assert {row[4] for row in data(html, "items")} == {"猛"}


def test_nothing_gets_out_of_its_place() -> None:
    repair = Repair("", Edits([Edit(0, len(NASTY), NASTY, "", "noise", 0.5, {"rule": NASTY})]))
    html = review_page(NASTY, [(NASTY + "\udcff", p) for p in proposals(NASTY, repair)])
    html.encode("utf-8")
    assert html.count("</script>") == html.count("<script")
    assert "<img" not in html
    assert data(html, "items")[0][4] == NASTY


# --- in a browser ---------------------------------------------------------------------------------------------------

browser_tests = [
    pytest.mark.needs_chromium,
    pytest.mark.skipif(not shutil.which("chromedriver"), reason="needs chromium and chromedriver"),
]


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def chromium(downloads: Path) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary:
        options.binary_location = binary
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    driver.set_window_size(1200, 900)
    yield driver
    driver.quit()


@pytest.fixture
def visit(chromium: Any, tmp_path: Path) -> Callable[[str], Any]:
    def go(html: str) -> Any:
        (tmp_path / "report.html").write_text(html, "utf-8")
        chromium.get((tmp_path / "report.html").as_uri())
        assert chromium.get_log("browser") == []
        return chromium

    return go


def press(driver: Any, keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    for key in keys:
        ActionChains(driver).send_keys(key).perform()


def texts(driver: Any, selector: str = ".edit") -> list[str]:
    found = driver.find_elements("css selector", selector)
    ask = "return arguments[0].querySelector('del')?.textContent ?? ''"
    return [driver.execute_script(ask, each) for each in found]


def downloaded(folder: Path, driver: Any) -> Decisions:
    for old in folder.glob("*.json"):
        old.unlink()
    press(driver, "d")
    deadline = time.monotonic() + 20
    while not (folder / "decisions.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return Decisions.parse((folder / "decisions.json").read_text("utf-8"))


@pytest.mark.needs_chromium
class TestInABrowser:
    pytestmark = browser_tests

    def test_decide_by_keyboard_download_and_repair(self, visit: Callable[[str], Any], downloads: Path) -> None:
        driver = visit(review_page("t", items(TEXT)))
        assert texts(driver) == ["猛", "末", "歼石", "歼石", "␣", "彳壬", ",", ","]
        press(driver, "ar")  # accept 猛, reject 末
        press(driver, "R")  # 歼石 nowhere
        assert texts(driver, ".edit.reject") == ["末", "歼石", "歼石"]
        press(driver, "ja")  # over the other 歼石, accept the blank
        press(driver, "r")  # 彳壬
        press(driver, "ku")  # and back again
        assert texts(driver, ".edit.accept") == ["猛", "␣"]
        assert texts(driver, ".edit.on") == ["彳壬"]
        assert "2 accepted, 3 rejected, 3 to decide" in driver.find_element("id", "status").text
        decisions = downloaded(downloads, driver)
        assert [(d.verdict, d.scope, d.observed, d.file, d.line) for d in decisions] == [
            ("accept", "here", "猛", "0.txt", 1),
            ("reject", "here", "末", "0.txt", 2),
            ("reject", "everywhere", "歼石", "0.txt", 1),
            ("accept", "here", " ", "0.txt", 2),
        ]
        repair = Reviewed(Rules(), decisions).repair(TEXT)
        assert repair.text == "清理歼石山，推进锰产业\n完成任务，周末加班\n清理歼石堆"

    def test_filters(self, visit: Callable[[str], Any]) -> None:
        driver = visit(review_page("t", items(TEXT, "歼石在此")))
        click = lambda selector: driver.find_element("css selector", selector).click()  # noqa: E731
        click('[data-kind="width"]')
        click('[data-kind="space"]')
        assert texts(driver) == ["猛", "末", "歼石", "歼石", "歼石", "彳壬"]
        click('[data-show="left"]')
        assert texts(driver) == ["歼石", "歼石", "歼石", "彳壬"]
        press(driver, "r")
        click("#open")
        assert texts(driver) == ["歼石", "歼石", "彳壬"]
        press(driver, "/1.txtad")  # letters in the field are no commands
        assert texts(driver) == []
        assert driver.find_element("id", "none").is_displayed()
        driver.find_element("id", "search").clear()
        press(driver, "/矸石在")
        assert texts(driver) == ["歼石"]

    def test_clicks_and_what_stays_after_a_reload(self, visit: Callable[[str], Any]) -> None:
        html = review_page("t", items(TEXT + "!"))
        driver = visit(html)
        buttons = driver.find_elements("css selector", '[data-do="reject"]')
        buttons[2].click()
        buttons[0].click()
        buttons[0].click()  # taken back
        assert texts(driver, ".edit.reject") == ["歼石"]
        deadline = time.monotonic() + 10  # Chromium writes a moment later, and may load the page before
        driver.refresh()
        while not texts(driver, ".edit.reject") and time.monotonic() < deadline:
            time.sleep(0.1)
            driver.refresh()
        assert texts(driver, ".edit.reject") == ["歼石"]
        assert driver.get_log("browser") == []

    def test_decisions_can_be_loaded(self, visit: Callable[[str], Any], downloads: Path, tmp_path: Path) -> None:
        driver = visit(review_page("t", items(TEXT + "?")))
        press(driver, "aR")
        kept = downloaded(downloads, driver)
        driver = visit(review_page("t", items("另一份文件", TEXT + "?", "末")))  # another page with the same places
        (tmp_path / "mine.json").write_text(kept.dump(), "utf-8")
        driver.find_element("id", "file").send_keys(str(tmp_path / "mine.json"))
        deadline = time.monotonic() + 10
        while "loaded" not in driver.find_element("id", "status").text and time.monotonic() < deadline:
            time.sleep(0.02)
        assert driver.find_element("id", "status").text.startswith("2 of 2 decisions loaded")
        assert texts(driver, ".edit.accept") == ["猛"]
        assert texts(driver, ".edit.reject") == ["末", "末"]

    def test_a_long_list_is_drawn_as_it_is_needed(self, visit: Callable[[str], Any]) -> None:
        driver = visit(review_page("t", items(*["猛\n" * 30] * 40)))
        assert len(texts(driver)) == 100
        driver.execute_script("scrollTo(0, document.body.scrollHeight)")
        deadline = time.monotonic() + 10
        while len(driver.find_elements("css selector", ".edit")) < 200 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(driver.find_elements("css selector", ".edit")) >= 200

    def test_nothing_runs_that_stood_in_a_text(self, visit: Callable[[str], Any]) -> None:
        repair = Repair("", Edits([Edit(0, len(NASTY), NASTY, "", "noise", 0.5, {NASTY: NASTY})]))
        driver = visit(review_page("title", [(NASTY, p) for p in proposals(NASTY, repair)]))
        assert driver.title == "title"
        assert driver.find_elements("css selector", "img") == []
        shown = driver.find_element("css selector", "del").text
        assert shown.startswith("</script><img␣src=x")
        assert "⟨202e⟩" in shown
