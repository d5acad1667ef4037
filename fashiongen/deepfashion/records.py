"""The rows that the conversion writes for the report: how many images each category and each type has."""

from pydantic import BaseModel, ConfigDict

from fashiongen.coco.garment_types import GarmentType


class CategoryCount(BaseModel):
    """One row of `reports/data/categories.csv`."""

    model_config = ConfigDict(frozen=True)

    category: str
    type: GarmentType
    images: int


class TypeCount(BaseModel):
    """One row of `reports/data/types.csv`."""

    model_config = ConfigDict(frozen=True)

    type: GarmentType
    images: int
