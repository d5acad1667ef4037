"""One record per epoch: the losses, and what images drawn after it are like; and the best generator so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jaxtyping import UInt8
from torch import Tensor

from fashiongen.dcgan.networks.dcgan import Generator
from fashiongen.dcgan.networks.sampling import diversity, sample
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.records import EpochRecord

DIVERSITY_IMAGES = 64  # generated for the column of that name
DIVERSITY_REAL_IMAGES = 2000
MeasureKID = Callable[[UInt8[Tensor, "n 3 side side"]], float]  # generated images to their KID


@dataclass(frozen=True)
class Observer:
    """What an epoch is judged by."""

    params: TrainingParams
    measure_kid: MeasureKID | None
    real_diversity: float  # of the training images, in levels
    images_per_epoch: int

    def record(self, artist: Generator, epoch: int, means: Sequence[float]) -> EpochRecord:
        """The row of an epoch that ended with these means of Loss_D, Loss_G, D(x), D(G(z)) before and after."""
        drawn = diversity(sample(artist, DIVERSITY_IMAGES, seed=self.params.seed))
        share = drawn / self.real_diversity if self.real_diversity > 0 else 1.0
        return EpochRecord(
            epoch=epoch,
            **dict(zip(("Loss_D", "Loss_G", "D_x", "D_G_z1", "D_G_z2"), means, strict=True)),
            images_seen=epoch * self.images_per_epoch,
            diversity=share,
            collapsed=share < self.params.collapse_floor,
            KID=self._kid(artist, epoch),
        )

    def _kid(self, artist: Generator, epoch: int) -> float | None:
        selection = self.params.selection
        if selection is None or self.measure_kid is None or epoch % selection.every_epochs:
            return None
        return self.measure_kid(sample(artist, selection.generated_images, seed=self.params.seed))


def build_observer(
    images: UInt8[Tensor, "n 3 side side"], params: TrainingParams, measure_kid: MeasureKID | None
) -> Observer:
    """An observer of a training on these images; about 2,000 of them tell how diverse they are."""
    some = images[:: max(1, len(images) // DIVERSITY_REAL_IMAGES)]
    return Observer(params, measure_kid, diversity(some), len(images) // params.batch_size * params.batch_size)


class Best(NamedTuple):
    """The generator with the lowest KID so far; while none is measured, the last epoch's."""

    epoch: int
    KID: float | None
    weights: dict[str, Tensor]


def better(best: Best | None, record: EpochRecord, artist: Generator) -> Best:
    """The best so far, or this epoch's generator where its KID is lower or none was measured yet."""
    if best is not None and best.KID is not None and (record.KID is None or record.KID >= best.KID):
        return best
    weights = {name: tensor.detach().cpu().clone() for name, tensor in artist.state_dict().items()}
    return Best(record.epoch, record.KID, weights)
