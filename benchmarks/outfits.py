"""Both readings of a detector on photographs: one garment each, as the study labels them, and every garment.

    FASHIONGEN_CCP=... python benchmarks/outfits.py --repository . models/detector/resnet18 models/best_detector

Run it in a repository whose street profile has trained detectors. Each is run on the validation photographs once. Its
boxes are then scored twice by COCO's evaluation: against val.json, which has the largest garment of a photograph, and
against the pixel-level label maps of Clothing Co-Parsing, where each garment has a box. Garments with less than
`--min-area-frac` of the largest one's pixels are left out.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mask_examples import list_garments
from measure import print_table
from tqdm import tqdm

from fashiongen import config
from fashiongen.coco.detection import Detection
from fashiongen.coco.evaluation import Evaluation, evaluate_detections
from fashiongen.detector.data.targets import read_targets
from fashiongen.detector.inference import detect, load
from fashiongen.detector.params import DetectorParams
from fashiongen.files import read_json, write_json
from fashiongen.runtime.devices import build_fabric
from fashiongen.sources.street.ccp import find_mapped, read_label_map, read_photograph, read_tags

VALIDATION = Path("data/coco/val.json")


def label_outfits(val: dict[str, Any], ccp: Path, *, min_area_frac: float) -> dict[str, Any]:
    """The COCO file of the same photographs with a box for every garment, in the pixels of its images."""
    tags, mapped = read_tags(ccp), {int(photograph.name): photograph for photograph in find_mapped(ccp)}
    ids = {category["name"]: category["id"] for category in val["categories"]}
    annotations: list[dict[str, Any]] = []
    for image in tqdm(val["images"], "reading label maps"):
        photograph = mapped[image["id"]]
        pixels = read_photograph(photograph.image)
        labels = read_label_map(photograph.annotation, pixels.size, len(tags))
        scale = image["width"] / pixels.width
        for garment, garment_type, _ in list_garments(labels, tags, min_area_frac):
            left, top, right, bottom = (side * scale for side in garment.box_xyxy)
            bbox = [left, top, right - left, bottom - top]
            row = {"id": len(annotations) + 1, "image_id": image["id"], "category_id": ids[garment_type], "bbox": bbox}
            annotations.append(row | {"area": bbox[2] * bbox[3], "iscrowd": 0})
    return val | {"annotations": annotations}


def find_boxes(folder: Path, params: DetectorParams, root: Path) -> list[Detection]:
    """What the detector of a model folder finds on the validation photographs."""
    detector = load(folder, infer=params.infer, fabric=build_fabric(params.runtime, seed=0))
    images = read_targets(VALIDATION, root).images
    return [box for of_image in tqdm(detect(detector, images), folder.name, len(images)) for box in of_image]


def tabulate(name: str, readings: dict[str, Evaluation]) -> Iterator[list[str]]:
    for reading, scores in readings.items():
        of_types = [f"{scores.per_class[kind]['AP']:.3f}" for kind in ("upper", "lower", "full")]
        totals = [f"{scores.metrics[metric]:.3f}" for metric in ("AP", "AP50", "AR_100")]
        yield [name, reading, *totals, *of_types]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("detectors", type=Path, nargs="+", help="model folders, below the repository")
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--ccp", type=Path, default=os.environ.get("FASHIONGEN_CCP"))
    parser.add_argument("--min-area-frac", type=float, default=0.1)
    options = parser.parse_args()
    if options.ccp is None:
        parser.error("--ccp or FASHIONGEN_CCP must name a copy of Clothing Co-Parsing")
    os.chdir(options.repository)
    values = config.read_yaml(config.PARAMS_FILE)
    params, root = config.load(DetectorParams, "detector"), Path(values["deepfashion"]["root"])
    val = read_json(VALIDATION)
    outfits = label_outfits(val, options.ccp, min_area_frac=options.min_area_frac)
    print(f"{len(val['images'])} photographs, {len(val['annotations'])} labels, {len(outfits['annotations'])} garments")
    rows = []
    with TemporaryDirectory() as folder:
        every = Path(folder) / "outfits.json"
        write_json(every, outfits)
        for detector in options.detectors:
            found = find_boxes(detector, params, root)
            readings = {"one garment": VALIDATION, "every garment": every}
            scores = {reading: evaluate_detections(path, found) for reading, path in readings.items()}
            rows += tabulate(detector.name, scores)
    print_table(["detector", "reading", "AP", "AP50", "AR 100", "upper", "lower", "full"], rows)


if __name__ == "__main__":
    main()
