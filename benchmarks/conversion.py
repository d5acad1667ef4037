"""Time and memory of the conversion of DeepFashion's labels: from headers, cached, and with every image decoded.

    python benchmarks/conversion.py --images 289222 --decoded 20000

Each run is the stage itself in a process of its own, in a folder whose images are links to a few JPEGs of 200 x 300 px,
the size of the benchmark's. `--decoded` images are converted in each way, to compare them; then `--images` in the
default way of the thesis profile, twice.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from measure import describe_machine, print_table
from PIL import Image

from fashiongen.sources.deepfashion_tree import LabelledImage, image_file, write_tree

ROOT = Path(__file__).resolve().parent.parent
ORIGINALS = 64  # files; the others are links to them
SIZE_PX = (200, 300)
PER_FOLDER = 40
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class Result(NamedTuple):
    seconds: float
    peak_mib: float


def lay_out(folder: Path, count: int) -> None:
    """A copy of the benchmark with so many rows."""
    root, rng = folder / "data/set", np.random.default_rng(0)
    (folder / "originals").mkdir(parents=True)
    for number in range(ORIGINALS):
        coarse = Image.fromarray(rng.integers(0, 256, (15, 10, 3), dtype=np.uint8))
        coarse.resize(SIZE_PX, Image.Resampling.BICUBIC).save(folder / f"originals/{number}.jpg", quality=90)
    rows = []
    for number in range(count):
        path = f"img/Item_{number // PER_FOLDER}/img_{number:08d}.jpg"
        left, top = rng.integers(0, 60, 2).tolist()
        box = (left, top, int(rng.integers(120, 201)), int(rng.integers(180, 301)))
        rows.append(LabelledImage(path, ("Tee", "Jeans", "Dress")[number % 3], box, "train"))
        file = image_file(root, path)
        if number % PER_FOLDER == 0:
            file.parent.mkdir(parents=True)
        file.hardlink_to(folder / f"originals/{number % ORIGINALS}.jpg")
    write_tree(root, rows)


def convert(folder: Path, *, decode: bool) -> Result:
    """Run the stage; the memory is the peak of its main process, without its workers."""
    section = {"root": "data/set", "split": "random", "train_frac": 0.69151, "seed": 7}
    section |= {"decode_images": decode, "check_boxes": True}
    executor = {"engine": "local", "address": None, "workers": None}
    (folder / "params.yaml").write_text(yaml.safe_dump({"executor": executor, "deepfashion": section}))
    program = (
        "import atexit, pathlib, runpy, sys\n"
        "atexit.register(lambda: print(pathlib.Path('/proc/self/status').read_text()))\n"
        "sys.argv = ['stages.deepfashion_to_coco']\n"
        "runpy.run_module('stages.deepfashion_to_coco', run_name='__main__')\n"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    peak = PEAK.search(done.stdout)
    if done.returncode or peak is None:
        raise SystemExit(f"the stage ended with status {done.returncode}:\n{done.stderr[-2000:]}")
    return Result(seconds, int(peak[1]) / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=289_222)
    parser.add_argument("--decoded", type=int, default=20_000)
    options = parser.parse_args()
    rows: list[tuple[str, int, Result]] = []
    for count, ways in ((options.decoded, ("decoded", "headers")), (options.images, ("headers", "headers, cached"))):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            lay_out(folder, count)
            for way in ways:
                rows.append((way, count, convert(folder, decode=way == "decoded")))
                if way == "decoded":
                    (folder / ".checkpoints/image_sizes.sqlite").unlink()
    print(f"{describe_machine('cpu')}\n")
    print_table(
        ["", "images", "s", "images/s", "peak MiB"],
        [
            [way, f"{count:,}", f"{of.seconds:.1f}", f"{count / of.seconds:,.0f}", f"{of.peak_mib:,.0f}"]
            for way, count, of in rows
        ],
    )


if __name__ == "__main__":
    main()
