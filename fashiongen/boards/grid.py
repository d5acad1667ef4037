"""The cards of a board's page, read in one script call, so that no element goes stale in between."""

from dataclasses import dataclass
from typing import Any

from selenium.webdriver import Chrome

from fashiongen.boards import selectors
from fashiongen.boards.pins import Pin, resize, signature_of
from fashiongen.boards.untrusted import line, pin_id

_READ = """
const s = arguments[0];
const divider = document.querySelector(s.DIVIDER);
const isBelow = node => divider !== null && (divider.contains(node)
    || Boolean(divider.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING));
const inView = node => { const box = node.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; };
const cards = [];
let isLoading = false;
for (const grid of document.querySelectorAll(s.GRID)) {
  for (const card of grid.querySelectorAll(s.CARD)) {
    const isPromoted = card.matches(s.PROMOTED) || card.querySelector(s.PROMOTED) !== null;
    if (isPromoted || isBelow(card) || card.closest(s.HIDDEN_COPY)) continue;
    const image = card.querySelector(s.CARD_IMAGE), link = card.querySelector(s.CARD_LINK);
    const src = image?.getAttribute('src') || '';
    isLoading ||= image !== null && src === '' && inView(card);
    cards.push({
      id: card.getAttribute(s.CARD_ID),
      title: link?.getAttribute('aria-label')?.replace(/ pin page$/, '') || image?.alt || '',
      src,
      isVideo: card.querySelector(s.CARD_VIDEO) !== null,
    });
  }
}
const isShown = divider !== null && divider.getClientRects().length > 0;
return {cards, isLoading, atDivider: isShown && divider.getBoundingClientRect().top < innerHeight};
"""

_SCROLL = "window.scrollBy(0, arguments[0] * window.innerHeight);"


@dataclass(frozen=True)
class GridView:
    """The board's own cards that are in the page now, and whether the board's end is in sight."""

    pins: tuple[Pin, ...]
    is_loading: bool  # a card in sight has no image's address yet
    at_divider: bool


def read_grid(driver: Chrome) -> GridView:
    """The cards of the board's grid: without promoted ones, hidden copies, and those below the divider."""
    found = driver.execute_script(_READ, _SELECTORS)
    pins = (_pin(card) for card in found["cards"])
    return GridView(tuple(pin for pin in pins if pin.pin_id), found["isLoading"], found["atDivider"])


def scroll(driver: Chrome, viewports: float) -> None:
    """Scroll down by so many heights of the window."""
    driver.execute_script(_SCROLL, viewports)


_SELECTORS = {name: value for name, value in vars(selectors).items() if name.isupper()}


def _pin(card: dict[str, Any]) -> Pin:
    """A card as a pin; it has no signature until its image is loaded."""
    signature = signature_of(card["src"])
    return Pin(
        pin_id=pin_id(card["id"]) or "",
        kind="video" if card["isVideo"] else "image",
        title=line(card["title"]),
        link="",
        signature=signature,
        original_url=resize(card["src"], "originals") if signature else None,
        reduced_url=resize(card["src"], "736x") if signature else None,
        width_px=None,
        height_px=None,
    )
