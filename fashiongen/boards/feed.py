"""The answers of the site's feeds as pins, and its lists of boards and sections."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from fashiongen.boards.pins import Kind, Pin, is_signature, resize, signature_of
from fashiongen.boards.untrusted import items, line, mapping, parse_json, pin_id, utc_day, web_address, whole_number
from fashiongen.errors import SiteError

_LAST_BOOKMARK = "-end-"
_LAST_BOOKMARK_PREFIX = "Y2JOb25lO"  # base64 of "cbNone;"
_BOARD_PATH = re.compile(r"/[^/\s]+/[^/\s]+/")
_FALLBACK_SIZES = ("736x", "474x", "236x")  # any of them has the signature, if the original's address is missing


@dataclass(frozen=True)
class FeedPage:
    """One answer of the feed: its pins in order, and the bookmark that asks for the next."""

    pins: tuple[Pin, ...]
    bookmark: str | None

    @property
    def is_last(self) -> bool:
        """Whether the bookmark says that nothing follows; a page may be short and not be the last."""
        return _is_last(self.bookmark)


@dataclass(frozen=True)
class ListPage:
    """One answer of a list of boards or sections, and the bookmark that asks for the next; None after the last."""

    items: tuple[Mapping[str, Any], ...]
    following: str | None


def _is_last(bookmark: str | None) -> bool:
    return not bookmark or bookmark == _LAST_BOOKMARK or bookmark.startswith(_LAST_BOOKMARK_PREFIX)


def parse_feed(body: str) -> FeedPage:
    """The pins of one answer: promoted pins and modules such as "shop the look" are left out.

    Only the frame of the answer must have the expected form. A pin that says too little is kept as `unreadable`, and a
    value of an unexpected type counts as absent.

    Raises:
        SiteError: the answer is no list of pins.
    """
    data, bookmark = _parse_frame(body)
    if isinstance(data, dict):  # a search has its list one level deeper
        data = data.get("results")
    return FeedPage(tuple(pin for item in _require_list(data) for pin in _parse_item(item)), bookmark)


def _parse_frame(body: str) -> tuple[Any, str | None]:
    """The data of an answer, and its bookmark."""
    try:
        response = mapping(mapping(parse_json(body)).get("resource_response"))
    except ValueError as error:
        raise SiteError("the site's answer is no JSON; see boards/feed.py") from error
    bookmark = response.get("bookmark")
    return response.get("data"), bookmark if isinstance(bookmark, str) else None


def _require_list(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise SiteError("the site's answer holds no list (resource_response.data); see boards/feed.py")
    return data


def _parse_item(value: Any) -> Iterator[Pin]:
    """The pins of an item: none for a module or a promoted pin, several for a carousel."""
    item = mapping(value)
    is_module = isinstance(item.get("type"), str) and item["type"] != "pin"
    if is_module or item.get("is_promoted") is True:
        return
    own_id = pin_id(item.get("id"))
    if own_id is None:
        yield _unreadable(value)
        return
    slots = [
        mapping(mapping(slot).get("images")) for slot in items(mapping(item.get("carousel_data")).get("carousel_slots"))
    ]
    kind = _kind(item)
    if kind == "image" and len(slots) > 1 and any(_known(slot) for slot in slots):
        for number, slot in enumerate(slots, start=1):
            yield _pin(item, own_id if number == 1 else f"{own_id}-{number}", kind, slot, None)
    else:
        yield _pin(item, own_id, kind, mapping(item.get("images")), item.get("image_signature"))


def _unreadable(value: Any) -> Pin:
    """An item without a usable id; its own id is a hash, so that the same item counts once."""
    text = json.dumps(value, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]
    return Pin(
        f"unreadable-{digest}", "unreadable", line(mapping(value).get("title")), "", None, None, None, None, None
    )


def _pin(item: Mapping[str, Any], own_id: str, kind: Kind, images: Mapping[str, Any], signature: Any) -> Pin:
    original, reduced = _address(images, "orig"), _address(images, "736x")
    known = _known(images)
    size = mapping(images.get("orig"))
    return Pin(
        pin_id=own_id,
        kind=kind,
        title=_title(item),
        link=web_address(item.get("link")),
        signature=signature if is_signature(signature) and known else signature_of(known),
        original_url=original or resize(known, "originals") or None,
        reduced_url=reduced or resize(known, "736x") or None,
        width_px=whole_number(size.get("width")),
        height_px=whole_number(size.get("height")),
        pinned_on=utc_day(item.get("created_at")),
    )


def _known(images: Mapping[str, Any]) -> str:
    """The address of the original, or else of the largest that is known; empty if none is."""
    return next(filter(None, (_address(images, size) for size in ("orig", *_FALLBACK_SIZES))), "")


def _address(images: Mapping[str, Any], size: str) -> str:
    return web_address(mapping(images.get(size)).get("url"))


def _kind(item: Mapping[str, Any]) -> Kind:
    """The kind of a pin, by its content: the flag `is_video` is not reliable."""
    if mapping(mapping(item.get("videos")).get("video_list")):
        return "video"
    story = mapping(item.get("story_pin_data"))
    if not story:
        return "image"
    pages = items(story.get("pages"))
    blocks = [mapping(block) for page in pages for block in items(mapping(page).get("blocks"))]
    is_image = len(pages) == 1 and len(blocks) == 1 and bool(mapping(blocks[0].get("image")))
    return "story_image" if is_image else "story"


def _title(item: Mapping[str, Any]) -> str:
    title = item.get("title")
    if isinstance(title, dict):
        title = title.get("text") or title.get("format")
    return line(title) or line(item.get("grid_title"))


@dataclass(frozen=True)
class Section:
    """A section of a board."""

    section_id: str
    title: str
    expected: int | None  # the number of its pins, as the list says


def parse_list(body: str) -> ListPage:
    """One page of a list of boards or sections.

    Raises:
        SiteError: the answer is no list.
    """
    data, bookmark = _parse_frame(body)
    return ListPage(tuple(map(mapping, _require_list(data))), None if _is_last(bookmark) else bookmark)


def read_sections(listed: Iterable[Mapping[str, Any]]) -> list[Section]:
    """The sections of a list; those without an id are left out."""
    sections = (
        Section(pin_id(item.get("id")) or "", line(item.get("title")), whole_number(item.get("pin_count")))
        for item in listed
    )
    return [section for section in sections if section.section_id]


def read_board_paths(listed: Iterable[Mapping[str, Any]]) -> list[str]:
    """The paths of the boards of a list, as in `/aurore/runway-ss26/`, each once."""
    paths = (item["url"] for item in listed if isinstance(item.get("url"), str))
    return list(dict.fromkeys(path for path in paths if _BOARD_PATH.fullmatch(path)))


@dataclass(frozen=True)
class FeedRequest:
    """The address of a page of a feed or a list."""

    url: str

    @classmethod
    def first(cls, site: str, resource: str, source: str, options: Mapping[str, Any]) -> "FeedRequest":
        """The request for a first page, as the script of the site's page `source` would write it."""
        data = json.dumps({"options": options, "context": {}}, separators=(",", ":"))
        return cls(f"{site}{resource}?{urlencode({'source_url': source, 'data': data})}")

    @property
    def path(self) -> str:
        """The path of the resource."""
        return urlsplit(self.url).path

    @property
    def options(self) -> Mapping[str, Any]:
        """What its query asks for; empty where it cannot be read."""
        try:
            return mapping(mapping(parse_json(parse_qs(urlsplit(self.url).query)["data"][0])).get("options"))
        except (KeyError, ValueError):
            return {}

    @property
    def board(self) -> str | None:
        """The path of the board, or None if it names none."""
        board = self.options.get("board_url")
        return board if isinstance(board, str) else None

    @property
    def bookmark(self) -> str | None:
        """The bookmark of the page; None for the first."""
        bookmark = next(iter(items(self.options.get("bookmarks"))), None)
        return bookmark if isinstance(bookmark, str) else None

    def of(self, resource: str, options: Mapping[str, Any]) -> "FeedRequest":
        """A request for the first page of another resource of the same site."""
        return self._with({"options": options, "context": {}}, path=resource)

    def at(self, bookmark: str | None) -> "FeedRequest":
        """The same request for another page."""
        data = dict(mapping(parse_json(parse_qs(urlsplit(self.url).query)["data"][0])))
        data["options"] = dict(self.options) | {"bookmarks": [bookmark] if bookmark else []}
        return self._with(data, path=self.path)

    def _with(self, data: Mapping[str, Any], *, path: str) -> "FeedRequest":
        """The same address with other data, written as the site's own script writes it, and another path."""
        parts = urlsplit(self.url)
        fields = dict(parse_qsl(parts.query, keep_blank_values=True))
        query = urlencode(fields | {"data": json.dumps(data, separators=(",", ":"))})
        return FeedRequest(parts._replace(path=path, query=query).geturl())
