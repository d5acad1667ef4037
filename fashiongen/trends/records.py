"""The tables of `data/trends`."""

from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from fashiongen.coco.garment_types import GarmentType
from fashiongen.files import FileName

PatternKind = Literal["plain", "stripes", "checks", "dots", "floral", "other"]
SeasonSource = Literal["catalogue", "pin", "none"]
Length = Literal["short", "midi", "long"]
PATTERN_KINDS: Final[tuple[PatternKind, ...]] = get_args(PatternKind)
ALL: Final = ""  # the brand of rows about all brands together
ALL_BRANDS: Final = "all brands"  # what people read instead
ChangeKind = Literal["rises", "falls", "varies", "none"]
WIDTH: Final = "width_"  # what the measures begin with that are widths of parts of the outline, from the top to the hem
OF_GARMENTS: Final = "_frac"  # what the measures end with that are a share of garments
OF_COLOURS: Final = "_share"  # or of the area of their colours


def is_share(measure: str) -> bool:
    """Whether a measure is a share of garments or of their colours, from 0 to 1."""
    return measure.endswith((OF_GARMENTS, OF_COLOURS))


class GarmentRecord(BaseModel):
    """One row of `data/trends/garments.csv`: a garment that was cut out.

    Lightness goes from 0 to 1; chroma is the distance from grey in OKLab, 0.3 at most.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName  # CropRecord.file
    brand: str
    season: str  # as the catalogue has it, or as `Season` writes that of a pin's day
    season_from: SeasonSource  # none: the catalogue names no season, and no day is known
    label: GarmentType
    score: float  # the detector's
    palette: str  # as in `#1f2a44 0.61, #f4f0e6 0.39`: colours with their shares, the largest first
    colour: str  # the name of the largest
    families: str  # of colours, as in `blue 0.61, white 0.39`: how much of the palette is of each
    lightness: float  # means over the garment
    chroma: float  # of the mean colour
    oklab_a: float  # from green to red
    oklab_b: float  # from blue to yellow
    contrast: float  # root mean square difference of lightness from that of the pixels around
    pattern: PatternKind
    pattern_certainty: float  # its probability
    height_to_width: float
    hem_to_waist: float
    length_to_waist: float
    length: Length
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


class ChangeRecord(BaseModel):
    """One row of `data/trends/changes.csv`: whether a measure of a brand changed over its seasons.

    `rises` and `falls`: its seasons' means tend to; `varies`: its seasons differ otherwise. The p values are corrected
    for all rows together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    brand: str  # empty: all brands
    measure: str
    first: float  # the mean of the first season with enough garments
    last: float
    change: ChangeKind
    tau: float  # Kendall's, of the seasons' means with time: -1 where each falls, 1 where each rises
    p_trend: float
    p_seasons: float  # that the garments of all seasons are alike


class DistanceRecord(BaseModel):
    """One row of `data/trends/distances.csv`: how far two brands are from each other in a season; 0 is as near as one
    brand is to itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    season: str
    brand: str
    other: str
    distance: float  # the energy distance of their garments' looks
    low: float
    high: float


class LeadRecord(BaseModel):
    """One row of `data/trends/leads.csv`: how one brand's changes compare with another's some seasons later."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    leader: str
    follower: str
    measure: str
    lag_seasons: int
    steps: int  # from season to season, that were compared
    correlation: float
    low: float
    high: float
    p: float  # that the correlation is not positive, corrected for all rows together
    is_found: bool  # chance does not explain it


class ForecastRecord(BaseModel):
    """One row of `data/trends/forecasts.csv`: a measure of a brand in its next season, and how such forecasts did.

    MASE is an error relative to the mean change from season to season: 1 is as good as saying what was last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    brand: str  # empty: all brands
    measure: str
    season: str  # the next one
    model: str  # the kind of exponential smoothing
    value: float
    low: float
    high: float
    trials: int  # known seasons that were forecast from those before them
    covered_frac: float  # of these, that lay in their intervals
    mase: float
    best_baseline: str  # mean | last | drift | a year ago
    mase_mean: float
    mase_last: float
    mase_drift: float
    mase_year_ago: float
    beats_baselines: bool


class ProposalRecord(BaseModel):
    """One row of `reports/proposals/proposals.csv`: a garment that a generator draws for a brand's next season."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brand: str
    season: str
    rank: int  # from 1
    variant: str
    weights_sha256: str
    start_seed: int  # the latent that was recoloured is number `start` of this seed
    start: int
    colour: str  # #rrggbb, that was asked for
    name: str  # of this colour
    colour_distance: float  # in OKLab, of the drawn garment's mean colour from it
    height_to_width: float  # of the drawn garment
    picture: FileName  # beside this table
