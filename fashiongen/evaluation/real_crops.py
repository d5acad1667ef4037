"""The real full-length crops that generated images are compared with, and training crops scored in the same way."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor

from fashiongen.errors import ConfigError, TooFewImages
from fashiongen.evaluation.measurements import average_scores
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.score import QualityScore, RealFeatures, images_needed
from fashiongen.evaluation.params import EvaluateParams
from fashiongen.evaluation.records import MeasurementSettings, Score
from fashiongen.images.manifest import CropRecord
from fashiongen.images.pack import Fit, pack_images

LABEL = "full"  # all variants are compared with full-length garments, whatever they train on


def choose_held_out(crops: Sequence[CropRecord], params: QualityParams) -> list[CropRecord]:
    """The crops of a full-length garment that no generator trained on, by name.

    Raises:
        TooFewImages: there are fewer than the measures need.
    """
    chosen, needed = _choose(crops, "held_out"), images_needed(params)
    if len(chosen) < needed:
        raise TooFewImages(
            f"data/crops/crops.csv: {len(chosen)} held-out crops of label {LABEL}, {needed} needed: raise "
            "dedup.held_out_frac, lower evaluate.kid_subset_size, or scrape more"
        )
    return chosen


def sample_training(crops: Sequence[CropRecord], *, at_most: int, seed: int) -> list[CropRecord]:
    """A random sample of the training crops, sorted by name: the best score that a generator could reach is theirs."""
    chosen = _choose(crops, "train")
    sampled = random.Random(seed).sample(chosen, min(at_most, len(chosen)))
    return sorted(sampled, key=lambda crop: crop.file)


def _choose(crops: Sequence[CropRecord], split: str) -> list[CropRecord]:
    return sorted((crop for crop in crops if crop.split == split and crop.label == LABEL), key=lambda crop: crop.file)


def common_fit(fits: Mapping[str, Fit]) -> Fit:
    """The `fit` that every variant used to make its training images square.

    Raises:
        ConfigError: the variants differ in it, so no set of squares would be fair to all.
    """
    if len(set(fits.values())) > 1:
        found = ", ".join(f"{variant} {fit}" for variant, fit in fits.items())
        raise ConfigError(f"params.yaml: dcgan.variants differ in fit ({found}): set the same for all, to compare them")
    return next(iter(fits.values()))


@dataclass
class HeldOutCrops:
    """The held-out crops, and how images are compared with them."""

    folder: Path  # of the crops' images
    crops: Sequence[CropRecord]
    fit: Fit  # how a crop becomes a square, the same as in the training of every variant
    extractor: Extractor
    params: EvaluateParams
    _features: dict[int, RealFeatures] = field(default_factory=dict, init=False)  # by the squares' side

    def features_at(self, side_px: int) -> RealFeatures:
        """The features of the held-out crops as squares of a generator's size, extracted once for each size."""
        if side_px not in self._features:
            images = self.pack(self.crops, side_px=side_px)
            self._features[side_px] = RealFeatures(images, self.extractor, self.params)
        return self._features[side_px]

    def pack(self, crops: Sequence[CropRecord], *, side_px: int) -> UInt8[Tensor, "n 3 side side"]:
        """Crops as squares of a generator's size."""
        paths = [self.folder / crop.file for crop in crops]
        return torch.from_numpy(pack_images(paths, side_px=side_px, fit=self.fit))

    def score_training(self, crops: Sequence[CropRecord], *, side_px: int) -> Score | None:
        """The score of real training crops, the reference for generators; None if there are too few."""
        training = sample_training(crops, at_most=self.params.generated_images, seed=self.params.seed)
        try:
            return to_score(self.features_at(side_px).score(self.pack(training, side_px=side_px)))
        except TooFewImages:
            return None

    def describe(self, found: QualityScore, training_crops: Score | None) -> MeasurementSettings:
        """The settings that stand beside the scores in metrics/dcgan.json."""
        return MeasurementSettings(
            extractor=found.extractor,
            extractor_sha256=found.extractor_sha256,
            feature_dim=found.feature_dim,
            held_out_crops=found.real_images,
            generated_images=found.generated_images,
            kid_subset_size=self.params.kid_subset_size,
            kid_subsets=self.params.kid_subsets,
            copy_quantile=self.params.copy_quantile,
            copy_hash_distance=self.params.copy_hash_distance,
            training_crops=training_crops,
        )


def to_score(found: QualityScore) -> Score:
    """The part of a score that the report shows, with six significant digits."""
    return average_scores([Score(**found.model_dump(include=set(Score.model_fields)))])
