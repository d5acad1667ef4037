"""The site of a catalogue: its address, the hosts of its images, and the account to sign in with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from fashiongen.boards.catalogue import PINTEREST, STANDIN, Catalogue
from fashiongen.boards.credentials import Credentials, read_credentials
from fashiongen.boards.hosts import HostPolicy
from fashiongen.boards.local_site import read_account, serve_locally
from fashiongen.boards.selectors import IMAGE_HOST
from fashiongen.errors import MissingInput


class Site(NamedTuple):
    """The site that has the boards, and how to sign in."""

    url: str
    hosts: HostPolicy
    account: Callable[[], Credentials]
    cookies: Path | None  # the file for the session's cookies; None if they are not kept
    proxy: str | None  # for the images; the browser reads the environment itself


@contextmanager
def open_site(catalogue: Catalogue, boards: Path, cookies: Path) -> Iterator[Site]:
    """The live site, or the local test site that serves `boards`/site, with that folder's account and never the user's.

    Raises:
        MissingInput: there are neither cookies nor an account for the live site.
        SiteError: the local test site did not start.
    """
    if catalogue.site == STANDIN:
        account = read_account(boards / "site")
        with serve_locally(boards / "site") as local:
            hosts = HostPolicy(frozenset({urlsplit(local.image_host).netloc}), allow_local=True)
            yield Site(local.url, hosts, lambda: account, cookies=None, proxy=None)
    else:
        # With cookies, an account may not be needed. Without, it is read before anything is requested from the site.
        credentials = None if cookies.is_file() else read_credentials()
        hosts = HostPolicy(frozenset({IMAGE_HOST}), allow_local=False)
        yield Site(PINTEREST, hosts, lambda: credentials or read_credentials(), cookies, find_proxy(IMAGE_HOST))


def find_proxy(host: str) -> str | None:
    """The proxy that the environment names for https requests to a host, or None.

    Raises:
        MissingInput: it names one that is no address.
    """
    proxy = None if proxy_bypass(host) else getproxies().get("https")
    if proxy and urlsplit(proxy).scheme not in ("http", "https"):
        raise MissingInput(f"HTTPS_PROXY {proxy!r}: no proxy that can be used; write http://host:port, or unset it")
    return proxy or None
