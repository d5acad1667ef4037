"""The extractors of features: where the detector and the measures meet."""

from pathlib import Path

from fashiongen.evaluation.metrics.backbone import build_feature_extractor
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.evaluation.metrics.inception import load_inception
from fashiongen.evaluation.metrics.params import ExtractorParams

DETECTOR = Path("models/best_detector")


def build_extractor(params: ExtractorParams) -> Extractor:
    """What the section `evaluate` asks for: the detector's backbone, or Inception from its file; raises as they do."""
    if params.extractor == "inception" and params.inception_weights is not None:
        return load_inception(Path(params.inception_weights))
    return build_backbone_extractor(side_px=params.features_side_px)


def build_backbone_extractor(*, side_px: int) -> Extractor:
    """The selected detector's backbone, shown squares of `side_px`; raises as `build_feature_extractor`."""
    backbone = build_feature_extractor(DETECTOR, side_px=side_px)
    return Extractor(backbone, name=backbone.name)
