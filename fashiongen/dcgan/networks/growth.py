"""Networks that grow from small images to images of twice the size (Karras et al. 2018, section 3).

The smaller network's layers become the inner ones of the larger network. The two new outer layers are faded in: at
first the image comes from the smaller network's own image layer, whose share then falls to nothing.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator

IMAGE_LAYERS = 2  # a generator's last and a discriminator's first, with its activation: they see the image


class FadingGenerator(nn.Module):
    """Latents to the images of `grown`, blended with those of `small`, half as large, from the same inner layers."""

    def __init__(self, grown: Generator, small: Generator) -> None:
        super().__init__()
        self.latent_dim = grown.latent_dim
        self.grown = grown
        self.small_image = small.main[-IMAGE_LAYERS:].requires_grad_(False)  # it soon has no share, and learns nothing
        self.share = 0.0  # of `grown`
        self._inner = len(small.main) - IMAGE_LAYERS

    def load_small(self, small: Generator) -> None:
        """Copy the inner layers and the image layer of a smaller network."""
        copy_inner_generator(small, self.grown)
        self.small_image.load_state_dict(small.main[-IMAGE_LAYERS:].state_dict())

    def forward(self, latents: Float[Tensor, "n latent 1 1"]) -> Float[Tensor, "n 3 height width"]:
        """RGB images in [-1, 1]."""
        features = self.grown.main[: self._inner](latents)
        images: Float[Tensor, "n 3 height width"] = self.grown.main[self._inner :](features)
        if self.share == 1:
            return images
        return torch.lerp(repeat_pixels(self.small_image(features), 2), images, self.share)


class FadingDiscriminator(nn.Module):
    """Images to the logits of `grown`, whose outer layers are blended with what `small` sees of the shrunk images."""

    def __init__(self, grown: Discriminator, small: Discriminator) -> None:
        super().__init__()
        self.grown = grown
        self.small_image = small.main[:IMAGE_LAYERS].requires_grad_(False)
        self.share = 0.0  # of `grown`
        self._outer = len(grown.main) - len(small.main) + IMAGE_LAYERS

    def forward(self, images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, "n 1 1 1"]:
        """The logits of images in [-1, 1]."""
        features = self.grown.main[: self._outer](images)
        if self.share < 1:
            features = torch.lerp(self.small_image(avg_pool2d(images, 2)), features, self.share)
        logits: Float[Tensor, "n 1 1 1"] = self.grown.main[self._outer : -1](features)
        return logits


def copy_inner_generator(inner: Generator, grown: Generator) -> None:
    """Copy all layers of `inner` but those that make its image into `grown`, whose images are twice as large."""
    copy_layers(inner.main[:-IMAGE_LAYERS], grown.main)


def copy_inner_discriminator(inner: Discriminator, grown: Discriminator) -> None:
    """Copy all layers of `inner` but those that see its image into `grown`, whose images are twice as large."""
    layers = inner.main[IMAGE_LAYERS:]
    copy_layers(layers, grown.main[-len(layers) :])


def copy_layers(layers: Iterable[nn.Module], targets: Iterable[nn.Module]) -> None:
    """Copy the weights of each layer into its target; targets that are left over stay as they are."""
    for layer, target in zip(layers, targets, strict=False):
        target.load_state_dict(layer.state_dict())


def repeat_pixels(images: Shaped[Tensor, "n 3 _ _"], factor: int) -> Shaped[Tensor, "n 3 _ _"]:
    """The images enlarged by a whole factor, each pixel to a square."""
    return images.repeat_interleave(factor, dim=-2).repeat_interleave(factor, dim=-1)
