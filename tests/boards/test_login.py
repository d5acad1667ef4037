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
