"""The records that the evaluation writes to metrics/ and reports/evaluation."""

from statistics import geometric_mean
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from fashiongen.dcgan.training.records import EpochDistances
from fashiongen.images.manifest import COMPLETE
from fashiongen.images.select import Source

NEAREST: Final = 3  # training images that a match holds by features
ORIGINALITY_FILE: Final = "originality.json"  # in a variant's folder of reports/evaluation
GENERATED_FOLDER: Final = "generated"  # beside it: the first images that the generator made, in order

Reference = Literal["crops", "cutouts"]  # what the variants of a reference are compared with, held-out ones of it


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BrandCounts(_Record):
    """One brand's images after each step."""

    pins: int
    saved: int
    distinct: int
    crops: int


class DataMetrics(_Record):
    """Both raw inputs: the boards as scraped and deduplicated, the annotations as converted."""

    boards: int  # and folders of photographs
    endings: dict[str, int]  # of these, by why they ended: all but `end` are incomplete
    expected: int  # pins, by the pages of the boards
    pins: int
    saved: int
    outcomes: dict[str, int]
    same_file: int  # pins whose image another pin of the brand had saved already
    removed: dict[str, int]
    corrupt: int  # images that do not decode
    distinct: int
    held_out: int
    train_annotations: int
    val_annotations: int
    types: dict[str, int]

    @property
    def incomplete(self) -> int:
        """The number of boards whose end was not reached."""
        return sum(number for ending, number in self.endings.items() if ending not in COMPLETE)


class CropMetrics(_Record):
    """The crops that the selected detector made of the distinct images."""

    searched: int
    crops: int
    share: float  # crops per distinct image
    mean_score: float
    held_out: int
    labels: dict[str, int]
    masks: dict[str, int]  # of the crops' garments, by verdict; only those that are ok give a cut-out
    brands: dict[str, BrandCounts]


class Score(_Record):
    """How near images are to the held-out crops, or to the cut-outs of these.

    KID_std is the standard deviation of KID over subsets of images.
    """

    KID: float
    KID_std: float
    precision: float  # share of the images that lie among the held-out crops, 0 to 1
    recall: float  # share of the held-out crops that lie among the images, 0 to 1
    density: float  # in how many of the crops' neighbourhoods an image lies; about 1 for images of their kind
    coverage: float  # share of the held-out crops with an image in their neighbourhood, 0 to 1
    KID_inception: float | None  # in Inception's features; None without its weights
    FID: float | None  # in the same features; None also where a set has no more images than their 2,048
    SWD: float  # sliced Wasserstein distance of patches, times 1,000: the mean over the bands
    SWD_by_band: dict[str, float]  # of each band of the images' pyramid, by its height in pixels
    KID_by_detector: dict[str, float]  # KID in the features of each trained detector
    KID_worst: float  # the largest of these; of several trainings, the mean of each one's largest
    sharpness: float  # mean absolute Laplacian

    @property
    def product(self) -> float:
        """Both distances in one number, as for an epoch."""
        return EpochDistances(self.SWD, self.KID_worst).product


class Copies(_Record):
    """Near-copies of training images: among the generated images, and among the training images themselves."""

    near_copies: int  # by features or by hash
    near_copies_by_features: int
    near_copies_by_hash: int
    training_near_copies_by_features: int  # training images that are as near to another one
    training_near_copies_by_hash: int
    nearest_ratio: float  # median distance to the nearest training image, divided by that between training images
    closest_ratio: float  # the smallest distance, divided by the same median: about 0 for a copy


class OwnSource(_Record):
    """A variant beside held-out images of the source that it trains on: whole images, crops or cut-outs.

    Those of all sources show the same garments. The distance is the geometric mean of SWD and KID_worst, divided by
    that of real training images of the source, so that variants of all sources can be compared: 1 is as good as real.
    """

    source: Source
    held_out: int
    SWD: float  # the mean over the trainings
    KID_worst: float
    SWD_of_real: float  # of real training images
    KID_worst_of_real: float
    distance_by_seed: dict[str, float]  # of each training

    @property
    def distance(self) -> float:
        """The geometric mean over the trainings."""
        return geometric_mean(self.distance_by_seed.values())


class VariantMetrics(Score, Copies):
    """One variant. Only scores with the same reference can be compared.

    The scores are means over its trainings from several seeds; the counts of near-copies and the last epoch's losses
    are those of its first training.
    """

    reference: Reference  # cut-outs for a variant that trains on them, crops for all others
    images: int
    epochs: int
    kept_epoch: int  # of the first training: the epoch whose generator is measured
    Loss_D: float
    Loss_G: float
    D_x: float
    D_G_z1: float
    D_G_z2: float
    KID_by_seed: dict[str, float]  # of each training
    own_source: OwnSource | None  # None where there are too few real training images


class MeasurementSettings(_Record):
    """How the scores were measured; compare only scores that were measured with equal settings."""

    extractor: str
    extractor_sha256: str
    feature_dim: int
    held_out_crops: int
    generated_images: int
    kid_subset_size: int
    kid_subsets: int
    copy_quantile: float  # a generated image nearer than this quantile of the training images' distances is a near-copy
    copy_hash_distance: int  # so is one whose 64-bit perceptual hash differs in at most so many bits
    held_out_sharpness: float  # of the held-out crops, at the size of the largest variant
    training_crops: Score | None  # the score of real training crops; None if there are too few


class DcganMetrics(_Record):
    """The metrics of every generator, all measured in the same way against the images of their reference."""

    measurement_settings: MeasurementSettings  # of the comparison with crops
    cutout_settings: MeasurementSettings | None  # with cut-outs in place of crops; None where no variant trains on them
    variants: dict[str, VariantMetrics]

    def training_score(self, reference: Reference) -> Score | None:
        """The score of real training images with a reference; None if there are too few."""
        settings = self.measurement_settings if reference == "crops" else self.cutout_settings
        return None if settings is None else settings.training_crops


class MatchRecord(_Record):
    """A generated image and the training images nearest to it; the files lie beside the record."""

    generated: str
    nearest: list[str]  # by features, nearest first
    distance: float  # to the first of these
    nearest_by_hash: str
    hash_distance: int  # bits of 64
    is_near_copy: bool


class OriginalityRecord(_Record):
    """How near one variant's generated images come to its training images."""

    threshold: float  # a generated image with a smaller distance is a near-copy
    generated_distances: list[float]  # of each generated image to its nearest training image
    training_distances: list[float]  # of each training image to its nearest other one
    matches: list[MatchRecord]  # near-copies first, then nearest first
