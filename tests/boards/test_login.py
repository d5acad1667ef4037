import json
import stat
from contextlib import nullcontext

import pytest
from pydantic import SecretStr

from fashiongen.boards import login, selectors
from fashiongen.boards.credentials import Credentials
from fashiongen.boards.login import is_signed_in, keep_cookies, sign_in, sign_in_by_hand
from fashiongen.errors import LoginFailed, MissingInput, SiteError

pytestmark = pytest.mark.browser
CANARY = "canary-51d0"


@pytest.fixture
def visitor(browser):
    browser.delete_all_cookies()
    return browser


def nobody():
    pytest.fail("the account was asked for")


def test_the_right_password_signs_in(visitor, site, account, tmp_path):
    cookies = tmp_path / "state/cookies.json"
    sign_in(visitor, site.url, account=lambda: account, cookies=cookies, timeout_s=60.0)
    assert is_signed_in(visitor)
    assert stat.S_IMODE(cookies.stat().st_mode) == 0o600
    assert "runway" not in cookies.read_text()


def test_stored_cookies_replace_the_next_login(visitor, site, account, tmp_path):
    cookies = tmp_path / "cookies.json"
    sign_in(visitor, site.url, account=lambda: account, cookies=cookies, timeout_s=60.0)
    visitor.delete_all_cookies()
    sign_in(visitor, site.url, account=nobody, cookies=cookies, timeout_s=60.0)
    assert is_signed_in(visitor)


@pytest.mark.parametrize("content", ["", "[]", "{}", '[{"name": "_pinterest_sess", "value": "stale"}]', "[1]"])
def test_expired_cookies_lead_to_a_login(visitor, site, account, tmp_path, content):
    cookies = tmp_path / "cookies.json"
    cookies.write_text(content)
    sign_in(visitor, site.url, account=lambda: account, cookies=cookies, timeout_s=60.0)
    assert is_signed_in(visitor)
    assert any(cookie["name"] == "_pinterest_sess" for cookie in json.loads(cookies.read_text()))


def test_storing_cookies_restricts_the_files_permissions(member, tmp_path):
    cookies = tmp_path / "cookies.json"
    cookies.touch(mode=0o644)
    keep_cookies(member, cookies)
    assert stat.S_IMODE(cookies.stat().st_mode) == 0o600


@pytest.mark.parametrize("email", ["visitor@standin.test", "nobody@standin.test"])
def test_a_refused_account_is_one_clear_line_without_the_password(visitor, site, tmp_path, email):
    wrong = Credentials(email, SecretStr(CANARY))
    with pytest.raises(LoginFailed, match="refused the e-mail or the password") as failure:
        sign_in(visitor, site.url, account=lambda: wrong, cookies=tmp_path / "cookies.json", timeout_s=60.0)
    assert CANARY not in str(failure.value)
    assert not (tmp_path / "cookies.json").exists()


def test_a_login_page_of_another_form_names_the_file_to_correct(visitor, site, account, monkeypatch):
    monkeypatch.setattr(selectors, "EMAIL_FIELD", "#renamed")
    with pytest.raises(SiteError, match=r"no #HeaderContent, #renamed after 0\.2 s; see boards/selectors\.py"):
        sign_in(visitor, site.url, account=lambda: account, cookies=None, timeout_s=0.2)


def test_a_missing_answer_is_an_error_that_mentions_a_captcha(visitor, site, account, monkeypatch):
    monkeypatch.setattr(selectors, "SIGNED_IN", "#never")
    with pytest.raises(LoginFailed, match="captcha"):
        sign_in(visitor, site.url, account=lambda: account, cookies=None, timeout_s=0.5)


@pytest.fixture
def window(monkeypatch, browser):
    """The window that a person signs in in is the tests' browser."""
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(login, "open_browser", lambda **_: nullcontext(browser))


def test_a_session_that_somebody_began_by_hand_is_kept(window, member, site, tmp_path):
    cookies = tmp_path / "state/cookies.json"
    sign_in_by_hand(site.url, cookies=cookies, patience_s=60.0)
    assert stat.S_IMODE(cookies.stat().st_mode) == 0o600
    member.delete_all_cookies()
    sign_in(member, site.url, account=nobody, cookies=cookies, timeout_s=60.0)
    assert is_signed_in(member)


def test_a_window_in_which_nobody_signs_in_says_so(window, visitor, site, tmp_path):
    with pytest.raises(LoginFailed, match="nobody signed in within 0 minutes; see --minutes"):
        sign_in_by_hand(site.url, cookies=tmp_path / "cookies.json", patience_s=0.0)
    assert not (tmp_path / "cookies.json").exists()


def test_without_a_screen_the_remedy_is_told(monkeypatch, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingInput, match=r"no screen .* copy .*cookies\.json from there"):
        sign_in_by_hand("http://127.0.0.1:9", cookies=tmp_path / "cookies.json", patience_s=1.0)


def test_a_window_that_does_not_open_is_an_error_of_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LoginFailed, match=r"the window was closed, or did not open: no .* on the search path"):
        sign_in_by_hand("http://127.0.0.1:9", cookies=tmp_path / "cookies.json", patience_s=1.0)
