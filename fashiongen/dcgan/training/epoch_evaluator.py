"""What the generator of an epoch is like: the diversity of its samples, and their KID where it is due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.networks.dcgan import Generator
from fashiongen.dcgan.networks.sampling import diversity, sample
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.records import EpochRecord

DIVERSITY_IMAGES = 64  # samples that the column `diversity` is computed from
DIVERSITY_REAL_IMAGES = 2000  # about as many training images are what it is compared with
MeasureKID = Callable[[UInt8[Tensor, "n 3 height width"]], float]  # generated images to their KID


@dataclass(frozen=True)
class EpochEvaluator:
    """Measures the generator after an epoch of one phase."""

    params: TrainingParams
    measure_kid: MeasureKID | None
    height_px: int  # of the phase
    real_diversity: float  # of the training images at this height, in levels
    images_per_epoch: int

    def evaluate(self, generator: Generator, epoch: int, means: Sequence[float]) -> EpochRecord:
        """The record of an epoch, from the means of what `train_step` returns and from samples of the generator."""
        generated = diversity(sample(generator, DIVERSITY_IMAGES, seed=self.params.seed))
        share = generated / self.real_diversity if self.real_diversity > 0 else 1.0
        return EpochRecord(
            epoch=epoch,
            **dict(zip(("Loss_D", "Loss_G", "D_x", "D_G_z1", "D_G_z2"), means, strict=True)),
            images_seen=epoch * self.images_per_epoch,
            height_px=self.height_px,
            diversity=share,
            collapsed=share < self.params.collapse_floor,
            KID=self._measure_kid(generator, epoch),
        )

    def _measure_kid(self, generator: Generator, epoch: int) -> float | None:
        selection = self.params.selection
        if selection is None or self.measure_kid is None or epoch % selection.every_epochs:
            return None
        if self.height_px < self.params.height_px:  # such a generator cannot be kept
            return None
        return self.measure_kid(sample(generator, selection.generated_images, seed=self.params.seed))


def build_evaluator(
    images: UInt8[Tensor, "n 3 height width"], params: TrainingParams, measure_kid: MeasureKID | None
) -> EpochEvaluator:
    """The evaluator of a phase that trains on these images."""
    some = images[:: max(1, len(images) // DIVERSITY_REAL_IMAGES)]
    images_per_epoch = len(images) // params.batch_size * params.batch_size
    return EpochEvaluator(params, measure_kid, images.shape[-2], diversity(some), images_per_epoch)
