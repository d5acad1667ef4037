import json
import stat

import pytest
from pydantic import SecretStr

from fashiongen.boards import selectors
from fashiongen.boards.credentials import Credentials
from fashiongen.boards.login import is_signed_in, keep_cookies, sign_in
from fashiongen.errors import LoginFailed, SiteError

pytestmark = pytest.mark.browser
CANARY = "canary-51d0"


@pytest.fixture
def visitor(browser):
    browser.delete_all_cookies()
    return browser


def nobody():
    pytest.fail("the account was asked for")


def test_the_right_password_makes_a_member(visitor, site, account, tmp_path):
    cookies = tmp_path / "state/cookies.json"
    sign_in(visitor, site.url, account=lambda: account, cookies=cookies, timeout_s=60.0)
    assert is_signed_in(visitor)
    assert stat.S_IMODE(cookies.stat().st_mode) == 0o600
    assert "runway" not in cookies.read_text()


def test_kept_cookies_save_the_next_login(visitor, site, account, tmp_path):
    cookies = tmp_path / "cookies.json"
    sign_in(visitor, site.url, account=lambda: account, cookies=cookies, timeout_s=60.0)
    visitor.delete_all_cookies()
    sign_in(visitor, site.url, account=nobody, cookies=cookies, timeout_s=60.0)
    assert is_signed_in(visitor)


@pytest.mark.parametrize("content", ["", "[]", "{}", '[{"name": "_pinterest_sess", "value": "stale"}]', "[1]"])
def test_cookies_that_hold_no_more_cost_one_login(visitor, site, account, tmp_path, content):
    cookies = tmp_path / "cookies.json"
    cookies.write_text(content)
    sign_in(visitor, site.url, account=lambda: account, cookies=cookies, timeout_s=60.0)
    assert is_signed_in(visitor)
    assert any(cookie["name"] == "_pinterest_sess" for cookie in json.loads(cookies.read_text()))


def test_keeping_cookies_tightens_a_loose_file(member, tmp_path):
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


def test_a_login_page_of_another_form_says_where_to_mend(visitor, site, account, monkeypatch):
    monkeypatch.setattr(selectors, "EMAIL_FIELD", "#renamed")
    with pytest.raises(SiteError, match=r"no #HeaderContent, #renamed after 0\.2 s; see boards/selectors\.py"):
        sign_in(visitor, site.url, account=lambda: account, cookies=None, timeout_s=0.2)


def test_an_answer_that_never_comes_hints_at_a_captcha(visitor, site, account, monkeypatch):
    monkeypatch.setattr(selectors, "SIGNED_IN", "#never")
    with pytest.raises(LoginFailed, match="captcha"):
        sign_in(visitor, site.url, account=lambda: account, cookies=None, timeout_s=0.5)
