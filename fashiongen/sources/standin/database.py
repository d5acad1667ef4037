"""What the local test site serves: a folder with `boards.json`, `account.json` and `images/<signature>.<ext>`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from fashiongen.errors import BadInput, MissingInput
from fashiongen.files import read_json, write_json

Signature = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
BoardUrl = Annotated[str, StringConstraints(pattern=r"^/[\w-]+/[\w-]+/$")]


class Account(BaseModel):
    """What the login form takes: `account.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: str
    password: str


ACCOUNT = Account(email="visitor@standin.test", password="runway")


class SitePin(BaseModel):
    """One item of a board's feed: a pin, or a module such as "shop the look" (`type` story)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    type: Literal["pin", "story"]
    kind: Literal["image", "video", "story_pin"]
    title: str
    description: str
    link: str
    signature: Signature | None  # None only for modules
    ext: Literal["jpg", "png", "webp"]  # the original's; smaller sizes are always jpg
    width: int  # of the original, in pixels
    height: int
    original: Literal["ok", "forbidden"]
    created_at: AwareDatetime | None = None  # None: the feed does not say when it was pinned

    @model_validator(mode="after")
    def _pins_have_an_image(self) -> "SitePin":
        if self.type == "pin" and self.signature is None:
            raise ValueError(f"pin {self.id} has no signature")
        return self


class SiteSection(BaseModel):
    """A part of a board; its pins are not in the board's own feed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section_id: str
    title: str
    feed: tuple[SitePin, ...]


class SiteBoard(BaseModel):
    """A board with its pins in feed order, and what "Find more ideas" below it shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board_id: str
    url: BoardUrl  # its path, as in /aurore/runway-ss26/
    name: str
    pin_count: int  # what the page says; it may exceed the number of pins
    feed: tuple[SitePin, ...]
    more_ideas: tuple[SitePin, ...]
    sections: tuple[SiteSection, ...] = ()

    @property
    def pins(self) -> tuple[SitePin, ...]:
        """All that it shows, in its feed and its sections."""
        return (*self.feed, *(pin for section in self.sections for pin in section.feed))


def image_path(folder: Path, pin: SitePin) -> Path:
    """Where the original of a pin lies in a site's folder."""
    return folder / "images" / f"{pin.signature}.{pin.ext}"


def write_site(folder: Path, boards: Sequence[SiteBoard], account: Account = ACCOUNT) -> None:
    """Write `boards.json` and `account.json`; the caller writes the images to `image_path`."""
    write_json(folder / "boards.json", [board.model_dump(mode="json") for board in boards])
    write_json(folder / "account.json", account.model_dump())


def read_site(folder: Path) -> list[SiteBoard]:
    """The boards of a site, each of whose images is there.

    Raises:
        MissingInput: there is no `boards.json`, or an image is missing.
        BadInput: `boards.json` does not hold boards; the message gives the place.
    """
    boards: list[SiteBoard] = _read(list[SiteBoard], folder / "boards.json")
    _require_images(folder, boards)
    return boards


def read_account(folder: Path) -> Account:
    """The account that a site lets in.

    Raises:
        MissingInput, BadInput: there is no `account.json`, or it does not hold an account.
    """
    account: Account = _read(Account, folder / "account.json")
    return account


def _read(model: Any, path: Path) -> Any:
    try:
        return TypeAdapter(model).validate_python(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _require_images(folder: Path, boards: Sequence[SiteBoard]) -> None:
    there = {path.name for path in (folder / "images").glob("*")}
    for board in boards:
        for pin in (*board.pins, *board.more_ideas):
            if pin.signature and image_path(folder, pin).name not in there:
                raise MissingInput(f"{image_path(folder, pin)}: no such file; pin {pin.id} of {board.url} needs it")
