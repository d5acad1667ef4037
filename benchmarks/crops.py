"""Speed of the stage crop_pinterest, compared with a loop that predicts, cuts and saves one image after another.

    python benchmarks/crops.py --repository .

Run it in a repository whose profile has a best detector and distinct images. Both use the same network and write PNG.
The loop scales images with torchvision's code, so a few boxes near the threshold differ. Each runs in its own process,
and they take turns. `--times` uses each image that many times, to show that only the time grows.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import yaml
from detector_contenders import Reference, as_detections
from measure import describe_machine, figure, measure, print_table, ratio
from PIL import Image
from torchvision.transforms.v2 import functional

from fashiongen.crops.choose import choose
from fashiongen.crops.cut import crop_box
from fashiongen.crops.params import CropParams
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.networks.model_folder import read_card, read_weights
from fashiongen.detector.networks.purpose import ForInference
from fashiongen.detector.params import DetectorParams
from fashiongen.files import read_csv, write_csv
from fashiongen.images.manifest import ImageRecord

DETECTOR, SOURCE, CROPS = Path("models/best_detector"), Path("data/pinterest"), Path("data/crops")
STAGE, LOOP = "the stage", "a loop of single predictions"


def lay_out(folder: Path, repository: Path, *, times: int) -> None:
    """Make a folder in which the stage can run, with each image `times` times."""
    (folder / "models").mkdir()
    (folder / DETECTOR).symlink_to((repository / DETECTOR).resolve())
    shutil.copy(repository / "params.yaml", folder)
    (folder / SOURCE / "images").mkdir(parents=True)
    records = []
    for record in read_csv(repository / SOURCE / "manifest.csv", ImageRecord):
        for copy in range(times):
            name = f"{copy}_{record.file}"
            os.link((repository / SOURCE / "images" / record.file).resolve(), folder / SOURCE / "images" / name)
            records.append(record.model_copy(update={"file": name}))
    write_csv(folder / SOURCE / "manifest.csv", ImageRecord, records)


@torch.inference_mode()
def crop_in_a_loop() -> None:
    """Open, predict, cut and save one image after another, as a simple script does."""
    values = yaml.safe_load(Path("params.yaml").read_text())
    params, crop = DetectorParams.model_validate(values["detector"]), CropParams.model_validate(values["crop"])
    card = read_card(DETECTOR)
    network = get_engine("torchvision").build(card.backbone, card.model, ForInference(params.infer), categories=3)
    read_weights(DETECTOR, network)
    model = Reference(network.to(memory_format=torch.contiguous_format), params).eval()
    (CROPS / "images").mkdir(parents=True)
    for record in read_csv(SOURCE / "manifest.csv", ImageRecord):
        image = Image.open(SOURCE / "images" / record.file).convert("RGB")
        pixels = functional.to_dtype(functional.to_image(image), torch.float32, scale=True)
        [found] = model([pixels])
        chosen = choose(as_detections(0, found["boxes"], found["scores"], found["labels"]), crop)
        if chosen is not None:
            box = crop_box(chosen.bbox, size=image.size, params=crop)
            image.crop(box).save(CROPS / "images" / f"{Path(record.file).stem}.png")


def run_contender(name: str, repository: Path, times: int) -> None:
    """Crop all images once and print the figures."""
    with TemporaryDirectory() as temporary:
        lay_out(Path(temporary), repository, times=times)
        os.chdir(temporary)
        images = len(list((SOURCE / "images").iterdir()))
        began = time.perf_counter()
        if name == STAGE:
            from stages import crop_pinterest  # noqa: PLC0415  so that the loop does not wait for these imports

            crop_pinterest.main()
        else:
            crop_in_a_loop()
        took = time.perf_counter() - began
        print(f"images/s: {images / took:.3f}")
        print(f"crops: {len(list((CROPS / 'images').iterdir()))}")
        print(f"peak MiB: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


def main() -> None:
    if sys.argv[1:2] == ["--contender"]:
        name, repository, times = json.loads(sys.argv[2])
        run_contender(name, Path(repository), times)
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{describe_machine('cpu')}\n")
    runs = {LOOP: [], STAGE: []}
    for _ in range(options.rounds):
        for name, of in runs.items():
            chosen = json.dumps([name, str(options.repository.resolve()), options.times])
            of.append(measure(Path(__file__), "--contender", chosen))
    speeds = {name: [run.figures["images/s"] for run in of] for name, of in runs.items()}
    rows = [
        [
            name,
            figure(of, "images/s", missing="—"),
            ratio(speeds[name], speeds[LOOP]),
            *(figure(of, kind, missing="—") for kind in ("crops", "peak MiB")),
        ]
        for name, of in runs.items()
    ]
    print_table(["", "images/s", "× the loop", "crops", "peak MiB"], rows)


if __name__ == "__main__":
    main()
