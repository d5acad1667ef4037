"""The predictions that the report shows: the worst and the best, each with its boxes and what is wrong with them."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from pycocotools.mask import iou as iou_matrix

from fashiongen.coco.detection import Detection
from fashiongen.coco.error_costs import CORRECT, KINDS, judge_detections
from fashiongen.coco.evaluation_records import FoundBox, LabelledBox, Prediction
from fashiongen.detector.data.targets import Target
from fashiongen.files import write_bytes, write_json
from fashiongen.images.reading.decode import read_image

SHOWN_BOXES = 10  # of an image
LONG_SIDE_PX = 480  # of a picture


def choose_worst_and_best(targets: Sequence[Target], found: Sequence[Sequence[Detection]], *, each: int) -> list[int]:
    """The indices of the `each` worst predictions, the surest mistakes first, then of the `each` best."""
    agreements = [measure_agreement(*pair) for pair in zip(targets, found, strict=True)]
    scores = [detections[0].score if detections else 0.0 for detections in found]
    order = sorted(range(len(targets)), key=lambda index: (agreements[index], -scores[index]))
    return order if len(order) <= 2 * each else [*order[:each], *order[-each:]]


def measure_agreement(target: Target, detections: Sequence[Detection]) -> float:
    """The IoU of the strongest detection with the closest true box of its label; 0 if there is none."""
    if not detections:
        return 0.0
    category = detections[0].category_id
    same = [box for box, label in zip(_list_bboxes(target), target.labels, strict=True) if label == category]
    return float(iou_matrix([list(detections[0].bbox)], same, [0] * len(same)).max()) if same else 0.0


def judge_prediction(
    target: Target, detections: Sequence[Detection], categories: Mapping[int, str], *, size_px: tuple[int, int]
) -> Prediction:
    """The labelled boxes of an image of that width and height, and its best detections with their errors' kinds."""
    shown, boxes = list(detections[:SHOWN_BOXES]), _list_bboxes(target)
    image_id = target.image.image_id
    objects = [{"bbox": box, "category_id": int(label)} for box, label in zip(boxes, target.labels, strict=True)]
    judged = judge_detections({image_id: objects}, [image_id], {image_id: shown})
    verdicts = ["correct" if kind == CORRECT else KINDS[kind] for kind in judged.kinds.tolist()]
    overlaps = iou_matrix([list(one.bbox) for one in shown], boxes, [0] * len(boxes)) if shown else np.empty((0, 1))
    return Prediction(
        picture=f"{image_id}.jpg",
        source=target.image.path.as_posix(),
        width_px=size_px[0],
        height_px=size_px[1],
        labels=[
            LabelledBox(category=categories[int(label)], bbox=box)
            for box, label in zip(boxes, target.labels, strict=True)
        ],
        found=[
            FoundBox(
                category=categories[one.category_id], score=one.score, bbox=one.bbox, IoU=row.max(), verdict=verdict
            )
            for one, row, verdict in zip(shown, overlaps, verdicts, strict=True)
        ],
    )


def write_predictions(
    folder: Path, targets: Sequence[Target], found: Sequence[Sequence[Detection]], categories: Mapping[int, str]
) -> None:
    """Write a small copy of each image, and their boxes as `predictions.json`."""
    predictions = []
    for target, detections in zip(targets, found, strict=True):
        picture = read_image(target.image.path)
        prediction = judge_prediction(target, detections, categories, size_px=picture.size)
        picture.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX))
        content = BytesIO()
        picture.save(content, "JPEG", quality=90)
        write_bytes(folder / prediction.picture, content.getvalue())
        predictions.append(prediction)
    write_json(folder / "predictions.json", [one.model_dump() for one in predictions])


def _list_bboxes(target: Target) -> list[list[float]]:
    """The true boxes in COCO's order: x, y, width, height."""
    return [[left, top, right - left, bottom - top] for left, top, right, bottom in target.boxes_xyxy.tolist()]
