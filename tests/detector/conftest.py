"""A tiny world to detect in: a coloured rectangle a picture, its colour and shape told by its category."""

import json
import shutil
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen.detector.data.targets import read_targets
from fashiongen.detector.data.unlabelled import list_photographs
from fashiongen.detector.params import AugmentParams, DetectorParams, TrainParams
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams

NEEDS_DETECTRON2 = (
    pytest.mark.skipif(find_spec("detectron2") is None, reason="detectron2 is not installed"),
    pytest.mark.filterwarnings("ignore"),  # its own, of PyTorch's newer versions
)
COLOURS = {1: (220, 40, 40), 2: (40, 40, 220), 3: (40, 200, 40)}
EXTENTS = {1: (36, 24), 2: (22, 40), 3: (32, 66)}  # width, height in px


def write_world(root, *, images, seed):
    """COCO annotations and their pictures, 64 px wide and 96 px high; returns the annotations' path."""
    rng = np.random.default_rng(seed)
    content = {"images": [], "annotations": [], "categories": []}
    for category_id, name in ((1, "upper"), (2, "lower"), (3, "full")):
        content["categories"].append({"id": category_id, "name": name})
    for image_id in range(1, images + 1):
        category_id = 1 + image_id % 3
        width, height = EXTENTS[category_id]
        x, y = int(rng.integers(0, 64 - width)), int(rng.integers(0, 96 - height))
        pixels = rng.integers(150, 200, size=(96, 64, 3), dtype=np.uint8)
        pixels[y : y + height, x : x + width] = COLOURS[category_id]
        name = f"Img/img_{image_id:04d}.png"
        (root / "Img").mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(root / name)
        content["images"].append({"id": image_id, "file_name": name, "width": 64, "height": 96})
        box = {"bbox": [x, y, width, height], "area": width * height, "iscrowd": 0}
        content["annotations"].append({"id": image_id, "image_id": image_id, "category_id": category_id, **box})
    path = root / f"annotations_{seed}.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The annotations of 24 pictures; the pictures lie beside them."""
    return write_world(tmp_path_factory.mktemp("world"), images=24, seed=1)


@pytest.fixture(scope="session")
def data(world):
    return read_targets(world, world.parent)


@pytest.fixture(scope="session")
def photographs(tmp_path_factory):
    """Ten other pictures of that world, whose annotations nobody reads."""
    root = tmp_path_factory.mktemp("photographs")
    write_world(root, images=10, seed=2)
    return list_photographs(root)


@pytest.fixture(scope="session")
def model(small_detector):
    return small_detector


@pytest.fixture(scope="session")
def training():
    return TrainParams(
        iterations=6,
        batch_size=4,
        accumulate=1,
        base_lr=0.01,
        momentum=0.9,
        weight_decay=0.0001,
        weight_decay_norm=0.0,
        warmup_iterations=2,
        warmup_factor=0.1,
        steps_iterations=[5],
        gamma=0.1,
        ema_halflife_images=30.0,
        augment=AugmentParams(hflip_prob=0.5, short_sides_px=[64], crop_min_frac=1.0, colour=0.0),
        box_loss="l1",
        ignore_unlabelled_above=None,
        rpn_batch_per_image=16,
        roi_batch_per_image=16,
        proposals_per_level=20,
        proposals=20,
        evaluation=None,
        self_training=None,
        cache_images=True,
        workers=0,
        log_every_iterations=2,
        checkpoint_every_s=60,
        checkpoint_every_iterations=None,
        seed=3,
    )


@pytest.fixture(scope="session")
def infer(small_infer):
    return small_infer


@pytest.fixture
def fabric():
    """Seeded afresh for each test."""
    return build_fabric(RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true", threads=None), seed=3)


@pytest.fixture(scope="session", params=["torchvision", pytest.param("detectron2", marks=NEEDS_DETECTRON2)])
def engine(request):
    """Each engine that is installed."""
    return request.param


@pytest.fixture(params=[pytest.param("detectron2", marks=NEEDS_DETECTRON2)])
def import_detectron2(request):
    """Imports a module of detectron2; skips the test where it is not installed."""
    return lambda module: import_module(f"{request.param}.{module}")


@pytest.fixture
def build_params(model, training, infer):
    """The section `detector` for so many devices of so many nodes."""

    def build(*, engine="torchvision", devices=1, nodes=1, unlabelled="data/unlabelled", **changes):
        iterations = changes.get("iterations", training.iterations)
        steps = [step for step in training.steps_iterations if step <= iterations]  # a short training has fewer
        return DetectorParams(
            backbones=["resnet18"],
            engine=engine,
            unlabelled=unlabelled,
            runtime=RuntimeParams(accelerator="cpu", devices=devices, nodes=nodes, precision="32-true", threads=None),
            model=model,
            per_backbone={},
            train=training.model_validate(
                training.model_dump()
                | {"base_lr": 0.002, "log_every_iterations": 1, "steps_iterations": steps, **changes}
            ),
            infer=infer,
        )

    return build


@pytest.fixture
def lay_out_stage(world, build_params):
    """Write the inputs of the stage into a new folder."""

    def lay_out(folder, root=world.parent, **changes):
        (folder / "data/coco").mkdir(parents=True)
        for split in ("train", "val"):
            shutil.copy(world, folder / f"data/coco/{split}.json")
        values = {
            "executor": {"engine": "local", "address": None, "workers": 1},
            "detector": build_params(**changes).model_dump(mode="json"),
            "deepfashion": {"root": str(root)},
        }
        (folder / "params.yaml").write_text(yaml.safe_dump(values))

    return lay_out


@pytest.fixture
def start_stage(world, lay_out_stage, start_warm):
    """Start the stage in a folder of its own, which is made at the first time."""

    def start(folder, environment=None, root=world.parent, **changes):
        if not folder.exists():
            lay_out_stage(folder, root, **changes)
        return start_warm("stages.train_detector", "resnet18", folder=folder, environment=environment)

    return start
