"""A trained detector for one image, made of operations that exporters and other runtimes support."""

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import clip_boxes_to_image, nms

from fashiongen.detector.networks.faster_rcnn import FasterRCNN, normalise

MIN_SIDE_PX = 1e-2  # smaller boxes are left out, as by torchvision's heads


class PortableDetector(nn.Module):
    """Gives the detections of `FasterRCNN`, with its weights, for one image of any size, which it pads.

    `FasterRCNN` works on a batch in steps whose number depends on the detections. Here the loops run over the levels
    of the pyramid and over the categories, whose numbers are fixed, so that the network can be exported.
    """

    def __init__(self, network: FasterRCNN, *, size_divisor_px: int) -> None:
        super().__init__()
        self.network = network.cpu().eval()
        self.size_divisor_px = size_divisor_px
        network.rpn.anchor_generator.set_cell_anchors(torch.float32, torch.device("cpu"))

    def forward(
        self, image: Float[Tensor, "1 3 height width"]
    ) -> tuple[Float[Tensor, "boxes 4"], Int64[Tensor, " boxes"], Float[Tensor, " boxes"]]:
        """Boxes (x1, y1, x2, y2 in the image's pixels), labels from 1 and scores, best first, in RGB of 0 to 255."""
        height, width = image.shape[2], image.shape[3]
        divisor = self.size_divisor_px  # as multiples: the ONNX export is faster than with `-side % divisor`
        padded_height, padded_width = (divisor * ((side + divisor - 1) // divisor) for side in (height, width))
        padding = [0, padded_width - width, 0, padded_height - height]
        features = self.network.backbone(functional.pad(normalise(image), padding))
        proposals = self._propose(list(features.values()), image)
        return self._classify(features, proposals, image)

    def _propose(self, levels: list[Tensor], image: Tensor) -> Float[Tensor, "proposals 4"]:
        rpn = self.network.rpn
        boxes, logits = [], []
        for objectness, deltas, of_level in zip(*rpn.head(levels), rpn.anchor_generator.of_levels(levels), strict=True):
            level_logits, best = _best(objectness.permute(0, 2, 3, 1).reshape(-1), rpn.pre_nms_top_n())
            by_anchor = deltas.reshape(-1, 4, *deltas.shape[2:]).permute(2, 3, 0, 1).reshape(-1, 4)
            found = clip_boxes_to_image(rpn.box_coder.decode_single(by_anchor[best], of_level[best]), image.shape[2:])
            there = (found[:, 2] > found[:, 0]) & (found[:, 3] > found[:, 1])
            found, level_logits = _suppress(found, level_logits, there, rpn.nms_thresh)
            boxes.append(found)
            logits.append(level_logits)
        return torch.cat(boxes)[_best(torch.cat(logits), rpn.post_nms_top_n())[1]]

    def _classify(
        self, features: dict[str, Tensor], proposals: Float[Tensor, "proposals 4"], image: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        heads = self.network.roi_heads
        logits, deltas = heads.box_predictor(heads.box_head(heads.box_roi_pool(features, [proposals], [])))
        scores = functional.softmax(logits, -1)
        decoded = clip_boxes_to_image(heads.box_coder.decode_single(deltas, proposals).reshape(-1, 4), image.shape[2:])
        by_label = decoded.reshape(-1, scores.shape[1], 4)
        boxes, values, labels = [], [], []
        for label in range(1, scores.shape[1]):
            found, of_label = by_label[:, label], scores[:, label]
            sides = found[:, 2:] - found[:, :2]
            there = (of_label > heads.score_thresh) & (sides[:, 0] >= MIN_SIDE_PX) & (sides[:, 1] >= MIN_SIDE_PX)
            found, of_label = _suppress(found, of_label, there, heads.nms_thresh)
            boxes.append(found)
            values.append(of_label)
            labels.append(torch.full_like(of_label, label, dtype=torch.int64))
        best_scores, best = _best(torch.cat(values), heads.detections_per_img)
        return torch.cat(boxes)[best], torch.cat(labels)[best], best_scores


def _best(scores: Float[Tensor, " n"], count: int) -> tuple[Float[Tensor, " best"], Int64[Tensor, " best"]]:
    """The highest scores and their indices; an exported top-k would fail on fewer than `count` scores."""
    ordered, places = scores.sort(descending=True)
    return ordered[:count], places[:count]


def _suppress(
    boxes_xyxy: Float[Tensor, "boxes 4"],
    scores: Float[Tensor, " boxes"],
    there: Bool[Tensor, " boxes"],
    iou_threshold: float,
) -> tuple[Float[Tensor, "kept 4"], Float[Tensor, " kept"]]:
    """Non-maximum suppression among the boxes whose `there` is true: the boxes and scores that remain, best first."""
    places = torch.where(there)[0]
    kept = places[nms(boxes_xyxy[places], scores[places], iou_threshold)]
    return boxes_xyxy[kept], scores[kept]
