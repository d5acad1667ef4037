"""The AP of a detector during its training, on a fixed random subset of the validation images."""

from pathlib import Path

import numpy as np
from lightning_fabric import Fabric

from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.detector.data.targets import TrainingSet
from fashiongen.detector.inference import Detector, detect
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.params import InferParams, ModelParams


class Validation:
    """Measures the AP of networks, each time on the same images.

    The detector of the highest AP is selected on these images, so its AP on them is slightly optimistic.
    """

    def __init__(
        self,
        annotations: Path,
        data: TrainingSet,
        network: DetectorNetwork,
        *,
        model: ModelParams,
        infer: InferParams,
        fabric: Fabric,
        images: int,
        seed: int,
    ) -> None:
        """`network` is built for inference; the weights that are measured are loaded into it."""
        chosen = np.random.default_rng([seed, 2]).permutation(len(data.targets))[:images]
        self.images = [data.images[index] for index in sorted(chosen.tolist())]
        self.annotations = annotations
        self.detector = Detector(network.eval(), model, infer, fabric)
        fabric.to_device(network)

    def measure_ap(self, network: DetectorNetwork) -> float:
        """The AP of a network's current weights."""
        self.detector.network.load_named_weights(network.named_weights())
        found = [detection for of_image in detect(self.detector, self.images) for detection in of_image]
        ids = [image.image_id for image in self.images]
        return evaluate_detections(self.annotations, found, image_ids=ids).metrics["AP"]
