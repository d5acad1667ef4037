"""The boxes of several views of an image, such as its mirror image and other scales, fused into one set.

This is test-time augmentation with the box voting of Gidaris and Komodakis 2015 ("Object detection via a multi-region
and semantic segmentation-aware CNN model") and the scores of Solovyev et al. 2021 ("Weighted boxes fusion").
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torchvision.ops import box_iou

MIN_IOU = 0.55  # of boxes that are the same garment; Solovyev et al.'s


class Found(NamedTuple):
    """What a network finds in one view of an image, best first, in the pixels of the image's file."""

    boxes_xyxy: Float[Tensor, "boxes 4"]
    labels: Int64[Tensor, " boxes"]
    scores: Float[Tensor, " boxes"]


def fuse(views: Sequence[Found], *, min_score: float, most: int) -> Found:
    """The best `most` boxes of all views that score at least `min_score`; those of a single view as they are.

    Boxes of a category that overlap the best of them by `MIN_IOU` are one garment, from the best score down. It has
    their mean, weighted by their scores, and the mean of the scores over the views, where one that misses it counts 0.
    """
    if len(views) == 1:
        return views[0]
    boxes, labels, scores = (torch.cat(parts) for parts in zip(*views, strict=True))
    order = scores.argsort(descending=True, stable=True)
    boxes, labels, scores = boxes[order], labels[order], scores[order]
    is_same = (box_iou(boxes, boxes) >= MIN_IOU) & (labels[:, None] == labels)
    free = torch.ones_like(scores, dtype=torch.bool)
    kept = []
    for best in range(len(scores)):
        if free[best]:
            group = is_same[best] & free
            free &= ~group
            weights = scores[group]
            score = (weights.sum() / len(views)).clamp(max=weights.max())  # a view may have two boxes of the garment
            kept.append((weights @ boxes[group] / weights.sum(), labels[best], score))
    if not kept:
        return Found(boxes, labels, scores)
    fused = Found(*(torch.stack(parts) for parts in zip(*kept, strict=True)))
    order = fused.scores.argsort(descending=True, stable=True)
    order = order[fused.scores[order] >= min_score][:most]
    return Found(*(part[order] for part in fused))


def mirror(found: Found, width: float) -> Found:
    """What was found in the mirror image, in the image of that width in pixels."""
    left, top, right, bottom = found.boxes_xyxy.unbind(1)
    return found._replace(boxes_xyxy=torch.stack([width - right, top, width - left, bottom], dim=1))
