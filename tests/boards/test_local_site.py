"""The local test site is a program of its own, and ends with the scrape that started it."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import httpx
import pytest

from fashiongen.boards.local_site import read_account, serve_locally
from fashiongen.errors import ConfigError, MissingInput, SiteError
from fashiongen.sources.standin.database import ACCOUNT


def is_answering(url: str) -> bool:
    try:
        return httpx.get(f"{url}/login/", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def wait_until_silent(url: str) -> None:
    deadline = time.monotonic() + 60
    while is_answering(url):
        assert time.monotonic() < deadline, f"{url} still answers"
        time.sleep(0.05)


@pytest.mark.slow
def test_the_site_answers_until_the_block_ends(boards_folder):
    with serve_locally(boards_folder.path / "site") as site:
        assert is_answering(site.url)
        assert site.image_host.startswith("http://localhost:")
    assert not is_answering(site.url)


@pytest.mark.slow
def test_an_error_in_the_block_ends_the_site(boards_folder):
    with pytest.raises(KeyboardInterrupt), serve_locally(boards_folder.path / "site") as site:
        raise KeyboardInterrupt
    assert not is_answering(site.url)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_scrape_leaves_no_site_behind(boards_folder, number):
    script = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from fashiongen.boards.local_site import serve_locally
        with serve_locally(Path(sys.argv[1])) as site:
            print(site.url, flush=True)
            time.sleep(600)
    """)
    command = [sys.executable, "-c", script, str(boards_folder.path / "site")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().strip()
        assert is_answering(url)
        os.kill(process.pid, number)
        process.wait()
    wait_until_silent(url)


@pytest.mark.slow
def test_what_stops_the_site_from_starting_is_said_in_one_line(tmp_path):
    with pytest.raises(SiteError) as failure, serve_locally(tmp_path):
        pass
    assert str(failure.value) == (
        f"{tmp_path}: the local test site did not start: error: {tmp_path}/account.json: no such file"
    )


@pytest.mark.slow
@pytest.mark.parametrize("code", ["pass", "print('hello')", "import sys; sys.stdin.read()"])
def test_a_program_that_prints_no_address_is_an_error(tmp_path, code, monkeypatch):
    monkeypatch.setattr("fashiongen.boards.local_site.START_TIMEOUT_S", 1.0)
    program = (sys.executable, "-c", code)
    with pytest.raises(SiteError, match="did not start: it said nothing"), serve_locally(tmp_path, program):
        pass


def test_the_account_is_the_folders(boards_folder, tmp_path):
    account = read_account(boards_folder.path / "site")
    assert (account.email, account.password.get_secret_value()) == (ACCOUNT.email, ACCOUNT.password)
    assert ACCOUNT.password not in repr(account)
    with pytest.raises(MissingInput, match=r"account\.json: no such file"):
        read_account(tmp_path)
    (tmp_path / "account.json").write_text('{"email": "someone@example.com"}')
    with pytest.raises(ConfigError, match=r"account\.json: account\.password: is missing"):
        read_account(tmp_path)
