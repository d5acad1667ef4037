"""The proposal network and the box heads of Faster R-CNN, with losses and sampling that both engines share."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork
from torchvision.ops import batched_nms, clip_boxes_to_image, generalized_box_iou_loss

from fashiongen.detector.params import BoxLoss

IGNORED = -100  # the label that cross entropy ignores
SMOOTH_L1_BETA = 1 / 9  # where torchvision's loss turns from square to linear
MAX_LOG_SCALE = 4.135166556742356  # log(1000 / 16): no box is scaled by more (both libraries)


def box_loss(
    deltas: Float[Tensor, "boxes 4"], targets: Float[Tensor, "boxes 4"], kind: BoxLoss, weights: Sequence[float]
) -> Float[Tensor, ""]:
    """The sum of the losses of predicted box deltas; `weights` are the factors that both kinds of deltas contain.

    GIoU (Rezatofighi et al. 2019) is invariant to a common shift and scale of both boxes, so it is computed for a unit
    anchor.
    """
    if kind == "giou":
        loss: Float[Tensor, ""] = generalized_box_iou_loss(
            _decode(deltas, weights), _decode(targets, weights), reduction="sum", eps=1e-7
        )
        return loss
    beta = SMOOTH_L1_BETA if kind == "smooth_l1" else 0.0
    return functional.smooth_l1_loss(deltas, targets, beta=beta, reduction="sum")


def _decode(deltas: Float[Tensor, "boxes 4"], weights: Sequence[float]) -> Float[Tensor, "boxes 4"]:
    """Boxes (x1, y1, x2, y2) that the deltas make of the unit box centred at 0."""
    shift_x, shift_y, log_width, log_height = (deltas / deltas.new_tensor(weights)).unbind(1)
    half_width, half_height = (log.clamp(max=MAX_LOG_SCALE).exp() / 2 for log in (log_width, log_height))
    return torch.stack(
        [shift_x - half_width, shift_y - half_height, shift_x + half_width, shift_y + half_height], dim=1
    )


def ignore_unlabelled(
    labels: Sequence[Tensor],
    logits: Float[Tensor, "regions classes"],
    targets: Sequence[dict[str, Tensor]],
    *,
    above: float | None,
) -> Int64[Tensor, " regions"]:
    """The labels of the regions of all images, `IGNORED` where a region is predicted as an unlabelled garment.

    `labels` are Int64[regions] of each image, 0 for the background; `logits` have a row for each region of all images.

    A photograph in which one garment is labelled often shows a second one. A background region is ignored if its most
    probable garment category has no label in its image and a probability over `above`.
    """
    joined = torch.cat(tuple(labels))
    if above is None:
        return joined
    probabilities, found = logits.detach().softmax(dim=1)[:, 1:].max(dim=1)
    of_images = torch.split(found, [len(of_image) for of_image in labels])
    is_labelled = torch.cat(
        [torch.isin(of_image + 1, target["labels"]) for of_image, target in zip(of_images, targets, strict=True)]
    )
    return joined.masked_fill((joined == 0) & ~is_labelled & (probabilities > above), IGNORED)


class SeededSampler:
    """Samples the boxes that enter a loss, at most `positive_frac` of them positive, by the seed of each image.

    What an image contributes depends neither on the other images of its batch nor on earlier draws. So several devices
    sample what one would, and a resumed training samples what an uninterrupted one would.
    """

    def __init__(self, count: int, positive_frac: float) -> None:
        self.count = count
        self.positive_frac = positive_frac
        self.seeds: list[int] = []  # one per image of the batch; set before each forward pass

    def __call__(self, matched: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Masks of the drawn positives (labels from 1) and negatives (0) of each image; -1 is never drawn."""
        drawn = [self._draw(labels, seed) for labels, seed in zip(matched, self.seeds, strict=True)]
        return [positive for positive, _ in drawn], [negative for _, negative in drawn]

    def _draw(self, labels: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        rng = torch.Generator().manual_seed(seed)
        positives, negatives = torch.where(labels >= 1)[0], torch.where(labels == 0)[0]
        wanted = min(len(positives), int(self.count * self.positive_frac))
        return _mask(labels, positives, wanted, rng), _mask(labels, negatives, self.count - wanted, rng)


def _mask(labels: Tensor, places: Tensor, count: int, rng: torch.Generator) -> Tensor:
    chosen = places[torch.randperm(len(places), generator=rng)[:count].to(places.device)]
    return torch.zeros_like(labels, dtype=torch.bool).index_fill(0, chosen, True)


class ProposalNetwork(RegionProposalNetwork):
    """torchvision's proposal network with a choice of box loss.

    Both losses are divided by the number of anchors to sample, even if an image has fewer.
    """

    def __init__(self, *, box_loss: BoxLoss, **options: Any) -> None:
        super().__init__(**options)
        self.box_loss = box_loss
        self.fg_bg_sampler = SeededSampler(options["batch_size_per_image"], options["positive_fraction"])

    def filter_proposals(
        self,
        proposals: Float[Tensor, "images anchors 4"],
        objectness: Tensor,
        image_shapes: list[tuple[int, int]],
        num_anchors_per_level: list[int],
    ) -> tuple[list[Tensor], list[Tensor]]:
        """The best boxes of each image after non-maximum suppression within each level, and their logits.

        They are ordered by logits, as in detectron2. torchvision orders them by their sigmoid, which is 1 in float32
        for many, so that their order is arbitrary.
        """
        logits = objectness.detach().reshape(len(proposals), -1)
        best = self._get_top_n_idx(logits, num_anchors_per_level)
        sizes = torch.tensor(num_anchors_per_level, device=logits.device)
        levels = torch.arange(len(sizes), device=logits.device).repeat_interleave(sizes)
        kept = []
        for boxes, scores, chosen, shape in zip(proposals, logits, best, image_shapes, strict=True):
            clipped = clip_boxes_to_image(boxes[chosen], shape)
            non_empty = (clipped[:, 2] > clipped[:, 0]) & (clipped[:, 3] > clipped[:, 1])
            clipped, of_image, kept_levels = clipped[non_empty], scores[chosen][non_empty], levels[chosen][non_empty]
            order = batched_nms(clipped, of_image, kept_levels, self.nms_thresh)[: self.post_nms_top_n()]
            kept.append((clipped[order], of_image[order]))
        return [boxes for boxes, _ in kept], [scores for _, scores in kept]

    def compute_loss(
        self,
        objectness: Tensor,
        pred_bbox_deltas: Tensor,
        labels: Sequence[Tensor],
        regression_targets: Sequence[Tensor],
    ) -> tuple[Tensor, Tensor]:
        """The losses of objectness and of the boxes."""
        positive, negative = (torch.cat(masks) for masks in self.fg_bg_sampler(labels))
        wanted = self.fg_bg_sampler.count * len(labels)
        of_boxes = box_loss(
            pred_bbox_deltas[positive],
            torch.cat(tuple(regression_targets))[positive],
            self.box_loss,
            self.box_coder.weights,
        )
        drawn = positive | negative
        of_objectness = functional.binary_cross_entropy_with_logits(
            objectness.flatten()[drawn], torch.cat(tuple(labels))[drawn], reduction="sum"
        )
        return of_objectness / wanted, of_boxes / wanted


class BoxHeads(RoIHeads):
    """torchvision's box heads with a choice of box loss, without masks and keypoints."""

    def __init__(self, *, box_loss: BoxLoss, ignore_unlabelled_above: float | None, **options: Any) -> None:
        super().__init__(**options)
        self.box_loss = box_loss
        self.ignore_unlabelled_above = ignore_unlabelled_above
        self.fg_bg_sampler = SeededSampler(options["batch_size_per_image"], options["positive_fraction"])

    def forward(
        self,
        features: dict[str, Tensor],
        proposals: list[Tensor],
        image_shapes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        """The losses in training mode, the detections in evaluation mode."""
        if self.training:
            proposals, _, labels, deltas = self.select_training_samples(proposals, targets)
        regions = self.box_head(self.box_roi_pool(features, proposals, image_shapes))
        scores, predicted = self.box_predictor(regions)
        if self.training:
            masked = ignore_unlabelled(labels, scores, targets or [], above=self.ignore_unlabelled_above)
            return [], self._losses(scores, predicted, masked, torch.cat(deltas))
        found = self.postprocess_detections(scores, predicted, proposals, image_shapes)
        names = ("boxes", "scores", "labels")
        return [dict(zip(names, of_image, strict=True)) for of_image in zip(*found, strict=True)], {}

    def _losses(self, scores: Tensor, predicted: Tensor, labels: Tensor, deltas: Tensor) -> dict[str, Tensor]:
        positives = torch.where(labels > 0)[0]
        of_label = predicted.reshape(len(labels), -1, 4)[positives, labels[positives]]
        boxes = box_loss(of_label, deltas[positives], self.box_loss, self.box_coder.weights)
        return {
            "loss_classifier": functional.cross_entropy(scores, labels, ignore_index=IGNORED),
            "loss_box_reg": boxes / max(1, labels.numel()),
        }
