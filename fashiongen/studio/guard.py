"""Which requests the studio answers: those of its own page, and of bodies that are not too large."""

import ipaddress
import socket
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MAX_BODY = 64 << 20  # bytes of a photograph or an exported collection
SAFE_METHODS = ("GET", "HEAD")
HEADERS = {
    b"content-security-policy": b"default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}


def is_loopback(host: str) -> bool:
    """Whether a server on this address can be reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Refuses requests for other hosts, from other sites' pages, and with a body of more than `MAX_BODY`.

    Another site's page can have a browser send requests here. Its name in `Origin` shows that; and one that has its own
    name lead to this machine (DNS rebinding) shows it in `Host`. So a host is a name of the loopback address, or, for a
    server that others may reach, an address in numbers or this machine's name.
    """

    def __init__(self, app: ASGIApp, *, host: str) -> None:
        self.app = app
        self._names = set(LOOPBACK) if is_loopback(host) else {*LOOPBACK, host, *_own_names()}
        self._any_address = not is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        if (refusal := self._find_refusal(scope["method"], headers)) is not None:
            status, text = refusal
            await JSONResponse({"error": text}, status)(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise BodyTooLarge
            return message

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS.items()]
            await send(message)

        await self.app(scope, receive_limited, send_with_headers)

    def _find_refusal(self, method: str, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not self._is_own(host):
            return 403, f"Host {host!r} is none of this studio's; open it by the address that it printed"
        if method not in SAFE_METHODS and headers.get("origin") != f"http://{host}":
            return 403, "a request of another site's page, or of none; open the studio's own page"
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return 400, "the length of the body is no number"
        if int(length) > MAX_BODY:
            return 413, f"larger than {MAX_BODY >> 20} MB"
        return None

    def _is_own(self, host: str) -> bool:
        name = host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.partition(":")[0]
        return name.lower() in self._names or (self._any_address and _is_address(name))


class BodyTooLarge(Exception):
    """A body grew past `MAX_BODY` without having said so."""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own_names() -> Iterable[str]:
    return socket.gethostname(), socket.getfqdn()
