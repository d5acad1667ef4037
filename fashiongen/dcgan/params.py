"""The params models of a DCGAN: what shapes the networks, what trains them, and what makes a variant."""

from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator

from fashiongen.config import Params
from fashiongen.images.pack import Fit
from fashiongen.images.select import QueryParams
from fashiongen.runtime import RuntimeParams


class NetworkParams(Params):
    """The shape of the two networks; the study's are 64 px, 100, 64 and 64."""

    side_px: Literal[32, 64, 128]
    latent_dim: PositiveInt
    ngf: PositiveInt  # channels of the generator's last hidden layer; the others are multiples
    ndf: PositiveInt  # channels of the discriminator's first layer


class TrainingParams(NetworkParams):
    """How the two networks train."""

    runtime: RuntimeParams
    seed: int
    epochs: PositiveInt
    batch_size: int = Field(ge=2)  # BatchNorm has no variance of one image
    learning_rate: PositiveFloat
    beta1: float = Field(ge=0, lt=1)  # Adam's; beta2 is 0.999
    flip: bool  # mirror every other image at random; the study does not
    checkpoint_every_epochs: PositiveInt

    @field_validator("runtime")
    @classmethod
    def _one_device(cls, runtime: RuntimeParams) -> RuntimeParams:
        if runtime.devices != 1:
            raise ValueError(f"a DCGAN trains on one device, not {runtime.devices}: set devices to 1")
        return runtime


class DcganParams(TrainingParams):
    """One entry of `dcgan.variants`: which images train, how they become squares, and what is drawn meanwhile."""

    query: QueryParams
    fit: Fit
    grid_images: PositiveInt  # in a grid of samples; the study shows 64
    grid_every_epochs: PositiveInt
