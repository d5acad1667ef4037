"""The files of `fashiongen detect`: COCO results, the list of images, and a picture of each image with its boxes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fashiongen.coco.dataset import write_dataset
from fashiongen.coco.detection import Detection
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.export.images import InputImage
from fashiongen.detector.export.pictures import render_detections
from fashiongen.detector.inference import Detector, detect
from fashiongen.images.reading.decode import read_image

JPEG_QUALITY = 92
BBOX_DIGITS, SCORE_DIGITS = 2, 5


class NamedDetector(NamedTuple):
    """A detector, and the names of its categories."""

    detector: Detector
    categories: dict[int, str]  # category id -> name


def write_images(path: Path, images: Iterable[InputImage], categories: Mapping[int, str]) -> None:
    """Write the images as a COCO data set without annotations, into which results can be loaded."""
    rows = [
        {
            "id": image.image_id,
            "file_name": image.path.as_posix(),
            "width": image.width_px,
            "height": image.height_px,
            "picture": f"pictures/{image.picture}",
        }
        for image in images
    ]
    names = [{"id": category_id, "name": name} for category_id, name in sorted(categories.items())]
    write_dataset(path, {"images": rows, "annotations": [], "categories": names})


def write_detections(folder: Path, images: Sequence[InputImage], named: NamedDetector) -> Iterator[int]:
    """Write detections.json and pictures/ into a folder, image by image; yield the number of detections of each.

    The memory in use does not grow: detections are written at once, and detections.json is complete after the last
    image.

    Raises:
        CorruptImage: an image does not decode any more.
    """
    pictures = folder / "pictures"
    pictures.mkdir()
    found = detect(named.detector, [ImageFile(image.image_id, image.path) for image in images])
    with (folder / "detections.json").open("w", encoding="utf-8") as file:
        file.write("[")
        separator = "\n"
        for image, detections in zip(images, found, strict=True):
            for detection in detections:
                file.write(separator + json.dumps(_result(detection)))
                separator = ",\n"
            picture = render_detections(read_image(image.path), detections, named.categories)
            picture.save(
                pictures / image.picture, quality=JPEG_QUALITY, subsampling="4:4:4"
            )  # keeps thin coloured lines sharp
            yield len(detections)
        file.write("\n]\n")


def _result(detection: Detection) -> dict[str, object]:
    return {
        "image_id": detection.image_id,
        "category_id": detection.category_id,
        "bbox": [round(value, BBOX_DIGITS) for value in detection.bbox],
        "score": round(detection.score, SCORE_DIGITS),
    }
