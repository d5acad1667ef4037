"""Detection with a trained detector of any engine."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import torch
from lightning_fabric import Fabric

from fashiongen.coco.detection import Detection
from fashiongen.detector.data.batches import Batch, InferenceBatches, iterate_batches
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.fusion import Found, fuse, mirror
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.networks.model_folder import read_card, read_weights
from fashiongen.detector.networks.purpose import ForInference
from fashiongen.detector.params import InferParams, ModelParams
from fashiongen.executor.blocks import split
from fashiongen.executor.engine import MapItems
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams
from fashiongen.runtime.training import CheckpointClock, CheckpointPolicy

DetectAll = Callable[[Sequence[ImageFile]], Iterator[tuple[Detection, ...]]]  # the detections of each image


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
    infer = detector.infer
    batches = InferenceBatches(images, detector.model, infer)
    ids = iter(image.image_id for image in images)
    for of_scales in iterate_batches(batches, range(len(batches)), workers=infer.workers):
        views = [found for batch in of_scales for found in _look(detector, batch)]
        for of_image in zip(*views, strict=True):
            fused = fuse(of_image, min_score=infer.min_score, most=infer.detections_per_image)
            yield _as_detections(next(ids), fused)


def _look(detector: Detector, batch: Batch) -> Iterator[list[Found]]:
    """What is found in each image of a batch, and then in the mirror image of each where that is asked for."""
    yield _find(detector, batch)
    if detector.infer.mirrored:
        images = batch.images.clone()
        for image, (height, width) in zip(images, batch.sizes, strict=True):
            image[:, :height, :width] = image[:, :height, :width].flip(-1)
        found = _find(detector, batch._replace(images=images))
        widths = [width / scale_x for (_, width), (scale_x, _) in zip(batch.sizes, batch.scales_xy, strict=True)]
        yield [mirror(of_image, width) for of_image, width in zip(found, widths, strict=True)]


def _find(detector: Detector, batch: Batch) -> list[Found]:
    with torch.inference_mode(), detector.fabric.autocast():
        found = detector.network(detector.fabric.to_device(batch.images), batch.sizes)
    return [
        Found(
            of["boxes"].float().cpu() / torch.tensor([*scale, *scale]), of["labels"].cpu(), of["scores"].float().cpu()
        )
        for of, scale in zip(found, batch.scales_xy, strict=True)
    ]


def detect_by(
    map_items: MapItems, folder: Path, infer: InferParams, runtime: RuntimeParams, images: Sequence[ImageFile]
) -> Iterator[tuple[Detection, ...]]:
    """As `detect`, each batch by a worker of `map_items`, which loads the detector in a model folder once."""
    alone = infer.model_copy(update={"workers": 0})  # a worker decodes its images itself
    batches = split(images, infer.batch_size)
    for found in map_items(partial(_detect_batch, folder, alone, runtime), batches):
        yield from found


def _detect_batch(
    folder: Path, infer: InferParams, runtime: RuntimeParams, images: Sequence[ImageFile]
) -> list[tuple[Detection, ...]]:
    return list(detect(_load_once(folder, infer, runtime), images))


@lru_cache(maxsize=1)
def _load_once(folder: Path, infer: InferParams, runtime: RuntimeParams) -> Detector:
    return load(folder, infer=infer, fabric=build_fabric(runtime, seed=0))  # detecting draws no random numbers


def detect_resumably(
    detect_all: DetectAll,
    images: Sequence[ImageFile],
    checkpoint: Checkpoint,
    *,
    batch_size: int,
    save_every_s: float,
) -> Iterator[tuple[Detection, ...]]:
    """As `detect_all`, but first yield what the checkpoint holds.

    The checkpoint is saved at least `save_every_s` apart and after a whole batch, so that later batches stay the same,
    and at the end.
    """
    state = checkpoint.load() or {"found": []}
    found = [tuple(Detection(*row) for row in rows) for rows in state["found"]]
    yield from found
    clock = CheckpointClock(CheckpointPolicy(every_steps=None, every_s=save_every_s), len(found))
    for detections in detect_all(images[len(found) :]):
        found.append(detections)
        is_due = len(found) % batch_size == 0 and clock.is_due(len(found))
        if is_due or len(found) == len(images):
            checkpoint.save({"found": [[tuple(one) for one in of_image] for of_image in found]})
            clock.restart(len(found))
        yield detections


def _as_detections(image_id: int, found: Found) -> tuple[Detection, ...]:
    boxes, labels, scores = (part.tolist() for part in found)
    return tuple(
        Detection(image_id, label, (x1, y1, x2 - x1, y2 - y1), score)
        for (x1, y1, x2, y2), label, score in zip(boxes, labels, scores, strict=True)
    )
