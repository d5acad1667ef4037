"""A real Chromium for the tests of pages: it logs what it says and what it asks for."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.remote.webelement import WebElement

from fashiongen.boards.browser import find_programs


@contextmanager
def open_chromium(profile: Path) -> Iterator[Chrome]:
    """A browser with a profile of its own."""
    programs = find_programs()
    options = ChromeOptions()
    options.binary_location = programs.browser
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with Chrome(options, ChromeService(programs.driver)) as driver:
        yield driver


def set_view(driver: Chrome, size: tuple[int, int], scheme: str) -> None:
    """Give the page a size in pixels (width, height), and light or dark colours."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def run_axe(driver: Chrome, within: WebElement | None = None) -> Any:
    """What axe-core finds of barriers on the page, or in a part of it."""
    driver.execute_script((files("selenium_axe_python") / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    only = {"resultTypes": ["violations"]}  # of what passes the names alone: with all their nodes it is six megabytes
    looked_at = "axe.run(arguments[0] ?? document, arguments[1]).then(arguments[2])"
    return driver.execute_async_script(looked_at, within, only)
