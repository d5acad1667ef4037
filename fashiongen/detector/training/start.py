"""The start of a training from its params and files, and what its weights depend on."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric

from fashiongen.detector.data.targets import ImageFile, TrainingSet, hash_listing, read_targets
from fashiongen.detector.data.unlabelled import list_photographs
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.initial_weights.load import load_initial_weights
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.detector.networks.model_folder import ModelCard
from fashiongen.detector.networks.purpose import ForInference, ForTraining
from fashiongen.detector.params import BackboneName, DetectorParams
from fashiongen.detector.training.loop import DetectorStep, train
from fashiongen.detector.training.self_training import Teacher
from fashiongen.detector.training.validation import Validation
from fashiongen.errors import BadInput
from fashiongen.files import sha256_file
from fashiongen.runtime.checkpoints import Checkpoint

WITHOUT_EFFECT = {"workers", "checkpoint_every_s", "checkpoint_every_iterations"}  # on the weights


@dataclass(frozen=True)
class TrainingInputs:
    """What a detector is trained from; it can be pickled for the processes of several devices."""

    params: DetectorParams
    card: ModelCard  # of the detector that is to be trained
    training: TrainingSet
    validation: TrainingSet
    photographs: list[ImageFile]  # without labels, for self-training; empty where it is off
    train_annotations: Path
    validation_annotations: Path


def read_inputs(backbone: BackboneName, params: DetectorParams, *, coco: Path, images: Path) -> TrainingInputs:
    """Read train.json and val.json in `coco`, whose file names lie below `images`, and list the photographs.

    Raises:
        MissingInput, BadInput: as `read_targets` and `list_photographs`.
    """
    paths = [coco / f"{split}.json" for split in ("train", "val")]
    training, validation = (read_targets(path, images) for path in paths)
    card = ModelCard(
        engine=params.engine, backbone=backbone, categories=training.categories, model=params.model_of(backbone)
    )
    photographs = [] if params.train.self_training is None else list_photographs(Path(params.unlabelled))
    return TrainingInputs(params, card, training, validation, photographs, *paths)


def leave_out(inputs: TrainingInputs, unreadable: Collection[Path]) -> TrainingInputs:
    """The inputs without these images.

    Raises:
        BadInput: no image is left for training or for validation.
    """
    left = []
    for path, data in (
        (inputs.train_annotations, inputs.training),
        (inputs.validation_annotations, inputs.validation),
    ):
        targets = [target for target in data.targets if target.image.path not in unreadable]
        if not targets:
            raise BadInput(f"{path}: none of its {len(data.targets)} images decodes; restore them")
        left.append(data._replace(targets=targets))
    photographs = [image for image in inputs.photographs if image.path not in unreadable]
    return replace(inputs, training=left[0], validation=left[1], photographs=photographs)


def list_dependencies(inputs: TrainingInputs) -> dict[str, Any]:
    """All that the weights depend on except the code: a part of a checkpoint's fingerprint.

    The validation images count only where the training evaluates on them.
    """
    params, card = inputs.params, inputs.card
    splits = {inputs.train_annotations: inputs.training}
    if params.train.evaluation is not None:
        splits[inputs.validation_annotations] = inputs.validation
    is_detecting = params.train.evaluation is not None or params.train.self_training is not None
    infer = params.infer.model_dump(mode="json", exclude={"workers"})
    return {
        "backbone": card.backbone,
        "params": params.model_dump(mode="json", include={"engine", "runtime"}),
        "train": params.train.model_dump(mode="json", exclude=WITHOUT_EFFECT),
        "model": card.model,
        "infer": infer if is_detecting else None,
        "annotations": [sha256_file(path) for path in splits],
        "images": [hash_listing(data.images) for data in splits.values()],
        "photographs": hash_listing(inputs.photographs),
    }


def start_training(inputs: TrainingInputs, fabric: Fabric, checkpoint: Checkpoint) -> Iterator[DetectorStep]:
    """Build the network, load its initial weights, and yield the steps of its training, as `train`.

    Raises:
        MissingInput: the engine, or the file of the initial weights, is not there.
    """
    params, card = inputs.params, inputs.card
    build, categories = get_engine(card.engine).build, max(card.categories)
    network = build(card.backbone, card.model, ForTraining(params.train), categories=categories)
    load_initial_weights(network, card.backbone, card.model)
    validation = _build_validation(inputs, fabric)
    return train(
        network,
        inputs.training,
        model=card.model,
        train=params.train,
        fabric=fabric,
        checkpoint=checkpoint,
        measure_ap=None if validation is None else validation.measure_ap,
        teacher=build_teacher(params, card, inputs.photographs, fabric),
    )


def _build_validation(inputs: TrainingInputs, fabric: Fabric) -> Validation | None:
    params, card = inputs.params, inputs.card
    if params.train.evaluation is None:
        return None
    return Validation(
        inputs.validation_annotations,
        inputs.validation,
        _build_for_inference(card, params),
        model=card.model,
        infer=params.infer,
        fabric=fabric,
        images=params.train.evaluation.images,
        seed=params.train.seed,
    )


def build_teacher(
    params: DetectorParams, card: ModelCard, photographs: Sequence[ImageFile], fabric: Fabric
) -> Teacher | None:
    """What labels the photographs in a training of the detector of `card`; None where self-training is off."""
    if params.train.self_training is None:
        return None
    network, own = _build_for_inference(card, params), params.train.self_training
    return Teacher(photographs, network, own, model=card.model, infer=params.infer, fabric=fabric)


def _build_for_inference(card: ModelCard, params: DetectorParams) -> DetectorNetwork:
    """A network that the weights in training are loaded into."""
    build = get_engine(card.engine).build
    return build(card.backbone, card.model, ForInference(params.infer), categories=max(card.categories))
