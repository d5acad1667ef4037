"""The addresses that the downloader may request and connect to."""

import ipaddress
from dataclasses import dataclass

import httpx

from fashiongen.errors import DownloadFailed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 networks whose addresses end in an IPv4 address that a router translates to: NAT64 (RFC 6052, RFC 8215) and
# IPv4-compatible addresses (RFC 4291, 2.5.5.1).
_ENDS_IN_IPV4 = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
# Tunnels to an IPv4 address, 6to4 and Teredo: no image host has such an address, and only some versions of Python count
# them as public.
_TUNNELS = tuple(map(ipaddress.IPv6Network, ("2002::/16", "2001::/32")))


@dataclass(frozen=True)
class HostPolicy:
    """The hosts that images may come from; checked again at every redirect and at every connection."""

    hosts: frozenset[str]  # as in an address: a name, with the port where one is given
    allow_local: bool  # also accept http and private addresses, for the local test site

    def check(self, url: httpx.URL) -> None:
        """Accept `url`.

        Raises:
            DownloadFailed: it is not https, not on the list, or carries a user name.
        """
        is_safe = url.scheme == "https" or (self.allow_local and url.scheme == "http")
        if not is_safe or url.userinfo or url.netloc.decode() not in self.hosts:
            raise DownloadFailed("host", transient=False)

    def check_address(self, address: str) -> None:
        """Accept the address that a name stands for, before it is connected to.

        Raises:
            DownloadFailed: it is no public one.
        """
        if not self.allow_local and not is_public(address):
            raise DownloadFailed("private_address", transient=False)


def is_public(address: str) -> bool:
    """Whether an address is a single host of the internet, also where it holds an IPv4 address in another form."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    is_tunnel = any(parsed in network for network in _TUNNELS)
    is_host = parsed.is_global and not parsed.is_multicast and not is_tunnel
    return is_host and all(is_public(str(inner)) for inner in _embedded(parsed))


def _embedded(address: Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses inside an IPv6 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped]
    if any(address in network for network in _ENDS_IN_IPV4):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in found if inner is not None]
