"""The rows that the conversion writes for the report: how the images spread, and which of them are the examples."""

from pydantic import BaseModel, ConfigDict

from fashiongen.coco.garment_types import GarmentType
from fashiongen.files import FileName


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


class ExampleRecord(BaseModel):
    """One row of `reports/data/examples.csv`: a labelled image, and its box in the image's own pixels."""

    model_config = ConfigDict(frozen=True)

    file: FileName  # the copy of the image, below reports/data/examples
    source: FileName  # the image, below deepfashion.root
    category: str
    type: GarmentType
    x_px: float
    y_px: float
    w_px: float
    h_px: float
