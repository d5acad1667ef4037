"""The studio's server."""

import errno
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from fashiongen.errors import BadArgument, PortInUse
from fashiongen.studio.guard import is_loopback

GRACE_S = 2  # so long a request may take after Ctrl-C


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on an address; port 0 takes a free one.

    Raises:
        PortInUse: another program listens there.
        BadArgument: this machine has no such address.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise BadArgument(f"--host {host}: no address ({error.strerror}); leave it out") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"{host}:{port} is taken by another program; choose another --port") from error
        raise BadArgument(f"--host {host} --port {port}: {error.strerror}") from error
    return listener


def address_of(listener: socket.socket) -> str:
    """The address to open in a browser on this machine."""
    host, port = listener.getsockname()[:2]
    name = host if is_loopback(host) else "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def serve(app: ASGIApp, listener: socket.socket, *, when_up: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `when_up` is called once requests are answered."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            when_up()

    config = uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S
    )
    with suppress(KeyboardInterrupt):  # uvicorn ends its requests, then raises it
        Server(config).run(sockets=[listener])
