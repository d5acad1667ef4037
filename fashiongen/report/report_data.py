"""Everything that the report shows, as values: metrics, histories, and the pictures that earlier stages wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from fashiongen.coco.evaluation_records import CurvePoint, ErrorCost, GroupScore, Prediction
from fashiongen.costs import Costs
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount
from fashiongen.evaluation.records import CropMetrics, DataMetrics, DcganMetrics, MatchRecord, OriginalityRecord
from fashiongen.images.select import QueryParams
from fashiongen.trends.records import DistanceRecord
from fashiongen.trends.results import BrandTrends


@dataclass(frozen=True)
class Example:
    """A labelled image."""

    record: ExampleRecord
    image: Image.Image


@dataclass(frozen=True)
class LabelData:
    """The labelled images: their counts by category and by type, and some of them."""

    categories: Sequence[CategoryCount]  # the largest first
    types: Sequence[TypeCount]
    examples: Sequence[Example]


@dataclass(frozen=True)
class SeenPrediction:
    """A validation image with its boxes."""

    record: Prediction
    image: Image.Image


@dataclass(frozen=True)
class DetectorData:
    """The selected detector, and the twelve statistics of all."""

    best: str
    statistics: Mapping[str, Mapping[str, float]]
    per_class: Mapping[str, Mapping[str, float]]
    curves: Mapping[str, Sequence[CurvePoint]]  # of every backbone
    errors: Sequence[ErrorCost]
    groups: Sequence[GroupScore]
    confusions: Mapping[tuple[str, str], int]  # (actual, predicted) -> how often
    predictions: Sequence[SeenPrediction]  # the worst first, the best last


@dataclass(frozen=True)
class Match:
    """A generated image beside the training images nearest to it."""

    record: MatchRecord
    generated: Image.Image
    nearest: Sequence[Image.Image]  # by features, nearest first
    nearest_by_hash: Image.Image


@dataclass(frozen=True)
class OriginalityData:
    """One variant's distances to its training images, and its nearest matches."""

    record: OriginalityRecord
    matches: Sequence[Match]


@dataclass(frozen=True)
class GeneratorData:
    """What one variant learned from, its training, and what its generator made."""

    query: QueryParams
    history: Sequence[EpochRecord]
    real: Image.Image  # a grid of training images
    grids: Mapping[int, Image.Image]  # epoch -> its grid, the last epoch's at the end: the same latents each time
    steps: Mapping[int, Image.Image]  # epoch -> the first row of its grid
    shown_epoch: int  # the kept epoch, or if that has no grid, the nearest epoch that has one
    generated: Sequence[Image.Image]  # the first images of the generator that is measured
    originality: OriginalityData

    @property
    def shown_grid(self) -> Image.Image:
        """The grid of the shown epoch."""
        return self.grids[self.shown_epoch]


@dataclass(frozen=True)
class Removal:
    """A duplicate that was removed and the image that was kept, both of one size."""

    removed: Image.Image
    keeper: Image.Image
    distance: int  # of 64 bits


@dataclass(frozen=True)
class ReportData:
    """Everything that the report shows."""

    profile: str
    note: str  # a sentence about the profile
    data: DataMetrics
    crops: CropMetrics
    dcgan: DcganMetrics
    detector: DetectorData
    generators: Mapping[str, GeneratorData]  # by variant
    labels: LabelData
    scraped: Sequence[Image.Image]  # some of the distinct images, all of one size
    removals: Sequence[Removal]  # of the near-duplicates, the pairs that differ most
    contact_sheet: Image.Image  # of crops
    cutout_sheet: Image.Image | None  # None where there are no cut-outs
    trends: Sequence[BrandTrends]  # all brands' first; empty where no garment has a cut-out and a season
    distances: Sequence[DistanceRecord]  # of brands from each other
    params: str  # the text of params.yaml
    versions: Mapping[str, str]  # by package
    costs: Costs | None  # None where nobody recorded any

    @property
    def headline_variant(self) -> str:
        """The variant at the top of the report: the one whose images are nearest to real ones of its own source."""
        return min(self.dcgan.variants, key=self._rank)

    def _rank(self, variant: str) -> tuple[bool, float]:
        row = self.dcgan.variants[variant]
        if row.own_source is None:
            return True, row.product
        return False, row.own_source.distance
