"""Training speed and memory of the DCGAN compared with its peers, and whether bf16 changes the losses.

    python benchmarks/dcgan.py --example ../examples/dcgan/main.py     # images/s of whole epochs, and of the peers
    python benchmarks/dcgan.py --growth 1000 10000 100000              # images/s and memory for more and more images
    python benchmarks/dcgan.py --check-losses --epochs 25              # loss curves of three seeds in both precisions
    python benchmarks/dcgan.py --families --images 256                 # time per image of each family in each phase

Each contender runs in its own process. The contenders take turns, `--rounds` times; the Markdown tables show medians.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from measure import Run, describe_machine, figure, measure, print_table, ratio
from phases import BASELINE, MODERN, THREE, Setting, measure_epochs
from PIL import Image
from study import read_study

CONTENDERS = Path(__file__).with_name("dcgan_contenders.py")
DRAWN_SIZE_PX = (256, 384)  # (width, height): the usual size of a crop
EXAMPLE, PLAIN = "PyTorch's example", "plain loop"
PRECISIONS = ("32-true", "bf16-mixed")
LOSSES = ("Loss_D", "Loss_G")
BF16 = {"runtime": BASELINE["runtime"] | {"precision": "bf16-mixed"}}
FAMILIES: dict[str, dict[str, Any]] = {
    "dcgan": {},
    "dcgan, bf16": BF16,
    "modern": MODERN,
    "modern, bf16": MODERN | BF16,
}


def read_params(options: argparse.Namespace, precision: str) -> dict[str, Any]:
    """The study's settings with the size from the options; every contender saves its networks after each epoch."""
    return read_study() | {
        "height_px": options.side_px,
        "width_px": options.side_px,
        "ngf": options.width,
        "ndf": options.width,
        "batch_size": options.batch_size,
        "epochs": options.epochs + 1,
        "seed": 0,
        "checkpoint_every_epochs": 1,
        "runtime": {"accelerator": options.device, "devices": 1, "nodes": 1, "precision": precision, "threads": None},
    }


def lay_out_images(root: Path, options: argparse.Namespace) -> Path:
    """A folder with `--images` images: those of `--folder`, repeated if there are too few, or drawn ones.

    It has its own parent folder, because torchvision's ImageFolder makes one class of it. Drawn images are smooth
    noise: five by four random colours, enlarged.
    """
    folder, rng = root / "dataset/images", np.random.default_rng(0)
    folder.mkdir(parents=True)
    given = sorted(path.resolve() for path in options.folder.iterdir()) if options.folder else []
    for number in range(options.images):
        if given:
            source = given[number % len(given)]
            (folder / f"{number:06d}{source.suffix}").symlink_to(source)
        else:
            colours = Image.fromarray(rng.integers(0, 256, (5, 4, 3), dtype=np.uint8))
            enlarged = colours.resize(DRAWN_SIZE_PX, Image.Resampling.BICUBIC)
            enlarged.save(folder / f"{number:06d}.jpg", quality=90)
    return folder


def compare(options: argparse.Namespace) -> None:
    """Print images/s of whole epochs and memory of every contender; they take turns on the same files."""
    runs: dict[str, list[Run]] = {}
    with TemporaryDirectory() as root:
        contenders = list_contenders(lay_out_images(Path(root), options), options)
        for _ in range(options.rounds):
            for name, command in contenders.items():
                runs.setdefault(name, []).append(measure(CONTENDERS, *command))
    speeds = {name: [options.images / median(run.epochs_s) for run in of] for name, of in runs.items()}
    rows = [
        [
            name,
            f"{median(speeds[name]):.1f}",
            f"{min(speeds[name]):.1f}–{max(speeds[name]):.1f}",
            *(ratio(speeds[name], speeds.get(peer)) for peer in (EXAMPLE, PLAIN)),
            figure(of, "decoded in", missing="each epoch"),
            figure(of, "peak MiB", missing="—"),
            figure(of, "GPU MiB", missing="—"),
        ]
        for name, of in runs.items()
    ]
    print(f"Images: {options.images}; epochs timed: {options.epochs}, after one untimed; rounds: {options.rounds}\n")
    header = ["", "images/s", "range of the rounds", "× the example", "× the plain loop", "decoding (s)", "peak MiB"]
    print_table([*header, "GPU MiB"], rows)
    if options.example is None:
        print("PyTorch's example is left out: `git clone https://github.com/pytorch/examples`, then --example.")


