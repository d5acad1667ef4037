"""The engine on torchvision: train, load, detect."""

import math
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import SGD

from fashiongen.averaging import Average
from fashiongen.coco.detection import Detection
from fashiongen.detector.backbones import load_backbone_weights
from fashiongen.detector.batches import (
    FileReader,
    InferenceBatches,
    MemoryReader,
    TrainingBatches,
    iterate_batches,
)
from fashiongen.detector.engine import HistoryRecord, TrainingStep
from fashiongen.detector.model_folder import ModelCard, read_card, read_weights, write_model
from fashiongen.detector.network import BatchedFasterRCNN, build_network, inference_options, training_options
from fashiongen.detector.params import BackboneName, InferParams, ModelParams, TrainParams
from fashiongen.detector.schedule import learning_rate
from fashiongen.detector.targets import ImageFile, TrainingSet
from fashiongen.errors import NonFiniteLoss
from fashiongen.runtime import Checkpoint


class LoadedDetector(NamedTuple):
    """A network ready to detect, on its device."""

    network: nn.Module
    card: ModelCard
    infer: InferParams
    fabric: Fabric


class _Learner(NamedTuple):
    """What a training changes, and what it needs for that."""

    network: BatchedFasterRCNN
    average: Average[BatchedFasterRCNN] | None
    optimizer: torch.optim.Optimizer
    params: TrainParams
    fabric: Fabric


def train(
    data: TrainingSet,
    *,
    backbone: BackboneName,
    model: ModelParams,
    train: TrainParams,
    fabric: Fabric,
    checkpoint: Checkpoint,
) -> Iterator[TrainingStep]:
    """Train a detector and yield its history; a resumed training yields the rows before the kill again, at once.

    Raises:
        CorruptImage: an image file does not decode.
        NonFiniteLoss: the training diverged.
    """
    card = ModelCard(engine="torchvision", backbone=backbone, categories=data.categories, model=model)
    learner = _build_learner(card, train, fabric)
    detecting = learner.network if learner.average is None else learner.average.network
    save = partial(write_model, card=card, network=detecting)
    history = _restore(learner, checkpoint.load())
    yield from (TrainingStep(record, save) for record in history)
    saved_at = time.monotonic()
    for record in _learn(learner, data, model, start=history[-1].iteration if history else 0):
        history.append(record)
        if record.iteration == train.iterations or time.monotonic() - saved_at >= train.checkpoint_every_s:
            checkpoint.save(_state(learner, history))
            saved_at = time.monotonic()
        yield TrainingStep(record, save)


def _build_learner(card: ModelCard, params: TrainParams, fabric: Fabric) -> _Learner:
    if fabric.device.type != "cpu":
        torch.use_deterministic_algorithms(False)  # they replace RoIAlign on a GPU by a form that fills its memory
    network = build_network(
        card.backbone, card.model, categories=max(card.categories), options=training_options(params)
    )
    load_backbone_weights(network.backbone, card.backbone, card.model.weights)
    optimizer = SGD(
        [parameter for parameter in network.parameters() if parameter.requires_grad],
        lr=params.base_lr,
        momentum=params.momentum,
        weight_decay=params.weight_decay,
        fused=True,
    )
    _, optimizer = fabric.setup(network.train(), optimizer)  # the module it wraps would halve the boxes' precision too
    halflife = params.ema_halflife_images
    average = None if halflife is None else Average(network, halflife_images=halflife)
    return _Learner(network, average, optimizer, params, fabric)


def _learn(learner: _Learner, data: TrainingSet, model: ModelParams, *, start: int) -> Iterator[HistoryRecord]:
    """Run the iterations from `start` on; yield the mean losses of every `log_every_iterations`."""
    params = learner.params
    if start == params.iterations:
        return
    reader = (MemoryReader if params.cache_images else FileReader)(data.images, model)
    batches = TrainingBatches(data.targets, reader, params)
    workers = 0 if params.cache_images else params.workers
    rows: list[dict[str, Tensor]] = []
    numbers = range(start, params.iterations)
    for iteration, batch in zip(numbers, iterate_batches(batches, numbers, workers=workers), strict=True):
        rows.append(_step(learner, batch, learning_rate(iteration, params)))
        done = iteration + 1
        if learner.average is not None:
            seen = done * params.batch_size
            learner.average.update(learner.network, batch_size=params.batch_size, images_seen=seen)
        if done % params.log_every_iterations == 0 or done == params.iterations:
            yield _mean(rows, done, learning_rate(iteration, params))
            rows.clear()


