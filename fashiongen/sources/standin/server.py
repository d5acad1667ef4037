"""The site's server: on the loopback address, in a thread of its own."""

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn

from fashiongen.errors import PortInUse, SiteError
from fashiongen.sources.standin.app import IMAGE_HOST_NAME, SITE_NAME, build_app
from fashiongen.sources.standin.disturbances import Disturbed, Request
from fashiongen.sources.standin.faults import USUAL, Faults

ANY_PORT = 0
START_TIMEOUT_S = 30


class Site(NamedTuple):
    """Where a running site is reached."""

    url: str
    image_host: str  # another origin, which the site's cookies never reach
    requests: list[Request]  # all that came so far


@contextmanager
def serve(folder: Path, *, port: int = ANY_PORT, faults: Faults = USUAL) -> Iterator[Site]:
    """The site of `folder`, served until the block ends; only this machine reaches it.

    Raises:
        MissingInput, BadInput: the folder holds no whole site.
        PortInUse: another program listens on `port`.
    """
    with _listen(port) as listener:
        port = listener.getsockname()[1]
        image_host = f"http://{IMAGE_HOST_NAME}:{port}"
        app = build_app(folder, image_host=image_host, faults=faults)
        with _run(app, listener):
            yield Site(f"http://{SITE_NAME}:{port}", image_host, app.requests)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((SITE_NAME, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortInUse(f"{SITE_NAME}:{port} is taken by another program; stop it, or choose another port") from error
    return listener


@contextmanager
def _run(app: Disturbed, listener: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="standin", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield
    finally:
        server.should_exit = True
        thread.join()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise SiteError(
                "the local test site did not start; run `python -m fashiongen.sources.standin FOLDER` to see why"
            )
        time.sleep(0.01)
