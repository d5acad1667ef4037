"""Synthetic boards with deliberate duplicates for the local test site, and the results expected of the pipeline.

The sources `demo` and `street` both use this module to write the catalogue, the site's folder, and the expected
results, `truth/pins.csv`.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict

from fashiongen.config import Params
from fashiongen.files import write_bytes, write_csv, write_text
from fashiongen.sources.encoding import Ext
from fashiongen.sources.program import hash_program
from fashiongen.sources.standin.database import SiteBoard, SitePin, write_site

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; right and bottom are the first pixel outside
Rule = Literal["name", "near"]
KindOfPin = Literal["image", "video", "story_pin"]
Item = TypeVar("Item")


class PlantingParams(Params):
    """The deliberate duplicates and faults; fractions are of all pictures before duplicates are added."""

    repeated_frac: float  # pinned a second time under the same signature
    near_duplicate_frac: float  # encoded again, and pinned under another signature
    forbidden_frac: float  # of all originals: the image host answers 403, and still has the smaller sizes
    more_ideas_per_board: int  # pins under "Find more ideas"
    overstated_pin_count: int  # how many more pins than there are a board's page claims


class Picture(NamedTuple):
    """An image on the site's host, with its labels."""

    signature: str
    ext: Ext
    width_px: int
    height_px: int
    kind: str  # what it shows; empty where that is not known
    box: Box | None  # of the labelled garment
    near_to: str | None = None  # the signature of the picture that this one encodes again


class PlannedPin(NamedTuple):
    """A pin that has no id yet."""

    picture: Picture
    title: str
    description: str
    link: str
    kind_of_pin: KindOfPin
    pinned_at: datetime | None = None


class PlantedBoard(NamedTuple):
    """A board of the site, its catalogue entry, and the plans of its own pins in the order of the feed."""

    brand: str
    season: str
    site_board: SiteBoard
    pins: Sequence[PlannedPin]


class PinTruth(BaseModel):
    """One row of `truth/pins.csv`: the expected result of the pipeline for a pin."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pin_id: str
    board: str  # its url
    brand: str
    season: str
    signature: str
    kind: str  # what the picture shows: full (a full-length figure), head, shoes, ...; empty where it is not known
    x_px: int | None  # the box of the garment in the original
    y_px: int | None
    w_px: int | None
    h_px: int | None
    duplicate_of: str | None  # the signature that this pin repeats
    rule: Rule | None  # name: the same file is pinned before; near: the same picture, resized and encoded again
    kind_of_pin: KindOfPin


def sign(content: bytes) -> str:
    """The signature of an original: the MD5 of its bytes."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def store_image(site: Path, content: bytes, ext: Ext) -> str:
    """Put an original on the site's host; returns its signature."""
    signature = sign(content)
    write_bytes(site / "images" / f"{signature}.{ext}", content)
    return signature


def choose_forbidden(signatures: Collection[str], frac: float, rng: np.random.Generator) -> set[str]:
    """The originals that the image host refuses: that fraction of them, the same on every board."""
    chosen = rng.choice(sorted(signatures), size=round(frac * len(signatures)), replace=False)
    return {str(signature) for signature in chosen}


def sample_ideas(candidates: Sequence[Item], count: int, rng: np.random.Generator) -> list[Item]:
    """What is shown under "Find more ideas": at most `count` of the candidates, in random order."""
    return [candidates[int(index)] for index in rng.permutation(len(candidates))[:count]]


def make_site_pin(pin: PlannedPin, pin_id: str, forbidden: Collection[str]) -> SitePin:
    """The site's record of a planned pin; `forbidden` has the signatures whose original is refused."""
    picture = pin.picture
    return SitePin(
        id=pin_id,
        type="pin",
        kind=pin.kind_of_pin,
        title=pin.title,
        description=pin.description,
        link=pin.link,
        signature=picture.signature,
        ext=picture.ext,
        width=picture.width_px,
        height=picture.height_px,
        original="forbidden" if picture.signature in forbidden else "ok",
        created_at=pin.pinned_at,
    )


def state_truth(boards: Sequence[PlantedBoard]) -> list[PinTruth]:
    """A row for each pin that a feed holds, in the order of the catalogue and of the feeds.

    Modules and "more ideas" have none. The first pin of a signature is the original, its later ones repeats by name.
    """
    seen: set[str] = set()
    rows: list[PinTruth] = []
    for board in boards:
        site_pins = [pin for pin in board.site_board.feed if pin.type == "pin"]
        for site_pin, pin in zip(site_pins, board.pins, strict=True):
            rows.append(_state_pin(board, site_pin.id, pin, is_repeat=pin.picture.signature in seen))
            seen.add(pin.picture.signature)
    return rows


def _state_pin(board: PlantedBoard, pin_id: str, pin: PlannedPin, *, is_repeat: bool) -> PinTruth:
    picture = pin.picture
    left, top, right, bottom = picture.box or (None,) * 4
    return PinTruth(
        pin_id=pin_id,
        board=board.site_board.url,
        brand=board.brand,
        season=board.season,
        signature=picture.signature,
        kind=picture.kind,
        x_px=left,
        y_px=top,
        w_px=None if left is None or right is None else right - left,
        h_px=None if top is None or bottom is None else bottom - top,
        duplicate_of=picture.signature if is_repeat else picture.near_to,
        rule="name" if is_repeat else "near" if picture.near_to else None,
        kind_of_pin=pin.kind_of_pin,
    )


def write_boards(folder: Path, truth: Path, boards: Sequence[PlantedBoard]) -> list[PinTruth]:
    """Write the catalogue, the site's folder without its images, and the expected results; returns these."""
    entries = [{"brand": board.brand, "season": board.season, "url": board.site_board.url} for board in boards]
    text = yaml.safe_dump({"site": "standin", "boards": entries}, sort_keys=False, allow_unicode=True)
    write_text(folder / "catalogue.yaml", text)
    write_site(folder / "site", [board.site_board for board in boards])
    # Nobody reads this file. It changes with the site's program, and thereby makes a scrape of these boards stale.
    write_text(folder / "site" / "program.sha256", f"{hash_program()}\n")
    rows = state_truth(boards)
    write_csv(truth, PinTruth, rows)
    return rows
