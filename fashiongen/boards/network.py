"""Connections with a deadline for the whole request, to addresses that were checked.

httpx bounds each read, so a host that sends a byte now and then holds a request for ever. And it resolves a name by
itself, so a name that was checked could lead somewhere else a moment later. Both are decided here, below httpx.
"""

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore


class Deadline:
    """The time at which the current thread's request must be over."""

    def __init__(self) -> None:
        self._local = threading.local()

    @contextmanager
    def after(self, seconds: float) -> Iterator[None]:
        """Bound what the block does on the network."""
        self._local.end_s = time.monotonic() + seconds
        try:
            yield
        finally:
            del self._local.end_s

    def left_s(self, timeout_s: float | None) -> float:
        """The seconds that one operation may take; at most `timeout_s`, and zero or less when the time is over."""
        end_s = getattr(self._local, "end_s", float("inf"))
        return min(timeout_s if timeout_s is not None else float("inf"), end_s - time.monotonic())


class CheckedBackend(httpcore.SyncBackend):
    """httpcore's connections; each name is resolved once, and the address that passes `check` is connected to."""

    def __init__(self, deadline: Deadline, check: Callable[[str], None]) -> None:
        self._deadline = deadline
        self._check = check

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """As httpcore's, with the addresses of `host` tried in turn; raises what `check` raises."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError(f"{host}: no address")
        for address in _resolve(host, port, self._deadline.left_s(timeout)):
            self._check(address)
            left_s = self._deadline.left_s(timeout)
            if left_s <= 0:
                raise httpcore.ConnectTimeout(host)
            try:
                stream = super().connect_tcp(address, port, left_s, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _resolve(host: str, port: int, timeout_s: float) -> list[str]:
    """The addresses of a name; the system's resolver knows no timeout, so a thread waits for it."""
    answers: queue.Queue[list[str] | Exception] = queue.Queue()

    def look_up() -> None:
        try:
            answers.put([str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=max(0.0, min(timeout_s, threading.TIMEOUT_MAX)))
    except queue.Empty:
        raise httpcore.ConnectTimeout(host) from None
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(str(answer)) from answer
    return answer


class _TimedStream(httpcore.NetworkStream):
    """A stream whose operations end with the request's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left_s(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = self._left_s(timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left_s), self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _left_s(self, timeout_s: float | None, expired: type[httpcore.TimeoutException]) -> float:
        left_s = self._deadline.left_s(timeout_s)
        if left_s <= 0:
            raise expired("the request's deadline is over")
        return left_s
