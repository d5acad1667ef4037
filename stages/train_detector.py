"""Train the detector with one backbone, and evaluate it on the validation images."""

from collections.abc import Sequence
from pathlib import Path

from lightning_fabric import Fabric
from torch import Tensor
from tqdm import tqdm

from fashiongen import config
from fashiongen.deepfashion.image_sizes import SIZES_CACHE, measure_sizes
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.data.unlabelled import has_manifest
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.inference import detect, load
from fashiongen.detector.networks.model_folder import write_model
from fashiongen.detector.params import DetectorParams, parse_backbone
from fashiongen.detector.training.report import UnreadableImage, log_record, open_history, write_evaluation
from fashiongen.detector.training.start import (
    TrainingInputs,
    leave_out,
    list_dependencies,
    read_inputs,
    start_training,
)
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.files import write_csv
from fashiongen.folders import fresh_folder
from fashiongen.runtime.checkpoints import Checkpoint, resumable
from fashiongen.runtime.code import hash_code
from fashiongen.runtime.devices import build_fabric, is_first_process, launch, require_devices
from stages.entry import run
from stages.progress import advance

COCO = Path("data/coco")


def main(backbone: str) -> None:
    """Write models/detector/<backbone> and reports/detector/<backbone>."""
    name, params = parse_backbone(backbone), config.load(DetectorParams, "detector")
    root = Path(config.section(config.read_yaml(config.PARAMS_FILE), "deepfashion.root"))
    inputs = read_inputs(name, params, coco=COCO, images=root)
    unreadable = _find_unreadable(root, [*inputs.training.images, *inputs.validation.images])
    if inputs.photographs and not has_manifest(Path(params.unlabelled)):  # dedup has decoded those of a manifest
        unreadable |= _find_unreadable(Path(params.unlabelled), inputs.photographs)
    inputs = leave_out(inputs, unreadable)
    model, report = Path("models/detector") / name, Path("reports/detector") / name
    # A missing engine or device must fail before the folders of the last run are emptied.
    get_engine(params.engine)
    require_devices(params.runtime)
    dependencies = list_dependencies(inputs) | {"code": hash_code("train_detector")}
    with resumable("train_detector", dependencies) as checkpoint:
        if is_first_process():
            fresh_folder(model)
            fresh_folder(report)
            if unreadable:
                write_csv(report / "unreadable.csv", UnreadableImage, unreadable.values())
        weights = launch(_train_and_report, params.runtime, params.train.seed, inputs, checkpoint, report)
        if is_first_process():
            write_model(model, inputs.card, weights)
            _evaluate(model, inputs, report)


def _find_unreadable(folder: Path, images: Sequence[ImageFile]) -> dict[Path, UnreadableImage]:
    """The images below a folder that do not decode. Those that an earlier stage has decoded are not decoded again."""
    names = [image.path.relative_to(folder).as_posix() for image in images]
    with open_executor(config.load(ExecutorParams, "executor")) as map_items:
        measured = measure_sizes(folder, names, decode=True, cache=SIZES_CACHE, map_items=map_items)
        sizes = list(tqdm(measured, "checking images", len(names)))
    unreadable = {
        folder / name: UnreadableImage(file=name, reason=size)
        for name, size in zip(names, sizes, strict=True)
        if isinstance(size, str)
    }
    if unreadable:
        print(f"left out: {len(unreadable)} images that do not decode, the first is {next(iter(unreadable))}")
    return unreadable


def _train_and_report(
    fabric: Fabric, inputs: TrainingInputs, checkpoint: Checkpoint, report: Path
) -> dict[str, Tensor]:
    """Train in every process that is launched; the first one writes the report. Returns the weights that are kept."""
    steps = start_training(inputs, fabric, checkpoint)
    if not fabric.is_global_zero:
        return list(steps)[-1].state.best.weights
    total = inputs.params.train.iterations
    with tqdm(total=total, desc=inputs.card.backbone) as bar, open_history(report / "history") as live:
        for step in steps:
            log_record(live, step.record)
            advance(bar, step)
            bar.set_postfix(loss=f"{step.record.loss:.3f}")
    return step.state.best.weights


def _evaluate(model: Path, inputs: TrainingInputs, report: Path) -> None:
    """Write the evaluation of the trained detector on the validation images."""
    params, validation = inputs.params, inputs.validation
    detector = load(model, infer=params.infer, fabric=build_fabric(params.runtime, seed=params.train.seed))
    desc = f"{inputs.card.backbone} on val"
    found = list(tqdm(detect(detector, validation.images), desc, len(validation.targets)))
    write_evaluation(report, inputs.validation_annotations, validation, found)


if __name__ == "__main__":
    run(main)
