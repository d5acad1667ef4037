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
        assert second == first


def test_a_taken_port_is_named(site, site_folder):
    port = urlsplit(site.url).port
    with pytest.raises(PortInUse, match=str(port)), serve(site_folder, port=port):
        pass


def test_a_folder_without_a_site_is_named(tmp_path):
    with pytest.raises(MissingInput, match=str(tmp_path)), serve(tmp_path):
        pass


def run_module(*arguments):
    command = [sys.executable, "-W", "error", "-m", "fashiongen.sources.standin", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_person_is_told_the_address_and_the_account(site_folder, stop):
    with run_module(site_folder) as process:
        line = process.stdout.readline()
        process.send_signal(stop)
        _, errors = process.communicate(timeout=120)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/  email visitor@standin\.test  password runway .*\n", line)
    assert (process.returncode, errors) == (0, "")


def test_a_wrong_folder_costs_one_line(tmp_path):
    with run_module(tmp_path) as process:
        output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (1, "")
    assert errors == f"{tmp_path}/boards.json: no such file\n"
