"""Networks of one size as the inner layers of networks of twice that size (Karras et al. 2018, without fading in)."""

from collections.abc import Iterable

from torch import nn

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator

IMAGE_LAYERS = 2  # a generator's last and a discriminator's first, with its activation: they see the image


def copy_inner_generator(inner: Generator, grown: Generator) -> None:
    """Copy all layers of `inner` but those that make its image into `grown`, whose images are twice as large."""
    _copy(inner.main[:-IMAGE_LAYERS], grown.main)


def copy_inner_discriminator(inner: Discriminator, grown: Discriminator) -> None:
    """Copy all layers of `inner` but those that see its image into `grown`, whose images are twice as large."""
    layers = inner.main[IMAGE_LAYERS:]
    _copy(layers, grown.main[-len(layers) :])


def _copy(layers: Iterable[nn.Module], targets: Iterable[nn.Module]) -> None:
    for layer, target in zip(layers, targets, strict=False):
        target.load_state_dict(layer.state_dict())
