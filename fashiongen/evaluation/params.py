"""The section `evaluate` of params.yaml."""

from fashiongen.evaluation.metrics.params import ExtractorParams, OriginalityParams, QualityParams


class EvaluateParams(QualityParams, ExtractorParams, OriginalityParams):
    """How many images are measured, by which features, and when an image counts as a copy."""
