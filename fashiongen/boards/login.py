"""Sign in once, by the account or by hand, and store the session for the next runs."""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import presence_of_element_located
from selenium.webdriver.support.wait import WebDriverWait

from fashiongen.boards import selectors
from fashiongen.boards.browser import load_page, open_browser, read_address
from fashiongen.boards.credentials import Credentials
from fashiongen.boards.traffic import Traffic
from fashiongen.errors import BrowserError, LoginFailed, MissingInput, SiteError

COOKIES = Path.home() / ".local/state/fashiongen/cookies.json"  # a secret, so outside the repository
POLL_S = 0.1
WINDOW_PX = (1100, 850)
HAND_TIMEOUT_S = 60.0  # for the login page in the window

_COOKIES = TypeAdapter(list[dict[str, Any]])


def sign_in(
    driver: Chrome, site: str, *, account: Callable[[], Credentials], cookies: Path | None, timeout_s: float
) -> None:
    """Sign the browser in: with the cookies of an earlier run if they are still valid, else with the account.

    About ten logins in a row get an account blocked, hence the cookies. `account` is called only if they are not valid.

    Raises:
        LoginFailed: the site refuses the account, or asks for more than a password.
    """
    if cookies and cookies.is_file():
        _add_cookies(driver, site, cookies)
    load_page(driver, site + selectors.LOGIN_PATH)
    # A member is redirected to the home page.
    _field(driver, f"{selectors.SIGNED_IN}, {selectors.EMAIL_FIELD}", timeout_s)
    if is_signed_in(driver):
        return
    _fill_form(driver, account(), timeout_s)
    _await_answer(driver, site, timeout_s)
    if cookies:
        keep_cookies(driver, cookies)


def sign_in_by_hand(site: str, *, cookies: Path, patience_s: float, is_visible: bool = True) -> None:
    """Show the login page in a window, wait until somebody has signed in there, and keep the session's cookies.

    Raises:
        MissingInput: there is no screen to show it on.
        LoginFailed: nobody did within `patience_s`, or the window was closed.
    """
    if is_visible and sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        raise MissingInput(
            "no screen to show a window on (DISPLAY is not set): run this on a computer with one, and copy "
            f"{cookies} from there to this machine; or set PINTEREST_EMAIL and PINTEREST_PASSWORD"
        )
    width_px, height_px = WINDOW_PX
    deadline_s = time.monotonic() + patience_s
    try:
        with open_browser(
            width_px=width_px, height_px=height_px, page_timeout_s=HAND_TIMEOUT_S, is_visible=is_visible
        ) as driver:
            load_page(driver, site + selectors.LOGIN_PATH)
            while not is_signed_in(driver):
                if time.monotonic() > deadline_s:
                    raise LoginFailed(f"{site}: nobody signed in within {patience_s / 60:g} minutes; see --minutes")
                time.sleep(POLL_S)
            keep_cookies(driver, cookies)
    except BrowserError as error:
        raise LoginFailed(f"{site}: the window was closed, or did not open: {error}") from error


def keep_cookies(driver: Chrome, path: Path) -> None:
    """Write the session's cookies to a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)  # before it holds anything
    path.write_text(json.dumps(driver.get_cookies()), encoding="utf-8")


def _add_cookies(driver: Chrome, site: str, cookies: Path) -> None:
    load_page(driver, site)  # a cookie can be set only for the page that is open
    # If the file is damaged or of another site, the login follows.
    with suppress(ValueError, KeyError, AssertionError, WebDriverException):
        for cookie in _COOKIES.validate_json(cookies.read_bytes()):
            driver.add_cookie(cookie)


def is_signed_in(driver: Chrome) -> bool:
    """Whether the browser shows a page for members."""
    return bool(driver.find_elements(By.CSS_SELECTOR, selectors.SIGNED_IN))


def _fill_form(driver: Chrome, account: Credentials, timeout_s: float) -> None:
    email = _field(driver, selectors.EMAIL_FIELD, timeout_s)
    password = _field(driver, selectors.PASSWORD_FIELD, timeout_s)
    email.send_keys(account.email)
    # The Enter key reaches the form through a consent overlay that would catch a click on the button.
    password.send_keys(account.password.get_secret_value(), Keys.ENTER)


def _field(driver: Chrome, selector: str, timeout_s: float) -> WebElement:
    try:
        return WebDriverWait(driver, timeout_s, POLL_S).until(presence_of_element_located((By.CSS_SELECTOR, selector)))
    except TimeoutException:
        where = read_address(driver)
        raise SiteError(f"{where}: no {selector} after {timeout_s:g} s; see boards/selectors.py") from None


def _await_answer(driver: Chrome, site: str, timeout_s: float) -> None:
    traffic = Traffic(driver, selectors.SESSION_RESOURCE)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for response in traffic.poll():
            _require_success(response.status, site)
        if is_signed_in(driver):
            return
        time.sleep(POLL_S)
    raise LoginFailed(
        f"{site}: no member's page {timeout_s:g} s after the login form was sent; the site may ask for a captcha or a "
        "code: sign in by hand with `fashiongen login`"
    )


def _require_success(status: int, site: str) -> None:
    if status in (401, 403):
        raise LoginFailed(f"{site}: refused the e-mail or the password (status {status})")
    if status == 429:
        raise LoginFailed(f"{site}: too many logins (status 429); wait an hour before the next")
    if status >= 400:
        raise LoginFailed(f"{site}: the login answered with status {status}")
