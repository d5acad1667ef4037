"""What the generator of an epoch is like: the diversity of its samples, and their distances where they are due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.networks.families import TrainedGenerator
from fashiongen.dcgan.networks.growth import FadingGenerator
from fashiongen.dcgan.networks.sampling import diversity, sample
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.records import EpochDistances, EpochRecord

DIVERSITY_IMAGES = 64  # samples that the column `diversity` is computed from
DIVERSITY_REAL_IMAGES = 2000  # about as many training images are what it is compared with
MeasureDistances = Callable[[UInt8[Tensor, "n 3 height width"]], EpochDistances]  # of generated images


@dataclass(frozen=True)
class EpochEvaluator:
    """Measures the generator after an epoch of one phase."""

    params: TrainingParams
    measure_distances: MeasureDistances | None
    height_px: int  # of the phase
    real_diversity: float  # of the training images at this height, in levels
    images_per_epoch: int

    def evaluate(self, generator: TrainedGenerator, epoch: int, means: Sequence[float]) -> EpochRecord:
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
            **self._measure(generator, epoch),
        )

    def _measure(self, generator: TrainedGenerator, epoch: int) -> dict[str, float | None]:
        """The columns of the distances, which are None for a generator that cannot be kept: too small, or fading."""
        selection, measure = self.params.selection, self.measure_distances
        is_fading = isinstance(generator, FadingGenerator) and generator.share < 1
        is_due = selection is not None and epoch % selection.every_epochs == 0
        if selection is None or measure is None or not is_due or is_fading or self.height_px < self.params.height_px:
            return dict.fromkeys(EpochDistances._fields)
        return measure(sample(generator, selection.generated_images, seed=self.params.seed))._asdict()


def build_evaluator(
    images: UInt8[Tensor, "n 3 height width"], params: TrainingParams, measure_distances: MeasureDistances | None
) -> EpochEvaluator:
    """The evaluator of a phase that trains on these images."""
    some = images[:: max(1, len(images) // DIVERSITY_REAL_IMAGES)]
    images_per_epoch = len(images) // params.batch_size * params.batch_size
    return EpochEvaluator(params, measure_distances, images.shape[-2], diversity(some), images_per_epoch)
