"""Lay pictures out on the stand-in site's boards, with the repeats that real boards have, and the truth about them."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict
from slugify import slugify

from fashiongen.config import Params
from fashiongen.files import write_bytes, write_csv, write_text
from fashiongen.sources.encoding import Ext
from fashiongen.sources.standin.database import SiteBoard, SitePin, write_site


class BoardEntry(Params):
    """One board of a catalogue that is written: the name of an invented brand, and the season it shows."""

    brand: str
    season: str

    @property
    def url(self) -> str:
        """Its path on the site, as in /maison-aurore/ss26/."""
        return f"/{slugify(self.brand)}/{slugify(self.season)}/"


class PlantingParams(Params):
    """What is planted among the pictures; a fraction is one of all pictures before any was planted."""

    repeated_frac: float  # pinned on one more board each, under the same signature
    near_frac: float  # encoded again and pinned under another signature
    near_quality: int  # JPEG quality of those copies
    near_scale: float  # their side, as a part of the original's
    forbidden_frac: float  # originals that the image host refuses; their smaller sizes are there
    more_ideas: int  # pins of other boards' pictures under "Find more ideas"
    overcount: int  # how many more pins than there are a board's page claims


class Picture(NamedTuple):
    """An image on the site's host, and what its pins say of it."""

    signature: str
    ext: Ext
    width_px: int
    height_px: int
    title: str
    link: str
    kind: str  # what it shows, where that is known; only the truth tells it
    box: str  # of the labelled garment, likewise, as "x_1 y_1 x_2 y_2" in the picture's pixels


class PinTruth(BaseModel):
    """One row of `truth/pins.csv`: what is known of a pin and must be found out by the pipeline."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pin_id: str
    board: str  # its url
    brand: str
    season: str
    signature: str
    kind: str
    box: str
    duplicate_of: str  # the pin that shows the same picture and is no copy; empty where there is none
    rule: Literal["", "name", "near"]  # how the two can be found to be one


def sign(content: bytes) -> str:
    """The signature of an original: the MD5 of its bytes."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def store_image(site: Path, content: bytes, ext: Ext) -> str:
    """Put an original on the site's host; returns its signature."""
    signature = sign(content)
    write_bytes(site / "images" / f"{signature}.{ext}", content)
    return signature


def deal(pictures: Sequence[Picture], n_boards: int, rng: np.random.Generator) -> list[list[Picture]]:
    """The pictures, shuffled and dealt over boards in turn."""
    shuffled = [pictures[place] for place in rng.permutation(len(pictures))]
    return [shuffled[first::n_boards] for first in range(n_boards)]


def draw(pictures: Sequence[Picture], frac: float, rng: np.random.Generator) -> list[Picture]:
    """A random draw of that fraction of the pictures, in their own order."""
    places = rng.choice(len(pictures), size=round(frac * len(pictures)), replace=False)
    return [pictures[place] for place in sorted(places)]


def pin_again(
    boards: Sequence[Sequence[Picture]], repeats: Mapping[Picture, Picture], rng: np.random.Generator
) -> list[list[Picture]]:
    """The boards with each value of `repeats` on a board that has not its key, in a shuffled order.

    Key and value are the same picture for a plain repeat, and an original and its copy for a near-duplicate.
    """
    grown = [list(board) for board in boards]
    for original, repeat in repeats.items():
        others = [board for board, dealt in zip(grown, boards, strict=True) if original not in dealt]
        others[rng.integers(len(others))].append(repeat)
    return [[board[place] for place in rng.permutation(len(board))] for board in grown]


def choose_forbidden(signatures: Collection[str], frac: float, rng: np.random.Generator) -> set[str]:
    """The originals that the image host refuses: that fraction of them, the same on every board."""
    chosen = rng.choice(sorted(signatures), size=round(frac * len(signatures)), replace=False)
    return {str(signature) for signature in chosen}


