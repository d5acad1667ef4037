import pytest

from fashiongen.boards import credentials
from fashiongen.boards.credentials import read_credentials
from fashiongen.errors import MissingInput


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    monkeypatch.delenv(credentials.EMAIL_VARIABLE, raising=False)
    monkeypatch.delenv(credentials.PASSWORD_VARIABLE, raising=False)


def test_the_environment_gives_the_account(monkeypatch):
    monkeypatch.setenv("PINTEREST_EMAIL", "me@example.org")
    monkeypatch.setenv("PINTEREST_PASSWORD", "a secret")
    account = read_credentials()
    assert (account.email, account.password.get_secret_value()) == ("me@example.org", "a secret")
    assert "a secret" not in f"{account!r} {account}"


@pytest.mark.parametrize("given", [[], ["PINTEREST_EMAIL"], ["PINTEREST_PASSWORD"]])
def test_without_an_account_or_a_person_the_variables_are_named(monkeypatch, given):
    for name in given:
        monkeypatch.setenv(name, "x")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(MissingInput, match="set PINTEREST_EMAIL and PINTEREST_PASSWORD"):
        read_credentials()


def test_a_person_is_asked_for_what_is_missing(monkeypatch):
    monkeypatch.setenv("PINTEREST_EMAIL", "me@example.org")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "typed")
    assert read_credentials().password.get_secret_value() == "typed"
