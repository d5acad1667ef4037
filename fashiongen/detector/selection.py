"""Which of the trained detectors goes on."""

from collections.abc import Mapping

from fashiongen.errors import BadInput


def best_backbone(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """The backbone with the highest AP; of equals the first.

    Raises:
        BadInput: a backbone has no AP.
    """
    for backbone, statistics in metrics.items():
        if "AP" not in statistics:
            raise BadInput(f"reports/detector/{backbone}/metrics.json: holds no AP; train {backbone} again")
    return max(metrics, key=lambda backbone: metrics[backbone]["AP"])
