"""Pages in a real browser: headless Chromium through its own driver, as a desktop and as a phone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selenium import webdriver

#: Width and height in CSS pixels.
DESKTOP, PHONE = (1280, 800), (390, 844)


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    """One browser for all tests; it is not let onto the network."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium: pip install -e '.[test]'")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"):
        options.add_argument(argument)
    options.add_argument("--proxy-server=127.0.0.1:9")  # nobody listens there: a request would fail and be logged
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield browser
    browser.quit()


Open = Callable[..., "webdriver.Chrome"]


@pytest.fixture
def show(chromium: webdriver.Chrome, tmp_path: Path) -> Iterator[Open]:
    """Open a page in a window of a given size. At the end of the test the browser must have nothing to complain of."""

    def opened(html: str, size: tuple[int, int] = DESKTOP, fragment: str = "") -> webdriver.Chrome:
        path = tmp_path / "page.html"
        path.write_text(html, "utf-8")
        chromium.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600},
        )
        chromium.get("about:blank")
        chromium.get(path.as_uri() + fragment)
        return chromium

    chromium.get_log("browser")
    yield opened
    assert [entry["message"] for entry in chromium.get_log("browser")] == []
