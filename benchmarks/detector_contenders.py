"""One contender of benchmarks/detector.py. Its settings are JSON on the command line; it prints a figure per line.

All contenders train the same network on the same images with the same batch size, and detect on the same files. The
peers use their own code between a file and a loss: detectron2's DefaultTrainer and DefaultPredictor, and the loops of
torchvision's reference scripts.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import CocoDetection
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import MultiScaleRoIAlign
from torchvision.transforms.v2 import functional

from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.detector.data.targets import ImageFile, read_targets
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.inference import Detector, detect
from fashiongen.detector.networks.faster_rcnn import POOLED_SIDE
from fashiongen.detector.networks.purpose import ForInference, ForTraining
from fashiongen.detector.params import DetectorParams
from fashiongen.detector.training.loop import train
from fashiongen.detector.training.schedule import learning_rate
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric

COCO = Path("data/coco")
TRAIN, VAL = COCO / "train.json", COCO / "val.json"
WARM_UP = 0.2  # share of the iterations and of the images that is not timed
WORKERS = 2  # of the peers' loaders

Trained = tuple[nn.Module, list[float]]  # a network, and when each iteration ended
Found = Iterator[tuple[int, list[Detection]]]  # an image's id and its detections


def train_ours(params: DetectorParams, backbone: str, root: Path) -> Trained:
    """This project's training, with a record after every iteration, to time it."""
    fabric = build_fabric(params.runtime, seed=params.train.seed)
    network = get_engine(params.engine).build(backbone, params.model, ForTraining(params.train), categories=3)
    clocked = params.train.model_copy(update={"log_every_iterations": 1, "checkpoint_every_s": 86_400})
    ends = []
    with TemporaryDirectory() as folder:
        checkpoint = Checkpoint(Path(folder))
        data = read_targets(TRAIN, root)
        steps = train(network, data, model=params.model, train=clocked, fabric=fabric, checkpoint=checkpoint)
        for step in steps:
            ends.append(time.perf_counter())
            state = step.state
    detecting = get_engine(params.engine).build(backbone, params.model, ForInference(params.infer), categories=3)
    detecting.load_named_weights(state.best.weights)
    return detecting, ends


def detect_ours(params: DetectorParams, network: Any, images: list[ImageFile]) -> Found:
    fabric = build_fabric(params.runtime, seed=0)
    detector = Detector(network.eval(), params.model, params.infer, fabric)
    for image, found in zip(images, detect(detector, images), strict=True):
        yield image.image_id, list(found)


def train_detectron2(params: DetectorParams, backbone: str, root: Path) -> Trained:
    """detectron2's DefaultTrainer, mapper, sampler and solver, on its network built from our params."""
    from detectron2.data.datasets import register_coco_instances  # noqa: PLC0415
    from detectron2.engine import DefaultTrainer, hooks  # noqa: PLC0415

    from fashiongen.detector.engines.detectron2_engine import build_config, build_rcnn  # noqa: PLC0415

    register_coco_instances("benchmark", {}, str(TRAIN), str(root))
    config = build_config(backbone, params.model, ForTraining(params.train), ForInference(params.infer), categories=3)
    config.DATASETS.TRAIN, config.DATASETS.TEST = ("benchmark",), ()
    config.DATALOADER.NUM_WORKERS = WORKERS
    config.MODEL.DEVICE = peer_device(params)
    config.INPUT.MIN_SIZE_TRAIN = tuple(params.train.augment.short_sides_px)
    config.INPUT.MAX_SIZE_TRAIN = params.model.long_side_px
    config.SOLVER.CHECKPOINT_PERIOD = 10**9
    config.SEED = params.train.seed

    class Trainer(DefaultTrainer):
        @classmethod
        def build_model(cls, cfg: Any) -> nn.Module:
            return build_rcnn(cfg, params.model)

    ends: list[float] = []

    class Clock(hooks.HookBase):
        def after_step(self) -> None:
            ends.append(time.perf_counter())

    with TemporaryDirectory() as folder:
        config.OUTPUT_DIR = folder
        torch.manual_seed(params.train.seed)
        trainer = Trainer(config)
        trainer.register_hooks([Clock()])
        trainer.train()
    return trainer.model, ends


