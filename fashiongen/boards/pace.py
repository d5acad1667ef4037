"""A rate limit over several threads."""

import threading
import time


class Pace:
    """At most so many turns a second, evenly spaced, over all threads."""

    def __init__(self, per_s: float) -> None:
        self._interval_s = 1 / per_s
        self._next_s = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until it is the caller's turn."""
        with self._lock:
            turn_s = max(self._next_s, time.monotonic())
            self._next_s = turn_s + self._interval_s
        time.sleep(max(0.0, turn_s - time.monotonic()))
