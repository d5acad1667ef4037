"""A headless Chrome or Chromium that reports its network events and deletes its profile at the end."""

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from fashiongen.errors import BrowserError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
REMEDY = "install both, as with `sudo apt install chromium chromium-driver`"

FLAGS = (
    "--headless=new",
    "--disable-dev-shm-usage",  # a container's /dev/shm is too small for a page of images
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--lang=en-US",  # the count of pins is written as the language has it
    "--blink-settings=imagesEnabled=false",  # the downloader fetches each image once
)


class Programs(NamedTuple):
    """The paths of the browser and its driver; with None, Selenium Manager searches for them."""

    browser: str | None
    driver: str | None


def find_programs() -> Programs:
    """The browser and the driver on the search path.

    Raises:
        BrowserError: this is Linux and one of them is missing.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if sys.platform == "linux" and not (browser and driver):
        missing = "chromedriver" if browser else "Chrome or Chromium"
        raise BrowserError(f"no {missing} on the search path; {REMEDY}")
    return Programs(browser, driver) if browser and driver else Programs(None, None)


@contextmanager
def open_browser(*, width_px: int, height_px: int) -> Iterator[Chrome]:
    """A browser with a window of the given size and a new profile, both removed when the block ends.

    Raises:
        BrowserError: it is not installed, does not start, or dies while the block uses it.
    """
    programs = find_programs()
    with (
        tempfile.TemporaryDirectory(prefix="fashiongen-browser-", ignore_cleanup_errors=True) as profile,
        _without_debug_log(),
    ):
        options = _options(programs, profile, width_px, height_px)
        try:
            driver = Chrome(options=options, service=ChromeService(programs.driver))
        except WebDriverException as error:
            raise BrowserError(f"the browser does not start: {first_line(error)}; {REMEDY}") from error
        try:
            yield driver
        except WebDriverException as error:
            raise BrowserError(f"the browser failed: {first_line(error)}") from error
        finally:
            driver.quit()


def first_line(error: WebDriverException) -> str:
    """The first line of the message, without the driver's stack trace."""
    return next(iter((error.msg or type(error).__name__).splitlines()))


def _options(programs: Programs, profile: str, width_px: int, height_px: int) -> ChromeOptions:
    options = ChromeOptions()
    if programs.browser:
        options.binary_location = programs.browser
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width_px},{height_px}"):
        options.add_argument(flag)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chrome refuses to run as root with it
    options.page_load_strategy = "eager"  # the caller waits for what the page's script adds later
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    return options


@contextmanager
def _without_debug_log() -> Iterator[None]:
    """Silence Selenium's DEBUG log, which holds every keystroke, those of a password too."""
    logger = logging.getLogger("selenium")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