def lay_out(
    entries: Sequence[BoardEntry],
    boards: Sequence[Sequence[Picture]],
    params: PlantingParams,
    rng: np.random.Generator,
) -> list[SiteBoard]:
    """The site's boards: a pin for each picture, and pins of other boards' pictures below the end."""
    signatures = {picture.signature for board in boards for picture in board}
    forbidden = choose_forbidden(signatures, params.forbidden_frac, rng)
    ids = _pin_ids(rng)
    return [
        SiteBoard(
            board_id=next(ids),
            url=entry.url,
            name=f"{entry.brand} {entry.season}",
            pin_count=len(board) + params.overcount,
            feed=tuple(_pin(picture, next(ids), forbidden) for picture in board),
            more_ideas=tuple(
                _pin(picture, next(ids), forbidden) for picture in _not_on(board, boards, params.more_ideas, rng)
            ),
        )
        for entry, board in zip(entries, boards, strict=True)
    ]


def _pin_ids(rng: np.random.Generator) -> Iterator[str]:
    """Eighteen digits each, no two alike."""
    given: set[int] = set()
    while True:
        drawn = int(rng.integers(10**17, 10**18))
        if drawn not in given:
            given.add(drawn)
            yield str(drawn)


def _pin(picture: Picture, pin_id: str, forbidden: set[str]) -> SitePin:
    return SitePin(
        id=pin_id,
        type="pin",
        kind="image",
        title=picture.title,
        description="",
        link=picture.link,
        signature=picture.signature,
        ext=picture.ext,
        width=picture.width_px,
        height=picture.height_px,
        original="forbidden" if picture.signature in forbidden else "ok",
    )


def _not_on(
    board: Sequence[Picture], boards: Sequence[Sequence[Picture]], count: int, rng: np.random.Generator
) -> list[Picture]:
    here = set(board)
    elsewhere = [picture for other in boards for picture in other if picture not in here]
    return [elsewhere[place] for place in rng.permutation(len(elsewhere))[:count]]


def tell_truth(
    entries: Sequence[BoardEntry],
    boards: Sequence[Sequence[Picture]],
    site_boards: Sequence[SiteBoard],
    copies: Mapping[Picture, Picture],
) -> Iterator[PinTruth]:
    """A row for each pin of a feed, in catalogue order; `copies` maps originals to their near-duplicates."""
    first_pins: dict[str, str] = {}
    for site_board in site_boards:
        for pin in site_board.feed:
            first_pins.setdefault(str(pin.signature), pin.id)
    originals = {copy.signature: original.signature for original, copy in copies.items()}
    for entry, board, site_board in zip(entries, boards, site_boards, strict=True):
        for picture, pin in zip(board, site_board.feed, strict=True):
            duplicate_of, rule = _duplicate(pin.id, picture.signature, first_pins, originals)
            yield PinTruth(
                pin_id=pin.id,
                board=entry.url,
                brand=entry.brand,
                season=entry.season,
                signature=picture.signature,
                kind=picture.kind,
                box=picture.box,
                duplicate_of=duplicate_of,
                rule=rule,
            )


def _duplicate(
    pin_id: str, signature: str, first_pins: Mapping[str, str], originals: Mapping[str, str]
) -> tuple[str, Literal["", "name", "near"]]:
    if first_pins[signature] != pin_id:
        return first_pins[signature], "name"
    if signature in originals:
        return first_pins[originals[signature]], "near"
    return "", ""


def write_boards(folder: Path, shows: Iterable[tuple[str, str]], site_boards: Sequence[SiteBoard]) -> None:
    """Write the catalogue of a stand-in site, with each board's (brand, season), and the site's database."""
    boards = [
        {"brand": brand, "season": season, "url": site_board.url}
        for (brand, season), site_board in zip(shows, site_boards, strict=True)
    ]
    text = yaml.safe_dump({"site": "standin", "boards": boards}, sort_keys=False, allow_unicode=True)
    write_text(folder / "catalogue.yaml", text)
    write_site(folder / "site", site_boards)


def write_truth(path: Path, truth: Iterator[PinTruth]) -> None:
    """Write `truth/pins.csv`, which only tests read."""
    write_csv(path, PinTruth, truth)
