"""The image host: a pin's original, and the same image at the three smaller widths, always as JPEG."""

import colorsys
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fashiongen.sources.standin.database import SiteBoard, SitePin, image_path
from fashiongen.sources.standin.pin_json import SIZES, scaled_size

HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}
CACHED_IMAGES = 2048  # of some 10 to 60 kB each


class ImageHost:
    """The images of a site's boards by signature."""

    def __init__(self, folder: Path, boards: Sequence[SiteBoard]) -> None:
        pins = [pin for board in boards for pin in (*board.pins, *board.more_ideas)]
        self._pins = {pin.signature: pin for pin in pins if pin.signature}
        self._folder = folder
        self._smaller = lru_cache(maxsize=CACHED_IMAGES)(self._resize)

    def routes(self) -> list[Route]:
        """The routes of the images."""
        return [
            Route("/75x75_RS/{ab}/{cd}/{ef}/{signature}.jpg", avatar),
            Route("/originals/{ab}/{cd}/{ef}/{signature}.{ext}", self.original),
            Route("/{size}/{ab}/{cd}/{ef}/{signature}.jpg", self.smaller),
        ]

    def original(self, request: Request) -> Response:
        """The bytes as they were uploaded, unless the pin's original is forbidden."""
        pin = self._find(request)
        if pin is None or request.path_params["ext"] != pin.ext:
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        if pin.original == "forbidden":
            return _error(403, "AccessDenied", "Access Denied")
        return FileResponse(image_path(self._folder, pin), headers=HEADERS)

    def smaller(self, request: Request) -> Response:
        """The image no wider than its address says."""
        pin = self._find(request)
        width = SIZES.get(request.path_params["size"])
        if pin is None or width is None:
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        return Response(self._smaller(pin, width), media_type="image/jpeg", headers=HEADERS)

    def _find(self, request: Request) -> SitePin | None:
        """The pin whose image is asked for; the folders must be those of its signature."""
        asked = request.path_params
        signature: str = asked["signature"]
        return self._pins.get(signature) if signature.startswith(asked["ab"] + asked["cd"] + asked["ef"]) else None

    def _resize(self, pin: SitePin, width: int) -> bytes:
        with Image.open(image_path(self._folder, pin)) as image:
            size = scaled_size(pin, width)
            image.draft("RGB", size)  # a JPEG decodes at a half, a quarter or an eighth of its size
            return _jpeg(image.convert("RGB").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))


def avatar(request: Request) -> Response:
    """A disc of one colour in place of somebody's portrait; every signature has one."""
    hue = sum(request.path_params["signature"].encode()) % 360 / 360
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.7, 0.5))
    return Response(_jpeg(Image.new("RGB", (75, 75), (red, green, blue))), media_type="image/jpeg", headers=HEADERS)


def _jpeg(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()


def _error(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(body, status_code=status, media_type="application/xml")
