"""The numbers of the street source: data/street/params.yaml."""

from typing import Annotated

from pydantic import Field
from slugify import slugify

from fashiongen.config import Params, Seed, UnitInterval
from fashiongen.sources.deepfashion_tree import Partition
from fashiongen.sources.planting import PlantingParams


class BoardEntry(Params):
    """One board of the catalogue: the name of an invented brand, and its season."""

    brand: str
    season: str

    @property
    def url(self) -> str:
        """Its path on the site, as in /maison-aurore/ss26/."""
        return f"/{slugify(self.brand)}/{slugify(self.season)}/"


class StreetBoardsParams(Params):
    """The boards: one for each season of each brand."""

    brands: Annotated[list[str], Field(min_length=1)]
    seasons: Annotated[list[str], Field(min_length=2)]

    @property
    def entries(self) -> list[BoardEntry]:
        return [BoardEntry(brand=brand, season=season) for brand in self.brands for season in self.seasons]


class StreetPlantingParams(PlantingParams):
    """What is planted; every board's page overstates its count of pins."""

    near_duplicate_quality: int  # JPEG quality of the copies
    near_duplicate_scale: float  # their side, as a fraction of the original's


class StreetParams(Params):
    """The section `street`."""

    seed: Seed
    long_side_px: Annotated[int, Field(ge=32, le=999)]  # boxes are written with three digits
    jpeg_quality: Annotated[int, Field(ge=1, le=95)]
    min_part_frac: UnitInterval
    partition: dict[Partition, float]
    boards: StreetBoardsParams
    planting: StreetPlantingParams
