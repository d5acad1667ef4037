"""A training set as a query over the tables of crops and images."""

import random
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from fashiongen.config import Params
from fashiongen.errors import ConfigError, TooFewImages
from fashiongen.images.manifest import CropRecord, ImageRecord

Record = TypeVar("Record", ImageRecord, CropRecord)


class Count(Params):
    """Draw so many."""

    count: Annotated[int, Field(gt=0)]


class AsManyAs(Params):
    """Draw as many as another variant has."""

    as_many_as: str


class QueryParams(Params):
    """Which rows a variant trains on; None asks nothing."""

    source: Literal["crops", "images"]
    label: str | None  # of crops: upper, lower or full
    brand: str | None
    season: str | None
    min_score: Annotated[float, Field(ge=0, le=1)]  # of crops
    draw: Count | AsManyAs | None  # None takes every row that fits
    seed: int  # of the draw

    @model_validator(mode="after")
    def _ask_images_nothing_of_crops(self) -> "QueryParams":
        if self.source == "images" and (self.label is not None or self.min_score > 0):
            raise ValueError("images have no label and no score: set label to null and min_score to 0")
        return self


def select(rows: Sequence[Record], query: QueryParams, count: int | None) -> list[Record]:
    """The rows of the train split that fit `query`, by name; of these a seeded draw of `count`, or None for all.

    Raises:
        TooFewImages: fewer fit than `count`.
    """
    fitting = sorted((row for row in rows if fits(row, query)), key=lambda row: row.file)
    if count is None:
        return fitting
    if count > len(fitting):
        raise TooFewImages(
            f"a query draws {count} of the {len(fitting)} {query.source} that fit: widen it or draw less"
        )
    return sorted(random.Random(query.seed).sample(fitting, count), key=lambda row: row.file)


def fits(row: ImageRecord | CropRecord, query: QueryParams) -> bool:
    """Whether a row may train the variant."""
    if row.split != "train" or query.brand not in {None, row.brand} or query.season not in {None, row.season}:
        return False
    return isinstance(row, ImageRecord) or (query.label in {None, row.label} and row.score >= query.min_score)


def resolve_count(
    variant: str,
    queries: Mapping[str, QueryParams],
    images: Sequence[ImageRecord],
    crops: Sequence[CropRecord],
) -> int | None:
    """How many rows `variant` draws; None where it takes all that fit.

    Raises:
        ConfigError: its draw names a variant that is not there, or draws that name each other.
    """
    draw = queries[variant].draw
    if not isinstance(draw, AsManyAs):
        return None if draw is None else draw.count
    others = {name: query for name, query in queries.items() if name != variant}
    if draw.as_many_as not in others:
        where = f"variant {variant}: draw as_many_as {draw.as_many_as!r}"
        raise ConfigError(f"{where}: no such variant that does not wait for this one; choose from {', '.join(others)}")
    other = others[draw.as_many_as]
    count = resolve_count(draw.as_many_as, others, images, crops)
    rows: Sequence[ImageRecord | CropRecord] = crops if other.source == "crops" else images
    return sum(fits(row, other) for row in rows) if count is None else count
