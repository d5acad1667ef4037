import logging
import tempfile
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException

from fashiongen.boards import browser
from fashiongen.boards.browser import find_programs, open_browser
from fashiongen.errors import BrowserError

WINDOW = {"width_px": 800, "height_px": 600, "page_timeout_s": 60.0}
pytestmark = pytest.mark.browser


@pytest.fixture
def profiles(tmp_path, monkeypatch):
    """Lists the profiles of this test's browsers alone: others run beside it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return lambda: list(tmp_path.glob("fashiongen-browser-*"))


def test_a_browser_reports_its_traffic_and_leaves_nothing_behind(profiles):
    with open_browser(**WINDOW) as driver:
        driver.get("data:text/html,<title>here</title>")
        assert driver.title == "here"
        assert any("Network." in entry["message"] for entry in driver.get_log("performance"))
        assert len(profiles()) == 1
        pid = driver.service.process.pid
    assert profiles() == []
    assert not Path(f"/proc/{pid}").exists()


def test_a_browser_that_dies_is_one_error_and_its_profile_is_deleted(profiles):
    with (
        pytest.raises(BrowserError, match="the browser failed: gone"),
        open_browser(**WINDOW),
    ):
        assert len(profiles()) == 1
        raise WebDriverException("gone\nwith a long stack trace")
    assert profiles() == []


def test_selenium_never_logs_keystrokes_while_a_browser_is_open(caplog):
    caplog.set_level(logging.DEBUG)
    with open_browser(**WINDOW) as driver:
        driver.get("data:text/html,<input id=a>")
        driver.find_element("css selector", "#a").send_keys("canary-7c1e")
    assert "canary-7c1e" not in caplog.text


@pytest.mark.parametrize(("user", "has_flag"), [(0, True), (1000, False)])
def test_only_root_runs_without_the_sandbox_and_nobody_without_web_security(monkeypatch, user, has_flag):
    monkeypatch.setattr(browser.os, "geteuid", lambda: user)
    flags = browser._options(find_programs(), "/tmp/profile", browser.FLAGS).arguments
    assert ("--no-sandbox" in flags) == has_flag
    assert "--disable-web-security" not in flags


def test_a_missing_browser_says_what_to_install(monkeypatch):
    monkeypatch.setattr(browser.sys, "platform", "linux")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BrowserError, match=r"no Chrome or Chromium.*apt install chromium chromium-driver"):
        find_programs()


def test_on_other_systems_selenium_searches_for_the_browser(monkeypatch):
    monkeypatch.setattr(browser.sys, "platform", "darwin")
    monkeypatch.setenv("PATH", "")
    assert find_programs() == (None, None)
