"""The metrics of data, crops and variants, and their summary."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from statistics import fmean
from typing import Any

from fashiongen.crops.counts import count_masks
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.deepfashion.records import TypeCount
from fashiongen.evaluation.records import (
    BrandCounts,
    Copies,
    CropMetrics,
    DataMetrics,
    DcganMetrics,
    OwnSource,
    Reference,
    Score,
    VariantMetrics,
)
from fashiongen.images.manifest import BoardRecord, CropRecord, DuplicateRecord, ImageRecord, PinRecord
from fashiongen.images.select import Source


def six_digits(value: float) -> float:
    """The value with six significant digits, as the metrics files keep it: more digits would be noise."""
    return float(f"{value:.6g}")


def measure_data(
    entries: Sequence[BoardRecord],
    pins: Sequence[PinRecord],
    removed: Iterable[DuplicateRecord],
    manifest: Sequence[ImageRecord],
    annotations: Mapping[str, int],
    *,
    types: Iterable[TypeCount],
    corrupt: int,
) -> DataMetrics:
    """Counts of both raw inputs; `annotations` has the number of labelled images of `train` and of `val`, `corrupt` is
    that of scraped images that do not decode.
    """
    outcomes = Counter(pin.outcome for pin in pins)
    return DataMetrics(
        boards=len(entries),
        endings=dict(sorted(Counter(entry.ending for entry in entries).items())),
        expected=sum(entry.expected or 0 for entry in entries),
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
        masks=count_masks(crops),
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
    history: Sequence[EpochRecord],
    scores: Mapping[int, Score],
    copies: Copies,
    *,
    reference: Reference,
    own_source: OwnSource | None,
    images: int,
    kept_epoch: int,
) -> VariantMetrics:
    """The first training's losses in its last epoch, and the scores of all trainings (`scores` has them by seed).

    The study reports its "best epoch" without defining it, so the losses here are the last epoch's.
    """
    last = history[-1]
    return VariantMetrics(
        reference=reference,
        images=images,
        epochs=last.epoch,
        kept_epoch=kept_epoch,
        Loss_D=six_digits(last.Loss_D),
        Loss_G=six_digits(last.Loss_G),
        D_x=six_digits(last.D_x),
        D_G_z1=six_digits(last.D_G_z1),
        D_G_z2=six_digits(last.D_G_z2),
        **average_scores(list(scores.values())).model_dump(),
        **copies.model_dump(),
        KID_by_seed={str(seed): score.KID for seed, score in scores.items()},
        own_source=own_source,
    )


def measure_own_source(
    scores: Mapping[int, Score], real: Score | None, *, source: Source, held_out: int
) -> OwnSource | None:
    """The scores of a variant's trainings, by seed, beside that of real training images of its source, if there is one;
    all of them against so many held-out images of this source.
    """
    if real is None:
        return None
    mean = average_scores(list(scores.values()))
    return OwnSource(
        source=source,
        held_out=held_out,
        SWD=mean.SWD,
        KID_worst=mean.KID_worst,
        SWD_of_real=real.SWD,
        KID_worst_of_real=real.KID_worst,
        distance_by_seed={str(seed): six_digits(sqrt(score.product / real.product)) for seed, score in scores.items()},
    )


def average_scores(scores: Sequence[Score]) -> Score:
    """The mean of each measure with six significant digits; None where a score lacks it."""
    return Score(**{name: _average([getattr(score, name) for score in scores]) for name in Score.model_fields})


def _average(column: Sequence[Any]) -> Any:
    if isinstance(column[0], Mapping):
        return {key: _average([row[key] for row in column]) for key in column[0]}
    return None if None in column else six_digits(fmean(column))


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
        "dcgan": {
            name: variant.model_dump(
                exclude={"reference", "KID_by_seed", "KID_by_detector", "SWD_by_band", "own_source"}, exclude_none=True
            )
            | ({"distance": six_digits(variant.own_source.distance)} if variant.own_source else {})
            for name, variant in dcgan.variants.items()
        },
        "data": data.model_dump(exclude={"endings", "outcomes", "removed", "types"}) | {"incomplete": data.incomplete},
        "crops": crops.model_dump(exclude={"labels", "masks", "brands"}) | {"cutouts": crops.masks.get("ok", 0)},
    }
