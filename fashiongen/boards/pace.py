"""The pace of requests to one host, shared by all threads: a rate limit, and the pauses that the host asks for."""

import threading
import time

from fashiongen.errors import DownloadFailed


class Pace:
    """At most so many turns a second, evenly spaced; none while the host wants a pause."""

    def __init__(self, per_s: float, *, backoff_s: float, max_backoff_s: float) -> None:
        self._interval_s = 1 / per_s
        self._backoff_s = backoff_s
        self._max_backoff_s = max_backoff_s
        self._next_s = 0.0
        self._held_until_s = 0.0
        self._closed_until_s = 0.0
        self._refusals = 0  # in a row
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until it is the caller's turn.

        Raises:
            DownloadFailed: the host wants a longer pause than is waited for.
        """
        while True:
            with self._lock:
                now_s = time.monotonic()
                if now_s < self._closed_until_s:
                    raise DownloadFailed("throttled", transient=True)
                turn_s = max(self._next_s, self._held_until_s, now_s)
                self._next_s = turn_s + self._interval_s
            time.sleep(max(0.0, turn_s - time.monotonic()))
            if turn_s >= self._held_until_s:  # else a pause began meanwhile
                return

    def refused(self, retry_after_s: float | None) -> None:
        """The host asked for a pause, of a length that it named or left open: no thread asks it before the end.

        An open pause begins at `backoff_s` and doubles with each refusal in a row.
        """
        with self._lock:
            now_s = time.monotonic()
            if now_s < self._held_until_s:
                return  # an answer to a request from before the pause
            open_s = min(self._backoff_s * 2 ** min(self._refusals, 30), self._max_backoff_s)
            pause_s = open_s if retry_after_s is None else retry_after_s
            self._refusals += 1
            if pause_s > self._max_backoff_s:
                self._closed_until_s = now_s + pause_s
            else:
                self._held_until_s = now_s + pause_s

    def accepted(self) -> None:
        """The host answered as usual."""
        self._refusals = 0
