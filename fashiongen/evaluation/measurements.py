"""What the stages left behind, counted: metrics/data.json, crops.json and dcgan.json, and the summary of all."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import BaseModel, ConfigDict

from fashiongen.deepfashion.records import TypeCount
from fashiongen.errors import BadInput
from fashiongen.files import read_csv
from fashiongen.images.manifest import CropRecord, DuplicateRecord, ImageRecord, PinRecord


class _Metrics(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BrandCounts(_Metrics):
    """One brand's way through the pipeline, in images."""

    pins: int
    saved: int
    distinct: int
    crops: int


class DataMetrics(_Metrics):
    """Both raw inputs: the boards as scraped and deduplicated, the annotations as converted."""

    boards: int
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


class CropMetrics(_Metrics):
    """What the selected detector cut out of the distinct images."""

    searched: int
    crops: int
    share: float
    mean_score: float
    held_out: int
    labels: dict[str, int]
    brands: dict[str, BrandCounts]


class Epoch(BaseModel):
    """One row of a generator's history: the means over an epoch, under the PyTorch example's names."""

    epoch: int
    Loss_D: float
    Loss_G: float
    D_x: float
    D_G_z1: float
    D_G_z2: float


class Score(_Metrics):
    """How near images are to the held-out crops: KID as its mean over subsets and their standard deviation."""

    KID: float
    KID_std: float
    precision: float  # share of the images that lie among the held-out crops, 0 to 1
    recall: float  # share of the held-out crops that lie among the images, 0 to 1
    density: float  # in how many of the crops' neighbourhoods an image lies; about 1 for images of their kind
    coverage: float  # share of the held-out crops with an image in their neighbourhood, 0 to 1


class Copies(_Metrics):
    """How many of a generator's images nearly repeat a training image, and how many training images another one."""

    near_copies: int  # by features or by hash
    near_copies_by_features: int
    near_copies_by_hash: int
    training_near_copies_by_features: int  # training images that are as near to another one
    training_near_copies_by_hash: int
    nearest_ratio: float  # median distance to the nearest training image, in that of training images to each other
    closest_ratio: float  # the least of the distances in the same unit: about 0 for a copy


class VariantMetrics(Score, Copies):
    """One variant: its training set, its nearness to held-out crops, and of its first training the last epoch's means
    and the nearness to its training images.
    """

    images: int
    epochs: int
    kept_epoch: int  # of the first training: the one whose generator is measured here, and draws
    Loss_D: float
    Loss_G: float
    D_x: float
    D_G_z1: float
    D_G_z2: float
    KID_by_seed: dict[str, float]  # of each training; the score is the trainings' mean


class Yardstick(_Metrics):
    """How the distances were measured; scores under different yardsticks cannot be compared."""

    extractor: str
    extractor_sha256: str
    feature_dim: int
    held_out_crops: int
    generated_images: int
    kid_subset_size: int
    kid_subsets: int
    copy_quantile: float  # of the distances between training images: a generated image that is nearer is a near-copy
    copy_hash_distance: int  # … and so is one whose perceptual hash differs in at most so many of 64 bits
    training_crops: Score | None  # real crops in the place of generated images; None where there are too few


class DcganMetrics(_Metrics):
    """Every generator under one yardstick."""

    yardstick: Yardstick
    variants: dict[str, VariantMetrics]

    @property
    def cover(self) -> str:
        """The variant that opens the report: of those as near to the crops as the nearest, up to its spread, the most
        precise.
        """
        nearest = min(self.variants.values(), key=lambda variant: variant.KID)
        limit = nearest.KID + nearest.KID_std
        level = {name: variant for name, variant in self.variants.items() if limit >= variant.KID}
        return max(level, key=lambda name: level[name].precision)


def six_digits(value: float) -> float:
    """The value with six significant digits: what a metrics file keeps, so that its differences mean something."""
    return float(f"{value:.6g}")


