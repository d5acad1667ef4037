import socket

import httpx
import pytest

from fashiongen.boards.hosts import HostPolicy
from fashiongen.errors import DownloadFailed

LIVE = HostPolicy(frozenset({"i.pinimg.com"}), allow_local=False)
LOCAL = HostPolicy(frozenset({"localhost:8000"}), allow_local=True)


@pytest.fixture
def resolves_to(monkeypatch):
    def resolve(address):
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: answer)

    return resolve


@pytest.mark.parametrize(
    "url",
    [
        "http://i.pinimg.com/a.jpg",
        "ftp://i.pinimg.com/a.jpg",
        "https://i.pinimg.com.evil.test/a.jpg",
        "https://i.pinimg.com:8443/a.jpg",
        "https://user:word@i.pinimg.com/a.jpg",  # pragma: allowlist secret
        "https://127.0.0.1/a.jpg",
        "https:///a.jpg",
        "/a.jpg",
    ],
)
def test_only_https_and_the_listed_host_pass(resolves_to, url):
    resolves_to("151.101.0.84")
    LIVE.check(httpx.URL("https://i.pinimg.com/originals/a.jpg"))
    with pytest.raises(DownloadFailed, match="host"):
        LIVE.check(httpx.URL(url))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "192.168.1.1", "169.254.169.254", "100.64.0.1"])
def test_a_listed_name_that_leads_into_a_private_network_is_refused(resolves_to, address):
    resolves_to(address)
    with pytest.raises(DownloadFailed, match="private_address"):
        LIVE.check(httpx.URL("https://i.pinimg.com/a.jpg"))


def test_a_local_site_passes_under_its_own_port_only():
    LOCAL.check(httpx.URL("http://localhost:8000/a.jpg"))
    for url in ("http://localhost:8001/a.jpg", "http://127.0.0.1:8000/a.jpg", "file://localhost:8000/etc/passwd"):
        with pytest.raises(DownloadFailed, match="host"):
            LOCAL.check(httpx.URL(url))
