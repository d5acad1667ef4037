"""The site of a catalogue: its address, the hosts of its images, and the account to sign in with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from fashiongen.boards.catalogue import PINTEREST, STANDIN, Catalogue
from fashiongen.boards.credentials import Credentials, read_credentials
from fashiongen.boards.hosts import HostPolicy
from fashiongen.boards.local_site import read_account, serve_locally
from fashiongen.boards.selectors import IMAGE_HOST


class Site(NamedTuple):
    """The site that has the boards, and how to sign in."""

    url: str
    hosts: HostPolicy
    account: Callable[[], Credentials]
    cookies: Path | None  # the file for the session's cookies; None if they are not kept


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
            yield Site(local.url, hosts, lambda: account, cookies=None)
    else:
        # With cookies, an account may not be needed. Without, it is read before anything is requested from the site.
        credentials = None if cookies.is_file() else read_credentials()
        hosts = HostPolicy(frozenset({IMAGE_HOST}), allow_local=False)
        yield Site(PINTEREST, hosts, lambda: credentials or read_credentials(), cookies)
