"""The answers of one of the site's resources, from the browser's network events."""

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome


class Response(NamedTuple):
    """A finished answer; the body is None if it did not arrive whole, is no text, or the browser no longer had it."""

    url: str
    status: int  # 0 if the request failed without an answer
    body: str | None


class Traffic:
    """The answers of one resource, in the order in which they arrived.

    The browser keeps a body only for a while, so poll at each step. Each event is returned once: if two `Traffic`
    are used at the same time, each misses the events that the other took.
    """

    def __init__(self, driver: Chrome, resource: str) -> None:
        self._driver = driver
        self._resource = resource
        self._asked: dict[str, str] = {}  # address by the request's id
        self._answered: dict[str, tuple[str, int]] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether a request has no finished answer yet."""
        return bool(self._asked)

    def poll(self) -> list[Response]:
        """The answers that have ended since the last call."""
        responses = (self._follow(method, params) for method, params in self._events())
        return [response for response in responses if response]

    def _events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for entry in self._driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            yield message["method"], message["params"]

    def _follow(self, method: str, params: dict[str, Any]) -> Response | None:
        request_id = params.get("requestId", "")
        if method == "Network.requestWillBeSent" and self._is_ours(params["request"]["url"]):
            self._asked[request_id] = params["request"]["url"]
        elif method == "Network.responseReceived" and request_id in self._asked:
            self._answered[request_id] = (params["response"]["url"], params["response"]["status"])
        elif method in ("Network.loadingFinished", "Network.loadingFailed") and request_id in self._asked:
            url = self._asked.pop(request_id)
            url, status = self._answered.pop(request_id, (url, 0))
            return Response(url, status, self._body(request_id) if method == "Network.loadingFinished" else None)
        return None

    def _is_ours(self, url: str) -> bool:
        return urlsplit(url).path == self._resource

    def _body(self, request_id: str) -> str | None:
        try:
            answer = self._driver.execute_cdp_cmd("Network.getResponseBody", {"requestId": request_id})
            return base64.b64decode(answer["body"]).decode() if answer["base64Encoded"] else answer["body"]
        except (WebDriverException, ValueError):  # the second: bytes that are no text
            return None