def _step(learner: _Learner, batch: Any, rate: float) -> dict[str, Tensor]:
    """One step of the optimiser; the losses stay on the device, so that it need not be waited for."""
    images, targets = learner.fabric.to_device((batch.images, batch.targets))
    for group in learner.optimizer.param_groups:
        group["lr"] = rate
    with learner.fabric.autocast():
        losses = learner.network(images, batch.sizes, targets)
    learner.optimizer.zero_grad(set_to_none=True)
    learner.fabric.backward(sum(losses.values()))
    learner.optimizer.step()
    return {name: loss.detach() for name, loss in losses.items()}


def _mean(rows: list[dict[str, Tensor]], iteration: int, rate: float) -> HistoryRecord:
    losses = {name: torch.stack([row[name] for row in rows]).double().mean().item() for name in rows[0]}
    total = sum(losses.values())
    if not math.isfinite(total):
        raise NonFiniteLoss(
            f"the loss is {total} by iteration {iteration}: lower detector.train.base_lr or lengthen the warm-up"
        )
    return HistoryRecord(iteration=iteration, lr=rate, loss=total, **losses)


def _state(learner: _Learner, history: list[HistoryRecord]) -> dict[str, Any]:
    device = learner.fabric.device
    return {
        "network": learner.network.state_dict(),
        "average": None if learner.average is None else learner.average.state_dict(),
        "optimizer": learner.optimizer.state_dict(),
        "precision": learner.fabric.strategy.precision.state_dict(),
        "history": [record.model_dump() for record in history],
        "rng": torch.get_rng_state(),
        "rng_cuda": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
    }


def _restore(learner: _Learner, state: dict[str, Any] | None) -> list[HistoryRecord]:
    """Set the learner to a saved state and return the history until then."""
    if state is None:
        return []
    learner.network.load_state_dict(state["network"])
    if learner.average is not None:
        learner.average.load_state_dict(state["average"])
    learner.optimizer.load_state_dict(state["optimizer"])
    learner.fabric.strategy.precision.load_state_dict(state["precision"])
    torch.set_rng_state(state["rng"])
    if state["rng_cuda"] is not None:
        torch.cuda.set_rng_state(state["rng_cuda"], learner.fabric.device)
    return [HistoryRecord(**row) for row in state["history"]]


def load(folder: Path, *, infer: InferParams, fabric: Fabric) -> LoadedDetector:
    """The detector that a `TrainingStep` saved into `folder`.

    Raises:
        MissingInput: there is no model.json.
        CheckpointError: the folder is incomplete, or of another version.
    """
    card = read_card(folder)
    network = build_network(
        card.backbone, card.model, categories=max(card.categories), options=inference_options(infer)
    )
    read_weights(folder, network)
    return LoadedDetector(fabric.to_device(network.eval()), card, infer, fabric)


def detect(detector: LoadedDetector, images: Sequence[ImageFile]) -> Iterator[tuple[Detection, ...]]:
    """Yield each image's detections, in the order of `images`, best first.

    Raises:
        CorruptImage: an image file does not decode.
    """
    infer = detector.infer
    batches = InferenceBatches(len(images), FileReader(images, detector.card.model), infer.batch_size)
    ids = iter(image.image_id for image in images)
    for batch in iterate_batches(batches, range(len(batches)), workers=infer.workers):
        with torch.inference_mode(), detector.fabric.autocast():
            found = detector.network(detector.fabric.to_device(batch.images), batch.sizes)
        for result, scale_xy in zip(found, batch.scales_xy, strict=True):
            yield _detections(next(ids), result, scale_xy)


def _detections(image_id: int, result: dict[str, Tensor], scale_xy: tuple[float, float]) -> tuple[Detection, ...]:
    boxes = (result["boxes"].float().cpu() / torch.tensor([*scale_xy, *scale_xy])).tolist()
    labels, scores = result["labels"].tolist(), result["scores"].tolist()
    return tuple(
        Detection(image_id, label, (x1, y1, x2 - x1, y2 - y1), score)
        for (x1, y1, x2, y2), label, score in zip(boxes, labels, scores, strict=True)
    )
