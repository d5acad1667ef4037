"""The answers of the site's feed resource as pins."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fashiongen.boards.pins import Kind, Pin, is_signature, signature_of
from fashiongen.errors import SiteError

_LAST_BOOKMARKS = ("", "-end-")
_LAST_BOOKMARK_PREFIX = "Y2JOb25lO"  # base64 of "cbNone;"


@dataclass(frozen=True)
class FeedPage:
    """One answer of the feed: its pins in order, and the bookmark that asks for the next."""

    pins: tuple[Pin, ...]
    bookmark: str | None

    @property
    def is_last(self) -> bool:
        """Whether the bookmark says that nothing follows; a page may be short and not be the last."""
        bookmark = self.bookmark or ""
        return bookmark in _LAST_BOOKMARKS or bookmark.startswith(_LAST_BOOKMARK_PREFIX)


class _Model(BaseModel):
    """A part of the site's JSON; other keys are ignored."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class _Image(_Model):
    url: str
    width: int | None = None
    height: int | None = None


class _Item(_Model):
    id: str | None = None
    type: str | None = None
    title: Any = None  # sometimes an object
    grid_title: str | None = None
    link: str | None = None
    image_signature: str | None = None
    images: dict[str, _Image] | None = None
    videos: dict[str, Any] | None = None
    story_pin_data: dict[str, Any] | None = None
    is_promoted: bool | None = None


class _Response(_Model):
    data: list[_Item] = Field(...)
    bookmark: str | None = None


class _Answer(_Model):
    resource_response: _Response


def parse_feed(body: str) -> FeedPage:
    """The pins of one answer: promoted pins and modules such as "shop the look" are left out.

    Raises:
        SiteError: the answer does not have the expected form; the message names the place.
    """
    try:
        response = _Answer.model_validate_json(body).resource_response
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise SiteError(
            f"the feed's answer does not have the expected form: {where}: {first['msg']}; see boards/feed.py"
        ) from error
    pins = (_pin(item, item.id) for item in response.data if item.id and item.type == "pin" and not item.is_promoted)
    return FeedPage(tuple(pins), response.bookmark)


def _pin(item: _Item, pin_id: str) -> Pin:
    images = item.images or {}
    original, reduced = images.get("orig"), images.get("736x")
    return Pin(
        pin_id=pin_id,
        kind=_kind(item),
        title=_title(item),
        link=item.link or "",
        signature=_signature(item, original),
        original_url=original.url if original else None,
        reduced_url=reduced.url if reduced else None,
        width_px=original.width if original else None,
        height_px=original.height if original else None,
    )


def _kind(item: _Item) -> Kind:
    """The kind of a pin, by its content: the flag `is_video` is not reliable."""
    if (item.videos or {}).get("video_list"):
        return "video"
    return "story" if item.story_pin_data else "image"


def _title(item: _Item) -> str:
    title = item.title
    if isinstance(title, Mapping):
        title = title.get("text") or title.get("format")
    text = title if isinstance(title, str) and title else item.grid_title or ""
    return " ".join(text.split())


def _signature(item: _Item, original: _Image | None) -> str | None:
    if is_signature(item.image_signature):
        return item.image_signature
    return signature_of(original.url) if original else None


def board_of(feed_url: str) -> str | None:
    """The path of the board whose feed an address asks for, or None if it names none."""
    try:
        options = json.loads(parse_qs(urlsplit(feed_url).query)["data"][0])["options"]
        return str(options["board_url"])
    except (KeyError, TypeError, ValueError):
        return None
