"""What a detector's evaluation writes: the names of the statistics, and the rows of its tables."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from fashiongen.files import FileName

# In the order of COCOeval.stats. AR_k is the recall at k detections an image, averaged over IoU .50:.05:.95.
STATISTICS: Final = (
    "AP",
    "AP50",
    "AP75",
    "AP_small",
    "AP_medium",
    "AP_large",
    "AR_1",
    "AR_10",
    "AR_100",
    "AR_small",
    "AR_medium",
    "AR_large",
)
NOTHING: Final = "nothing"  # in a Confusion: no object is annotated, or nothing was detected


class CurvePoint(BaseModel):
    """One row of `reports/detector/<backbone>/pr_curve.csv`: precision of a category at one recall, at IoU .50."""

    model_config = ConfigDict(frozen=True)

    category: str
    recall: float
    precision: float


class Confusion(BaseModel):
    """One row of `reports/detector/<backbone>/confusion.csv`: an object and what was detected in its place.

    `actual` is NOTHING for a detection without an object, `predicted` for an object without a detection.
    """

    model_config = ConfigDict(frozen=True)

    actual: str
    predicted: str


ErrorKind = Literal["classification", "localisation", "both", "duplicate", "background", "missed"]


class ErrorCost(BaseModel):
    """One row of `reports/detector/<backbone>/errors.csv`: a kind of errors."""

    model_config = ConfigDict(frozen=True)

    error: ErrorKind
    errors: int  # how many there are
    AP50: float  # what AP50 would gain without them


Trait = Literal["size", "lightness"]
GROUPS: Final[dict[Trait, tuple[str, ...]]] = {  # thirds of the images, the lowest values first
    "size": ("small garments", "middle garments", "large garments"),
    "lightness": ("dark pictures", "middling pictures", "light pictures"),
}


class GroupScore(BaseModel):
    """One row of `reports/detector/<backbone>/groups.csv`: AP on a third of the validation images."""

    model_config = ConfigDict(frozen=True)

    trait: Trait
    group: str  # of GROUPS
    low: float  # of the trait: the share of the image that its largest labelled box covers, or the mean luma, 0 to 1
    high: float
    images: int
    AP: float
    AP50: float


BBox = tuple[float, float, float, float]  # x, y, width, height in the image's own pixels


class LabelledBox(BaseModel):
    """A labelled garment."""

    model_config = ConfigDict(frozen=True)

    category: str
    bbox: BBox


class FoundBox(BaseModel):
    """A detection, and what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    category: str
    score: float
    bbox: BBox
    IoU: float  # with the labelled box that it overlaps most, of any category
    verdict: Literal["correct", ErrorKind]  # at an IoU of .50


class Prediction(BaseModel):
    """An element of `reports/detector/<backbone>/predictions/predictions.json`: an image with its boxes."""

    model_config = ConfigDict(frozen=True)

    picture: FileName  # a small copy of the image, beside the JSON
    source: str  # the image's path
    width_px: int  # of the image itself
    height_px: int
    labels: list[LabelledBox]
    found: list[FoundBox]  # the best first
