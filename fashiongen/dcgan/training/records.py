"""What a DCGAN training writes for each epoch: the rows of history.csv."""

from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from fashiongen.errors import BadInput
from fashiongen.files import read_csv

KID_FLOOR = 1e-3  # of real images, KID is as much by chance; it can be negative


class EpochDistances(NamedTuple):
    """How far a generator's images are from the training images."""

    SWD: float  # sliced Wasserstein distance of patches, the mean over the bands
    KID_worst: float  # the largest of the KIDs in the features of each detector

    @property
    def product(self) -> float:
        """Both in one number, so that neither's unit matters; 0 is the least."""
        return self.SWD * max(self.KID_worst, KID_FLOOR)


class EpochRecord(BaseModel):
    """One row of history.csv: means over an epoch's batches, under the names of the study and of PyTorch's example."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epoch: int  # from 1
    Loss_D: float  # bce: -log D(x) - log(1 - D(G(z))); without the gradient penalty
    Loss_G: float  # bce: -log D(G(z)) after D's step
    D_x: float  # D of real images, 0 to 1
    D_G_z1: float  # D of fake images before D's step
    D_G_z2: float  # … and after it
    images_seen: int  # real images since the first epoch
    height_px: int  # of the images of this epoch's phase
    diversity: float  # of samples after the epoch, divided by that of real images; 0 where all samples are the same
    collapsed: bool  # whether diversity is below collapse_floor
    SWD: float | None  # distances to the training images; None in epochs without, such as all before the last phase
    KID_worst: float | None

    @property
    def step(self) -> int:
        """Epochs done."""
        return self.epoch

    @property
    def score(self) -> float | None:
        """The generator of the lowest one is kept: the distance of patches, which sees every planted fault.

        KID would prefer blurred images of an early epoch: in a detector's features they are nearer. None where all
        samples are the same, whatever their distance.
        """
        return None if self.collapsed else self.SWD


def read_history(path: Path) -> list[EpochRecord]:
    """The epochs of a history.csv, first to last.

    Raises:
        MissingInput: there is no such file.
        BadInput: the file has no epoch, or a row does not fit.
    """
    history = read_csv(path, EpochRecord)
    if not history:
        raise BadInput(f"{path}: has no epoch; train the variant again (dvc repro -s train_dcgan@{path.parent.name})")
    return history
