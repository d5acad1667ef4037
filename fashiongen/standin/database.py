"""What the stand-in site shows: boards, their feeds, and the originals behind the pins.

<folder>/boards.json                       a list of SiteBoard
<folder>/images/<signature>.<ext>          an original's bytes, jpg, png or webp
"""

from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from fashiongen.errors import BadInput
from fashiongen.files import read_json, write_json

BOARDS_FILE = "boards.json"
IMAGES = "images"


class Account(NamedTuple):
    """Who may log in."""

    email: str
    password: str


ACCOUNT = Account(
    email="visitor@standin.test", password="runway"
)  # fixed and public: it opens nothing but the stand-in


class SitePin(BaseModel):
    """One item of a feed: a pin, or a module that the site mixes in ("shop the look"), which shows no image of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    type: Literal["pin", "story"]
    kind: Literal["image", "video", "story_pin"]
    title: str
    description: str
    link: str
    signature: str | None  # 32 hexadecimal digits; None for a module
    ext: Literal["jpg", "png", "webp"] | None
    width: int | None  # of the original, in pixels
    height: int | None
    original: Literal["ok", "forbidden"]  # forbidden: 403, while the smaller sizes are served


class SiteBoard(BaseModel):
    """A board's page: its own pins in `feed`, the endless suggestions below its end in `more_ideas`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board_id: str
    url: str  # its path on the site, with slashes at both ends
    name: str
    pin_count: int  # what the page claims; may exceed what the feed holds
    feed: tuple[SitePin, ...]
    more_ideas: tuple[SitePin, ...]


def image_path(folder: Path, signature: str, ext: str) -> Path:
    """Where a site's database keeps an original."""
    return folder / IMAGES / f"{signature}.{ext}"


def write_site(folder: Path, boards: list[SiteBoard]) -> None:
    """Write the boards of a site's database; the originals are the caller's to write at `image_path`."""
    write_json(folder / BOARDS_FILE, [board.model_dump(mode="json") for board in boards])


def read_site(folder: Path) -> list[SiteBoard]:
    """The boards of a site's database.

    Raises:
        MissingInput: there is no boards.json.
        BadInput: it holds something other than boards; the message names the first wrong value.
    """
    path = folder / BOARDS_FILE
    values = read_json(path)
    try:
        return TypeAdapter(list[SiteBoard]).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"{path}: {where}: {first['msg']} (got {first['input']!r}); write the site anew") from error
