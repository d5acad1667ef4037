"""What is known while images are collected: events to show, and the collected images."""

from collections.abc import Generator, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from fashiongen.images.manifest import BoardRecord, PinRecord


@runtime_checkable
class Collected(Protocol):
    """A pin or a photograph, whether it has a usable image or not."""

    @property
    def record(self) -> PinRecord:
        """Its row of pins.csv."""

    def read(self) -> bytes:
        """The bytes of its image; asked for only if the row names a file."""


class Notice(NamedTuple):
    """Something that the user should know."""

    text: str  # one line


class EntryOpened(NamedTuple):
    """Collecting one entry of the catalogue begins."""

    name: str
    expected: int | None  # the number of its images; a board's page may claim more than there are
    unit: str


class ImagesFound(NamedTuple):
    """Images were found since the last event, and so many of the entry's downloads have ended by now."""

    new: int
    saved: int = 0
    failed: int = 0


class DownloadsLeft(NamedTuple):
    """All boards were walked; so many downloads are not over yet. An `ImagesFound` follows for each."""

    number: int


class EntryFinished(NamedTuple):
    """All images of an entry are collected."""

    images: Sequence[Collected]  # in the order of the board's feed, or sorted by name
    record: BoardRecord


Event = Notice | EntryOpened | ImagesFound | DownloadsLeft | EntryFinished
Events = Generator[Event, None, None]
