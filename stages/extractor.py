"""The extractor that the section `evaluate` asks for: where the detector and the measures meet."""

from pathlib import Path

from fashiongen.detector.features import build_feature_extractor
from fashiongen.quality.extractor import Extractor
from fashiongen.quality.inception import load_inception
from fashiongen.quality.params import ExtractorParams

DETECTOR = Path("models/best_detector")


def build_extractor(params: ExtractorParams) -> Extractor:
    """The selected detector's backbone, or Inception from its file; for what they raise see their loaders."""
    if params.extractor == "inception" and params.inception_weights is not None:
        return load_inception(Path(params.inception_weights))
    backbone = build_feature_extractor(DETECTOR, side_px=params.features_side_px)
    return Extractor(backbone, name=backbone.name)
