"""Whether the measured colours and patterns of garments are those that were drawn, and the time for a million garments.

    python benchmarks/trends.py --repository . --ccp data/street/ccp

Run it in a repository whose demo has run. The demo's full-length garments are drawn again with their true masks and
fabrics. A garment's colour is right if the largest of its palette lies within 0.05 in OKLab of one that covers a fifth
of the drawn garment at least; this counts errors of the detector's box, of the cut-out and of the JPEG. A pattern is
right if its kind is that of the drawn fabric; the coefficients were fitted to other drawings (`fit_patterns.py`). The
same cut-outs are measured at 64 px of height too. Times are those of one process on one core. With --ccp, photographs
of Clothing Co-Parsing are cut out from their labelled boxes, and the largest colour is compared with those of the
pixels that are labelled as the garment.
"""

import argparse
import io
import os
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import cv2
import numpy as np
import torch
from cutouts import read_photographs
from measure import describe_machine, print_table
from PIL import Image

from fashiongen import config
from fashiongen.crops.cutout import cut_garment
from fashiongen.crops.params import CropParams
from fashiongen.files import read_csv
from fashiongen.images.manifest import CropRecord
from fashiongen.sources.demo import pictures
from fashiongen.sources.demo.cuts import Garment
from fashiongen.sources.demo.originals import OriginalPlan, draw_original
from fashiongen.sources.demo.pages import plan_originals
from fashiongen.sources.demo.params import DemoParams
from fashiongen.trends.colours import to_oklab_points
from fashiongen.trends.garments import Job, find_inside, measure_garment, read_palette
from fashiongen.trends.palette import Swatch, extract_palette, thin_out
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.records import PATTERN_KINDS, GarmentRecord, PatternKind

DEMO_PARAMS = Path("data/demo/params.yaml")
CROPS = Path("data/crops")
KINDS: dict[str, PatternKind] = {  # of the demo's fabrics
    **dict.fromkeys(("plain", "ribs", "gradient"), "plain"),
    **dict.fromkeys(("stripes", "pinstripes"), "stripes"),
    **dict.fromkeys(("gingham", "tartan", "windowpane"), "checks"),
    **dict.fromkeys(("dots",), "dots"),
    **dict.fromkeys(("floral", "ditsy", "leaves"), "floral"),
    **dict.fromkeys(("brush", "spots", "sequins"), "other"),
}
NEAR, LARGE_SHARE = 0.05, 0.2
SPEED_HEIGHT_PX = 64


class Drawn(NamedTuple):
    """A garment of the demo as it was drawn."""

    palette: list[Swatch]
    pattern: str


def draw_again(plan: OriginalPlan, params: TrendsParams) -> tuple[str, Drawn] | None:
    """The signature of a full-length picture, and its garment; None where the demo drew another attempt."""
    worn: list[Garment] = []

    def record(rng: np.random.Generator, brand, garment: Garment):
        worn.append(garment)
        return dress(rng, brand, garment)

    dress, pictures.dress_full = pictures.dress_full, record
    try:
        drawing = pictures.paint_pin(
            np.random.default_rng([*plan.seed, 0]), plan.brand, plan.venue, plan.size, plan.kind
        )
    finally:
        pictures.dress_full = dress
    if drawing.garment is None:
        return None
    inside = find_inside(np.asarray(drawing.garment))
    points = to_oklab_points(np.asarray(drawing.image)[inside])
    palette = extract_palette(
        points, colours=params.palette_colours, merge_distance=params.merge_distance, seed=params.seed
    )
    return draw_original(plan).picture.signature, Drawn(palette, worn[0].fabric.pattern)


def is_right_colour(row: GarmentRecord, drawn: Drawn) -> bool:
    """Whether the largest colour is one of the drawn garment's large ones."""
    largest = np.array(read_palette(row.palette)[0].oklab)
    return any(np.linalg.norm(largest - one.oklab) <= NEAR for one in drawn.palette if one.share >= LARGE_SHARE)


def compare_photographs(folder: Path, count: int, params: TrendsParams, crop: CropParams) -> tuple[int, float]:
    """How many photographs of full-length garments have a cut-out, and for which share of them the colour is right."""
    assert crop.cutout is not None
    right = []
    for picture in read_photographs(folder, count):
        rgba = cut_garment(picture.image, picture.bbox, crop.cutout).rgba
        if rgba is None:
            continue
        truth = find_inside(picture.truths["garment"].astype(np.uint8) * 255)
        measured, drawn = (
            extract_palette(
                thin_out(to_oklab_points(pixels), params.pixels_per_garment),
                colours=params.palette_colours,
                merge_distance=params.merge_distance,
                seed=params.seed,
            )
            for pixels in (rgba[..., :3][find_inside(rgba[..., 3])], picture.image[truth])
        )
        largest = np.array(measured[0].oklab)
        right.append(any(np.linalg.norm(largest - one.oklab) <= NEAR for one in drawn if one.share >= LARGE_SHARE))
    return len(right), float(np.mean(right))


