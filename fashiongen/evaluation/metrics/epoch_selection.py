"""The KID that selects which epoch's generator a training keeps."""

from pathlib import Path

from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.params import DcganParams
from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.score import KIDScorer


def build_kid_scorer(
    images: UInt8[Tensor, "n 3 height width"], params: DcganParams, *, detector: Path
) -> KIDScorer | None:
    """Measures the KID against the training images, by features of a detector's backbone; None without a selection.

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
    return KIDScorer(images, load_backbone(detector, side_px=chosen.features_side_px), quality)
