"""Check that bytes are an image that decodes to its end, within bounds that all threads share."""

import hashlib
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from fashiongen.errors import DownloadFailed

WEB_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
OWN_FORMATS = (*WEB_FORMATS, "TIFF", "BMP")
MAX_SCANNED_PIXELS = 1_000_000_000  # of a progressive JPEG, over all its scans: some five seconds
_START_OF_SCAN = b"\xff\xda"
_EXTENSIONS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "TIFF": "tif", "BMP": "bmp"}


@dataclass(frozen=True)
class ImageFacts:
    """What the bytes themselves say; a file's name and a Content-Type do not count."""

    ext: str
    width_px: int
    height_px: int
    bytes: int
    sha256: str


class Inspector:
    """Decodes images to see whether they are whole; all that are decoded at the same time share one limit of pixels."""

    def __init__(self, max_megapixels: float) -> None:
        self._most = self._free = min(round(max_megapixels * 1_000_000), Image.MAX_IMAGE_PIXELS or 2**31)
        self._changed = threading.Condition()

    def inspect(self, content: bytes, formats: tuple[str, ...] = WEB_FORMATS) -> ImageFacts:
        """The facts of an image, once it has been decoded whole.

        Raises:
            DownloadFailed: it is in none of the formats, has too many pixels or scans, or is cut off.
        """
        try:
            with Image.open(io.BytesIO(content), formats=formats) as image:
                width, height = image.size
                _refuse_scans(image, content)
                with self._reserve(width * height):
                    image.load()  # verify() passes a JPEG that is cut off
                ext = _EXTENSIONS[image.format or ""]
        except DownloadFailed:
            raise
        except UnidentifiedImageError as error:
            raise DownloadFailed("not_an_image", transient=False) from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise DownloadFailed("too_many_pixels", transient=False) from error
        except Exception as error:  # damage meets a decoder anywhere, so no list of what Pillow raises is complete
            raise DownloadFailed("broken_image", transient=True) from error
        return ImageFacts(ext, width, height, len(content), hashlib.sha256(content).hexdigest())

    @contextmanager
    def _reserve(self, pixels: int) -> Iterator[None]:
        """Wait until so many pixels are free."""
        if pixels > self._most:
            raise DownloadFailed("too_many_pixels", transient=False)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= pixels)
            self._free -= pixels
        try:
            yield
        finally:
            with self._changed:
                self._free += pixels
                self._changed.notify_all()


def _refuse_scans(image: Image.Image, content: bytes) -> None:
    """A progressive JPEG is decoded anew for each of its scans, of which a small file can have thousands."""
    if image.format in ("JPEG", "MPO"):
        scans = content.count(_START_OF_SCAN)
        if scans * image.width * image.height > MAX_SCANNED_PIXELS:
            raise DownloadFailed("too_many_scans", transient=False)
