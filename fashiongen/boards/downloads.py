"""Several downloads at once, each image once."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from fashiongen.boards.archive import ORIGINALS, REDUCED, Archive, Stored
from fashiongen.boards.fetch import ImageFetcher
from fashiongen.boards.pins import Pin
from fashiongen.errors import DownloadFailed


class Downloads:
    """A pool of threads that fill an archive; pins with one signature share one download."""

    def __init__(self, pool: ThreadPoolExecutor, fetcher: ImageFetcher, archive: Archive) -> None:
        self._pool = pool
        self._fetcher = fetcher
        self._archive = archive
        self._futures: dict[str, Future[Stored]] = {}
        self._retried: set[str] = set()

    def submit(self, pin: Pin) -> Future[Stored]:
        """The download of a pin that has a signature; its result may raise DownloadFailed."""
        signature = str(pin.signature)
        if signature not in self._futures:
            self._futures[signature] = self._pool.submit(self._download, signature, pin)
        return self._futures[signature]

    def retry(self, pin: Pin) -> Future[Stored]:
        """A second download of a pin whose first one failed; pins with one signature share it, too."""
        signature = str(pin.signature)
        if signature not in self._retried:
            self._retried.add(signature)
            self._futures[signature] = self._pool.submit(self._download, signature, pin)
        return self._futures[signature]

    def _download(self, signature: str, pin: Pin) -> Stored:
        """The original, or the image at 736 px if the host refuses it; if both fail, the original's error."""
        if stored := self._archive.find(signature):
            return stored
        try:
            return self._fetch(signature, ORIGINALS, pin.original_url)
        except DownloadFailed as refusal:
            if refusal.is_passing or pin.reduced_url is None:
                raise  # a later run may get the original
            try:
                return self._fetch(signature, REDUCED, pin.reduced_url)
            except DownloadFailed:
                raise refusal from None

    def _fetch(self, signature: str, size: str, url: str | None) -> Stored:
        if url is None:
            raise DownloadFailed("no_image", transient=False)
        return self._archive.store(signature, size, self._fetcher.fetch(url))


@contextmanager
def open_downloads(fetcher: ImageFetcher, archive: Archive, *, max_downloads: int) -> Iterator[Downloads]:
    """A pool of downloads; those that have not started are cancelled when the block ends."""
    pool = ThreadPoolExecutor(max_workers=max_downloads, thread_name_prefix="download")
    try:
        yield Downloads(pool, fetcher, archive)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
