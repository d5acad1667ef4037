"""The pages of a board's feed and of the endless ideas below it, and the bookmarks between them."""

import base64
import json
from collections.abc import Sequence
from typing import NamedTuple

from fashiongen.errors import BadInput
from fashiongen.sources.standin.database import SiteBoard, SitePin
from fashiongen.sources.standin.faults import Faults

END = "-end-"
PAGE_SIZE = 25  # the size that the page's script requests, and the largest that is served


class Position(NamedTuple):
    """Where a page begins."""

    offset: int  # items before it
    page: int  # pages before it


class FeedPage(NamedTuple):
    """Some items, and where the next page begins; None after the last."""

    pins: Sequence[SitePin]
    following: Position | None


START = Position(offset=0, page=0)


def encode_bookmark(board: SiteBoard, position: Position | None) -> str:
    """The opaque text that asks for the page at `position`."""
    if position is None:
        return END
    return base64.urlsafe_b64encode(json.dumps([board.board_id, *position]).encode()).decode()


def decode_bookmark(board: SiteBoard, bookmark: str) -> Position | None:
    """The position that a bookmark of this board stands for; None is the end.

    Raises:
        BadInput: the bookmark is not one of this board's.
    """
    if bookmark == END:
        return None
    try:
        board_id, offset, page = json.loads(base64.urlsafe_b64decode(bookmark))
        position = Position(int(offset), int(page))
    except (TypeError, ValueError) as error:
        raise BadInput(f"bookmark {bookmark!r}: not one of this site's") from error
    if board_id != board.board_id:
        raise BadInput(f"bookmark {bookmark!r}: of another board than {board.url}")
    return position


def board_page(pins: Sequence[SitePin], start: Position, *, size: int, faults: Faults) -> FeedPage:
    """The page of a board's own pins that begins at `start`."""
    is_short = faults.short_page_every > 0 and (start.page + 1) % faults.short_page_every == 0
    stop = start.offset + (max(1, size // 3) if is_short else size)
    following = Position(stop, start.page + 1) if stop < len(pins) else None
    return FeedPage(pins[start.offset : stop], following)


def ideas_page(pins: Sequence[SitePin], start: Position, *, size: int) -> FeedPage:
    """The page of "Find more ideas" that begins at `start`: there is always a next one, unless there are no ideas."""
    if not pins:
        return FeedPage((), None)
    numbers = range(start.offset, start.offset + size)
    ideas = [renumbered(pins[number % len(pins)], number // len(pins)) for number in numbers]
    return FeedPage(ideas, Position(start.offset + size, start.page + 1))


def renumbered(pin: SitePin, cycle: int) -> SitePin:
    """The pin as it comes round the `cycle`-th time, under an id of its own."""
    return pin if cycle == 0 else pin.model_copy(update={"id": f"{pin.id}{cycle:04d}"})


def promoted_pins(board: SiteBoard, faults: Faults) -> list[SitePin]:
    """Pins that the page mixes among a board's own, though no feed of the board has them."""
    count = len(board.feed) // faults.promoted_every if faults.promoted_every and board.more_ideas else 0
    return [
        board.more_ideas[number % len(board.more_ideas)].model_copy(update={"id": f"{board.board_id}9{number:04d}"})
        for number in range(count)
    ]
