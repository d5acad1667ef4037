"""Cut the garment of the asked type with the highest score out of each scraped image."""

from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fashiongen import config
from fashiongen.crops.batch import choose_garments, write_crops
from fashiongen.crops.contact_sheet import write_contact_sheet
from fashiongen.crops.counts import count_crops, count_masks, require_crops
from fashiongen.crops.params import CropParams
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.inference import DetectAll, detect, detect_by, detect_resumably, load
from fashiongen.detector.params import InferParams
from fashiongen.executor.engine import open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.files import read_csv, sha256_file, write_csv, write_json
from fashiongen.folders import fresh_folder
from fashiongen.images.manifest import CropRecord, ImageRecord
from fashiongen.runtime.checkpoints import resumable
from fashiongen.runtime.code import hash_code
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams
from stages.entry import run

DETECTOR = Path("models/best_detector")
SOURCE = Path("data/pinterest")
CROPS = Path("data/crops")
REPORT = Path("reports/crops")


def main() -> None:
    """Write data/crops and reports/crops."""
    params, infer = config.load(CropParams, "crop"), config.load(InferParams, "detector.infer")
    runtime = config.load(RuntimeParams, "detector.runtime")
    images = read_csv(SOURCE / "manifest.csv", ImageRecord)
    executor = config.load(ExecutorParams, "executor")
    with (
        resumable("crop_pinterest", _fingerprinted(infer, runtime)) as checkpoint,
        open_executor(executor) as map_items,
    ):
        fresh_folder(REPORT)
        fresh_folder(CROPS)
        if executor.engine == "local":  # one process has all threads, or the GPU
            detector = load(DETECTOR, infer=infer, fabric=build_fabric(runtime, seed=0))  # nothing is drawn at random
            detect_all: DetectAll = partial(detect, detector)
        else:
            detect_all = partial(detect_by, map_items, DETECTOR, infer, runtime)
        files = [ImageFile(number, SOURCE / "images" / image.file) for number, image in enumerate(images)]
        found = detect_resumably(
            detect_all, files, checkpoint, batch_size=infer.batch_size, save_every_s=params.checkpoint_every_s
        )
        detections = list(tqdm(found, "detecting", len(images)))
        require_crops(detections, params)
        garments = choose_garments(images, detections, params)
        crops = write_crops(garments, source=SOURCE / "images", target=CROPS, params=params, map_items=map_items)
        records = list(tqdm(crops, "cutting", len(garments)))
    write_csv(CROPS / "crops.csv", CropRecord, records)
    write_json(REPORT / "counts.json", count_crops(images, detections, params) | {"masks": count_masks(records)})
    write_contact_sheet(REPORT / "contact_sheet.jpg", [CROPS / "images" / record.file for record in records])
    if params.cutout is not None:
        whole = [CROPS / "cutouts" / record.file for record in records if record.mask == "ok"]
        write_contact_sheet(REPORT / "cutouts.jpg", whole)


def _fingerprinted(infer: InferParams, runtime: RuntimeParams) -> dict[str, Any]:
    """All that the detections depend on."""
    inputs = (DETECTOR / "model.safetensors", DETECTOR / "model.json", SOURCE / "manifest.csv")
    return {
        "infer": infer.model_dump(mode="json", exclude={"workers"}),
        "runtime": runtime,
        "inputs": [sha256_file(path) for path in inputs],
        "code": hash_code("crop_pinterest"),
    }


if __name__ == "__main__":
    run(main)
