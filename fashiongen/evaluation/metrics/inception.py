"""Inception-v3 with the weights of published FIDs and KIDs, from a file that the user provides."""

from pathlib import Path
from pickle import UnpicklingError

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3, FeatureExtractorInceptionV3

from fashiongen.errors import CheckpointError, MissingInput
from fashiongen.evaluation.metrics.extractor import Extractor
from fashiongen.files import sha256_file

NETWORK = "inception-v3-compat"  # torch-fidelity's name for the port that agrees with TensorFlow's to the bit
LAYER = "2048"  # the pooled activations before the classifier
KEY = "evaluate.inception_weights"


class InceptionFeatures(nn.Module):
    """Images to the 2,048 pooled activations; they are resized to 299 x 299 as in TensorFlow 1."""

    def __init__(self, network: FeatureExtractorInceptionV3) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: UInt8[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 2048"]:
        """Features of RGB images in bytes."""
        features: Float[Tensor, "batch 2048"] = self.network(images)[0]
        return features


def load_inception(path: Path) -> Extractor:
    """The extractor in a weights file of torch-fidelity; its name holds the start of the file's hash.

    Raises:
        MissingInput: there is no such file; the message says where to get it.
        CheckpointError: the file holds something else.
    """
    if not path.is_file():
        raise MissingInput(f"{KEY}: {path}: no such file; get it from {URL_INCEPTION_V3}, or set the key to null")
    try:
        torch.load(path, "cpu", weights_only=True)  # torch-fidelity unpickles whatever it is given: refuse code first
        network = FeatureExtractorInceptionV3(NETWORK, [LAYER], feature_extractor_weights_path=str(path))
    except (UnpicklingError, RuntimeError, ValueError, TypeError, EOFError, OSError) as error:
        reason = " ".join(str(error).split())[:120]
        raise CheckpointError(
            f"{KEY}: {path}: not the weights of {NETWORK} ({reason}); get them from {URL_INCEPTION_V3}"
        ) from error
    return Extractor(InceptionFeatures(network), name=f"{NETWORK}-{sha256_file(path)[:12]}")
