"""Fetch one image: with a rate limit, bounds on time and size, checks, and retries of transient failures."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import NamedTuple

import httpx
import stamina

from fashiongen.boards.content import ImageFacts, inspect_image
from fashiongen.boards.hosts import HostPolicy
from fashiongen.boards.pace import Pace
from fashiongen.boards.params import ScrapeParams
from fashiongen.errors import DownloadFailed

MAX_REDIRECTS = 5
HEADERS = {"User-Agent": "fashiongen", "Accept": "image/*", "Accept-Encoding": "identity"}
_TRANSIENT_STATUSES = (408, 429, 500, 502, 503, 504)


class Download(NamedTuple):
    """An image that arrived whole."""

    content: bytes
    facts: ImageFacts


class ImageFetcher:
    """Fetches images from the hosts that a policy allows; several threads may use one."""

    def __init__(self, client: httpx.Client, hosts: HostPolicy, params: ScrapeParams) -> None:
        self._client = client
        self._hosts = hosts
        self._params = params
        self._pace = Pace(params.requests_per_s)
        self._retrying = stamina.RetryingCaller(
            attempts=params.attempts,
            timeout=None,
            wait_initial=params.backoff_s,
            wait_jitter=params.backoff_s,
            wait_max=params.max_backoff_s,
        )

    def fetch(self, url: str) -> Download:
        """The image at `url`, after as many attempts as the params allow.

        Raises:
            DownloadFailed: it did not arrive, or is no image.
        """
        return self._retrying(self._backoff, self._attempt, url)

    def _attempt(self, url: str) -> Download:
        content = self._get(url)
        return Download(content, inspect_image(content))

    def _backoff(self, error: Exception) -> bool | float:
        """Whether to try again; the number of seconds to wait, if the host names one."""
        if not isinstance(error, DownloadFailed) or not error.transient:
            return False
        if error.retry_after_s is None:
            return True
        return error.retry_after_s <= self._params.max_backoff_s and error.retry_after_s

    def _get(self, address: str) -> bytes:
        with _as_failures():
            deadline_s = time.monotonic() + self._params.request_timeout_s
            url = httpx.URL(address)
            for _ in range(MAX_REDIRECTS + 1):
                self._hosts.check(url)
                self._pace.wait()
                with self._client.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        _require_success(response)
                        return self._read(response, deadline_s)
                    url = response.url.join(response.headers["location"])
        raise DownloadFailed("too_many_redirects", transient=False)

    def _read(self, response: httpx.Response, deadline_s: float) -> bytes:
        """The body, unless it is larger than the limit or takes longer than the deadline."""
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._params.max_bytes:
                raise DownloadFailed("too_many_bytes", transient=False)
            if time.monotonic() > deadline_s:
                raise DownloadFailed("timeout", transient=True)
        return bytes(content)


@contextmanager
def open_client(params: ScrapeParams, *, trust_environment: bool) -> Iterator[httpx.Client]:
    """A client without cookies; with `trust_environment`, it uses the proxy that the environment names."""
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    with httpx.Client(
        headers=HEADERS,
        cookies=no_cookies,
        timeout=params.request_timeout_s,
        limits=httpx.Limits(max_connections=params.max_downloads),
        trust_env=trust_environment,
    ) as client:
        yield client


@contextmanager
def _as_failures() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise DownloadFailed("timeout", transient=True) from error
    except httpx.InvalidURL as error:
        raise DownloadFailed("host", transient=False) from error
    except httpx.RequestError as error:
        raise DownloadFailed("connection", transient=True) from error


def _require_success(response: httpx.Response) -> None:
    status = response.status_code
    if status != 200:
        retry_after_s = parse_retry_after(response.headers.get("retry-after", ""))
        transient = status in _TRANSIENT_STATUSES
        raise DownloadFailed(f"http_{status}", transient=transient, retry_after_s=retry_after_s)


def parse_retry_after(text: str) -> float | None:
    """The seconds to wait by a Retry-After header, which holds seconds or a date; None if it holds neither."""
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # no date, or one whose year has too many digits
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
