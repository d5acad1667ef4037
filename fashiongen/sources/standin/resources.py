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
BOARD = "BoardResource"
BOARD_FEED = "BoardFeedResource"
MORE_IDEAS = "BoardContentRecommendationResource"
SEARCH = "BaseSearchResource"
SECTIONS = "BoardSectionsResource"
SECTION_PINS = "BoardSectionPinsResource"
MEMBER_BOARDS = "BoardsResource"
MEMBER_PAGE_BOARDS = 2  # of a list: few, so that a list has several pages
MOST_RESULTS = 1000  # of a search: the site does not show more

PageOf = Callable[[SiteBoard, feed.Position, int], feed.FeedPage]


class Resources:
    """The feeds of a site's boards."""

    def __init__(self, boards: Sequence[SiteBoard], sessions: Sessions, image_host: str, faults: Faults) -> None:
        self._boards = {board.board_id: board for board in boards}
        self._sections = {
            section.section_id: board.model_copy(update={"board_id": section.section_id, "feed": section.feed})
            for board in boards
            for section in board.sections
        }
        self._sessions = sessions
        self._image_host = image_host
        self._faults = faults

    def routes(self) -> list[Route]:
        """The routes of the resources."""
        return [
            Route("/resource/UserSessionResource/create/", self._sessions.create, methods=["POST"]),
            Route(f"/resource/{BOARD}/get/", self.board),
            Route(f"/resource/{BOARD_FEED}/get/", self.board_feed),
            Route(f"/resource/{MORE_IDEAS}/get/", self.more_ideas),
            Route(f"/resource/{SEARCH}/get/", self.search),
            Route(f"/resource/{SECTIONS}/get/", self.sections),
            Route(f"/resource/{SECTION_PINS}/get/", self.section_pins),
            Route(f"/resource/{MEMBER_BOARDS}/get/", self.member_boards),
        ]

    async def board(self, request: Request) -> Response:
        """What is known of a board, by its address."""
        try:
            options = form_options(request.url.query.encode())
        except ValueError as error:
            return failure(400, str(error))
        url = f"/{options.get('username')}/{options.get('slug')}/"
        found = next((board for board in self._boards.values() if board.url == url), None)
        return success(BOARD, _describe(found), bookmark=None) if found else failure(404, "Board not found.")

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

    async def search(self, request: Request) -> Response:
        """A page of the pins whose titles and boards have all the words of a search."""
        return self._answer(request, SEARCH, self._page, self._find_results)

    async def section_pins(self, request: Request) -> Response:
        """A page of a section's pins."""
        return self._answer(
            request, SECTION_PINS, self._page, lambda options: self._sections[str(options["section_id"])]
        )

    async def sections(self, request: Request) -> Response:
        """The list of a board's sections."""
        try:
            board = self._boards[str(form_options(request.url.query.encode()).get("board_id"))]
        except (KeyError, ValueError):
            return failure(404, "Board not found.")
        listed = [{"id": one.section_id, "title": one.title, "pin_count": len(one.feed)} for one in board.sections]
        return success(SECTIONS, listed, bookmark=feed.END)

    async def member_boards(self, request: Request) -> Response:
        """A page of the list of a member's boards."""
        try:
            options = form_options(request.url.query.encode())
            start = int(str(next(iter(options.get("bookmarks") or []), 0)))
        except ValueError as error:
            return failure(400, str(error))
        owned = [board for board in self._boards.values() if board.url.startswith(f"/{options.get('username')}/")]
        if not owned:
            return failure(404, "User not found.")
        stop = start + MEMBER_PAGE_BOARDS
        page = [_describe(board) for board in owned[start:stop]]
        return success(MEMBER_BOARDS, page, bookmark=str(stop) if stop < len(owned) else feed.END)

    def _page(self, board: SiteBoard, start: feed.Position, size: int) -> feed.FeedPage:
        return feed.board_page(board.feed, start, size=size, faults=self._faults)

    def _find_results(self, options: dict[str, Any]) -> SiteBoard:
        query = str(options["query"])
        words = query.casefold().split()
        found = {
            pin.id: pin
            for board in self._boards.values()
            for pin in board.pins
            if pin.type == "pin" and all(word in f"{pin.title} {board.name} {board.url}".casefold() for word in words)
        }
        results = tuple(found.values())[:MOST_RESULTS]
        return SiteBoard(
            board_id=f"search {query}", url="/search/pins/", name=query, pin_count=0, feed=results, more_ideas=()
        )

    def _answer(
        self,
        request: Request,
        name: str,
        page_of: PageOf,
        board_of: Callable[[dict[str, Any]], SiteBoard] | None = None,
    ) -> Response:
        if HANDLER_HEADER not in request.headers:
            return failure(403, f"The header {HANDLER_HEADER} is missing.")
        try:
            options = form_options(request.url.query.encode())
            board = board_of(options) if board_of else self._boards[str(options.get("board_id"))]
            start, size = _start(board, options), _page_size(options)
        except KeyError:
            return failure(404, "Board not found.")
        except (ValueError, BadInput) as error:
            return failure(400, str(error))
        page = page_of(board, start, size) if start else feed.FeedPage((), None)
        items = [feed_item(pin, self._image_host) for pin in page.pins]
        data = {"results": items} if name == SEARCH else items
        return success(name, data, bookmark=feed.encode_bookmark(board, page.following))


def _describe(board: SiteBoard) -> dict[str, Any]:
    return {
        "id": board.board_id,
        "type": "board",
        "url": board.url,
        "name": board.name,
        "owner": {"username": board.url.split("/")[1]},
        "pin_count": board.pin_count,
        "section_count": len(board.sections),
    }


def _start(board: SiteBoard, options: dict[str, Any]) -> feed.Position | None:
    bookmarks = options.get("bookmarks") or []
    return feed.decode_bookmark(board, str(bookmarks[0])) if bookmarks else feed.START


def _page_size(options: dict[str, Any]) -> int:
    return min(max(1, int(options.get("page_size", feed.PAGE_SIZE))), feed.PAGE_SIZE)