def list_contenders(folder: Path, options: argparse.Namespace) -> dict[str, list[str]]:
    """The arguments of dcgan_contenders.py for each contender."""
    out = folder.parent.parent / "example"
    example = ["example", str(options.example), "--dataset=folder", f"--dataroot={folder.parent}", f"--outf={out}"]
    example += [f"--imageSize={options.side_px}", f"--batchSize={options.batch_size}", f"--niter={options.epochs + 1}"]
    example += [f"--ngf={options.width}", f"--ndf={options.width}", *(["--accel"] if options.device == "cuda" else [])]
    settings = {
        precision: json.dumps({"params": read_params(options, precision), "folder": str(folder)})
        for precision in PRECISIONS
    }
    ours = {f"ours, {precision}": ["ours", settings[precision]] for precision in PRECISIONS}
    return ({EXAMPLE: example} if options.example else {}) | {PLAIN: ["plain", settings["32-true"]]} | ours


def measure_growth(options: argparse.Namespace) -> None:
    """Print images/s and memory of ours for each number of random images."""
    params = read_params(options, options.precision)
    runs: dict[int, list[Run]] = {}
    for _ in range(options.rounds):
        for images in options.growth:
            settings = {"params": params, "images": images, "steps": options.steps}
            runs.setdefault(images, []).append(measure(CONTENDERS, "growth", json.dumps(settings)))
    rows = [
        [
            f"{images:,}",
            figure(of, "images/s", missing="—"),
            f"{images * 3 * options.side_px**2 / 2**20:.1f}",
            figure(of, "peak MiB", missing="—"),
            figure(of, "GPU MiB", missing="—"),
        ]
        for images, of in runs.items()
    ]
    print(f"Ours, {options.precision}; steps timed: {options.steps}; rounds: {options.rounds}\n")
    print_table(["images", "images/s", "the images' MiB", "peak MiB", "GPU MiB"], rows)


def measure_families(options: argparse.Namespace) -> None:
    """Print the processor time per image of each family, in each phase of a training that begins with small images."""
    torch.set_num_threads(1)
    frame = BASELINE["height_px"], BASELINE["width_px"]
    pixels = torch.randint(256, (options.images, 3, *frame), dtype=torch.uint8, generator=torch.Generator())
    rounds = [
        {
            family: [seconds / options.images for seconds in measure_epochs(pixels, Setting(THREE, changes))]
            for family, changes in FAMILIES.items()
        }
        for _ in range(options.rounds)
    ]
    yardstick = [of["dcgan"][-1] for of in rounds]
    rows = []
    for family in FAMILIES:
        phases = [[of[family][phase] for of in rounds] for phase in range(len(THREE))]
        rows.append([family, *(f"{1000 * median(of):.2f}" for of in phases), *(ratio(of, yardstick) for of in phases)])
    heights = [f"{height} px" for height in THREE]
    print(f"Images: {options.images} of {frame[0]} x {frame[1]} px; one thread; rounds: {options.rounds}\n")
    print_table(
        ["", *(f"ms, {one}" for one in heights), *(f"× dcgan at {heights[-1]}, {one}" for one in heights)], rows
    )


