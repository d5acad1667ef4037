"""What stands between the pipeline and a detection library: three functions, and the values that pass through them.

An engine is a module in `fashiongen/detector/engines` with `train`, `load` and `detect`; a model folder names its own
in model.json, so that nothing downstream asks which one runs.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast, get_args, runtime_checkable

from lightning_fabric import Fabric
from pydantic import BaseModel, ConfigDict

from fashiongen.coco.detection import Detection
from fashiongen.detector.params import BackboneName, Engine, InferParams, ModelParams, TrainParams
from fashiongen.detector.targets import ImageFile, TrainingSet
from fashiongen.errors import ConfigError
from fashiongen.runtime import Checkpoint


class HistoryRecord(BaseModel):
    """One row of history.csv: the mean losses over the iterations since the row before."""

    model_config = ConfigDict(frozen=True)

    iteration: int  # iterations done
    lr: float
    loss: float
    loss_classifier: float
    loss_box_reg: float
    loss_objectness: float
    loss_rpn_box_reg: float


class TrainingStep(NamedTuple):
    """A row of the history, and a way to keep the detector as it is by then; later steps go on changing it."""

    record: HistoryRecord
    save: Callable[[Path], None]  # writes all that `load` needs into a folder


@runtime_checkable
class DetectionEngine(Protocol):
    """The three functions of an engine."""

    def train(
        self,
        data: TrainingSet,
        *,
        backbone: BackboneName,
        model: ModelParams,
        train: TrainParams,
        fabric: Fabric,
        checkpoint: Checkpoint,
    ) -> Iterator[TrainingStep]:
        """Train a detector and yield its history; a checkpoint that holds a state is gone on from."""

    def load(self, folder: Path, *, infer: InferParams, fabric: Fabric) -> Any:
        """The detector that a `TrainingStep` saved into `folder`, for `detect` alone to look into."""

    def detect(self, detector: Any, images: Sequence[ImageFile]) -> Iterator[tuple[Detection, ...]]:
        """Yield each image's detections, in the order of `images`, best first."""


def get_engine(name: str) -> DetectionEngine:
    """The engine of that name.

    Raises:
        ConfigError: there is no such engine; the message lists those there are.
    """
    if name not in get_args(Engine):
        raise ConfigError(f"detector engine {name!r} is unknown; choose from {', '.join(get_args(Engine))}")
    return cast(DetectionEngine, importlib.import_module(f"fashiongen.detector.engines.{name}_engine"))
