"""The files of an evaluation: the metrics, and the pictures and distances that the report shows."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from torchvision.transforms.functional import to_pil_image

from fashiongen.evaluation.generators import MeasuredVariant
from fashiongen.evaluation.measurements import summarise
from fashiongen.evaluation.records import (
    GENERATED_FOLDER,
    ORIGINALITY_FILE,
    CropMetrics,
    DataMetrics,
    DcganMetrics,
)
from fashiongen.files import atomic_path, write_json
from fashiongen.folders import fresh_folder

IMAGES_KEPT = 24  # of those that each generator made


def write_metrics(
    folder: Path,
    data: DataMetrics,
    crops: CropMetrics,
    dcgan: DcganMetrics,
    detectors: Mapping[str, Mapping[str, float]],
) -> None:
    """Write data.json, crops.json, dcgan.json, and summary.json, which holds the statistics of all detectors too."""
    for name, metrics in (("data", data), ("crops", crops), ("dcgan", dcgan)):
        write_json(folder / f"{name}.json", metrics.model_dump(mode="json"))
    write_json(folder / "summary.json", summarise(data, crops, detectors, dcgan))


def write_measured(folder: Path, measured: Mapping[str, MeasuredVariant]) -> None:
    """Write a folder for each variant: originality.json, the pictures of its matches, and its first images."""
    fresh_folder(folder)
    for variant, found in measured.items():
        write_json(folder / variant / ORIGINALITY_FILE, found.nearest.record.model_dump(mode="json"))
        for name, picture in found.nearest.pictures.items():
            _write_png(folder / variant / name, picture)
        for place, image in enumerate(found.images[:IMAGES_KEPT]):
            _write_png(folder / variant / GENERATED_FOLDER / f"{place + 1:02}.png", to_pil_image(image))


def _write_png(path: Path, image: Image.Image) -> None:
    with atomic_path(path) as temporary:
        image.save(temporary)
