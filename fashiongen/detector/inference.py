"""Detection with a trained detector of any engine."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor

from fashiongen.coco.detection import Detection
from fashiongen.detector.data.batches import InferenceBatches, iterate_batches
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.networks.model_folder import read_card, read_weights
from fashiongen.detector.networks.purpose import ForInference
from fashiongen.detector.params import InferParams, ModelParams
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.training import CheckpointClock, CheckpointPolicy


class Detector(NamedTuple):
    """A network in evaluation mode on its device, and the params that it runs with."""

    network: DetectorNetwork
    model: ModelParams
    infer: InferParams
    fabric: Fabric


def load(folder: Path, *, infer: InferParams, fabric: Fabric, engine: str | None = None) -> Detector:
    """Load the detector in a model folder, for the engine that trained it or for the one that is named.

    Raises:
        ConfigError: there is no such engine.
        MissingInput: there is no model.json, or the engine is not installed.
        CheckpointError: the folder is incomplete, or of another version.
    """
    card = read_card(folder)
    build = get_engine(engine or card.engine).build
    network = build(card.backbone, card.model, ForInference(infer), categories=max(card.categories))
    read_weights(folder, network)
    fabric.to_device(network.eval())
    return Detector(network, card.model, infer, fabric)


def detect(detector: Detector, images: Sequence[ImageFile]) -> Iterator[tuple[Detection, ...]]:
    """Yield the detections of each image, best first, in the order of `images`; workers decode the next images.

    Raises:
        CorruptImage: an image file does not decode.
    """
    batches = InferenceBatches(images, detector.model, detector.infer.batch_size)
    ids = iter(image.image_id for image in images)
    for batch in iterate_batches(batches, range(len(batches)), workers=detector.infer.workers):
        with torch.inference_mode(), detector.fabric.autocast():
            found = detector.network(detector.fabric.to_device(batch.images), batch.sizes)
        for result, scale_xy in zip(found, batch.scales_xy, strict=True):
            yield _detections(next(ids), result, scale_xy)


def detect_resumably(
    detector: Detector, images: Sequence[ImageFile], checkpoint: Checkpoint, *, save_every_s: float
) -> Iterator[tuple[Detection, ...]]:
    """As `detect`, but first yield what the checkpoint holds.

    The checkpoint is saved at least `save_every_s` apart and after a whole batch, so that later batches stay the same.
    """
    state = checkpoint.load() or {"found": []}
    found = [tuple(Detection(*row) for row in rows) for rows in state["found"]]
    yield from found
    clock = CheckpointClock(CheckpointPolicy(every_steps=None, every_s=save_every_s), len(found))
    for detections in detect(detector, images[len(found) :]):
        found.append(detections)
        if len(found) % detector.infer.batch_size == 0 and clock.is_due(len(found)):
            checkpoint.save({"found": [[tuple(one) for one in of_image] for of_image in found]})
            clock.restart(len(found))
        yield detections


def _detections(image_id: int, result: dict[str, Tensor], scale_xy: tuple[float, float]) -> tuple[Detection, ...]:
    boxes = (result["boxes"].float().cpu() / torch.tensor([*scale_xy, *scale_xy])).tolist()
    labels, scores = result["labels"].tolist(), result["scores"].tolist()
    return tuple(
        Detection(image_id, label, (x1, y1, x2 - x1, y2 - y1), score)
        for (x1, y1, x2, y2), label, score in zip(boxes, labels, scores, strict=True)
    )