def detect_detectron2(params: DetectorParams, network: Any, images: list[ImageFile]) -> Found:
    """detectron2's DefaultPredictor, one image at a time, as in its demo."""
    from detectron2.data.detection_utils import read_image  # noqa: PLC0415
    from detectron2.engine import DefaultPredictor  # noqa: PLC0415

    from fashiongen.detector.engines.detectron2_engine import build_config  # noqa: PLC0415

    config = build_config(params.backbones[0], params.model, ForInference(params.infer), categories=3)
    config.MODEL.DEVICE = peer_device(params)
    config.INPUT.MIN_SIZE_TEST, config.INPUT.MAX_SIZE_TEST = params.model.short_side_px, params.model.long_side_px
    predictor = DefaultPredictor(config)
    predictor.model = network.eval().to(peer_device(params))
    for image in images:
        instances = predictor(read_image(str(image.path), format="BGR"))["instances"]
        boxes, scores, labels = instances.pred_boxes.tensor, instances.scores, instances.pred_classes + 1
        yield image.image_id, as_detections(image.image_id, boxes, scores, labels)


class Reference(nn.Module):
    """The network with torchvision's scaling, padding and pooling, as torchvision's reference scripts call it."""

    def __init__(self, network: Any, params: DetectorParams) -> None:
        super().__init__()
        self.network = network
        network.roi_heads.box_roi_pool = MultiScaleRoIAlign(  # replaces ours
            [str(level) for level in range(len(params.model.fpn_layers))],
            POOLED_SIDE,
            params.model.roi_sampling_ratio,
            canonical_scale=params.model.roi_canonical_px,
        )
        sides = (params.model.short_side_px, params.model.long_side_px)
        self.transform = GeneralizedRCNNTransform(
            *sides, image_mean=[0.0] * 3, image_std=[1.0] * 3, size_divisible=params.model.size_divisor_px
        )

    def forward(self, images: list[torch.Tensor], targets: list[dict[str, Any]] | None = None) -> Any:
        sizes = [tuple(image.shape[-2:]) for image in images]
        batch, targets = self.transform(images, targets)
        seeds = torch.randint(2**31, (len(images),)).tolist()
        found = self.network(batch.tensors * 255, batch.image_sizes, targets, seeds)
        return found if self.training else self.transform.postprocess(found, batch.image_sizes, sizes)


def train_torchvision(params: DetectorParams, backbone: str, root: Path) -> Trained:
    """The loop of torchvision's references/detection: its COCO data set, float images, a loss read in every step."""
    torch.manual_seed(params.train.seed)
    network = get_engine("torchvision").build(backbone, params.model, ForTraining(params.train), categories=3)
    model = Reference(network.to(memory_format=torch.contiguous_format), params).train().to(peer_device(params))
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(
        learning, lr=params.train.base_lr, momentum=params.train.momentum, weight_decay=params.train.weight_decay
    )
    loader = DataLoader(
        CocoDetection(str(root), str(TRAIN), transforms=ToTensors(params.train.augment.hflip_prob)),
        batch_size=params.train.batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=WORKERS,
        collate_fn=collate,
    )
    ends = []
    while len(ends) < params.train.iterations:
        for images, targets in loader:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(len(ends), params.train)
            losses = sum(model(*move_batch(images, targets, peer_device(params))).values())
            losses.item()
            optimizer.zero_grad()
            losses.backward()
            optimizer.step()
            ends.append(time.perf_counter())
            if len(ends) == params.train.iterations:
                break
    detecting = get_engine("torchvision").build(backbone, params.model, ForInference(params.infer), categories=3)
    detecting.load_named_weights(network.named_weights())
    return Reference(detecting, params).to(peer_device(params)), ends


def peer_device(params: DetectorParams) -> str:
    """The peers' device, by torch's name."""
    return "cpu" if params.runtime.accelerator == "cpu" else "cuda"


