"""The addresses that the downloader may request."""

import ipaddress
import socket
from dataclasses import dataclass

import httpx

from fashiongen.errors import DownloadFailed


@dataclass(frozen=True)
class HostPolicy:
    """The hosts that images may come from; checked again at every redirect."""

    hosts: frozenset[str]  # as in an address: a name, with the port where one is given
    allow_local: bool  # also accept http and private addresses, for the local test site

    def check(self, url: httpx.URL) -> None:
        """Accept `url`.

        Raises:
            DownloadFailed: it is not https, not on the list, carries a user name, or leads into a private network.
        """
        is_safe = url.scheme == "https" or (self.allow_local and url.scheme == "http")
        if not is_safe or url.userinfo or url.netloc.decode() not in self.hosts:
            raise DownloadFailed("host", transient=False)
        if not self.allow_local and _is_private(url.host):
            raise DownloadFailed("private_address", transient=False)


def _is_private(host: str) -> bool:
    """Whether a name stands for an address of this machine or its network; false for unknown names."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(not ipaddress.ip_address(address[4][0]).is_global for address in found)