def measure_data(
    pins: Sequence[PinRecord],
    removed: Iterable[DuplicateRecord],
    manifest: Sequence[ImageRecord],
    annotations: Mapping[str, int],
    types: Iterable[TypeCount],
    *,
    corrupt: int,
) -> DataMetrics:
    """Counts of both raw inputs; `annotations` has the number of labelled images of `train` and of `val`, `corrupt` is
    that of scraped images that do not decode.
    """
    outcomes = Counter(pin.outcome for pin in pins)
    return DataMetrics(
        boards=len({pin.board for pin in pins}),
        pins=len(pins),
        saved=sum(number for outcome, number in outcomes.items() if outcome.startswith("saved")),
        outcomes=dict(sorted(outcomes.items())),
        same_file=sum(bool(pin.file) for pin in pins) - len({pin.file for pin in pins if pin.file}),
        removed=dict(sorted(Counter(row.rule for row in removed).items())),
        corrupt=corrupt,
        distinct=len(manifest),
        held_out=sum(record.split == "held_out" for record in manifest),
        train_annotations=annotations["train"],
        val_annotations=annotations["val"],
        types={row.type: row.images for row in types},
    )


def measure_crops(
    crops: Sequence[CropRecord], manifest: Sequence[ImageRecord], pins: Sequence[PinRecord]
) -> CropMetrics:
    """Counts of the crops, in all and by brand, and the mean of the detector's scores for them."""
    return CropMetrics(
        searched=len(manifest),
        crops=len(crops),
        share=six_digits(len(crops) / max(len(manifest), 1)),
        mean_score=six_digits(sum(crop.score for crop in crops) / max(len(crops), 1)),
        held_out=sum(crop.split == "held_out" for crop in crops),
        labels=dict(sorted(Counter(crop.label for crop in crops).items())),
        brands={brand: _count_brand(brand, crops, manifest, pins) for brand in sorted({pin.brand for pin in pins})},
    )


def _count_brand(
    brand: str, crops: Sequence[CropRecord], manifest: Sequence[ImageRecord], pins: Sequence[PinRecord]
) -> BrandCounts:
    of_brand = [pin for pin in pins if pin.brand == brand]
    return BrandCounts(
        pins=len(of_brand),
        saved=sum(pin.outcome.startswith("saved") for pin in of_brand),
        distinct=sum(record.brand == brand for record in manifest),
        crops=sum(crop.brand == brand for crop in crops),
    )


def measure_variant(
    history: Sequence[Epoch], scores: Mapping[int, Score], copies: Copies, *, images: int, kept_epoch: int
) -> VariantMetrics:
    """The losses of the first training's last epoch beside the distances of all trainings, by their seeds.

    The last, since the study's "best epoch" is defined nowhere.
    """
    last = history[-1]
    means = {name: fmean(getattr(score, name) for score in scores.values()) for name in Score.model_fields}
    return VariantMetrics(
        images=images,
        epochs=last.epoch,
        kept_epoch=kept_epoch,
        Loss_D=six_digits(last.Loss_D),
        Loss_G=six_digits(last.Loss_G),
        D_x=six_digits(last.D_x),
        D_G_z1=six_digits(last.D_G_z1),
        D_G_z2=six_digits(last.D_G_z2),
        **{name: six_digits(value) for name, value in means.items()},
        **copies.model_dump(),
        KID_by_seed={str(seed): score.KID for seed, score in scores.items()},
    )


def read_history(path: Path) -> list[Epoch]:
    """The epochs of a generator's history.csv, first to last.

    Raises:
        BadInput: the file has no epoch.
    """
    history = read_csv(path, Epoch)
    if not history:
        raise BadInput(f"{path}: has no epoch; train the variant again (dvc repro -s train_dcgan@{path.parent.name})")
    return history


def summarise(
    data: DataMetrics, crops: CropMetrics, detector: Mapping[str, Mapping[str, float]], dcgan: DcganMetrics
) -> dict[str, dict[str, Any]]:
    """The rows that a person compares between runs: `detector.<backbone>.AP`, `dcgan.<variant>.KID`, `data.distinct`,
    `crops.crops`.
    """
    return {
        "detector": {
            backbone: {key: six_digits(value) for key, value in values.items()} for backbone, values in detector.items()
        },
        "dcgan": {name: variant.model_dump(exclude={"KID_by_seed"}) for name, variant in dcgan.variants.items()},
        "data": data.model_dump(exclude={"outcomes", "removed", "types"}),
        "crops": crops.model_dump(exclude={"labels", "brands"}),
    }
