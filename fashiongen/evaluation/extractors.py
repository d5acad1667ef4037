"""The feature extractor that the section `evaluate` asks for."""

from pathlib import Path

from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.inception import load_inception
from fashiongen.evaluation.metrics.params import ExtractorParams


def load_extractor(params: ExtractorParams, *, detector: Path) -> Extractor:
    """The backbone of the detector in this model folder, or Inception from its file; raises as their loaders do."""
    if params.extractor == "inception" and params.inception_weights is not None:
        return load_inception(Path(params.inception_weights))
    return load_backbone(detector, side_px=params.features_side_px)
