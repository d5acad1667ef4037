"""A Chrome or Chromium that reports its network events and deletes its profile at the end."""

import http.client
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, cast

import psutil
import urllib3
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.remote.remote_connection import RemoteConnection

from fashiongen.errors import BrowserError, PageFailed
from fashiongen.files import shorten

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
REMEDY = "install both, as with `sudo apt install chromium chromium-driver`"
PROFILE_PREFIX = "fashiongen-browser-"  # of the profiles' folders; the id of the process that owns it follows
PROFILE_VARIABLE = "FASHIONGEN_BROWSER_PROFILE"
DRIVER_EXTRA_S = 15.0  # so much longer than a page may take, the driver may take to say so
KILL_TIMEOUT_S = 5.0

# What a call of the driver raises: Selenium's own errors, and those of its connection to a driver that hangs or died.
DRIVER_FAULTS = (
    WebDriverException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    ConnectionError,
    UnicodeDecodeError,
)

FLAGS = (
    "--disable-dev-shm-usage",  # a container's /dev/shm is too small for a page of images
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--lang=en-US",  # the count of pins is written as the language has it
)
UNSEEN_FLAGS = (
    "--headless=new",
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
def open_browser(*, width_px: int, height_px: int, page_timeout_s: float, is_visible: bool = False) -> Iterator[Chrome]:
    """A browser with a window of the given size and a new profile, both removed when the block ends.

    Nobody sees the window unless `is_visible`. A page loads for at most `page_timeout_s`. What earlier runs left behind
    that were killed is removed first.

    Raises:
        BrowserError: it is not installed, does not start, or dies while the block uses it.
    """
    programs = find_programs()
    remove_leftovers()
    with (
        tempfile.TemporaryDirectory(prefix=f"{PROFILE_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True) as profile,
        _without_debug_log(),
        report_browser_faults(),
    ):
        options = _options(programs, profile, (*FLAGS, *(() if is_visible else UNSEEN_FLAGS)))
        options.add_argument(f"--window-size={width_px},{height_px}")
        service = ChromeService(programs.driver, env={**os.environ, PROFILE_VARIABLE: profile})
        try:
            driver = _start(options, service, page_timeout_s)
            try:
                yield driver
            finally:
                driver.quit()
        finally:
            end_processes(profile)  # a driver that was killed has left its browser behind


def _start(options: ChromeOptions, service: ChromeService, page_timeout_s: float) -> Chrome:
    try:
        with _without_proxy():
            driver = Chrome(options=options, service=service)
    except DRIVER_FAULTS as error:
        raise BrowserError(f"the browser does not start: {first_line(error)}; {REMEDY}") from error
    driver.set_page_load_timeout(page_timeout_s)
    connection = cast(RemoteConnection, driver.command_executor)
    connection.client_config.timeout = page_timeout_s + DRIVER_EXTRA_S
    return driver


@contextmanager
def _without_proxy() -> Iterator[None]:
    """Let Selenium reach the driver on this machine directly, whatever proxy the environment names."""
    name = "no_proxy" if "no_proxy" in os.environ else "NO_PROXY"
    before = os.environ.get(name)
    os.environ[name] = ",".join(filter(None, (before, "127.0.0.1", "localhost")))
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


@contextmanager
def report_browser_faults() -> Iterator[None]:
    """Raise a BrowserError in place of whatever Selenium and its connection to the driver raise."""
    try:
        yield
    except DRIVER_FAULTS as error:
        raise BrowserError(f"the browser failed: {first_line(error)}") from error


def load_page(driver: Chrome, url: str) -> None:
    """Load a page, from an empty one, so that nothing of the last page is found in its place.

    Raises:
        PageFailed: it did not come within the browser's time for a page.
    """
    try:
        driver.get("about:blank")
        driver.get(url)
    except TimeoutException:
        driver.execute_cdp_cmd("Page.stopLoading", {})
        raise PageFailed(f"{url}: the page did not come within scrape.page_timeout_s; try again later") from None


def read_address(driver: Chrome) -> str:
    """The address of the page that is open; empty while the page shows an alert."""
    return driver.current_url or ""


def first_line(error: Exception) -> str:
    """The first line of the message, without the driver's stack trace; at most 200 characters."""
    text = error.msg if isinstance(error, WebDriverException) else str(error)
    return shorten(next(iter((text or "").splitlines()), "") or type(error).__name__, 200)


def remove_leftovers() -> None:
    """End the browsers and delete the profiles of this user's runs that are not alive any more."""
    for profile in Path(tempfile.gettempdir()).glob(f"{PROFILE_PREFIX}*"):
        owner = profile.name.removeprefix(PROFILE_PREFIX).partition("-")[0]
        if owner.isdecimal() and not profile.is_symlink() and not psutil.pid_exists(int(owner)):
            end_processes(str(profile))
            shutil.rmtree(profile, ignore_errors=True)


def end_processes(profile: str) -> None:
    """Kill all processes of a browser and of its driver; both have the profile's path in their environment."""
    found = [process for process in psutil.process_iter() if _belongs_to(process, profile)]
    for process in found:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(found, timeout=KILL_TIMEOUT_S)


def _belongs_to(process: psutil.Process, profile: str) -> bool:
    try:
        environment: dict[str, str] = process.environ()
        return process.pid != os.getpid() and environment.get(PROFILE_VARIABLE) == profile
    except (psutil.Error, OSError):
        return False


def _options(programs: Programs, profile: str, flags: tuple[str, ...]) -> ChromeOptions:
    options = ChromeOptions()
    if programs.browser:
        options.binary_location = programs.browser
    for flag in (*flags, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chrome refuses to run as root with it
    options.unhandled_prompt_behavior = "dismiss"  # an alert of the page would fail the next call
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
