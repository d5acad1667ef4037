"""The section `evaluate` of params.yaml."""

from fashiongen.evaluation.metrics.params import ExtractorParams, OriginalityParams, QualityParams


class EvaluateParams(QualityParams, ExtractorParams, OriginalityParams):
    """How much is measured, with what, and what counts as a copy."""
