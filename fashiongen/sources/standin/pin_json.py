"""Pins in the form in which the feed's resources give them."""

import zlib
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from fashiongen.sources.standin.database import SitePin

SIZES = {"236x": 236, "474x": 474, "736x": 736}  # path on the image host -> width in pixels


def image_url(image_host: str, size: str, signature: str, ext: str) -> str:
    """The address of an image: three folders named for the signature's first six digits, then the whole of it."""
    folders = "/".join((signature[0:2], signature[2:4], signature[4:6]))
    return f"{image_host}/{size}/{folders}/{signature}.{ext}"


def scaled_size(pin: SitePin, width: int) -> tuple[int, int]:
    """(width, height) of a pin's image at most `width` pixels wide; nothing is enlarged."""
    width = min(width, pin.width)
    return width, max(1, round(pin.height * width / pin.width))


def feed_item(pin: SitePin, image_host: str) -> dict[str, Any]:
    """One element of `resource_response.data`."""
    return _pin(pin, image_host) if pin.type == "pin" else _module(pin, image_host)


def _module(pin: SitePin, image_host: str) -> dict[str, Any]:
    return {
        "id": pin.id,
        "type": "story",
        "story_type": "shop_the_look_module",
        "title": {"format": pin.title or "More products", "args": []},
        "images": _images(pin, image_host) if pin.signature else None,
        "objects": [],
    }


def _pin(pin: SitePin, image_host: str) -> dict[str, Any]:
    images = _images(pin, image_host)
    return {
        "id": pin.id,
        "type": "pin",
        "title": _title(pin),
        "grid_title": pin.title,
        "description": pin.description,
        "link": pin.link or None,
        "domain": urlsplit(pin.link).hostname or "Uploaded by user",
        "image_signature": pin.signature,
        "images": images,
        "dominant_color": _dominant_color(pin),
        "is_video": False,  # as on the live site, also for videos
        "is_promoted": False,
        "videos": {"video_list": _video_list(pin, images)} if pin.kind == "video" else None,
        "story_pin_data": {"page_count": 3, "pages": [], "static_page_count": 3} if pin.kind == "story_pin" else None,
        "carousel_data": None,
        "created_at": format_datetime(pin.created_at) if pin.created_at else None,
    }


def _title(pin: SitePin) -> str | dict[str, Any]:
    """The site gives one title in eight, always the same ones, as an object."""
    if zlib.crc32(pin.id.encode()) % 8 == 0:
        return {"format": pin.title, "text": None, "args": []}
    return pin.title


def _images(pin: SitePin, image_host: str) -> dict[str, dict[str, Any]]:
    signature = str(pin.signature)
    images = {
        size: _image(image_url(image_host, size, signature, "jpg"), scaled_size(pin, width))
        for size, width in SIZES.items()
    }
    original = image_url(image_host, "originals", signature, pin.ext)
    return images | {"orig": _image(original, (pin.width, pin.height))}


def _image(url: str, size: tuple[int, int]) -> dict[str, Any]:
    return {"url": url, "width": size[0], "height": size[1]}


def _video_list(pin: SitePin, images: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    playlist = images["736x"]["url"].replace("/736x/", "/videos/iht/hls/").replace(".jpg", ".m3u8")
    return {
        "V_HLSV4": {
            "url": playlist,
            "width": pin.width,
            "height": pin.height,
            "duration": 12_000,
            "thumbnail": images["736x"]["url"],
        }
    }


def _dominant_color(pin: SitePin) -> str:
    """A pale colour in place of the image until it is there; the signature decides it."""
    red, green, blue = bytes.fromhex(str(pin.signature)[:6])
    return f"#{192 + red // 4:02x}{192 + green // 4:02x}{192 + blue // 4:02x}"
