"""Cut the best full-length garment out of each scraped image."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fashiongen import config
from fashiongen.coco.detection import Detection
from fashiongen.crops.choose import choose
from fashiongen.crops.contact_sheet import render_contact_sheet
from fashiongen.crops.counts import count_crops
from fashiongen.crops.cut import cut_crop
from fashiongen.crops.params import CropParams
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.inference import detect_resumably, load
from fashiongen.detector.params import InferParams
from fashiongen.files import atomic_path, read_csv, sha256_file, write_bytes, write_csv, write_json
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


def main() -> None:
    """Write data/crops and reports/crops; images are cut while the next ones are looked at."""
    params, infer = config.load(CropParams, "crop"), config.load(InferParams, "detector.infer")
    runtime = config.load(RuntimeParams, "detector.runtime")
    images = read_csv(SOURCE / "manifest.csv", ImageRecord)
    found: list[tuple[Detection, ...]] = []
    cuts: list[Future[CropRecord]] = []
    with resumable("crop_pinterest", _fingerprinted(infer, runtime)) as checkpoint:
        report = fresh_folder(Path("reports/crops"))
        fresh_folder(CROPS)
        detected = detect_resumably(
            load(DETECTOR, infer=infer, fabric=build_fabric(runtime, seed=0)),  # nothing is drawn at random here
            [ImageFile(number, SOURCE / "images" / image.file) for number, image in enumerate(images)],
            checkpoint,
            save_every_s=params.checkpoint_every_s,
        )
        with ThreadPoolExecutor(params.workers) as pool:
            for image, detections in zip(tqdm(images, "detecting"), detected, strict=True):
                found.append(detections)
                if (chosen := choose(detections, params)) is not None:
                    cuts.append(pool.submit(_cut, image, chosen, params))
        records = [cut.result() for cut in cuts]
    write_csv(CROPS / "crops.csv", CropRecord, records)
    write_json(report / "counts.json", count_crops(images, found, params))
    sheet = render_contact_sheet(
        [CROPS / "images" / record.file for record in records], columns=10, rows=8, cell_px=128
    )
    with atomic_path(report / "contact_sheet.jpg") as temporary:
        sheet.save(temporary, "JPEG", quality=88)


def _fingerprinted(infer: InferParams, runtime: RuntimeParams) -> dict[str, Any]:
    """All that the detections depend on."""
    inputs = (DETECTOR / "model.safetensors", DETECTOR / "model.json", SOURCE / "manifest.csv")
    return {
        "infer": infer.model_dump(mode="json", exclude={"workers"}),
        "runtime": runtime,
        "inputs": [sha256_file(path) for path in inputs],
        "code": hash_code("crop_pinterest"),
    }


def _cut(image: ImageRecord, chosen: Detection, params: CropParams) -> CropRecord:
    crop = cut_crop(image, SOURCE / "images", chosen, params)
    write_bytes(CROPS / "images" / crop.record.file, crop.png)
    return crop.record


if __name__ == "__main__":
    run(main)
