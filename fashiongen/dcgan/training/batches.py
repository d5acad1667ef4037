"""The batches of an epoch: real images and latents, drawn at random."""

from collections.abc import Iterator

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from fashiongen.dcgan.params import TrainingParams


def draw_batches(
    images: UInt8[Tensor, "n 3 height width"],
    params: TrainingParams,
    rng: torch.Generator,
    *,
    share: slice = slice(None),
) -> Iterator[tuple[Float[Tensor, "share 3 height width"], Float[Tensor, "share latent 1 1"]]]:
    """Pairs of real images in [-1, 1] and latents: this process's share of each batch of `params.batch_size`.

    The images that fill no batch are left out of this epoch: a smaller last batch would change the statistics of
    BatchNorm. The next shuffling leaves out others.
    """
    order = torch.randperm(len(images), generator=rng)
    for chosen in torch.split(order, params.batch_size)[: len(images) // params.batch_size]:
        real = images[chosen[share].to(images.device)].float().div(127.5).sub(1)
        if params.flip:
            mirrored = torch.rand(len(chosen), 1, 1, 1, generator=rng)[share] < 0.5
            real = torch.where(mirrored.to(images.device), real.flip(-1), real)
        latents = torch.randn(len(chosen), params.latent_dim, 1, 1, generator=rng)[share]
        yield real.contiguous(memory_format=torch.channels_last), latents.to(images.device)
