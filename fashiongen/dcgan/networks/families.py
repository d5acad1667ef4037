"""The families of networks that `family` in params.yaml names, and what is done alike with each."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from fashiongen.dcgan.networks import dcgan, growth, modern, modern_growth
from fashiongen.dcgan.params import Family

AnyGenerator: TypeAlias = dcgan.Generator | modern.ModernGenerator
AnyDiscriminator: TypeAlias = dcgan.Discriminator | modern.ModernDiscriminator
TrainedGenerator: TypeAlias = AnyGenerator | growth.FadingGenerator


class Fading(NamedTuple):
    """Networks that blend a grown network's new layers with the image layers of the small one, from both of them."""

    generator: Callable[..., growth.FadingGenerator]
    discriminator: Callable[..., growth.FadingDiscriminator]


class NetworkFamily(NamedTuple):
    """How the networks of a family are built, and how they grow."""

    generator: type[dcgan.Generator] | type[modern.ModernGenerator]
    discriminator: type[dcgan.Discriminator] | type[modern.ModernDiscriminator]
    initialise_weights: Callable[..., None]  # of either network, from a generator of random numbers
    copy_inner_generator: Callable[[Any, Any], None]  # into one whose images are twice as large
    copy_inner_discriminator: Callable[[Any, Any], None]
    fading: Fading | None  # None: a grown network draws at first what the small one drew


FAMILIES: dict[Family, NetworkFamily] = {
    "dcgan": NetworkFamily(
        dcgan.Generator,
        dcgan.Discriminator,
        dcgan.initialise_weights,
        growth.copy_inner_generator,
        growth.copy_inner_discriminator,
        Fading(growth.FadingGenerator, growth.FadingDiscriminator),
    ),
    "modern": NetworkFamily(
        modern.ModernGenerator,
        modern.ModernDiscriminator,
        modern.initialise_weights,
        modern_growth.copy_inner_generator,
        modern_growth.copy_inner_discriminator,
        None,
    ),
}
