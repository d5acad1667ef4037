"""The measurement of a trained generator: its images, their scores, and their nearest training images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.networks.model_card import ModelCard, read_card
from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.networks.weights import load_generator
from fashiongen.dcgan.training.records import read_history
from fashiongen.evaluation.measurements import measure_variant
from fashiongen.evaluation.nearest_images import (
    NearestImages,
    TrainingImages,
    count_copies,
    gather_nearest,
    read_training_set,
)
from fashiongen.evaluation.originality import describe_images, measure_originality
from fashiongen.evaluation.params import EvaluateParams
from fashiongen.evaluation.real_crops import HeldOutCrops
from fashiongen.evaluation.records import NEAREST, Reference, VariantMetrics


@dataclass(frozen=True)
class TrainedVariant:
    """The files of a variant's training."""

    model: Path  # its folder of weights
    further: Sequence[Path]  # the folders of its trainings from further seeds
    report: Path
    card: ModelCard
    reference: Reference
    training_set: Sequence[Path]


@dataclass(frozen=True)
class MeasuredVariant:
    """A generator's metrics and what they were computed from."""

    metrics: VariantMetrics
    images: UInt8[Tensor, "n 3 height width"]
    nearest: NearestImages


def read_variant(name: str, *, models: Path, reports: Path, sources: Mapping[str, Path]) -> TrainedVariant:
    """A variant by its name below the folders of models and reports; raises as `read_card` and `read_training_set`."""
    model, report = models / name, reports / name
    further = sorted(folder.parent for folder in model.glob("seed_*/model.json"))
    source, training_set = read_training_set(report, sources)
    reference: Reference = "cutouts" if source == "cutouts" else "crops"
    return TrainedVariant(model, further, report, read_card(model), reference, training_set)


def of_reference(variants: Mapping[str, TrainedVariant], reference: Reference) -> dict[str, TrainedVariant]:
    """The variants with a reference; all variants where none has it."""
    found = {name: variant for name, variant in variants.items() if variant.reference == reference}
    return found or dict(variants)


def measure_generator(
    variant: TrainedVariant, held_out: HeldOutCrops, training: TrainingImages, params: EvaluateParams
) -> MeasuredVariant:
    """Generate a variant's images and measure them; scores and originality share one extraction of features.

    The trainings from further seeds give only scores.
    """
    frame, paths = variant.card.frame, variant.training_set
    images = sample(load_generator(variant.model), params.generated_images, seed=params.seed)
    features = held_out.extractor.extract(images)
    real = held_out.at(frame)
    known = training.describe(paths, frame=frame)
    found = measure_originality(describe_images(images, features), known, params, k=NEAREST)
    scores = {variant.card.seed: real.score(images, features)}
    for folder in variant.further:
        drawn = sample(load_generator(folder), params.generated_images, seed=params.seed)
        scores[read_card(folder).seed] = real.score(drawn)
    metrics = measure_variant(
        read_history(variant.report / "history.csv"),
        scores,
        count_copies(found),
        reference=variant.reference,
        images=variant.card.training_images,
        kept_epoch=variant.card.kept_epoch,
    )
    return MeasuredVariant(metrics, images, gather_nearest(found, images, paths, training))
