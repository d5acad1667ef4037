"""Check that bytes are an image that decodes to its end."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from fashiongen.errors import DownloadFailed
from fashiongen.images.decode import DECODE_FAULTS

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


def inspect_image(content: bytes, formats: tuple[str, ...] = WEB_FORMATS) -> ImageFacts:
    """The facts of an image, once it has been decoded whole.

    Raises:
        DownloadFailed: it is in none of the formats, has more pixels than Pillow thinks safe, or is cut off.
    """
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            _refuse_bomb(image)
            image.load()  # verify() passes a JPEG that is cut off
            width, height = image.size
            ext = _EXTENSIONS[image.format or ""]
    except UnidentifiedImageError as error:
        raise DownloadFailed("not_an_image", transient=False) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DownloadFailed("too_many_pixels", transient=False) from error
    except DECODE_FAULTS as error:
        raise DownloadFailed("broken_image", transient=True) from error
    return ImageFacts(ext, width, height, len(content), hashlib.sha256(content).hexdigest())


def _refuse_bomb(image: Image.Image) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        raise DownloadFailed("too_many_pixels", transient=False)
