"""What has been seen of one feed: its pages, chained by their bookmarks, and the cards of its board's page."""

from collections.abc import Callable
from typing import Literal

from fashiongen.boards.feed import FeedPage, FeedRequest, parse_feed
from fashiongen.boards.grid import GridView
from fashiongen.boards.pins import Pin
from fashiongen.boards.traffic import Response
from fashiongen.errors import SessionEnded, SiteError

State = Literal["unseen", "open", "end", "loop"]
THROTTLED = 429
REFUSED = (401, 403)  # the site does not know the session any more
FOUND_FRAC = 0.9  # of the pins that a board's page claims: the claim is often a little too high


class Seen:
    """The pins of one board, section or search that have been seen.

    A pin of the feed has a title, a link and sizes, and the feed has the order. A card that no answer of the feed holds
    (its answer was lost, or the page held its first pins itself) is yielded at the board's end.
    """

    def __init__(self, is_ours: Callable[[FeedRequest], bool], first: FeedRequest | None = None) -> None:
        """`first` asks for the first page, where no page's own script does."""
        self.feed: dict[str, Pin] = {}
        self.cards: dict[str, Pin] = {}
        self.lost_status: int | None = None  # of the last answer that did not bring its page; 0: there was none
        self._is_ours = is_ours
        self._request = first
        self._pages: dict[str | None, FeedPage] = {}  # by the bookmark that asked for it

    def add_response(self, response: Response) -> tuple[Pin, ...]:
        """The pins of an answer of the feed that were not in an earlier answer.

        Raises:
            SessionEnded: the site does not know the session any more.
        """
        request = FeedRequest(response.url)
        if not self._is_ours(request):
            return ()
        if response.status in REFUSED:
            raise SessionEnded(f"the feed answers {response.status}: the session has ended; run again")
        self._request = self._request or request
        page = _parse(response)
        if page is None:
            self.lost_status = response.status
            return ()
        self._pages[request.bookmark] = page
        new = {pin.pin_id: pin for pin in page.pins if pin.pin_id not in self.feed}
        self.feed |= new
        return tuple(new.values())

    def add_view(self, view: GridView) -> bool:
        """Whether the page shows a card that it had not shown before."""
        before = len(self.cards)
        for pin in view.pins:
            if pin.pin_id not in self.cards or self.cards[pin.pin_id].signature is None:
                self.cards[pin.pin_id] = pin
        return len(self.cards) > before

    @property
    def request(self) -> FeedRequest | None:
        """A request of this feed; None if none was seen."""
        return self._request

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been seen yet."""
        return not (self.feed or self.cards)

    @property
    def state(self) -> State:
        """Whether the chain of pages has reached its end, comes back to a page of its own, or lacks the next one."""
        return self._follow()[0]

    @property
    def next_request(self) -> FeedRequest | None:
        """The request for the page that the chain lacks; None if there is none, or if no request is known."""
        state, chain = self._follow()
        if self._request is None or state != "open":
            return None
        return self._request.at(self._pages[chain[-1]].bookmark if chain else self._request.bookmark)

    @property
    def doubtful_requests(self) -> list[FeedRequest]:
        """The requests for pages to ask for once more before their answers are believed.

        That is a page without pins, unless it is the only one, and a page whose bookmark leads back.
        """
        state, chain = self._follow()
        empty = [asked for asked in chain if not self._pages[asked].pins and len(self._pages) > 1]
        doubtful = [*empty, *(chain[-1:] if state == "loop" else [])]
        return [self._request.at(asked) for asked in doubtful] if self._request else []

    def misses_pins(self, expected: int | None) -> bool:
        """Whether pages without pins hide some, though the chain has its end.

        They do if more pages follow, or if the board's page claims clearly more pins than were found.
        """
        _, chain = self._follow()
        empty = [asked for asked in chain if not self._pages[asked].pins and len(chain) > 1]
        claims_more = expected is not None and len(self.feed) < FOUND_FRAC * expected
        return any(asked != chain[-1] or claims_more for asked in empty)

    def cards_only(self) -> tuple[Pin, ...]:
        """The pins that no answer of the feed held."""
        return tuple(pin for pin in self.cards.values() if pin.pin_id not in self.feed)

    def _follow(self) -> tuple[State, list[str | None]]:
        """The state of the chain of pages, and the bookmarks that asked for them."""
        chain: list[str | None] = []
        if self._request is None:
            return "unseen", chain
        asked = self._request.bookmark
        while page := self._pages.get(asked):
            chain.append(asked)
            if page.is_last or page.bookmark in chain:
                return ("end" if page.is_last else "loop"), chain
            asked = page.bookmark
        return "open", chain


def _parse(response: Response) -> FeedPage | None:
    """The page of an answer; None if it did not arrive, or is no page of the feed."""
    if response.status != 200 or response.body is None:
        return None
    try:
        return parse_feed(response.body)
    except SiteError:
        return None