def move_batch(images: list[Any], targets: list[dict[str, Any]], device: str) -> tuple[list[Any], list[dict[str, Any]]]:
    """Move a batch to a device, as torchvision's references do."""
    moved = [{name: value.to(device) for name, value in target.items()} for target in targets]
    return [image.to(device) for image in images], moved


class ToTensors:
    """Converts a COCO image and its annotations to a model's input, as torchvision's references do."""

    def __init__(self, hflip_prob: float) -> None:
        self.hflip_prob = hflip_prob

    def __call__(self, image: Any, rows: list[dict[str, Any]]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        pixels = functional.to_dtype(functional.to_image(image), torch.float32, scale=True)
        boxes = torch.tensor([row["bbox"] for row in rows], dtype=torch.float32)
        boxes[:, 2:] += boxes[:, :2]
        if torch.rand(1) < self.hflip_prob:
            pixels = pixels.flip(-1)
            boxes[:, [0, 2]] = image.width - boxes[:, [2, 0]]
        return pixels, {"boxes": boxes, "labels": torch.tensor([row["category_id"] for row in rows])}


def collate(samples: list[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    images, targets = zip(*samples, strict=True)
    return list(images), list(targets)


@torch.inference_mode()
def detect_torchvision(params: DetectorParams, network: nn.Module, images: list[ImageFile]) -> Found:
    """The references' evaluation: one image at a time, decoded by workers."""
    loader = DataLoader(Files(images), batch_size=1, num_workers=WORKERS, collate_fn=list)
    for image, pixels in zip(images, loader, strict=True):
        [found] = network.eval()([one.to(peer_device(params)) for one in pixels])
        yield image.image_id, as_detections(image.image_id, found["boxes"], found["scores"], found["labels"])


class Files(torch.utils.data.Dataset[torch.Tensor]):
    """Images as floats from 0 to 1."""

    def __init__(self, images: list[ImageFile]) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        image = Image.open(self.images[index].path).convert("RGB")
        return functional.to_dtype(functional.to_image(image), torch.float32, scale=True)


def as_detections(image_id: int, boxes: torch.Tensor, scores: torch.Tensor, labels: torch.Tensor) -> list[Detection]:
    return [
        Detection(image_id, label, (x1, y1, x2 - x1, y2 - y1), score)
        for (x1, y1, x2, y2), score, label in zip(boxes.tolist(), scores.tolist(), labels.tolist(), strict=True)
    ]


CONTENDERS: dict[str, tuple[Callable[..., Trained], Callable[..., Found]]] = {
    "ours": (train_ours, detect_ours),
    "detectron2": (train_detectron2, detect_detectron2),
    "torchvision": (train_torchvision, detect_torchvision),
}


def main() -> None:
    settings = json.loads(sys.argv[2])
    params, root = DetectorParams.model_validate(settings["params"]), Path(settings["root"])
    train_contender, detect_contender = CONTENDERS[sys.argv[1]]
    network, ends = train_contender(params, params.backbones[0], root)
    skipped = max(1, round(len(ends) * WARM_UP))
    steps = [after - before for before, after in zip(ends[skipped - 1 :], ends[skipped:], strict=False)]
    print(f"training images/s: {params.train.batch_size / (sum(steps) / len(steps)):.3f}")
    print(f"seconds an iteration: {median(steps):.4f}")
    images = read_targets(VAL, root).images[: settings["images"]]
    first = max(1, round(len(images) * WARM_UP))
    found, times = [], []
    for _, of_image in detect_contender(params, network, images):
        found += of_image
        times.append(time.perf_counter())
    print(f"inference images/s: {(len(images) - first) / (times[-1] - times[first - 1]):.3f}")
    scores = evaluate_detections(VAL, found, image_ids=[image.image_id for image in images]).metrics
    print(f"AP: {scores['AP']:.4f}")
    print(f"AP50: {scores['AP50']:.4f}")
    print(f"peak MiB: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
    if torch.cuda.is_available():
        print(f"GPU MiB: {torch.cuda.max_memory_allocated() / 2**20:.0f}")


if __name__ == "__main__":
    main()
