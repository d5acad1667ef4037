"""The addresses under `/resource/` that a board's page reads its pins from."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fashiongen.errors import BadInput
from fashiongen.sources.standin import feed
from fashiongen.sources.standin.database import SiteBoard
from fashiongen.sources.standin.envelope import failure, form_options, success
from fashiongen.sources.standin.faults import Faults
from fashiongen.sources.standin.pin_json import feed_item
from fashiongen.sources.standin.sessions import Sessions

HANDLER_HEADER = "X-Pinterest-PWS-Handler"
BOARD_FEED = "BoardFeedResource"
MORE_IDEAS = "BoardContentRecommendationResource"

PageOf = Callable[[SiteBoard, feed.Position, int], feed.FeedPage]


class Resources:
    """The feeds of a site's boards."""

    def __init__(self, boards: Sequence[SiteBoard], sessions: Sessions, image_host: str, faults: Faults) -> None:
        self._boards = {board.board_id: board for board in boards}
        self._sessions = sessions
        self._image_host = image_host
        self._faults = faults

    def routes(self) -> list[Route]:
        """The routes of the resources."""
        return [
            Route("/resource/UserSessionResource/create/", self._sessions.create, methods=["POST"]),
            Route(f"/resource/{BOARD_FEED}/get/", self.board_feed),
            Route(f"/resource/{MORE_IDEAS}/get/", self.more_ideas),
        ]

    async def board_feed(self, request: Request) -> Response:
        """A page of a board's own pins."""
        shown = None if self._sessions.is_member(request) else self._faults.anonymous_pins
        return self._answer(
            request,
            BOARD_FEED,
            lambda board, start, size: feed.board_page(board.feed[:shown], start, size=size, faults=self._faults),
        )

    async def more_ideas(self, request: Request) -> Response:
        """A page of the pins below a board."""
        return self._answer(
            request, MORE_IDEAS, lambda board, start, size: feed.ideas_page(board.more_ideas, start, size=size)
        )

    def _answer(self, request: Request, name: str, page_of: PageOf) -> Response:
        if HANDLER_HEADER not in request.headers:
            return failure(403, f"The header {HANDLER_HEADER} is missing.")
        try:
            options = form_options(request.url.query.encode())
            board = self._boards[str(options.get("board_id"))]
            start, size = _start(board, options), _page_size(options)
        except KeyError:
            return failure(404, "Board not found.")
        except (ValueError, BadInput) as error:
            return failure(400, str(error))
        page = page_of(board, start, size) if start else feed.FeedPage((), None)
        items = [feed_item(pin, self._image_host) for pin in page.pins]
        return success(name, items, bookmark=feed.encode_bookmark(board, page.following))


def _start(board: SiteBoard, options: dict[str, Any]) -> feed.Position | None:
    bookmarks = options.get("bookmarks") or []
    return feed.decode_bookmark(board, str(bookmarks[0])) if bookmarks else feed.START


def _page_size(options: dict[str, Any]) -> int:
    return min(max(1, int(options.get("page_size", feed.PAGE_SIZE))), feed.PAGE_SIZE)
