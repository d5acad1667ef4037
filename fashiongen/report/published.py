"""The numbers of the published study, typed; they stand in published.yaml with their sources."""

from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

PUBLISHED_FILE: Final = Path(__file__).with_name("published.yaml")


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Study(_Block):
    """Who published it, and as what."""

    author: str
    title: str
    kind: str
    school: str
    year: str


class PublishedAnnotations(_Block):
    """The annotated images that its detectors learned from."""

    source: str
    images: int
    train: int
    val: int
    types: dict[str, int]


class PublishedBoards(_Block):
    """How many images were scraped, how many of them are distinct, how many became crops."""

    source: str
    brands: int
    scraped: int
    distinct: int
    cropped: int


class PublishedDetector(_Block):
    """COCO's twelve statistics by backbone, under their right names."""

    source: str
    best: str
    statistics: dict[str, dict[str, float]]


class PublishedVariant(_Block):
    """One generator's training set and its values at the study's chosen epoch."""

    images: int
    Loss_G: float
    Loss_D: float
    D_x: float


class PublishedDcgan(_Block):
    """The three generators."""

    source: str
    epoch: str
    note: str
    variants: dict[str, PublishedVariant]


class Published(_Block):
    """All of published.yaml."""

    study: Study
    deepfashion: PublishedAnnotations
    boards: PublishedBoards
    detector: PublishedDetector
    dcgan: PublishedDcgan


def read_published(path: Path = PUBLISHED_FILE) -> Published:
    """The study's numbers, each block with the table or page that it was read from."""
    return Published.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
