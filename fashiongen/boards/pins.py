"""A pin as a board shows it, before its image is downloaded."""

import re
from dataclasses import dataclass
from typing import Literal

# A story is a pin of several pages, a story_image one whose only page is an image. An unreadable pin is an item of the
# feed that says too little.
Kind = Literal["image", "video", "story", "story_image", "unreadable"]

_IMAGE_PATH = re.compile(r"/(originals|\d+x\d*)/(?P<shards>../../..)/(?P<signature>[0-9a-f]{32})\.\w+$")


@dataclass(frozen=True)
class Pin:
    """One image of a board: what it shows, and its addresses. A carousel gives several, with numbered ids."""

    pin_id: str
    kind: Kind
    title: str
    link: str  # the page that the pin links to; empty if there is none
    signature: str | None  # the image's name on its host, 32 hexadecimal digits; None when the pin shows no image
    original_url: str | None
    reduced_url: str | None  # 736 px wide, used if the host refuses the original
    width_px: int | None  # of the original, as the feed says
    height_px: int | None
    section: str = ""  # of the board; empty outside of all sections
    pinned_on: str = ""  # the day in UTC, as in 2026-01-24; empty where the feed does not say it


def signature_of(image_url: str) -> str | None:
    """The signature in an image's address, or None if it is no address of the image host."""
    match = _IMAGE_PATH.search(image_url)
    return match["signature"] if match else None


def resize(image_url: str, size: str) -> str:
    """The address of the same image in another of the host's sizes, such as `originals` or `736x`."""
    return _IMAGE_PATH.sub(lambda match: match[0].replace(match[1], size, 1), image_url)


def is_signature(text: object) -> bool:
    """Whether `text` can serve as a file's name: 32 lower-case hexadecimal digits and nothing else."""
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{32}", text) is not None
