"""Quality and speed of the garments' masks, compared with plain GrabCut, on the drawn demo and on photographs.

    python benchmarks/cutouts.py --images 80 --ccp data/street/ccp --detector models/best_detector

The truth of the demo is the mask that its drawings are painted with; that of the photographs are the label maps of
Clothing Co-Parsing: the labelled garment, and all of the person inside its box. A photograph counts if the masks'
network was not fitted to it, and if its labelled garment is a full-length one whose box has at least 0.45 of its
height. Masks start from the labelled boxes, from these moved at random (each edge by a normal deviation of 4 % of the
side), and with --detector from detected ones.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import cv2
import numpy as np
import torch
from jaxtyping import Bool, UInt8
from mask_examples import BBox, draw_examples, move_box, read_examples
from measure import describe_machine, print_table
from numpy import ndarray
from PIL import Image

from fashiongen import config
from fashiongen.crops.choose import choose
from fashiongen.crops.cutout import cut_garment
from fashiongen.crops.mask_network import MARGIN_FRAC
from fashiongen.crops.params import CropParams, CutoutParams
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.inference import detect, load
from fashiongen.detector.params import InferParams
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams

MIN_HEIGHT_FRAC, MOVED_FRAC = 0.45, 0.04
Masker = Callable[[ndarray, BBox], tuple[ndarray, str]]  # a mask of the whole image, and its verdict


class Picture(NamedTuple):
    """An image, its labelled box, and the true masks to compare with, by name."""

    image: UInt8[ndarray, "height width 3"]
    bbox: BBox
    truths: dict[str, Bool[ndarray, "height width"]]


def draw_demo(count: int) -> list[Picture]:
    """Full-length looks of the demo."""
    return [Picture(one.image, one.bbox, {"garment": one.garment}) for one in draw_examples(count)]


def read_photographs(folder: Path, count: int) -> list[Picture]:
    """The first photographs of a full-length garment to which no network was fitted; their person is all that the map
    names, inside the box.
    """
    pictures = []
    for example in read_examples(folder, held_back=True, min_area_frac=1.0):
        left, top, width, height = (int(side) for side in example.bbox)
        if example.garment_type != "full" or height < MIN_HEIGHT_FRAC * example.image.shape[0]:
            continue
        inside = np.s_[top : top + height, left : left + width]
        person = np.zeros_like(example.garment)
        person[inside] = example.person[inside]
        pictures.append(Picture(example.image, example.bbox, {"garment": example.garment, "person": person}))
        if len(pictures) == count:
            break
    return pictures


def ours(params: CutoutParams) -> Masker:
    def mask(image: ndarray, bbox: BBox) -> tuple[ndarray, str]:
        found = cut_garment(image, bbox, params)
        return found.mask >= 128, found.verdict

    return mask


def plain_grab_cut(params: CutoutParams) -> Masker:
    """GrabCut as its documentation shows it, at the same size: the box as a rectangle."""

    def mask(image: ndarray, bbox: BBox) -> tuple[ndarray, str]:
        margin = MARGIN_FRAC * max(bbox[2:])
        left, top = (max(0, int(start - margin)) for start in bbox[:2])
        right, bottom = int(bbox[0] + bbox[2] + margin), int(bbox[1] + bbox[3] + margin)
        window = image[top:bottom, left:right]
        scale = params.working_side_px / max(window.shape)
        small = cv2.resize(window, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = np.zeros(small.shape[:2], np.uint8)
        box = [round(value * scale) for value in (bbox[0] - left, bbox[1] - top, *bbox[2:])]
        cv2.setRNGSeed(0)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(small, found, box, *models, params.iterations, cv2.GC_INIT_WITH_RECT)
        whole = np.zeros(image.shape[:2], dtype=bool)
        large = cv2.resize((found & 1).astype(np.float32), window.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        whole[top:bottom, left:right] = large > 0.5
        return whole, "ok"

    return mask


def moved(pictures: Sequence[Picture]) -> Iterator[BBox]:
    rng = np.random.default_rng(0)
    for picture in pictures:
        yield move_box(picture.bbox, MOVED_FRAC, rng)


def detected(pictures: Sequence[Picture], detector: Path, values: dict) -> list[BBox | None]:
    """The box that would be cropped in each picture, or None."""
    crop, infer, runtime = (
        config.parse(kind, config.section(values, name), name, config.PARAMS_FILE)
        for kind, name in ((CropParams, "crop"), (InferParams, "detector.infer"), (RuntimeParams, "detector.runtime"))
    )
    with TemporaryDirectory() as folder:
        files = [ImageFile(number, Path(folder) / f"{number}.png") for number in range(len(pictures))]
        for file, picture in zip(files, pictures, strict=True):
            Image.fromarray(picture.image).save(file.path, compress_level=1)
        network = load(detector, infer=infer, fabric=build_fabric(runtime, seed=0))
        found = [choose(of_image, crop) for of_image in detect(network, files)]
    return [None if one is None else one.bbox for one in found]


def measure(pictures: Sequence[Picture], boxes: Sequence[BBox | None], mask: Masker) -> list[str]:
    """Cells of a row: boxes, mean and ok mean IoU with each truth, images/s of one core, verdicts."""
    overlaps: dict[str, list[float]] = {name: [] for name in pictures[0].truths}
    verdicts, spent = [], 0.0
    for picture, bbox in zip(pictures, boxes, strict=True):
        if bbox is None:
            continue
        began = time.process_time()
        found, verdict = mask(picture.image, bbox)
        spent += time.process_time() - began
        verdicts.append(verdict)
        for name, truth in picture.truths.items():
            overlaps[name].append(np.count_nonzero(found & truth) / np.count_nonzero(found | truth))
    is_ok = np.array(verdicts) == "ok"
    means = []
    for name in ("garment", "person"):
        of = np.array(overlaps.get(name, []))
        means += [f"{of.mean():.3f}", f"{of[is_ok].mean():.3f}"] if len(of) else ["—", "—"]
    failed = ", ".join(f"{verdict} {number}" for verdict, number in Counter(verdicts).items() if verdict != "ok")
    return [str(len(verdicts)), *means, f"{len(verdicts) / spent:.1f}", failed or "none"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=80, help="of each kind")
    parser.add_argument("--ccp", type=Path, help="a copy of Clothing Co-Parsing")
    parser.add_argument("--detector", type=Path, help="a model folder, such as models/best_detector")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    values = config.read_yaml(config.PARAMS_FILE)
    params = config.load(CutoutParams, "crop.cutout")
    maskers = {
        "plain GrabCut": plain_grab_cut(params),
        "ours": ours(params),
        "ours, of the person": ours(params.model_copy(update={"keep_skin": True})),
    }
    kinds = {"demo": draw_demo(options.images)}
    if options.ccp:
        kinds["photographs"] = read_photographs(options.ccp, options.images)
    print(f"{describe_machine('cpu')}\n")
    rows = []
    for kind, pictures in kinds.items():
        boxes = {"labelled": [picture.bbox for picture in pictures], "moved": list(moved(pictures))}
        if options.detector:
            boxes["detected"] = detected(pictures, options.detector, values)
        rows += [
            [kind, start, name, *measure(pictures, of, masker)]
            for start, of in boxes.items()
            for name, masker in maskers.items()
        ]
    header = ["images", "boxes", "masks by", "number", "garment IoU", "of ok masks", "person IoU", "of ok masks"]
    print_table([*header, "images/s", "failed"], rows)


if __name__ == "__main__":
    main()
