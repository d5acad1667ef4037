import httpx
import pytest

from fashiongen.boards.hosts import HostPolicy
from fashiongen.errors import DownloadFailed

LIVE = HostPolicy(frozenset({"i.pinimg.com"}), allow_local=False)
LOCAL = HostPolicy(frozenset({"localhost:8000"}), allow_local=True)


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
def test_only_https_and_the_listed_host_pass(url):
    LIVE.check(httpx.URL("https://i.pinimg.com/originals/a.jpg"))
    with pytest.raises(DownloadFailed, match="host"):
        LIVE.check(httpx.URL(url))


PRIVATE = [
    *(
        "127.0.0.1",
        "10.0.0.7",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
    ),
    *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.7"),
    *("2002:9765:54::1", "2001:0:9765:54::1"),  # tunnels, wherever they lead
    *("::7f00:1", "64:ff9b::10.0.0.7", "64:ff9b:1::a00:7", "2002:a00:7::1", "2001:0:a00:7::1"),
    *("", "localhost", "10.0.0.7.evil.test"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_this_network_is_refused_in_every_form(address):
    with pytest.raises(DownloadFailed, match="private_address"):
        LIVE.check_address(address)
    LOCAL.check_address(address)


@pytest.mark.parametrize("address", ["151.101.0.84", "2a04:4e42::84", "64:ff9b::151.101.0.84"])
def test_an_address_of_the_internet_passes(address):
    LIVE.check_address(address)


def test_a_local_site_passes_under_its_own_port_only():
    LOCAL.check(httpx.URL("http://localhost:8000/a.jpg"))
    for url in ("http://localhost:8001/a.jpg", "http://127.0.0.1:8000/a.jpg", "file://localhost:8000/etc/passwd"):
        with pytest.raises(DownloadFailed, match="host"):
            LOCAL.check(httpx.URL(url))
