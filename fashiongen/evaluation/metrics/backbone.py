"""The backbone of a trained detector as a feature extractor, for measures that compare sets of images."""

from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

from fashiongen.detector.networks.faster_rcnn import build_network, normalise
from fashiongen.detector.networks.model_folder import WEIGHTS, read_card, read_weights
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.files import sha256_file


class BackboneFeatures(nn.Module):
    """Images to the mean activations of a detector's last backbone stage.

    Images are first resized to a longer side of `side_px`, so that small generated ones and large real ones have the
    scale at which the backbone was trained. They keep their proportions.
    """

    def __init__(self, body: nn.Module, *, side_px: int) -> None:
        super().__init__()
        self.body = body
        self.side_px = side_px

    def forward(
        self, images: UInt8[Tensor, "batch 3 height width"] | Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch dim"]:
        """Features of RGB images: bytes, or floats from 0 to 1."""
        values = images.float() if images.dtype == torch.uint8 else images * 255
        longer = max(images.shape[-2:])
        if longer != self.side_px:
            size = [round(side * self.side_px / longer) for side in images.shape[-2:]]
            values = functional.interpolate(values, size=size, mode="bilinear", antialias=True)
        last_stage = list(self.body(normalise(values)).values())[-1]
        features: Float[Tensor, "batch dim"] = last_stage.mean(dim=(2, 3))
        return features


def load_backbone(folder: Path, *, side_px: int) -> Extractor:
    """The backbone of the detector in a model folder, for images with a longer side of `side_px`.

    The extractor's name holds the weights' hash.

    Raises:
        MissingInput: there is no model.json.
        CheckpointError: the folder is incomplete, or of another version.
    """
    card = read_card(folder)
    network = build_network(card.backbone, card.model, ForWeights(), categories=max(card.categories))
    read_weights(folder, network)
    name = f"{card.backbone}-{sha256_file(folder / WEIGHTS)[:12]}"
    return Extractor(BackboneFeatures(network.body, side_px=side_px), name=name)
