"""The drawn boards: which pins each holds, in the order of its feed, and what is shown below it."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from fashiongen.sources.demo.originals import Original
from fashiongen.sources.demo.pages import BoardsParams, Page, Placement, list_pages, place_originals, split_ideas
from fashiongen.sources.demo.seasons import date_show
from fashiongen.sources.planting import (
    PlannedPin,
    PlantedBoard,
    choose_forbidden,
    make_site_pin,
    sample_ideas,
    store_image,
    write_boards,
)
from fashiongen.sources.standin.database import SiteBoard, SitePin

PINNED_WITHIN_DAYS = 60  # after the shows
TITLES = {
    "full": "look {number}",
    "head": "hair and make-up",
    "shoes": "the shoes",
    "accessory": "the accessories",
    "group": "backstage",
    "empty": "the set",
    "upper": "detail of look {number}",
    "lower": "detail of look {number}",
}


def write_pinned_boards(
    folder: Path, truth: Path, originals: Sequence[Original], params: BoardsParams, *, seed: int
) -> None:
    """Write the catalogue, the site's folder with its images, and the expected results."""
    rng = np.random.default_rng([seed, 7])
    own, ideas = split_ideas(originals, params)
    placements = place_originals(rng, own, params)
    signatures = {placement.original.picture.signature for placement in placements}
    forbidden = choose_forbidden(signatures, params.forbidden_frac, rng)
    boards: list[PlantedBoard] = []
    for index, page in enumerate(list_pages(params)):
        placed = [placement for placement in placements if placement.page == index]
        pins = [_plan_pin(page, number, placement) for number, placement in enumerate(placed, start=1)]
        site_pins = [make_site_pin(pin, _new_id(rng), forbidden) for pin in pins]
        claimed = len(pins) + (params.overstated_pin_count if index == 0 else 0)
        feed = _mix_modules(rng, page, site_pins, params.modules_per_board)
        board = _make_board(rng, page, feed, _make_ideas(rng, page, ideas, params), pin_count=claimed)
        boards.append(PlantedBoard(page.brand.name, page.season, board, pins))
    _store_shown(folder / "site", boards, [*(placement.original for placement in placements), *ideas])
    write_boards(folder, truth, boards)


def _store_shown(site: Path, boards: Sequence[PlantedBoard], originals: Sequence[Original]) -> None:
    """Store the originals that some board shows: "more ideas" may leave out a few."""
    site_boards = [board.site_board for board in boards]
    shown = {pin.signature for board in site_boards for pin in (*board.feed, *board.more_ideas)}
    for original in {original.picture.signature: original for original in originals}.values():
        if original.picture.signature in shown:
            store_image(site, original.content, original.picture.ext)


def _plan_pin(page: Page, number: int, placement: Placement) -> PlannedPin:
    picture = placement.original.picture
    subject = TITLES[picture.kind].format(number=number)
    return PlannedPin(
        picture=picture,
        title=f"{page.brand.name} {page.season}, {subject}",
        description=f"{page.brand.name} on the runway, {page.season}",
        link=f"https://www.{page.brand.account}.test/{page.season.lower()}/{number}",
        kind_of_pin=placement.kind_of_pin,
        pinned_at=date_show(page.season) + timedelta(days=number % PINNED_WITHIN_DAYS),
    )


def _new_id(rng: np.random.Generator) -> str:
    return str(int(rng.integers(10**17, 9 * 10**17)))


def _mix_modules(rng: np.random.Generator, page: Page, pins: Sequence[SitePin], count: int) -> list[SitePin]:
    """The feed: pins, with modules such as "shop the look" at random places between them."""
    feed = list(pins)
    for _ in range(count):
        module = SitePin(
            id=_new_id(rng),
            type="story",
            kind="image",
            title=f"Shop the look: {page.brand.name}",
            description="",
            link="",
            signature=None,
            ext="jpg",
            width=0,
            height=0,
            original="ok",
        )
        feed.insert(int(rng.integers(len(feed) + 1)), module)
    return feed


def _make_ideas(rng: np.random.Generator, page: Page, ideas: Sequence[Original], params: BoardsParams) -> list[SitePin]:
    shown = sample_ideas(ideas, params.more_ideas_per_board, rng)
    plans = [_plan_pin(page, number, Placement(0, idea, "image")) for number, idea in enumerate(shown, start=1)]
    return [make_site_pin(plan, _new_id(rng), forbidden=()) for plan in plans]


def _make_board(
    rng: np.random.Generator, page: Page, feed: Sequence[SitePin], ideas: Sequence[SitePin], *, pin_count: int
) -> SiteBoard:
    return SiteBoard(
        board_id=_new_id(rng),
        url=page.url,
        name=f"{page.brand.name} runway {page.season}",
        pin_count=pin_count,
        feed=tuple(feed),
        more_ideas=tuple(ideas),
    )
