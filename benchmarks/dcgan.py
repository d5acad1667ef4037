"""How fast the DCGAN trains beside its peers, what memory it takes, and whether bf16 keeps the losses of float32.

    python benchmarks/dcgan.py --example ../examples/dcgan/main.py     # images/s of whole epochs, beside the peers
    python benchmarks/dcgan.py --growth 1000 10000 100000              # images/s and memory over the number of images
    python benchmarks/dcgan.py --check-losses --epochs 25              # loss curves of three seeds in both precisions

Each contender runs in a process of its own, in turns, `--rounds` times; the tables, in Markdown, show medians.
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
from PIL import Image
from study import read_study

CONTENDERS = Path(__file__).with_name("dcgan_contenders.py")
DRAWN_SIZE_PX = (256, 384)  # (width, height): about a garment cut out of a board's photograph
EXAMPLE, PLAIN = "PyTorch's example", "plain loop"
PRECISIONS = ("32-true", "bf16-mixed")
LOSSES = ("Loss_D", "Loss_G")


def read_params(options: argparse.Namespace, precision: str) -> dict[str, Any]:
    """The study's settings in the size that is measured; every contender saves its networks after each epoch."""
    return read_study() | {
        "side_px": options.side_px,
        "ngf": options.width,
        "ndf": options.width,
        "batch_size": options.batch_size,
        "epochs": options.epochs + 1,
        "seed": 0,
        "checkpoint_every_epochs": 1,
        "runtime": {"accelerator": options.device, "devices": 1, "nodes": 1, "precision": precision},
    }


def lay_out_images(root: Path, options: argparse.Namespace) -> Path:
    """A folder of as many images as asked: the given folder's, again from the first when they run out, or drawn ones.

    It has a parent of its own, of which torchvision's ImageFolder makes one class. Drawn images are smooth noise: five
    by four random colours, enlarged.
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
    """Print images/s of whole epochs and memory of every contender, in turns on the same files."""
    runs: dict[str, list[Run]] = {}
    with TemporaryDirectory() as root:
        contenders = name_contenders(lay_out_images(Path(root), options), options)
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
    header = ["", "images/s", "of the rounds", "× the example", "× the plain loop", "decoding (s)", "peak MiB"]
    print_table([*header, "GPU MiB"], rows)
    if options.example is None:
        print("PyTorch's example is left out: `git clone https://github.com/pytorch/examples`, then --example.")


def name_contenders(folder: Path, options: argparse.Namespace) -> dict[str, list[str]]:
    """The arguments that make each contender of dcgan_contenders.py."""
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


def grow(options: argparse.Namespace) -> None:
    """Print images/s and memory of ours over the number of random images, in turns."""
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


def check_losses(options: argparse.Namespace) -> None:
    """Print the loss curves of ours in both precisions, and whether they differ by more than seeds do."""
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
        [f"{(epoch + 1) * steps}", *(spread(curves[p][:, epoch, loss]) for loss in range(2) for p in PRECISIONS)]
        for epoch in shown
    ]
    print(f"Ours; images: {options.images}; steps: {(options.epochs + 1) * steps}; seeds: {options.seeds}\n")
    print_table(["step", *(f"{loss}, {precision}" for loss in LOSSES for precision in PRECISIONS)], rows)
    for index, loss in enumerate(LOSSES):
        print(f"{loss}: {judge(*(curves[precision][:, :, index] for precision in PRECISIONS))}")
    if options.detector:
        kids = (np.array([[run.figures["KID"]] for run in runs[precision]]) for precision in PRECISIONS)
        print(f"KID: {judge(*kids)}")


def train_once(folder: Path, options: argparse.Namespace, precision: str, seed: int) -> Run:
    """One training of ours from a seed."""
    settings = {"params": read_params(options, precision) | {"seed": seed}, "folder": str(folder)}
    detector = {"detector": str(options.detector)} if options.detector else {}
    return measure(CONTENDERS, "ours", json.dumps(settings | detector))


def judge(float32: np.ndarray, bf16: np.ndarray) -> str:
    """Whether bf16's curves lie no farther from float32's mean than the farthest float32 curve from the others' mean.

    The curves are rows; a distance is a root mean square over the epochs, and bf16's is the mean over its seeds.
    """
    rests = [np.delete(float32, seed, axis=0).mean(0) for seed in range(len(float32))]
    limit = max(rms(curve - rest) for curve, rest in zip(float32, rests, strict=True))
    distance = np.mean([rms(curve - float32.mean(0)) for curve in bf16])
    verdict = "within" if distance <= limit else "beyond"
    return f"bf16-mixed lies {distance:.3g} from the mean of 32-true, {verdict} its seeds' spread of {limit:.3g}"


def rms(differences: np.ndarray) -> float:
    return float(np.sqrt(np.mean(differences**2)))


def spread(values: np.ndarray) -> str:
    return f"{values.mean():.3f} ± {values.std(ddof=1):.3f}"


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1024, help="a multiple of the batch size")
    parser.add_argument("--epochs", type=int, default=2, help="after a first one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--example", type=Path, help="dcgan/main.py of a copy of PyTorch's examples")
    parser.add_argument("--folder", type=Path, help="images to train on; without it they are drawn")
    parser.add_argument("--side-px", type=int, default=64)
    parser.add_argument("--width", type=int, default=64, help="ngf and ndf")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--growth", type=int, nargs="+", metavar="IMAGES", help="measure ours over these numbers")
    parser.add_argument("--steps", type=int, default=10, help="of --growth")
    parser.add_argument("--precision", choices=PRECISIONS, default="bf16-mixed", help="of --growth")
    parser.add_argument("--check-losses", action="store_true", help="compare the loss curves of both precisions")
    parser.add_argument("--seeds", type=int, default=3, help="of --check-losses, at least 2")
    parser.add_argument("--detector", type=Path, help="a model folder, for --check-losses to compare the final KID too")
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
        grow(options)
    elif options.check_losses:
        check_losses(options)
    else:
        compare(options)


if __name__ == "__main__":
    main()
