"""The brands' boards: which pictures are drawn for each, and which are pinned again on another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from fashiongen.sources.demo.brands import BRANDS, Brand
from fashiongen.sources.demo.originals import Original, OriginalPlan, upload_again
from fashiongen.sources.demo.seasons import SEASONS, shift_brand
from fashiongen.sources.encoding import Ext
from fashiongen.sources.planting import KindOfPin, PlantingParams


class BoardsParams(PlantingParams):
    """What the boards hold; only the first board's page overstates its count of pins."""

    seasons: Annotated[int, Field(ge=1, le=len(SEASONS))]  # the last ones, of each brand: a board each
    drawings_per_board: int  # pins with a picture of their own
    kind_fracs: dict[str, float]  # what the drawings show; they sum to 1
    near_duplicate_scale: tuple[float, float]  # a copy's side as a fraction of its original's: least, most
    videos_per_board: int
    story_pins_per_board: int
    modules_per_board: int
    more_ideas_drawings: int
    sides_px: tuple[tuple[int, int], ...]  # width and height of an original
    png_frac: float
    webp_frac: float
    jpeg_qualities: tuple[int, int]
    min_hamming_distance: int  # between the perceptual hashes of any two drawings


@dataclass(frozen=True)
class Page:
    """One board of one brand: a season's show."""

    brand: Brand
    season: str
    venue: str

    @property
    def url(self) -> str:
        """Its path on the site."""
        return f"/{self.brand.account}/runway-{self.season.lower()}/"


@dataclass(frozen=True)
class Placement:
    """An original pinned on a board, by its place in `list_pages`."""

    page: int
    original: Original
    kind_of_pin: KindOfPin


def list_pages(params: BoardsParams) -> list[Page]:
    """The boards: the last seasons of each brand, whose shows take place at its venues by turns."""
    shown = range(len(SEASONS))[-params.seasons :]
    return [
        Page(shift_brand(brand, SEASONS[place]), SEASONS[place], brand.venues[place % len(brand.venues)])
        for brand in BRANDS
        for place in shown
    ]


def plan_originals(params: BoardsParams, seed: int) -> list[OriginalPlan]:
    """What is to be drawn: each board's pins in their order, then the pictures of "more ideas"."""
    plans: list[OriginalPlan] = []
    pages = list_pages(params)
    for index, page in enumerate(pages):
        rng = np.random.default_rng([seed, 4, index])
        kinds = _deal_kinds(rng, params) + ["full"] * (params.videos_per_board + params.story_pins_per_board)
        plans += [_plan(rng, params, page, kind, seed=(seed, 5, index, n)) for n, kind in enumerate(kinds)]
    rng = np.random.default_rng([seed, 4, len(pages)])
    for number in range(params.more_ideas_drawings):
        plans.append(_plan(rng, params, pages[number % len(pages)], "full", seed=(seed, 6, number)))
    return plans


def _deal_kinds(rng: np.random.Generator, params: BoardsParams) -> list[str]:
    edges = np.round(np.cumsum(list(params.kind_fracs.values())) * params.drawings_per_board).astype(int)
    counts = np.diff(np.concatenate([[0], edges]))
    return [str(kind) for kind in rng.permutation(np.repeat(list(params.kind_fracs), counts))]


def _plan(
    rng: np.random.Generator, params: BoardsParams, page: Page, kind: str, *, seed: tuple[int, ...]
) -> OriginalPlan:
    size = params.sides_px[int(rng.integers(len(params.sides_px)))]
    quality = int(rng.integers(params.jpeg_qualities[0], params.jpeg_qualities[1] + 1))
    return OriginalPlan(page.brand, page.venue, kind, size, _choose_ext(rng, params), quality, seed)


def _choose_ext(rng: np.random.Generator, params: BoardsParams) -> Ext:
    roll = rng.random()
    if roll < params.png_frac:
        return "png"
    return "webp" if roll < params.png_frac + params.webp_frac else "jpg"


def split_ideas(originals: Sequence[Original], params: BoardsParams) -> tuple[list[Original], list[Original]]:
    """The boards' own originals, and those of "more ideas"; both in the order of `plan_originals`."""
    own = len(list_pages(params)) * (params.drawings_per_board + params.videos_per_board + params.story_pins_per_board)
    return list(originals[:own]), list(originals[own:])


def place_originals(rng: np.random.Generator, originals: Sequence[Original], params: BoardsParams) -> list[Placement]:
    """Each board's pins in the order of its feed: its own, repeats of other boards, and new uploads."""
    pages = len(list_pages(params))
    own = [_place_own(number, original, len(originals) // pages, params) for number, original in enumerate(originals)]
    images = [placement for placement in own if placement.kind_of_pin == "image"]
    chosen = [images[index] for index in rng.permutation(len(images))]
    repeated, again = round(len(images) * params.repeated_frac), round(len(images) * params.near_duplicate_frac)
    added = [_repeat(rng, placement, pages) for placement in chosen[:repeated]]
    added += [_pin_upload(rng, placement, pages, params) for placement in chosen[repeated : repeated + again]]
    everything = own + added
    shuffled = [everything[index] for index in rng.permutation(len(everything))]
    return sorted(shuffled, key=lambda placement: placement.page)


def _place_own(number: int, original: Original, per_page: int, params: BoardsParams) -> Placement:
    page, place = divmod(number, per_page)
    beyond = place - params.drawings_per_board
    kind: KindOfPin = "image" if beyond < 0 else "video" if beyond < params.videos_per_board else "story_pin"
    return Placement(page, original, kind)


def _repeat(rng: np.random.Generator, placement: Placement, pages: int) -> Placement:
    page = (placement.page + int(rng.integers(1, pages))) % pages
    return Placement(page, placement.original, "image")


def _pin_upload(rng: np.random.Generator, placement: Placement, pages: int, params: BoardsParams) -> Placement:
    scale = float(rng.uniform(*params.near_duplicate_scale))
    copy = upload_again(placement.original, scale, webp=bool(rng.random() < 0.25), quality=int(rng.integers(62, 84)))
    return Placement(int(rng.integers(pages)), copy, "image")