def time_garments(jobs: list[Job]) -> float:
    """The seconds of a garment."""
    measure_garment(jobs[0])
    began = time.process_time()
    for job in jobs:
        measure_garment(job)
    return (time.process_time() - began) / len(jobs)


def write_small(record: CropRecord, folder: Path) -> None:
    """Write a cut-out at `SPEED_HEIGHT_PX`."""
    with Image.open(CROPS / "cutouts" / record.file) as image:
        size = (max(1, round(image.width * SPEED_HEIGHT_PX / image.height)), SPEED_HEIGHT_PX)
        content = io.BytesIO()
        image.resize(size, Image.Resampling.BOX).save(content, "PNG")
    (folder / record.file).write_bytes(content.getvalue())


def compare_garments(crops: Mapping[str, CropRecord], drawn: Mapping[str, Drawn], folder: Path) -> None:
    """Print how many garments are right, and how long each takes, of the cut-outs in a folder."""
    params = config.load(TrendsParams, "trends")
    jobs = {name: Job(crops[name], folder, params) for name in drawn if name in crops}
    each_s = time_garments(list(jobs.values()))
    rows = {name: row for name, job in jobs.items() if (row := measure_garment(job)) is not None}
    colours = [is_right_colour(row, drawn[name]) for name, row in rows.items()]
    kinds = [(KINDS[drawn[name].pattern], row.pattern) for name, row in rows.items()]
    patterned = [(truth != "plain", kind != "plain") for truth, kind in kinds]
    print_table(
        [
            *("garments", "colour within 0.05", "kind of pattern", "patterned or not", "of these printed"),
            *("ms each", "a million on two cores, min"),
        ],
        [
            [
                *(str(len(rows)), f"{np.mean(colours):.3f}"),
                *(f"{np.mean([truth == found for truth, found in pairs]):.3f}" for pairs in (kinds, patterned)),
                *(
                    f"{np.mean([truth for truth, _ in patterned]):.2f}",
                    f"{1e3 * each_s:.2f}",
                    f"{1e6 * each_s / 120:.0f}",
                ),
            ]
        ],
    )
    print_kinds(kinds)
    print_contrast(rows, drawn)


def print_contrast(rows: Mapping[str, GarmentRecord], drawn: Mapping[str, Drawn]) -> None:
    """The contrast of the garments of each fabric."""
    by_pattern: dict[str, list[float]] = {}
    for name, row in rows.items():
        by_pattern.setdefault(drawn[name].pattern, []).append(row.contrast)
    print_table(
        ["pattern", "garments", "contrast: 10 %", "50 %", "90 %"],
        [
            [pattern, str(len(found)), *(f"{value:.3f}" for value in np.quantile(found, [0.1, 0.5, 0.9]))]
            for pattern, found in sorted(by_pattern.items())
        ],
    )


def print_kinds(pairs: list[tuple[PatternKind, PatternKind]]) -> None:
    """How many garments of each drawn kind were taken for which."""
    rows = []
    for kind in PATTERN_KINDS:
        found = [measured for drawn, measured in pairs if drawn == kind]
        if found:
            counts = [str(found.count(other)) for other in PATTERN_KINDS]
            rows.append([kind, str(len(found)), f"{found.count(kind) / len(found):.2f}", *counts])
    print_table(["drawn", "garments", "right", *(f"as {kind}" for kind in PATTERN_KINDS)], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--ccp", type=Path, help="a copy of Clothing Co-Parsing")
    parser.add_argument("--photographs", type=int, default=150, help="of these, to cut out")
    parser.add_argument("--most", type=int, default=600, help="garments to draw again")
    options = parser.parse_args()
    ccp = options.ccp and options.ccp.resolve()
    os.chdir(options.repository)
    demo = config.parse(DemoParams, config.section(config.read_yaml(DEMO_PARAMS), "demo"), "demo", DEMO_PARAMS)
    params = config.load(TrendsParams, "trends")
    crops = {Path(row.file).stem: row for row in read_csv(CROPS / "crops.csv", CropRecord) if row.mask == "ok"}
    plans = [plan for plan in plan_originals(demo.boards, demo.seed) if plan.kind == "full"][: options.most]
    drawn = dict(filter(None, (draw_again(plan, params) for plan in plans)))
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    print(describe_machine("cpu"))
    compare_garments(crops, drawn, CROPS / "cutouts")
    with TemporaryDirectory() as folder:
        for name in drawn.keys() & crops.keys():
            write_small(crops[name], Path(folder))
        print(f"at {SPEED_HEIGHT_PX} px")
        compare_garments(crops, drawn, Path(folder))
    if ccp:
        count, share = compare_photographs(ccp, options.photographs, params, config.load(CropParams, "crop"))
        print_table(["photographs with a cut-out", "colour within 0.05"], [[str(count), f"{share:.3f}"]])


if __name__ == "__main__":
    main()
