"""Cut the best full-length garment out of each scraped image."""

from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.coco.detection import Detection
from fashiongen.crops.choose import choose
from fashiongen.crops.contact_sheet import render_contact_sheet
from fashiongen.crops.counts import count_crops
from fashiongen.crops.cut import cut_crop
from fashiongen.crops.params import CropParams
from fashiongen.detector.inference import detect, load
from fashiongen.detector.params import InferParams
from fashiongen.detector.targets import ImageFile
from fashiongen.files import atomic_path, fresh_folder, read_csv, write_bytes, write_csv, write_json
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.runtime import RuntimeParams, build_fabric
from stages.entry import run

DETECTOR = Path("models/best_detector")
SOURCE = Path("data/pinterest")


def main() -> None:
    """Write data/crops and reports/crops."""
    params = config.load(CropParams, "crop")
    images = read_csv(SOURCE / "manifest.csv", ImageRecord)
    found = list(tqdm(_detect(images), "detecting", len(images)))
    crops, report = fresh_folder(Path("data/crops")), fresh_folder(Path("reports/crops"))
    records: list[CropRecord] = []
    for image, detections in zip(tqdm(images, "cutting"), found, strict=True):
        if (chosen := choose(detections, params)) is not None:
            crop = cut_crop(image, SOURCE / "images", chosen, params)
            write_bytes(crops / "images" / crop.record.file, crop.png)
            records.append(crop.record)
    write_csv(crops / "crops.csv", CropRecord, records)
    write_json(report / "counts.json", count_crops(images, found, params))
    sheet = render_contact_sheet(
        [crops / "images" / record.file for record in records], columns=10, rows=8, cell_px=128
    )
    with atomic_path(report / "contact_sheet.jpg") as temporary:
        sheet.save(temporary, "JPEG", quality=88)


def _detect(images: list[ImageRecord]) -> Iterator[tuple[Detection, ...]]:
    """Every image's detections by the best detector, in the images' order."""
    infer, runtime = config.load(InferParams, "detector.infer"), config.load(RuntimeParams, "detector.runtime")
    fabric = build_fabric(runtime, seed=0)  # nothing is drawn at random here
    detector = load(DETECTOR, infer=infer, fabric=fabric)
    files = [ImageFile(number, SOURCE / "images" / image.file) for number, image in enumerate(images)]
    return detect(detector, files)


if __name__ == "__main__":
    run(main)
