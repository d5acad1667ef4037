"""A frozen module that turns images into features, with the name and the hash that stand in every score."""

import hashlib
from itertools import chain

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

IMAGES_PER_BATCH = 64


class Extractor:
    """A module from uint8 RGB images [n, 3, height, width] to features [n, dim], frozen and in evaluation mode."""

    def __init__(self, module: nn.Module, *, name: str) -> None:
        self.module = module.eval().requires_grad_(False)
        self.name = name
        self.sha256 = hash_module(module)

    @torch.no_grad()
    def extract(self, images: UInt8[Tensor, "n 3 height width"]) -> Float[Tensor, "n dim"]:
        """The features of images, computed where the module is and brought to the CPU.

        They are float64: KID is a small difference of large sums of cubes, which float32 cannot resolve.
        """
        device = next((tensor.device for tensor in chain(self.module.parameters(), self.module.buffers())), None)
        batches = [self.module(part.to(device)).cpu().double() for part in torch.split(images, IMAGES_PER_BATCH)]
        return torch.cat(batches)


def hash_module(module: nn.Module) -> str:
    """SHA-256 over the names, types, shapes and values of a module's weights and buffers."""
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\0".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
