"""The distances that select which epoch's generator a training keeps."""

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.records import EpochDistances
from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.patches import PatchDistance
from fashiongen.evaluation.metrics.score import KIDScorer


class DistanceMeter:
    """Measures generated images against training images, in any process of a training."""

    def __init__(self, patches: PatchDistance, detectors: Mapping[str, KIDScorer]) -> None:
        self.patches = patches
        self.detectors = detectors

    def __call__(self, images: UInt8[Tensor, "n 3 height width"]) -> EpochDistances:
        """The distances of images of the training images' size."""
        return EpochDistances(
            SWD=fmean(self.patches(images).values()),
            KID_worst=max(scorer(images) for scorer in self.detectors.values()),
        )


def build_distance_meter(
    images: UInt8[Tensor, "n 3 height width"], params: DcganParams, *, detectors: Mapping[str, Path]
) -> DistanceMeter | None:
    """Measures against these training images, in the features of each detector; None without a selection.

    Raises:
        MissingInput, CheckpointError: as `load_backbone`.
    """
    if params.selection is None:
        return None
    chosen = params.selection
    quality = QualityParams(
        generated_images=chosen.generated_images,
        kid_subsets=chosen.kid_subsets,
        kid_subset_size=min(chosen.kid_subset_size, len(images)),
        seed=params.seeds[0],
    )
    scorers = {
        name: KIDScorer(images, load_backbone(folder, side_px=chosen.features_side_px), quality)
        for name, folder in detectors.items()
    }
    return DistanceMeter(PatchDistance(images, seed=params.seeds[0]), scorers)
