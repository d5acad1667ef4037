"""The site's pages: home, login, board and pin."""

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from fashiongen.sources.standin import feed
from fashiongen.sources.standin.database import SiteBoard, SitePin
from fashiongen.sources.standin.faults import Faults
from fashiongen.sources.standin.pin_json import feed_item, image_url
from fashiongen.sources.standin.resources import BOARD_FEED, SEARCH
from fashiongen.sources.standin.sessions import CSRF_COOKIE, Sessions, set_csrf_cookie

HERE = Path(__file__).parent
NOT_FOUND = "/?show_error=true"


class ClassNames:
    """Random names of CSS classes, which differ at each start of the site."""

    def __init__(self, salt: str) -> None:
        self._salt = salt

    def __getitem__(self, name: str) -> str:
        """The hashed name that stands for `name` in the pages and in the style sheet."""
        return "x" + hashlib.sha256(f"{self._salt}{name}".encode()).hexdigest()[:5]


class Pages:
    """The pages for a browser."""

    def __init__(self, boards: Sequence[SiteBoard], sessions: Sessions, image_host: str, faults: Faults) -> None:
        self._boards = {board.url: board for board in boards}
        self._pins = {pin.id: pin for board in boards for pin in (*board.pins, *board.more_ideas)}
        self._sessions = sessions
        self._image_host = image_host
        self._faults = faults
        self._classes = ClassNames(secrets.token_hex(4))
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )

    def routes(self) -> list[Route | Mount]:
        """The routes of the pages."""
        return [
            Route("/", self.home),
            Route("/login/", self.login),
            Route("/site.css", self.style_sheet),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Route("/pin/{pin_id}/", self.pin),
            Route("/search/pins/", self.search),
            Route("/{user}/{slug}/", self.board),
        ]

    async def home(self, request: Request) -> Response:
        """The list of boards; with `show_error`, also a message that a page was not found."""
        covers = [(board, self._cover(board)) for board in self._boards.values()]
        return self._show("home.html", request, covers=covers, show_error="show_error" in request.query_params)

    async def login(self, request: Request) -> Response:
        """The login form; a member is redirected to the home page."""
        if self._sessions.is_member(request):
            return RedirectResponse("/", status_code=302)
        return self._show("login.html", request)

    async def board(self, request: Request) -> Response:
        """A board's page: a frame that its script fills."""
        board = self._boards.get(request.url.path)
        if board is None:
            return RedirectResponse(NOT_FOUND, status_code=302)
        return self._show("board.html", request, board=board, avatar=self._avatar(board.url), state=self._state(board))

    async def search(self, request: Request) -> Response:
        """The results of a search: the frame of a board's page, without its header and its end."""
        words = request.query_params.get("q", "")
        state = self._state(None) | {
            "feed": {"name": SEARCH, "options": {"query": words, "scope": "pins", "rs": "typed"}}
        }
        return self._show("search.html", request, words=words, state=state)

    async def pin(self, request: Request) -> Response:
        """One pin, large."""
        pin = self._pins.get(request.path_params["pin_id"])
        if pin is None or pin.signature is None:
            return RedirectResponse(NOT_FOUND, status_code=302)
        image = image_url(self._image_host, "736x", pin.signature, "jpg")
        return self._show("pin.html", request, pin=pin, image=image)

    async def style_sheet(self, request: Request) -> Response:
        """The style sheet under this run's class names."""
        css = self._templates.get_template("site.css").render(c=self._classes)
        return Response(css, media_type="text/css")

    def _show(self, template: str, request: Request, **values: Any) -> Response:
        is_member = self._sessions.is_member(request)
        page = self._templates.get_template(template).render(c=self._classes, is_member=is_member, **values)
        response = HTMLResponse(page)
        if CSRF_COOKIE not in request.cookies:
            set_csrf_cookie(response)
        return response

    def _state(self, board: SiteBoard | None) -> dict[str, Any]:
        """The values that the script of a board's or a search's page starts with."""
        promoted = feed.promoted_pins(board, self._faults) if board else []
        board_id, url = (board.board_id, board.url) if board else ("", "/search/pins/")
        names = ("item", "card", "module", "image", "caption", "byline", "portrait", "badge", "divider", "hidden")
        return {
            "board": {"id": board_id, "url": url},
            "feed": {"name": BOARD_FEED, "options": {"board_id": board_id, "board_url": url}},
            "pageSize": feed.PAGE_SIZE,
            "classes": {name: self._classes[name] for name in names},
            "promotedEvery": self._faults.promoted_every,
            "promoted": [feed_item(pin, self._image_host) | {"is_promoted": True} for pin in promoted],
            "portraits": [self._avatar(url, number) for number in range(8)],
        }

    def _avatar(self, url: str, number: int = 0) -> str:
        signature = hashlib.md5(f"{url}{number}".encode()).hexdigest()
        return image_url(self._image_host, "75x75_RS", signature, "jpg")

    def _cover(self, board: SiteBoard) -> str | None:
        return next((self._thumbnail(pin) for pin in board.feed if pin.signature), None)

    def _thumbnail(self, pin: SitePin) -> str:
        return image_url(self._image_host, "236x", str(pin.signature), "jpg")
