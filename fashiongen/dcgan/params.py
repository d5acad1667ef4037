"""The params of a DCGAN: the shape of its networks, its training, and its variants."""

from itertools import pairwise
from math import ceil
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt, model_validator

from fashiongen.config import Params, Seed, UnitInterval, require_distinct
from fashiongen.images.pack import Fit, Frame
from fashiongen.images.select import QueryParams
from fashiongen.runtime.params import RuntimeParams

Width = Annotated[int, Field(ge=1, le=512)]  # at 256 px the widest layer has 32 times as many channels
Side = Literal[16, 32, 64, 128, 256]
SHORTEST_LONG_SIDE_PX = 32
FADE_FRAC = 1 / 4  # of a phase, in which its new layers are faded in
Augmentation = Literal["colour", "translation", "cutout"]
Family = Literal["dcgan", "modern"]


class NetworkParams(Params):
    """The shape of the two networks; the study's are dcgan, 64 px, 64 px, 100, 64, 64, 4, 1, 0 and batch."""

    family: Family  # modern: residual blocks without normalisation (R3GAN, Huang et al. 2024)
    height_px: Side  # of the images; as long as the width, twice as long, or half as long
    width_px: Side
    latent_dim: Annotated[int, Field(ge=1, le=4096)]
    ngf: Width  # channels of the generator's last hidden layer; the others are multiples
    ndf: Width  # channels of the discriminator's first layer
    kernel_px: Annotated[int, Field(ge=2, le=8)]  # kernel side: dcgan's layers that double or halve, modern's blocks
    layers_per_side: Annotated[int, Field(ge=1, le=4)]  # per resolution; dcgan's after the first are 3 x 3, stride 1
    dropout_g: Annotated[float, Field(ge=0, lt=1)]  # dropout rate of the generator's hidden layers; 0: no dropout
    norm_d: Literal["batch", "spectral", "none"]  # of the discriminator's layers; modern has none

    @property
    def frame(self) -> Frame:
        """The size of the images."""
        return Frame(self.height_px, self.width_px)

    def at(self, height_px: int) -> "NetworkParams":
        """The shape of the inner layers, whose images have a smaller height; at each size they are equally wide."""
        factor = self.height_px // height_px
        inner = {"height_px": height_px, "width_px": self.width_px // factor}
        return self.model_copy(update=inner | {"ngf": self.ngf * factor, "ndf": self.ndf * factor})

    @model_validator(mode="after")
    def _frame_is_built(self) -> "NetworkParams":
        longer, shorter = max(self.frame), min(self.frame)
        if longer > 2 * shorter:
            raise ValueError(
                f"height_px {self.height_px} and width_px {self.width_px}: one is more than twice the other; make "
                "them equal, or one twice the other"
            )
        if longer < SHORTEST_LONG_SIDE_PX:
            raise ValueError(
                f"height_px {self.height_px} and width_px {self.width_px}: raise one of them to "
                f"{SHORTEST_LONG_SIDE_PX} at least"
            )
        return self

    @model_validator(mode="after")
    def _family_has_these_layers(self) -> "NetworkParams":
        needed = {
            "norm_d none": self.norm_d == "none",
            "dropout_g 0": self.dropout_g == 0,
            "kernel_px 3, 5 or 7": self.kernel_px % 2 == 1,
        }
        if self.family == "modern" and not all(needed.values()):
            missing = ", ".join(name for name, is_met in needed.items() if not is_met)
            raise ValueError(f"family modern has no such layers: set {missing}")
        return self


class PenaltyParams(Params):
    """The penalty on the gradient of the logits at the images (Mescheder et al. 2018)."""

    gamma: PositiveFloat
    every_steps: PositiveInt  # the penalty is computed every so many steps and scaled by it (lazy: Karras et al. 2020)
    at: Literal["real", "both"]  # real: R1, of real images; both: R2 too, of fake ones


class ScheduleParams(Params):
    """What some settings become in the first part of the training, along half a cosine; then they stay."""

    burn_in_frac: Annotated[float, Field(gt=0, le=1)]  # of the steps
    learning_rate_end_frac: PositiveFloat  # of learning_rate_g and learning_rate_d
    gamma_end_frac: PositiveFloat  # of penalty.gamma
    beta2_end: Annotated[float, Field(ge=0, lt=1)]
    augment_prob_end: UnitInterval


class SelectionParams(Params):
    """The generator of the epoch that comes nearest to the training images is kept (see `EpochRecord.score`)."""

    every_epochs: PositiveInt
    generated_images: Annotated[int, Field(ge=2)]
    kid_subset_size: Annotated[int, Field(ge=2)]  # all training images if there are fewer
    kid_subsets: PositiveInt
    features_side_px: Annotated[int, Field(ge=32, le=4096)]  # longer side for the detector's backbone

    @model_validator(mode="after")
    def _subsets_fit(self) -> "SelectionParams":
        if self.kid_subset_size > self.generated_images:
            raise ValueError(
                f"kid_subset_size {self.kid_subset_size} exceeds generated_images {self.generated_images}: lower it"
            )
        return self


class PhaseParams(Params):
    """The epochs in which the inner layers train alone, on smaller images."""

    height_px: Literal[8, 16, 32, 64, 128]
    epochs: PositiveInt


class SettingsParams(NetworkParams):
    """How the two networks train, except for the seed: a variant trains with several."""

    runtime: RuntimeParams
    epochs: PositiveInt  # of all phases together
    phases: list[PhaseParams]  # before the full size, each of twice the height of the one before; none: the study's
    batch_size: int = Field(ge=2)  # on all devices together; BatchNorm needs two images for a variance
    loss: Literal["bce", "hinge", "relativistic"]  # all non-saturating; bce is the study's
    learning_rate_g: PositiveFloat
    learning_rate_d: PositiveFloat
    beta1: Annotated[float, Field(ge=0, lt=1)]  # Adam's
    beta2: Annotated[float, Field(ge=0, lt=1)]
    schedule: ScheduleParams | None  # None: the settings stay as they are
    flip: bool  # mirror each image with probability 0.5; the study does not
    augment: Annotated[
        list[Augmentation], AfterValidator(require_distinct)
    ]  # of the discriminator's inputs, real and fake (DiffAugment, Zhao et al. 2020)
    augment_prob: UnitInterval  # of each part of `augment`, for each image
    penalty: PenaltyParams | None
    ema_halflife_images: PositiveFloat | None  # of the averaged generator, which is kept; None: no average
    selection: SelectionParams | None  # None keeps the last epoch's generator
    collapse_floor: UnitInterval  # samples with a lower share of real diversity are collapsed
    checkpoint_every_epochs: PositiveInt

    @model_validator(mode="after")
    def _batch_divides(self) -> "SettingsParams":
        if self.batch_size % self.runtime.processes:
            raise ValueError(f"batch_size {self.batch_size} is no multiple of the {self.runtime.processes} devices")
        return self

    @model_validator(mode="after")
    def _converges(self) -> "SettingsParams":
        if self.penalty is not None and self.penalty.at == "both" and self.norm_d == "batch":
            raise ValueError(
                "penalty.at both with norm_d batch: BatchNorm makes an image's logit depend on the others, and such "
                "trainings fail; set norm_d to none or spectral, or penalty.at to real"
            )
        if self.family == "modern" and self.runtime.precision == "16-mixed":
            raise ValueError(
                "family modern with runtime.precision 16-mixed: float16 harms these networks (Huang et al. 2024); set "
                "bf16-mixed or 32-true"
            )
        return self

    @model_validator(mode="after")
    def _phases_double(self) -> "SettingsParams":
        heights = [*(phase.height_px for phase in self.phases), self.height_px]
        if any(2 * height != larger for height, larger in pairwise(heights)):
            asked = ", ".join(map(str, heights))
            raise ValueError(
                f"phases, then height_px: {asked} are no doublings: the last phase has half of height_px, and each "
                "other half of the next"
            )
        return self

    @property
    def small_epochs(self) -> int:
        """The epochs before the full size."""
        return sum(phase.epochs for phase in self.phases)

    @model_validator(mode="after")
    def _ends_at_the_full_size(self) -> "SettingsParams":
        if self.small_epochs >= self.epochs:
            raise ValueError(
                f"phases take {self.small_epochs} epochs, and epochs is {self.epochs}: raise epochs, so that "
                f"some are left for the full height_px {self.height_px}"
            )
        return self

    @model_validator(mode="after")
    def _selects_at_least_once(self) -> "SettingsParams":
        if self.selection is None:
            return self
        every = self.selection.every_epochs
        if every > self.epochs:
            raise ValueError(
                f"selection.every_epochs {every} is beyond the {self.epochs} epochs: lower it, or set selection to null"
            )
        faded_in = self.small_epochs + FADE_FRAC * (self.epochs - self.small_epochs) if self.phases else 0
        if self.epochs // every * every < faded_in:
            raise ValueError(
                f"selection.every_epochs {every} measures none of the epochs at the full size, {ceil(faded_in)} (when "
                f"its layers are faded in) to {self.epochs}: lower it, or set selection to null"
            )
        return self


class TrainingParams(SettingsParams):
    """The settings and the seed of one training."""

    seed: Seed


class DcganParams(SettingsParams):
    """One entry of `dcgan.variants`: its training images, its settings, and the grids of samples it writes."""

    query: QueryParams
    fit: Fit
    seeds: Annotated[
        list[Seed], Field(min_length=1), AfterValidator(require_distinct)
    ]  # one training each; the variant's networks come from the first
    grid_images: Annotated[int, Field(ge=2, le=4096)]  # in a grid of samples; the study shows 64
    grid_every_epochs: PositiveInt

    def from_seed(self, seed: int) -> TrainingParams:
        """The params of the training from one seed."""
        settings = {name: getattr(self, name) for name in SettingsParams.model_fields}
        return TrainingParams.model_validate({**settings, "seed": seed})
