"""The server starts, stops, and says why it cannot."""

import re
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest

from fashiongen.errors import MissingInput, PortInUse
from fashiongen.sources.standin.server import serve


def test_a_site_answers_until_its_block_ends(site_folder):
    with serve(site_folder) as site:
        assert httpx.get(f"{site.url}/login/", trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{site.url}/login/", trust_env=False)


def test_a_site_stops_under_open_connections(site_folder):
    with httpx.Client(trust_env=False) as client, serve(site_folder) as site:
        assert client.get(site.url).status_code == 200


def test_a_port_can_be_taken_again_at_once(site_folder):
    with serve(site_folder) as first:
        port = urlsplit(first.url).port
        httpx.get(first.url, trust_env=False)
    with serve(site_folder, port=port) as second:
        assert second[:2] == first[:2]


def test_a_taken_port_is_named(site, site_folder):
    port = urlsplit(site.url).port
    with pytest.raises(PortInUse, match=str(port)), serve(site_folder, port=port):
        pass


def test_a_folder_without_a_site_is_named(tmp_path):
    with pytest.raises(MissingInput, match=str(tmp_path)), serve(tmp_path):
        pass


def run_module(*arguments):
    command = [sys.executable, "-W", "error", "-m", "fashiongen.sources.standin", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def read_start(process):
    """The three lines that a started program prints."""
    return [process.stdout.readline() for _ in range(3)]


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_person_is_told_the_addresses_and_how_to_sign_in(site_folder, stop):
    with run_module(site_folder) as process:
        site, images, account = read_start(process)
        process.send_signal(stop)
        _, errors = process.communicate(timeout=120)
    assert re.fullmatch(r"site http://127\.0\.0\.1:\d+\n", site)
    assert re.fullmatch(r"images http://localhost:\d+\n", images)
    assert account == "Sign in as visitor@standin.test with the password runway. Ctrl-C stops the site.\n"
    assert (process.returncode, errors) == (0, "")


@pytest.mark.slow
def test_the_program_stops_with_its_stdin_where_that_is_asked_for(site_folder):
    with run_module(site_folder, "--until-stdin-ends") as process:
        address = read_start(process)[0].split()[1]
        assert httpx.get(f"{address}/login/", trust_env=False).status_code == 200
        _, errors = process.communicate(timeout=120)  # closes its stdin
    assert (process.returncode, errors) == (0, "")


@pytest.mark.slow
def test_the_program_goes_on_without_a_stdin(site_folder):
    with run_module(site_folder) as process:
        address = read_start(process)[0].split()[1]
        process.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        assert httpx.get(f"{address}/login/", trust_env=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0


def test_the_program_says_in_one_line_why_it_cannot_start(tmp_path):
    with run_module(tmp_path) as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert errors == f"error: {tmp_path}/account.json: no such file\n"
