"""Fetch one image: at the host's pace, within bounds of time and size, checked, and again after a passing failure."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, NamedTuple

import httpcore
import httpx
import stamina

from fashiongen.boards.content import ImageFacts, Inspector
from fashiongen.boards.hosts import HostPolicy
from fashiongen.boards.network import CheckedBackend, Deadline
from fashiongen.boards.pace import Pace
from fashiongen.boards.params import ScrapeParams
from fashiongen.errors import DownloadFailed

MAX_REDIRECTS = 5
HEADERS = {"User-Agent": "fashiongen", "Accept": "image/*", "Accept-Encoding": "identity"}
_TRANSIENT_STATUSES = (408, 429, 500, 502, 503, 504)
_OF_A_RANGE = (206, 416)
_THROTTLED = 429  # a pause for the whole host, as is any status with a Retry-After


class Download(NamedTuple):
    """An image that arrived whole."""

    content: bytes
    facts: ImageFacts


class ImageFetcher:
    """Fetches images from the hosts that a policy allows; several threads may use one."""

    def __init__(self, client: "ImageClient", hosts: HostPolicy, inspector: Inspector, params: ScrapeParams) -> None:
        self._client = client
        self._hosts = hosts
        self._inspector = inspector
        self._params = params
        self._pace = Pace(params.requests_per_s, backoff_s=params.backoff_s, max_backoff_s=params.max_backoff_s)
        self._retrying = stamina.RetryingCaller(
            attempts=params.attempts,
            timeout=None,
            wait_initial=params.backoff_s,
            wait_jitter=params.backoff_s,
            wait_max=params.max_backoff_s,
        )

    def fetch(self, url: str) -> Download:
        """The image at `url`, after as many attempts as the params allow; each asks for what the last one left out.

        Raises:
            DownloadFailed: it did not arrive, or is no image.
        """
        return self._retrying(_is_worth_retrying, self._attempt, url, _Body())

    def _attempt(self, url: str, body: "_Body") -> Download:
        self._get(url, body)
        content = body.take()
        return Download(content, self._inspector.inspect(content))

    def _get(self, address: str, body: "_Body") -> None:
        with _as_failures():
            url = httpx.URL(address)
            for _ in range(MAX_REDIRECTS + 1):
                self._hosts.check(url)
                self._pace.wait()
                with (
                    self._client.deadline.after(self._params.request_timeout_s),
                    self._client.http.stream("GET", url, headers=body.range_wanted()) as response,
                ):
                    if not response.has_redirect_location:
                        self._require_success(response)
                        self._read(response, body)
                        return
                    url = response.url.join(response.headers["location"])
        raise DownloadFailed("too_many_redirects", transient=False)

    def _require_success(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in (200, *_OF_A_RANGE):
            self._pace.accepted()
            return
        retry_after_s = parse_retry_after(response.headers.get("retry-after", ""))
        if status == _THROTTLED or retry_after_s is not None:
            self._pace.refused(retry_after_s)
        raise DownloadFailed(f"http_{status}", transient=status in _TRANSIENT_STATUSES)

    def _read(self, response: httpx.Response, body: "_Body") -> None:
        """Add an answer to the body, unless that makes it larger than the limit."""
        body.begin(response)
        for chunk in response.iter_bytes():
            body.content += chunk
            if len(body.content) > self._params.max_bytes:
                raise DownloadFailed("too_many_bytes", transient=False)


class _Body:
    """What has arrived of an image; the rest is asked for where the host names the version that it sends."""

    def __init__(self) -> None:
        self.content = bytearray()
        self._version = ""  # by which the host knows that it is still the same image

    def range_wanted(self) -> dict[str, str]:
        """The headers that ask for the rest, or for all if another version is there now (RFC 9110, 13.1.5)."""
        is_part = self.content and self._version
        return {"Range": f"bytes={len(self.content)}-", "If-Range": self._version} if is_part else {}

    def begin(self, response: httpx.Response) -> None:
        """Go on with what has arrived, or from the start, as an answer says.

        Raises:
            DownloadFailed: it is another range than was asked for; the next attempt asks for all.
        """
        if response.status_code in _OF_A_RANGE:
            if response.headers.get("content-range", "").startswith(f"bytes {len(self.content)}-"):
                return
            self.take()
            raise DownloadFailed("range", transient=True)
        etag = response.headers.get("etag", "")
        self._version = response.headers.get("last-modified", "") if etag.startswith("W/") or not etag else etag
        self.content.clear()

    def take(self) -> bytes:
        """All that has arrived; another attempt begins from the start."""
        content = bytes(self.content)
        self.content.clear()
        return content


def _is_worth_retrying(error: Exception) -> bool:
    """Whether another attempt may help now; a host that wants a long pause is not asked again at once."""
    return isinstance(error, DownloadFailed) and error.transient and error.reason != "throttled"


class ImageClient(NamedTuple):
    """A client, and the deadline of each thread's request."""

    http: httpx.Client
    deadline: Deadline


@contextmanager
def open_client(params: ScrapeParams, hosts: HostPolicy, *, proxy: str | None) -> Iterator[ImageClient]:
    """A client without cookies that connects to the hosts of a policy, or to all through a proxy."""
    deadline = Deadline()
    options: dict[str, Any] = {
        "ssl_context": httpx.create_ssl_context(),
        "max_connections": params.max_downloads,
        "network_backend": CheckedBackend(deadline, _accept_any if proxy else hosts.check_address),
    }
    transport = httpx.HTTPTransport()
    transport._pool.close()
    transport._pool = httpcore.HTTPProxy(proxy, **options) if proxy else httpcore.ConnectionPool(**options)
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    with httpx.Client(
        headers=HEADERS, cookies=no_cookies, timeout=params.request_timeout_s, transport=transport, trust_env=False
    ) as client:
        yield ImageClient(client, deadline)


def _accept_any(address: str) -> None:
    """The address of a proxy that the user chose may be a private one."""


@contextmanager
def _as_failures() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise DownloadFailed("timeout", transient=True) from error
    except httpx.InvalidURL as error:
        raise DownloadFailed("host", transient=False) from error
    except (httpx.RequestError, httpx.StreamError) as error:
        raise DownloadFailed("connection", transient=True) from error


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
