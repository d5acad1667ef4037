"""A number of pixels that all threads which decode at the same time share."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class PixelBudget:
    """So many pixels may be decoded at the same time; who needs more than are free waits."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.restart()

    def restart(self) -> None:
        """Free all pixels: a process that was forked has none of the threads that hold some."""
        self._free = self.most
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, pixels: int) -> Iterator[None]:
        """Wait until so many pixels are free, and hold them for the block.

        Raises:
            ValueError: they are more than there are in all.
        """
        if pixels > self.most:
            raise ValueError(f"{pixels} pixels are over {self.most}")
        with self._changed:
            self._changed.wait_for(lambda: self._free >= pixels)
            self._free -= pixels
        try:
            yield
        finally:
            with self._changed:
                self._free += pixels
                self._changed.notify_all()
