"""Everything that the report shows, as values: metrics, histories, and the pictures that earlier stages left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from fashiongen.coco.evaluation_records import CurvePoint
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.deepfashion.records import CategoryCount, ExampleRecord, TypeCount
from fashiongen.evaluation.records import CropMetrics, DataMetrics, DcganMetrics, MatchRecord, OriginalityRecord
from fashiongen.images.select import QueryParams
from fashiongen.runtime.costs import Costs


@dataclass(frozen=True)
class Example:
    """A labelled image."""

    record: ExampleRecord
    image: Image.Image


@dataclass(frozen=True)
class LabelEvidence:
    """The labelled images: how they spread, and some of them."""

    categories: Sequence[CategoryCount]  # the largest first
    types: Sequence[TypeCount]
    examples: Sequence[Example]


@dataclass(frozen=True)
class DetectorEvidence:
    """The selected detector, and the twelve statistics of all."""

    best: str
    statistics: Mapping[str, Mapping[str, float]]
    per_class: Mapping[str, Mapping[str, float]]
    curves: Mapping[str, Sequence[CurvePoint]]  # of every backbone
    confusions: Mapping[tuple[str, str], int]  # (actual, predicted) -> how often
    overlays: Image.Image


@dataclass(frozen=True)
class Match:
    """A generated image beside the training images nearest to it."""

    record: MatchRecord
    generated: Image.Image
    nearest: Sequence[Image.Image]  # by features, nearest first
    nearest_by_hash: Image.Image


@dataclass(frozen=True)
class OriginalityEvidence:
    """One variant's distances to its training images, and its nearest matches."""

    record: OriginalityRecord
    matches: Sequence[Match]


@dataclass(frozen=True)
class GeneratorEvidence:
    """What one variant learned from, its training, and what its generator made."""

    query: QueryParams
    history: Sequence[EpochRecord]
    real: Image.Image  # a grid of training images
    grids: Mapping[int, Image.Image]  # epoch -> its grid, the last epoch's at the end: the same latents each time
    steps: Mapping[int, Image.Image]  # epoch -> the first row of its grid
    shown_epoch: int  # the kept epoch, or if that has no grid, the nearest epoch that has one
    generated: Sequence[Image.Image]  # the first images of the generator that is measured
    originality: OriginalityEvidence

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
class Evidence:
    """The report's whole input."""

    profile: str
    note: str  # a sentence about the profile
    data: DataMetrics
    crops: CropMetrics
    dcgan: DcganMetrics
    detector: DetectorEvidence
    generators: Mapping[str, GeneratorEvidence]  # by variant
    labels: LabelEvidence
    scraped: Sequence[Image.Image]  # some of the distinct images, all of one size
    removals: Sequence[Removal]  # of the near-duplicates, the pairs that differ most
    contact_sheet: Image.Image
    params: str  # the text of params.yaml
    versions: Mapping[str, str]  # by package
    costs: Costs | None  # None where nobody recorded any

    @property
    def cover(self) -> str:
        """The variant that opens the report: among those whose KID lies within the lowest KID's spread, the one of the
        highest precision.
        """
        variants = self.dcgan.variants
        nearest = min(variants.values(), key=lambda variant: variant.KID)
        limit = nearest.KID + nearest.KID_std
        level = [name for name, variant in variants.items() if limit >= variant.KID]
        return max(level, key=lambda name: variants[name].precision)
