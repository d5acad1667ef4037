"""Time and memory of COCO's statistics and of the costs of errors, beside pycocotools, on the study's number of images.

    python benchmarks/evaluation.py --images 22305 89222 --detections 10 100

One garment is labelled in each image, and detections lie around it and elsewhere, of random scores and categories. Each
run is a process of its own. pycocotools runs at the smallest number of detections alone, unless `--all`.
"""

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from measure import describe_machine, measure, print_table, read_peak_mib

SIDE_PX = 300
CHUNK = 100_000  # detections that are made at a time
CATEGORIES = {1: "upper", 2: "lower", 3: "full"}
PYCOCOTOOLS, OURS, ERRORS = "pycocotools", "ours", "ours, errors by kind"


def write_truth(path: Path, images: int) -> None:
    rng = np.random.default_rng(0)
    corners, sides = rng.uniform(0, 100, (images, 2)), rng.uniform(50, 200, (images, 2))
    rows = [
        {"id": n, "image_id": n, "category_id": 1 + n % 3, "bbox": [*corner, *side], "area": side[0] * side[1]}
        for n, (corner, side) in enumerate(zip(corners.tolist(), sides.tolist(), strict=True), 1)
    ]
    content = {
        "images": [
            {"id": n, "file_name": f"{n}.jpg", "width": SIDE_PX, "height": SIDE_PX} for n in range(1, images + 1)
        ],
        "annotations": [row | {"iscrowd": 0} for row in rows],
        "categories": [{"id": number, "name": name} for number, name in CATEGORIES.items()],
    }
    path.write_text(json.dumps(content))


def find(truth: Path, count: int) -> np.ndarray:
    """Rows of image, x, y, width, height, score, category, image by image."""
    rng, rows = np.random.default_rng(1), json.loads(truth.read_text())["annotations"]
    boxes = np.repeat(np.array([row["bbox"] for row in rows]), count, axis=0)
    spread = np.tile(np.linspace(2, 60, count), len(rows))[:, None]
    boxes = np.maximum(boxes + spread * rng.normal(0, 1, boxes.shape), 1)
    categories = np.repeat([row["category_id"] for row in rows], count)
    categories = np.where(rng.random(len(boxes)) < 0.8, categories, rng.integers(1, 4, len(boxes)))
    images = np.repeat([row["image_id"] for row in rows], count)
    return np.column_stack([images, boxes, rng.random(len(boxes)), categories])


def evaluate(way: str, truth: Path, count: int) -> None:
    """Print the seconds, the peak of memory and the AP of one evaluation."""
    found = find(truth, count)
    if way == PYCOCOTOOLS:
        from pycocotools.coco import COCO  # noqa: PLC0415
        from pycocotools.cocoeval import COCOeval  # noqa: PLC0415

        began = time.perf_counter()
        coco = COCO(str(truth))
        evaluated = COCOeval(coco, coco.loadRes(found), "bbox")
        evaluated.evaluate()
        evaluated.accumulate()
        evaluated.summarize()
        score = float(evaluated.stats[0])
    else:
        from fashiongen.coco.detection import Detection  # noqa: PLC0415
        from fashiongen.coco.error_costs import measure_error_costs  # noqa: PLC0415
        from fashiongen.coco.evaluation import evaluate_detections  # noqa: PLC0415

        detections = [
            Detection(int(image), int(category), (x, y, w, h), score)
            for start in range(0, len(found), CHUNK)
            for image, x, y, w, h, score, category in found[start : start + CHUNK].tolist()
        ]
        del found
        began = time.perf_counter()
        if way == OURS:
            score = evaluate_detections(truth, detections).metrics["AP"]
        else:
            score = measure_error_costs(truth, detections)[0].AP50
    seconds = time.perf_counter() - began
    print(f"seconds: {seconds:.3f}\npeak MiB: {read_peak_mib():.0f}\nAP: {score:.6f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, nargs="+", default=[22_305, 89_222])
    parser.add_argument("--detections", type=int, nargs="+", default=[10, 100], help="of each image")
    parser.add_argument("--all", action="store_true", help="run pycocotools at every number of detections")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, truth, count = options.one
        evaluate(way, Path(truth), int(count))
        return
    rows = []
    with TemporaryDirectory() as folder:
        for images in options.images:
            truth = Path(folder) / f"{images}.json"
            write_truth(truth, images)
            for count in options.detections:
                with_peer = options.all or count == min(options.detections)
                ways = [*([PYCOCOTOOLS] if with_peer else []), OURS, ERRORS]
                results = {way: measure(Path(__file__), "--one", way, str(truth), str(count)).figures for way in ways}
                for way, of in results.items():
                    is_compared = with_peer and way != ERRORS
                    times = f"{results[PYCOCOTOOLS]['seconds'] / of['seconds']:.2f}" if is_compared else ""
                    cells = [f"{images:,}", str(count), f"{of['seconds']:.1f}", times, f"{of['peak MiB']:,.0f}"]
                    rows.append([way, *cells, "" if way == ERRORS else f"{of['AP']:.4f}"])
    print(f"{describe_machine('cpu')}\n")
    print_table(["", "images", "detections of each", "s", "× pycocotools", "peak MiB", "AP"], rows)


if __name__ == "__main__":
    main()
