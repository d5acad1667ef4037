"""How good a detector is while it trains: its AP on a fixed draw of the validation images."""

from pathlib import Path

import numpy as np
from lightning_fabric import Fabric

from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.detector.data.targets import TrainingSet
from fashiongen.detector.inference import Detector, detect
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.params import InferParams, ModelParams


class Validation:
    """Measures the AP of networks; the images are the same each time.

    Whoever keeps the detector of the highest AP chooses by these images: on them it scores a little better than on
    others.
    """

    def __init__(
        self,
        annotations: Path,
        data: TrainingSet,
        detecting: DetectorNetwork,
        *,
        model: ModelParams,
        infer: InferParams,
        fabric: Fabric,
        images: int,
        seed: int,
    ) -> None:
        """`detecting` is a network built for `infer`, which takes over the weights of those that are measured."""
        chosen = np.random.default_rng([seed, 2]).permutation(len(data.targets))[:images]
        self.images = [data.images[index] for index in sorted(chosen.tolist())]
        self.annotations = annotations
        self.detector = Detector(detecting.eval(), model, infer, fabric)
        fabric.to_device(detecting)

    def measure_ap(self, network: DetectorNetwork) -> float:
        """The AP of a network with its weights as they are now."""
        self.detector.network.load_named_weights(network.named_weights())
        found = [detection for of_image in detect(self.detector, self.images) for detection in of_image]
        ids = [image.image_id for image in self.images]
        return evaluate_detections(self.annotations, found, image_ids=ids).metrics["AP"]
