"""The section `evaluate` of params.yaml."""

from pydantic import PositiveInt

from fashiongen.quality.params import QualityParams


class EvaluateParams(QualityParams):
    """What generated images are measured with, beyond how many of them."""

    features_side_px: PositiveInt  # of the square that the detector's backbone is shown
