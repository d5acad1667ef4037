"""Images from a generator, and grids of images."""

import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import to_pil_image
from torchvision.utils import make_grid

from fashiongen.dcgan.networks.families import TrainedGenerator

SAMPLES_PER_BATCH = 256  # limits the memory of `sample`; in evaluation mode the batch size changes no image
RANDN_BLOCK = 16  # torch.randn fills blocks of so many numbers, and an incomplete last block in another way


def sample_latents(n: int, *, latent_dim: int, seed: int) -> Float[Tensor, "n latent 1 1"]:
    """The first `n` standard normal latents of a seed, on the CPU; a larger `n` begins with the same ones."""
    whole = -(-n // RANDN_BLOCK) * RANDN_BLOCK
    return torch.randn(whole, latent_dim, 1, 1, generator=torch.Generator().manual_seed(seed))[:n]


def sample(generator: TrainedGenerator, n: int, *, seed: int) -> UInt8[Tensor, "n 3 height width"]:
    """`n` RGB images on the CPU, generated in evaluation mode, so that each depends on its own latents alone."""
    return render_latents(generator, sample_latents(n, latent_dim=generator.latent_dim, seed=seed))


@torch.inference_mode()
def render_latents(
    generator: TrainedGenerator, latents: Float[Tensor, "n latent 1 1"]
) -> UInt8[Tensor, "n 3 height width"]:
    """The image of each latent, on the CPU; the generator's mode (training or evaluation) is restored."""
    was_training, device = generator.training, next(generator.parameters()).device
    generator.eval()
    batches = [to_uint8(generator(part.to(device))).cpu() for part in torch.split(latents, SAMPLES_PER_BATCH)]
    generator.train(was_training)
    return torch.cat(batches).contiguous()


def to_uint8(images: Float[Tensor, "n 3 height width"]) -> UInt8[Tensor, "n 3 height width"]:
    """Convert [-1, 1] to 0…255, the inverse of what `draw_batches` does."""
    return images.add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)


def render_grid(images: UInt8[Tensor, "n channels height width"]) -> Image.Image:
    """The images, RGB or RGBA, row by row in an about square grid: on white, or on a transparent ground."""
    columns, between = max(1, round(len(images) ** 0.5)), 255 if images.shape[1] == 3 else 0
    grid: Image.Image = to_pil_image(make_grid(images, nrow=columns, padding=2, pad_value=between))
    return grid


def diversity(images: UInt8[Tensor, "n 3 height width"]) -> float:
    """The root mean square difference of two images' values, in levels (0 to 255); 0 if all images are the same.

    Twice the unbiased variance over the images, averaged over the values, is the mean squared distance of their pairs.
    """
    return float((2 * images.float().var(dim=0)).mean().sqrt())
