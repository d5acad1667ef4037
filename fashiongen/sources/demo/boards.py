"""The boards' files: the catalogue, the stand-in site's database, and the truth about every pin.

The truth is for tests alone: one row for each pin that a board holds (modules and "more ideas" left out), in the order
of the catalogue and of the feeds. `kind` says what the picture shows: full (a full-length figure), head, shoes,
accessory, group, empty, upper or lower. x_px, y_px, w_px, h_px box the full garment of kind `full` in the original.
`duplicate_of` is the signature of which this pin is a repeat: by `name` (the same file, here or on another board) or
`near` (the same picture, resized and encoded anew under another signature).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from fashiongen.files import write_csv
from fashiongen.sources.boards import choose_forbidden, store_image, write_boards
from fashiongen.sources.demo.originals import Original
from fashiongen.sources.demo.pages import (
    PAGES,
    BoardsParams,
    KindOfPin,
    Page,
    Placement,
    Rule,
    place_originals,
    split_ideas,
)
from fashiongen.sources.standin.database import SiteBoard, SitePin

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


class PinTruth(BaseModel):
    """One row of pins.csv."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pin_id: str
    board: str  # its url
    brand: str
    season: str
    signature: str
    kind: str
    x_px: int | None
    y_px: int | None
    w_px: int | None
    h_px: int | None
    duplicate_of: str | None
    rule: Rule | None
    kind_of_pin: KindOfPin


def write_pinned_boards(
    folder: Path, truth: Path, originals: Sequence[Original], params: BoardsParams, *, seed: int
) -> None:
    """Write the catalogue, the site's database with its images, and the truth."""
    rng = np.random.default_rng([seed, 7])
    own, ideas = split_ideas(originals, params)
    placements = place_originals(rng, own, params)
    signatures = {placement.original.signature for placement in placements}
    forbidden = choose_forbidden(signatures, params.forbidden_frac, rng)
    boards: list[SiteBoard] = []
    rows: list[PinTruth] = []
    for index, page in enumerate(PAGES):
        placed = [placement for placement in placements if placement.page == index]
        pins = [_pin(rng, page, number, placement, forbidden) for number, placement in enumerate(placed, start=1)]
        rows += [_truth(page, pin, placement) for pin, placement in zip(pins, placed, strict=True)]
        claimed = len(pins) + (params.overstated_pin_count if index == 0 else 0)
        feed = _mix_modules(rng, page, pins, params.modules_per_board)
        boards.append(_board(rng, page, feed, _more_ideas(rng, page, ideas, params), pin_count=claimed))
    _store_shown(folder / "site", boards, [*(placement.original for placement in placements), *ideas])
    write_boards(folder, [(page.brand.name, page.season) for page in PAGES], boards)
    write_csv(truth, PinTruth, _mark_repeats(rows))


def _store_shown(site: Path, boards: Sequence[SiteBoard], originals: Sequence[Original]) -> None:
    """Store the originals that some board shows: "more ideas" may leave out a few."""
    shown = {pin.signature for board in boards for pin in (*board.feed, *board.more_ideas)}
    for original in {original.signature: original for original in originals}.values():
        if original.signature in shown:
            store_image(site, original.content, original.ext)


def _pin(rng: np.random.Generator, page: Page, number: int, placement: Placement, forbidden: set[str]) -> SitePin:
    original = placement.original
    subject = TITLES[original.kind].format(number=number)
    return SitePin(
        id=_new_id(rng),
        type="pin",
        kind=placement.kind_of_pin,
        title=f"{page.brand.name} {page.season}, {subject}",
        description=f"{page.brand.name} on the runway, {page.season}",
        link=f"https://www.{page.brand.account}.test/{page.season.lower()}/{number}",
        signature=original.signature,
        ext=original.ext,
        width=original.size[0],
        height=original.size[1],
        original="forbidden" if original.signature in forbidden else "ok",
    )


def _new_id(rng: np.random.Generator) -> str:
    return str(int(rng.integers(10**17, 9 * 10**17)))


def _truth(page: Page, pin: SitePin, placement: Placement) -> PinTruth:
    x1, y1, x2, y2 = placement.original.box or (None,) * 4
    return PinTruth(
        pin_id=pin.id,
        board=page.url,
        brand=page.brand.name,
        season=page.season,
        signature=placement.original.signature,
        kind=placement.original.kind,
        x_px=x1,
        y_px=y1,
        w_px=None if x1 is None or x2 is None else x2 - x1,
        h_px=None if y1 is None or y2 is None else y2 - y1,
        duplicate_of=placement.near_to,
        rule="near" if placement.near_to else None,
        kind_of_pin=placement.kind_of_pin,
    )


def _mark_repeats(rows: Sequence[PinTruth]) -> list[PinTruth]:
    """A signature's first pin is the original, its later ones repeats by name."""
    seen: set[str] = set()
    marked: list[PinTruth] = []
    for row in rows:
        repeat = {"duplicate_of": row.signature, "rule": "name"} if row.signature in seen else {}
        seen.add(row.signature)
        marked.append(row.model_copy(update=repeat))
    return marked


def _mix_modules(rng: np.random.Generator, page: Page, pins: Sequence[SitePin], count: int) -> list[SitePin]:
    """The feed: pins, with modules such as "shop the look" in between."""
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


def _more_ideas(rng: np.random.Generator, page: Page, ideas: Sequence[Original], params: BoardsParams) -> list[SitePin]:
    shown = [ideas[int(index)] for index in rng.permutation(len(ideas))[: params.more_ideas_per_board]]
    return [_pin(rng, page, n, Placement(0, idea, "image"), set()) for n, idea in enumerate(shown, start=1)]


def _board(
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