def check_losses(options: argparse.Namespace) -> None:
    """Print the loss curves of ours in both precisions, and whether they differ more than two seeds do."""
    with TemporaryDirectory() as root:
        folder = lay_out_images(Path(root), options)
        runs = {
            precision: [train_once(folder, options, precision, seed) for seed in range(options.seeds)]
            for precision in PRECISIONS
        }
    curves = {precision: np.array([run.losses for run in of]) for precision, of in runs.items()}
    steps = options.images // options.batch_size
    shown = sorted({round(epoch) for epoch in np.linspace(0, options.epochs, 10)})
    rows = [
        [
            f"{(epoch + 1) * steps}",
            *(format_mean(curves[p][:, epoch, loss]) for loss in range(2) for p in PRECISIONS),
        ]
        for epoch in shown
    ]
    print(f"Ours; images: {options.images}; steps: {(options.epochs + 1) * steps}; seeds: {options.seeds}\n")
    print_table(["step", *(f"{loss}, {precision}" for loss in LOSSES for precision in PRECISIONS)], rows)
    for index, loss in enumerate(LOSSES):
        print(f"{loss}: {compare_precisions(*(curves[precision][:, :, index] for precision in PRECISIONS))}")
    if options.detector:
        kids = (np.array([[run.figures["KID"]] for run in runs[precision]]) for precision in PRECISIONS)
        print(f"KID: {compare_precisions(*kids)}")


def train_once(folder: Path, options: argparse.Namespace, precision: str, seed: int) -> Run:
    """One training of ours from a seed."""
    settings = {"params": read_params(options, precision) | {"seed": seed}, "folder": str(folder)}
    detector = {"detector": str(options.detector)} if options.detector else {}
    return measure(CONTENDERS, "ours", json.dumps(settings | detector))


def compare_precisions(float32: np.ndarray, bf16: np.ndarray) -> str:
    """Compare the distance of the bf16 curves from the float32 mean with the spread of the float32 curves.

    A row is a curve, and a distance is a root mean square over the epochs. The distance of bf16 is the mean over its
    seeds. The spread is the largest distance of a float32 curve from the mean of the other float32 curves.
    """
    rests = [np.delete(float32, seed, axis=0).mean(0) for seed in range(len(float32))]
    limit = max(rms(curve - rest) for curve, rest in zip(float32, rests, strict=True))
    distance = np.mean([rms(curve - float32.mean(0)) for curve in bf16])
    verdict = "within" if distance <= limit else "beyond"
    subject = f"the distance of bf16-mixed from the mean of 32-true is {distance:.3g}"
    return f"{subject}, {verdict} the seeds' spread of {limit:.3g}"


def rms(differences: np.ndarray) -> float:
    return float(np.sqrt(np.mean(differences**2)))


def format_mean(values: np.ndarray) -> str:
    return f"{values.mean():.3f} ± {values.std(ddof=1):.3f}"


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1024, help="a multiple of the batch size")
    parser.add_argument("--epochs", type=int, default=2, help="epochs to time, after an untimed one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--example", type=Path, help="dcgan/main.py of a copy of PyTorch's examples")
    parser.add_argument("--folder", type=Path, help="images to train on; without it, images are drawn")
    parser.add_argument("--side-px", type=int, default=64)
    parser.add_argument("--width", type=int, default=64, help="ngf and ndf")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument(
        "--growth", type=int, nargs="+", metavar="IMAGES", help="numbers of images to measure ours with"
    )
    parser.add_argument("--steps", type=int, default=10, help="steps to time, for --growth")
    parser.add_argument("--precision", choices=PRECISIONS, default="bf16-mixed", help="for --growth")
    parser.add_argument("--check-losses", action="store_true", help="compare the loss curves of both precisions")
    parser.add_argument("--families", action="store_true", help="time the families of networks in their phases")
    parser.add_argument("--seeds", type=int, default=3, help="for --check-losses, at least 2")
    parser.add_argument("--detector", type=Path, help="a model folder: --check-losses then also compares the final KID")
    options = parser.parse_args(arguments)
    if options.images % options.batch_size:
        parser.error(f"--images {options.images}: take a multiple of the batch size {options.batch_size}")
    if options.growth and min(options.growth) < options.batch_size:
        parser.error(f"--growth {min(options.growth)}: fills no batch of {options.batch_size}; take more")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse_options(arguments)
    print(f"{describe_machine(options.device)}\n")
    if options.growth:
        measure_growth(options)
    elif options.check_losses:
        check_losses(options)
    elif options.families:
        measure_families(options)
    else:
        compare(options)


if __name__ == "__main__":
    main()
