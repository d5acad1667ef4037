"""Check that bytes are an image that decodes to its end, in a process of its own and within bounds that all share."""

import hashlib
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from fashiongen.errors import DownloadFailed
from fashiongen.images.reading.budget import PixelBudget
from fashiongen.images.reading.decode import MAX_PIXELS, TooManyScans, open_image
from fashiongen.runtime.isolation import ISOLATED, CallTookTooLong

WEB_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
OWN_FORMATS = (*WEB_FORMATS, "TIFF", "BMP")
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

    def __init__(self, *, max_megapixels: float, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._budget = PixelBudget(min(round(max_megapixels * 1_000_000), MAX_PIXELS))

    def inspect(self, content: bytes, formats: tuple[str, ...] = WEB_FORMATS) -> ImageFacts:
        """The facts of an image, once it has been decoded whole.

        Raises:
            DownloadFailed: it is in none of the formats, has too many pixels or scans, is cut off, or is not decoded
                in time.
        """
        try:
            with open_image(content, formats) as opened:
                width, height = opened.image.size
                if width * height > self._budget.most:
                    raise DownloadFailed("too_many_pixels", transient=False)
                with self._budget.reserve(width * height):
                    ISOLATED.call(_decode, content, formats, timeout_s=self._timeout_s)
                ext = _EXTENSIONS[opened.image.format or ""]
        except DownloadFailed:
            raise
        except UnidentifiedImageError as error:
            raise DownloadFailed("not_an_image", transient=False) from error
        except TooManyScans as error:
            raise DownloadFailed("too_many_scans", transient=False) from error
        except CallTookTooLong as error:
            raise DownloadFailed("too_slow", transient=False) from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise DownloadFailed("too_many_pixels", transient=False) from error
        except Exception as error:  # damage meets a decoder anywhere, so no list of what Pillow raises is complete
            raise DownloadFailed("broken_image", transient=True) from error
        return ImageFacts(ext, width, height, len(content), hashlib.sha256(content).hexdigest())


def _decode(content: bytes, formats: tuple[str, ...]) -> None:
    with open_image(content, formats) as opened:
        opened.image.load()  # verify() passes a JPEG that is cut off
