"""The real full-length crops that generated images are compared with, and training crops scored in the same way.

Images of a generator that trained on cut-outs are compared with cut-outs: on their white ground they would be far from
any crop. The rows of cut-outs and of whole images are those of `cutouts_of` and `photographs_of`; they take the place
of crops in all that follows.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from fashiongen.errors import ConfigError, TooFewImages
from fashiongen.evaluation.measurements import average_scores, six_digits
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.patches import PatchDistance
from fashiongen.evaluation.metrics.score import Distances, KIDScorer, QualityScore, RealFeatures, images_needed
from fashiongen.evaluation.metrics.sharpness import sharpness
from fashiongen.evaluation.params import EvaluateParams
from fashiongen.evaluation.records import MeasurementSettings, Score
from fashiongen.images.manifest import CropRecord
from fashiongen.images.pack import Fit, Frame, pack_images
from fashiongen.images.select import Source, cutouts_of, photographs_of

LABEL = "full"  # all variants are compared with full-length garments, whatever they train on


def rows_of(crops: Sequence[CropRecord], source: Source) -> Sequence[CropRecord]:
    """The crops as rows of images of a source."""
    match source:
        case "crops":
            return crops
        case "cutouts":
            return cutouts_of(crops)
        case "images":
            return photographs_of(crops)


def choose_held_out(
    crops: Sequence[CropRecord], params: QualityParams, *, source: Source = "crops"
) -> list[CropRecord]:
    """The crops of a full-length garment that no generator trained on, by name; `source` says what the rows are.

    Raises:
        TooFewImages: there are fewer than the measures need.
    """
    chosen, needed = _choose(crops, "held_out"), images_needed(params)
    if len(chosen) < needed:
        masked = " whose mask is ok" if source == "cutouts" else ""
        raise TooFewImages(
            f"data/crops/crops.csv: {len(chosen)} held-out crops of label {LABEL}{masked}, {needed} needed: raise "
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
    """The `fit` that every variant used to make its training images of one size.

    Raises:
        ConfigError: the variants differ in it, so no set of held-out images would be fair to all.
    """
    if len(set(fits.values())) > 1:
        found = ", ".join(f"{variant} {fit}" for variant, fit in fits.items())
        raise ConfigError(f"params.yaml: dcgan.variants differ in fit ({found}): set the same for all, to compare them")
    return next(iter(fits.values()))


@dataclass(frozen=True)
class RealImages:
    """The held-out crops at one size, prepared for every measure."""

    features: RealFeatures  # the selected detector's
    inception: RealFeatures | None
    detectors: Mapping[str, KIDScorer]  # by backbone
    patches: PatchDistance
    sharpness: float

    def score(self, images: UInt8[Tensor, "n 3 height width"], features: Float[Tensor, "n dim"] | None = None) -> Score:
        """The score of images of this size, whose features may be given; raises as `RealFeatures.score`."""
        found = self.features.score(images) if features is None else self.features.score_features(features)
        by_band = self.patches(images)
        by_detector = {name: self._measure_kid(scorer, images, found) for name, scorer in self.detectors.items()}
        published = None if self.inception is None else self.inception.score(images)
        score = Score(
            **found.model_dump(include=set(Distances.model_fields) - {"FID"}),
            KID_inception=None if published is None else published.KID,
            FID=None if published is None else published.FID,
            SWD=fmean(by_band.values()),
            SWD_by_band=by_band,
            KID_by_detector=by_detector,
            KID_worst=max(by_detector.values()),
            sharpness=sharpness(images),
        )
        return average_scores([score])

    def _measure_kid(self, scorer: KIDScorer, images: UInt8[Tensor, "n 3 height width"], found: QualityScore) -> float:
        """The detector that gave the score's features is not run again."""
        return found.KID if scorer.extractor.sha256 == found.extractor_sha256 else scorer(images)


@dataclass
class HeldOutCrops:
    """The held-out crops, and how images are compared with them."""

    folder: Path  # of the crops' images
    crops: Sequence[CropRecord]
    training: Sequence[CropRecord]  # a sample of the training crops
    fit: Fit  # how a crop is fitted into a frame, the same as in the training of every variant
    extractor: Extractor  # the backbone of the selected detector
    inception: Extractor | None
    detectors: Mapping[str, Extractor]  # the backbones of all trained detectors, by name
    params: EvaluateParams
    _by_frame: dict[Frame, RealImages] = field(default_factory=dict, init=False)
    _training_scores: dict[Frame, Score | None] = field(default_factory=dict, init=False)

    def at(self, frame: Frame) -> RealImages:
        """The held-out crops at a generator's size, prepared once for each size."""
        if frame not in self._by_frame:
            images = self.pack(self.crops, frame=frame)
            self._by_frame[frame] = RealImages(
                features=RealFeatures(images, self.extractor, self.params),
                inception=None if self.inception is None else RealFeatures(images, self.inception, self.params),
                detectors={name: KIDScorer(images, one, self.params) for name, one in self.detectors.items()},
                patches=PatchDistance(images, seed=self.params.seed),
                sharpness=sharpness(images),
            )
        return self._by_frame[frame]

    def pack(self, crops: Sequence[CropRecord], *, frame: Frame) -> UInt8[Tensor, "n 3 height width"]:
        """Crops at a generator's size."""
        paths = [self.folder / crop.file for crop in crops]
        return torch.from_numpy(pack_images(paths, frame=frame, fit=self.fit))

    def score_training(self, frame: Frame) -> Score | None:
        """The score of real training crops at a generator's size, computed once for each; None if there are too few."""
        if frame not in self._training_scores:
            try:
                found = self.at(frame).score(self.pack(self.training, frame=frame))
            except TooFewImages:
                found = None
            self._training_scores[frame] = found
        return self._training_scores[frame]

    def describe(self, *, frame: Frame) -> MeasurementSettings:
        """The settings that stand beside the scores in metrics/dcgan.json, with the score of real training crops."""
        return MeasurementSettings(
            extractor=self.extractor.name,
            extractor_sha256=self.extractor.sha256,
            feature_dim=self.at(frame).features.features.shape[1],
            held_out_crops=len(self.crops),
            generated_images=self.params.generated_images,
            kid_subset_size=self.params.kid_subset_size,
            kid_subsets=self.params.kid_subsets,
            copy_quantile=self.params.copy_quantile,
            copy_hash_distance=self.params.copy_hash_distance,
            held_out_sharpness=six_digits(self.at(frame).sharpness),
            training_crops=self.score_training(frame),
        )
