"""What turns images into features: any module of ours, made known to torch-fidelity, and named with every score."""

import hashlib
from typing import Any

from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch_fidelity import FeatureExtractorBase, register_feature_extractor

EXTRACTOR = "fashiongen"  # its name in torch-fidelity's registry; the module itself arrives with each call
LAYER = "pooled"


class ModuleExtractor(FeatureExtractorBase):
    """torch-fidelity's view of a module from uint8 RGB images [n, 3, height, width] to features [n, dim]."""

    def __init__(self, name: str, features_list: list[str], *, feature_module: nn.Module, **_: Any) -> None:
        super().__init__(name, features_list)
        self.feature_module = feature_module

    @staticmethod
    def get_provided_features_list() -> tuple[str]:
        return (LAYER,)

    @staticmethod
    def get_default_feature_layer_for_metric(_metric: str) -> str:
        return LAYER

    @staticmethod
    def can_be_compiled() -> bool:
        return False

    def forward(self, images: UInt8[Tensor, "n 3 h w"]) -> tuple[Float[Tensor, "n dim"]]:
        # KID is a small difference of large sums of cubes: in float32 it would drown.
        return (self.feature_module(images).double(),)


register_feature_extractor(EXTRACTOR, ModuleExtractor)


def hash_module(module: nn.Module) -> str:
    """SHA-256 over the names, types, shapes and values of a module's weights and buffers."""
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\0".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
