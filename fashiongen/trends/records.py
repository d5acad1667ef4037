"""The tables of `data/trends`."""

from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from fashiongen.coco.garment_types import GarmentType
from fashiongen.files import FileName

PatternKind = Literal["plain", "stripes", "checks", "dots", "floral", "other"]
PATTERN_KINDS: Final[tuple[PatternKind, ...]] = get_args(PatternKind)
ALL: Final = ""  # the brand of rows about all brands together
WIDTH: Final = "width_"  # what the measures begin with that are widths of parts of the outline, from the top to the hem


class GarmentRecord(BaseModel):
    """One row of `data/trends/garments.csv`: a garment that was cut out.

    Lightness goes from 0 to 1; chroma is the distance from grey in OKLab, 0.3 at most.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName  # CropRecord.file
    brand: str
    season: str  # as the catalogue has it
    label: GarmentType
    score: float  # the detector's
    palette: str  # as in `#1f2a44 0.61, #f4f0e6 0.39`: colours with their shares, the largest first
    colour: str  # the name of the largest
    lightness: float  # means over the garment
    chroma: float
    contrast: float  # root mean square difference of lightness from that of the pixels around
    pattern: PatternKind
    pattern_certainty: float  # its probability
    height_to_width: float
    hem_to_waist: float
    widths: str  # of eight parts from the top to the hem, relative to the widest


class SeriesRecord(BaseModel):
    """One row of `data/trends/series.csv`: the mean of a measure over the garments of a brand's season.

    `low` and `high` are the ends of the bootstrap's interval; None where the season has too few garments for one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    brand: str  # empty: all brands
    season: str  # as `Season` writes it
    measure: str
    value: float
    low: float | None
    high: float | None
    garments: int


class SeasonExample(BaseModel):
    """One row of `data/trends/examples.csv`: a garment that stands for a brand's season, by frequency of its kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brand: str  # empty: all brands
    season: str
    rank: int  # from 1
    file: FileName  # GarmentRecord.file
    picture: FileName  # below reports/trends/garments


class SwatchRecord(BaseModel):
    """One row of `data/trends/palettes.csv`: a colour of a brand's season, the most frequent first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brand: str  # empty: all brands
    season: str
    rank: int  # from 1
    colour: str  # #rrggbb
    name: str
    share: float  # of the garments' area, each garment counted alike
    garments: int
