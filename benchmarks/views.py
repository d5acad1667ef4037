"""What more looks at an image are worth: views, a second pass of the box heads, and several networks together.

    python benchmarks/views.py --repository . models/detector/resnet18 models/detector/resnet34

Run it in a repository whose street profile has trained detectors. Each detector is run on the validation photographs
with one view, its mirror image too, `--scales`, and both; then with all these views, whose boxes enter the box heads
once more as proposals, where a box has the mean of both passes' probabilities (box refinement); at last all the
detectors' views are fused. A row is COCO's AP, AP50 and AP75, and the milliseconds of one core for a photograph.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from measure import describe_machine, print_table
from torch import Tensor
from torch.nn import functional
from torchvision.ops import clip_boxes_to_image
from tqdm import tqdm

from fashiongen import config
from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.detector.data.targets import ImageFile, read_targets
from fashiongen.detector.fusion import Found, fuse
from fashiongen.detector.inference import Detector, detect, load
from fashiongen.detector.networks.heads import BoxHeads
from fashiongen.detector.params import DetectorParams, InferParams
from fashiongen.runtime.devices import build_fabric

VALIDATION = Path("data/coco/val.json")
SCALES = (0.9, 1.0, 1.1)


class RefiningHeads(BoxHeads):
    """Box heads that look at each region twice: as it was proposed, and as its most probable garment's box."""

    def forward(self, features: dict[str, Tensor], *arguments: Any) -> Any:
        """The detections; these heads do not train."""
        self.features = features
        return super().forward(features, *arguments)

    def postprocess_detections(
        self, class_logits: Tensor, box_regression: Tensor, proposals: list[Tensor], image_shapes: list[tuple[int, int]]
    ) -> Any:
        """As torchvision's, after the second look."""
        likeliest = class_logits[:, 1:].argmax(dim=1) + 1
        decoded = self.box_coder.decode(box_regression, proposals)[torch.arange(len(likeliest)), likeliest]
        moved = [
            clip_boxes_to_image(boxes, shape)
            for boxes, shape in zip(decoded.split([len(of) for of in proposals]), image_shapes, strict=True)
        ]
        second, deltas = self.box_predictor(self.box_head(self.box_roi_pool(self.features, moved, image_shapes)))
        mean = (functional.softmax(class_logits, -1) + functional.softmax(second, -1)) / 2
        return super().postprocess_detections(mean.log(), deltas, moved, image_shapes)


Boxes = list[tuple[Detection, ...]]  # of each image


def join(found: list[Boxes], infer: InferParams) -> Boxes:
    """The boxes of several detectors as if each were a view."""
    return [tuple(_fuse(of_image, infer)) for of_image in zip(*found, strict=True)]


def _fuse(of_detectors: Sequence[tuple[Detection, ...]], infer: InferParams) -> Iterator[Detection]:
    (image_id,) = {box.image_id for boxes in of_detectors for box in boxes} or {0}
    fused = fuse(
        [_as_found(boxes) for boxes in of_detectors], min_score=infer.min_score, most=infer.detections_per_image
    )
    for (left, top, right, bottom), label, score in zip(*(part.tolist() for part in fused), strict=True):
        yield Detection(image_id, label, (left, top, right - left, bottom - top), score)


def _as_found(boxes: Sequence[Detection]) -> Found:
    corners = [(x, y, x + width, y + height) for _, _, (x, y, width, height), _ in boxes]
    return Found(
        torch.tensor(corners).reshape(-1, 4),
        torch.tensor([box.category_id for box in boxes], dtype=torch.int64),
        torch.tensor([box.score for box in boxes]),
    )


def score(name: str, found: Boxes, ms: float) -> list[str]:
    """A row of the table."""
    scores = evaluate_detections(VALIDATION, [box for of_image in found for box in of_image]).metrics
    return [name, *(f"{scores[key]:.3f}" for key in ("AP", "AP50", "AP75")), f"{ms:.0f}"]


def compare(
    folders: Sequence[Path], params: DetectorParams, scales: tuple[float, ...], images: Sequence[ImageFile]
) -> Iterator[list[str]]:
    views = {"one": ((1.0,), False), "mirrored": ((1.0,), True), "scales": (scales, False), "both": (scales, True)}
    fabric = build_fabric(params.runtime, seed=0)
    six: list[Boxes] = []
    took: list[float] = []
    for folder in folders:
        for name, (seen, mirrored) in views.items():
            infer = params.infer.model_copy(update={"scales": seen, "mirrored": mirrored, "workers": 0})
            detector = load(folder, infer=infer, fabric=fabric)
            found, ms = time_detection(detector, images)
            yield score(f"{folder.name}, {name}", found, ms)
        six.append(found)
        took.append(ms)
        detector.network.roi_heads.__class__ = RefiningHeads
        yield score(f"{folder.name}, both, refined", *time_detection(detector, images))
    if len(six) > 1:
        yield score("all together, both", join(six, params.infer), sum(took))


def time_detection(detector: Detector, images: Sequence[ImageFile]) -> tuple[Boxes, float]:
    """What is found, and the milliseconds of a core for an image."""
    began = time.process_time()
    found = list(tqdm(detect(detector, images), total=len(images)))
    return found, 1000 * (time.process_time() - began) / len(images)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("detectors", type=Path, nargs="+", help="model folders of torchvision's engine")
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--scales", type=float, nargs="+", default=SCALES)
    options = parser.parse_args()
    os.chdir(options.repository)
    torch.set_num_threads(1)
    values = config.read_yaml(config.PARAMS_FILE)
    params = config.load(DetectorParams, "detector")
    images = read_targets(VALIDATION, Path(values["deepfashion"]["root"])).images
    print(describe_machine("cpu"))
    print_table(
        ["", "AP", "AP50", "AP75", "ms"], list(compare(options.detectors, params, tuple(options.scales), images))
    )


if __name__ == "__main__":
    main()
