"""The precision of ranked detections at fixed recalls, for COCO's statistics and for the costs of errors."""

import numpy as np
from jaxtyping import Float, Int64
from numpy import ndarray

MOST = 100  # detections of an image that count: those with the highest scores


def sample_precision(
    hits: Int64[ndarray, " hits"], seen: Int64[ndarray, " n"], objects: int, *, recalls: Float[ndarray, " recalls"]
) -> Float[ndarray, " recalls"]:
    """The highest precision at each recall or a larger one, 0 where no recall is as large.

    `hits` are the places of the hits among the detections, the highest score first; `seen` counts hits and false alarms
    up to each place.
    """
    if not len(hits):
        return np.zeros(len(recalls))
    number = np.arange(1, len(hits) + 1, dtype=float)
    precision = number / (seen[hits] + np.spacing(1))
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(number / objects, recalls, side="left")
    return np.where(places < len(hits), precision[np.minimum(places, len(hits) - 1)], 0.0)
