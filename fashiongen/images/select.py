"""A training set, as a query over the tables of crops and images."""

import random
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Discriminator, Field, NonNegativeInt, PositiveInt, Tag, model_validator

from fashiongen.coco.garment_types import GarmentType
from fashiongen.config import Params, Seed, UnitInterval
from fashiongen.errors import TooFewImages
from fashiongen.images.manifest import CropRecord, ImageRecord

Name = Annotated[str, Field(min_length=1)]
Source = Literal["crops", "cutouts", "images"]
Record = TypeVar("Record", ImageRecord, CropRecord)


class Count(Params):
    """Draw this number of rows."""

    count: PositiveInt


class Frac(Params):
    """Draw this share of the rows that fit, rounded, at least one."""

    frac: Annotated[float, Field(gt=0, le=1)]


class AsManyAs(Params):
    """Draw as many rows as another query gives.

    It holds the query itself and not the name of another variant, so that a variant's own params hold all that its
    training depends on.
    """

    as_many_as: "QueryParams"


def _kind_of_draw(values: Any) -> str | None:
    """The one key of a draw, so that an error message is about the intended kind of draw."""
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
    """Which rows of the train split a variant trains on: those that meet all conditions. None and 0 set none."""

    source: Source
    label: GarmentType | None  # of crops and cut-outs only
    brand: Name | None
    season: Name | None
    min_score: UnitInterval  # of crops and cut-outs: the detector's score
    min_side_px: NonNegativeInt  # of the shorter side of the crop, cut-out or image
    draw: Draw | None  # a random sample of the rows that fit; None takes all
    seed: Seed  # of the draw

    @model_validator(mode="after")
    def _images_have_no_crop_conditions(self) -> "QueryParams":
        if self.source == "images" and (self.label is not None or self.min_score > 0):
            raise ValueError("images have no label and no score: set label to null and min_score to 0")
        return self


def select(
    query: QueryParams, *, images: Sequence[ImageRecord], crops: Sequence[CropRecord]
) -> list[ImageRecord] | list[CropRecord]:
    """The rows that `query` selects, sorted by file: those of the train split that fit, or a seeded draw of them.

    Raises:
        TooFewImages: no row fits, or fewer than the draw asks for, in this query or in the one of its `as_many_as`.
    """
    match query.source:
        case "crops":
            return _draw(_fitting(crops, query), query, images, crops)
        case "cutouts":
            return _draw(_fitting(cutouts_of(crops), query), query, images, crops)
        case "images":
            return _draw(_fitting(images, query), query, images, crops)


def cutouts_of(crops: Iterable[CropRecord]) -> list[CropRecord]:
    """The crops whose mask is ok, each with the size and the hash of its cut-out in place of its own."""
    return [
        crop.model_copy(
            update={"width_px": crop.cutout_width_px, "height_px": crop.cutout_height_px, "sha256": crop.cutout_sha256}
        )
        for crop in crops
        if crop.mask == "ok"
    ]


def photographs_of(crops: Iterable[CropRecord]) -> list[CropRecord]:
    """The crops, each with the file of the image that it was cut from in place of its own."""
    return [crop.model_copy(update={"file": crop.source}) for crop in crops]


def _fitting(rows: Sequence[Record], query: QueryParams) -> list[Record]:
    """All rows that fit, sorted by file.

    Raises:
        TooFewImages: there is none; the message lists the brands and seasons of the rows.
    """
    found = sorted((row for row in rows if fits(row, query)), key=lambda row: row.file)
    if not found:
        there = {name: sorted({getattr(row, name) for row in rows}) for name in ("brand", "season")}
        known = "; ".join(f"{name}s: {', '.join(values) or 'none'}" for name, values in there.items())
        raise TooFewImages(
            f"no {query.source} of the train split fit {describe(query)}: widen the query (there are {known})"
        )
    return found


def fits(row: ImageRecord | CropRecord, query: QueryParams) -> bool:
    """Whether a row may train the variant."""
    if row.split != "train" or query.brand not in {None, row.brand} or query.season not in {None, row.season}:
        return False
    if min(row.width_px, row.height_px) < query.min_side_px:
        return False
    return isinstance(row, ImageRecord) or (query.label in {None, row.label} and row.score >= query.min_score)


def describe(query: QueryParams) -> str:
    """A query in words: `crops, label full, brand Nerovia, draw count 40`."""
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
    """The rows that `query.draw` chooses among those that fit, in their order.

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
