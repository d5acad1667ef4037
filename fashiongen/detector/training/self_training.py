"""Self-training: the averaged weights give photographs pseudo-labels, and those with a sure box join the training.

The teacher is the average of the weights, as in Liu et al. 2021 ("Unbiased Teacher for Semi-Supervised Object
Detection") and Xu et al. 2021 ("End-to-End Semi-Supervised Object Detection with Soft Teacher"). It differs from theirs
in two ways. It labels all photographs before a few fixed iterations instead of each batch, so a batch depends on its
number and on the last labels alone. And a photograph gets its best box alone, since a labelled image has one garment.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float32, Int64
from lightning_fabric import Fabric
from torch import Tensor

from fashiongen.detector.data.targets import ImageFile, Target
from fashiongen.detector.inference import Detector, detect
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.params import InferParams, ModelParams, SelfTrainingParams


class PseudoLabels(NamedTuple):
    """The box that a detector in training gave each photograph that it was sure of, in the photograph's own pixels."""

    places: Int64[Tensor, " photographs"]  # of the photographs among all that were labelled
    boxes_xyxy: Float32[Tensor, "photographs 4"]
    labels: Int64[Tensor, " photographs"]  # category ids, from 1


class Teacher:
    """Labels photographs with the weights of a detector in training."""

    def __init__(
        self,
        photographs: Sequence[ImageFile],
        network: DetectorNetwork,
        params: SelfTrainingParams,
        *,
        model: ModelParams,
        infer: InferParams,
        fabric: Fabric,
    ) -> None:
        """`network` is built for inference with `infer`; the weights that label are loaded into it."""
        self.photographs = photographs
        self.params = params
        self.detector = Detector(network.eval(), model, infer, fabric)
        fabric.to_device(network)

    def is_due(self, iteration: int) -> bool:
        """Whether the photographs are labelled before this iteration, counted from 0."""
        since = iteration - self.params.first_iteration
        return since >= 0 and since % self.params.every_iterations == 0 and not self.is_over(iteration)

    def is_over(self, iteration: int) -> bool:
        """Whether the photographs teach no more in this iteration."""
        return self.params.until_iteration is not None and iteration >= self.params.until_iteration

    def label(self, network: DetectorNetwork) -> PseudoLabels:
        """The best box of each photograph where its score is at least `min_score`.

        Raises:
            CorruptImage: a photograph does not decode.
        """
        self.detector.network.load_named_weights(network.named_weights())
        found = enumerate(detect(self.detector, self.photographs))
        sure = [(place, of[0]) for place, of in found if of and of[0].score >= self.params.min_score]
        boxes = [(x, y, x + width, y + height) for _, (_, _, (x, y, width, height), _) in sure]
        return PseudoLabels(
            torch.tensor([place for place, _ in sure], dtype=torch.int64),
            torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
            torch.tensor([best.category_id for _, best in sure], dtype=torch.int64),
        )

    def list_targets(self, labels: PseudoLabels | None) -> list[Target]:
        """The labelled photographs as training targets; none before they were labelled."""
        if labels is None:
            return []
        rows = zip(labels.places.tolist(), labels.boxes_xyxy.numpy(), labels.labels.numpy(), strict=True)
        return [Target(self.photographs[place], box[None], label[None]) for place, box, label in rows]
