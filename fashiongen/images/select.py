"""A training set as a query over the tables of crops and images."""

import random
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Discriminator, Field, NonNegativeInt, PositiveInt, Tag, model_validator

from fashiongen.coco.garment_types import GarmentType
from fashiongen.config import Params
from fashiongen.errors import TooFewImages
from fashiongen.images.manifest import CropRecord, ImageRecord

Record = TypeVar("Record", ImageRecord, CropRecord)


class Count(Params):
    """Draw so many."""

    count: PositiveInt


class Frac(Params):
    """Draw this share of what fits, in whole rows and at least one."""

    frac: Annotated[float, Field(gt=0, le=1)]


class AsManyAs(Params):
    """Draw as many as another query gives.

    The query itself, not the name of a variant that has it: so all that a training depends on stands in its own params.
    """

    as_many_as: "QueryParams"


def _kind_of_draw(values: Any) -> str | None:
    """The one key of a draw, so that an error speaks of the draw that was meant."""
    keys = list(dict(values)) if isinstance(values, dict | Params) else []
    return keys[0] if len(keys) == 1 else None


Draw = Annotated[
    Annotated[Count, Tag("count")] | Annotated[Frac, Tag("frac")] | Annotated[AsManyAs, Tag("as_many_as")],
    Discriminator(
        _kind_of_draw,
        custom_error_type="draw",
        custom_error_message="a draw is {count: N}, {frac: 0 to 1} or {as_many_as: a query}",
    ),
]


class QueryParams(Params):
    """Which rows of the train split a variant trains on: those that fit all that is asked. None and 0 ask nothing."""

    source: Literal["crops", "images"]
    label: GarmentType | None  # of crops
    brand: str | None
    season: str | None
    min_score: Annotated[float, Field(ge=0, le=1)]  # the detector's; of crops
    min_side_px: NonNegativeInt  # of the shorter side of the crop or image
    draw: Draw | None  # at random, of what fits; None takes all of it
    seed: int  # of the draw

    @model_validator(mode="after")
    def _ask_images_nothing_of_crops(self) -> "QueryParams":
        if self.source == "images" and (self.label is not None or self.min_score > 0):
            raise ValueError("images have no label and no score: set label to null and min_score to 0")
        return self


def select(
    query: QueryParams, *, images: Sequence[ImageRecord], crops: Sequence[CropRecord]
) -> list[ImageRecord] | list[CropRecord]:
    """The rows that `query` gives, by name: those of the train split that fit, or its seeded draw of them.

    Raises:
        TooFewImages: no row fits, or fewer than are drawn; here or in the query that a draw is measured by.
    """
    if query.source == "crops":
        return _draw(_fitting(crops, query), query, images, crops)
    return _draw(_fitting(images, query), query, images, crops)


def _fitting(rows: Sequence[Record], query: QueryParams) -> list[Record]:
    """All rows that fit, by name.

    Raises:
        TooFewImages: there is none; the message lists the brands and seasons that there are.
    """
    found = sorted((row for row in rows if fits(row, query)), key=lambda row: row.file)
    if not found:
        there = {name: sorted({getattr(row, name) for row in rows}) for name in ("brand", "season")}
        known = "; ".join(f"{name}s: {', '.join(values) or 'none'}" for name, values in there.items())
        raise TooFewImages(f"no {query.source} that train fit {describe(query)}: ask for less (there are {known})")
    return found


def fits(row: ImageRecord | CropRecord, query: QueryParams) -> bool:
    """Whether a row may train the variant."""
    if row.split != "train" or query.brand not in {None, row.brand} or query.season not in {None, row.season}:
        return False
    if min(row.width_px, row.height_px) < query.min_side_px:
        return False
    return isinstance(row, ImageRecord) or (query.label in {None, row.label} and row.score >= query.min_score)


def describe(query: QueryParams) -> str:
    """What a query asks, in words: `crops, label full, brand Nerovia, draw count 40`."""
    asked: list[str] = [query.source]
    for name in ("label", "brand", "season", "min_score", "min_side_px"):
        value = getattr(query, name)
        if value:
            asked.append(f"{name} {value}")
    match query.draw:
        case Count(count=count):
            asked.append(f"draw count {count}")
        case Frac(frac=frac):
            asked.append(f"draw frac {frac}")
        case AsManyAs(as_many_as=other):
            asked.append(f"draw as many as ({describe(other)})")
    return ", ".join(asked)


def _draw(
    rows: list[Record], query: QueryParams, images: Sequence[ImageRecord], crops: Sequence[CropRecord]
) -> list[Record]:
    """The rows that `query.draw` leaves of those that fit, in their order.

    Raises:
        TooFewImages: it draws more than there are.
    """
    match query.draw:
        case None:
            return rows
        case Count(count=count):
            pass
        case Frac(frac=frac):
            count = max(1, round(frac * len(rows)))
        case AsManyAs(as_many_as=other):
            count = len(select(other, images=images, crops=crops))
    if count > len(rows):
        raise TooFewImages(f"a query draws {count} of the {len(rows)} {query.source} that fit: widen it or draw less")
    drawn = random.Random(query.seed).sample(range(len(rows)), count)
    return [rows[place] for place in sorted(drawn)]
