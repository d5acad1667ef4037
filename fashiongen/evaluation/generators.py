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
from fashiongen.evaluation.measurements import measure_own_source, measure_variant
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
from fashiongen.images.select import Source


def reference_of(source: Source) -> Reference:
    """What variants that train on a source are compared with: cut-outs with cut-outs, all others with crops."""
    return "cutouts" if source == "cutouts" else "crops"


@dataclass(frozen=True)
class TrainedVariant:
    """The files of a variant's training."""

    model: Path  # its folder of weights
    further: Sequence[Path]  # the folders of its trainings from further seeds
    report: Path
    card: ModelCard
    source: Source  # of its training images
    training_set: Sequence[Path]

    @property
    def reference(self) -> Reference:
        """What it is compared with."""
        return reference_of(self.source)


@dataclass(frozen=True)
class MeasuredVariant:
    """A generator's metrics and what they were computed from."""

    metrics: VariantMetrics
    images: UInt8[Tensor, "n 3 height width"]
    nearest: NearestImages


def read_variant(name: str, *, models: Path, reports: Path, sources: Mapping[Source, Path]) -> TrainedVariant:
    """A variant by its name below the folders of models and reports; raises as `read_card` and `read_training_set`."""
    model, report = models / name, reports / name
    further = sorted(folder.parent for folder in model.glob("seed_*/model.json"))
    source, training_set = read_training_set(report, sources)
    return TrainedVariant(model, further, report, read_card(model), source, training_set)


def of_reference(variants: Mapping[str, TrainedVariant], reference: Reference) -> dict[str, TrainedVariant]:
    """The variants with a reference; all variants where none has it."""
    found = {name: variant for name, variant in variants.items() if variant.reference == reference}
    return found or dict(variants)


def measure_generator(
    variant: TrainedVariant, held_out: Mapping[Source, HeldOutCrops], training: TrainingImages, params: EvaluateParams
) -> MeasuredVariant:
    """Generate a variant's images and measure them; scores and originality share one extraction of features.

    They are compared with held-out images of the variant's reference and of its own source; `held_out` has both. The
    trainings from further seeds give only scores.
    """
    frame, paths = variant.card.frame, variant.training_set
    reference, own = held_out[variant.reference], held_out[variant.source]
    drawn: dict[int, tuple[Tensor, Tensor]] = {}
    for folder in (variant.model, *variant.further):
        images = sample(load_generator(folder), params.generated_images, seed=params.seed)
        drawn[read_card(folder).seed] = images, reference.extractor.extract(images)
    scores = {seed: reference.at(frame).score(*one) for seed, one in drawn.items()}
    is_same = variant.source == variant.reference
    own_scores = scores if is_same else {seed: own.at(frame).score(*one) for seed, one in drawn.items()}
    images, features = drawn[variant.card.seed]
    known = training.describe(paths, frame=frame)
    found = measure_originality(describe_images(images, features), known, params, k=NEAREST)
    metrics = measure_variant(
        read_history(variant.report / "history.csv"),
        scores,
        count_copies(found),
        reference=variant.reference,
        own_source=measure_own_source(
            own_scores, own.score_training(frame), source=variant.source, held_out=len(own.crops)
        ),
        images=variant.card.training_images,
        kept_epoch=variant.card.kept_epoch,
    )
    return MeasuredVariant(metrics, images, gather_nearest(found, images, paths, training))
