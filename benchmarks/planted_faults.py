"""What the measures say of planted faults, such as noise, blur, shuffled parts and dropped modes, in a run's images.

    python benchmarks/planted_faults.py --repository .

Run it in a repository whose demo or street profile has run. Real training images, whole, as crops and as cut-outs, get
each fault in three strengths. They are measured as `evaluate` measures generators, in the features of the run's trained
detectors. The table has the ratio of each measure to that of the images without a fault.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measure import print_table
from PIL import Image, ImageFilter
from torch import Tensor

from fashiongen import config
from fashiongen.detector.selection import split_selection
from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.params import EvaluateParams
from fashiongen.evaluation.real_crops import HeldOutCrops, choose_held_out, rows_of, sample_training
from fashiongen.evaluation.records import Score
from fashiongen.files import read_csv, read_json
from fashiongen.images.manifest import CropRecord
from fashiongen.images.pack import Frame
from fashiongen.images.select import Source
from stages.image_sources import SOURCES

FRAME = Frame(height_px=64, width_px=32)


def add_noise(images: Tensor, strength: float) -> Tensor:
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(3))
    return (images + strength * noise).clamp(0, 255).to(torch.uint8)


def add_checkerboard(images: Tensor, strength: float) -> Tensor:
    height, width = images.shape[2:]
    board = (torch.arange(height)[:, None] + torch.arange(width)) % 2 * 2 - 1
    return (images + strength * board).clamp(0, 255).to(torch.uint8)


def blur(images: Tensor, radius_px: float) -> Tensor:
    pictures = [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in images]
    blurred = [np.asarray(picture.filter(ImageFilter.GaussianBlur(radius_px))) for picture in pictures]
    return torch.from_numpy(np.stack(blurred)).permute(0, 3, 1, 2)


def fade_to_gray(images: Tensor, share: float) -> Tensor:
    return ((1 - share) * images + share * 128).to(torch.uint8)


def shuffle_parts(images: Tensor, side_px: int) -> Tensor:
    """Squares of `side_px` change places within each image: the finer, the less is left."""
    generator = torch.Generator().manual_seed(3)
    parts = images.unfold(2, side_px, side_px).unfold(3, side_px, side_px)
    n, _, rows, columns = parts.shape[:4]
    flat = parts.reshape(n, 3, rows * columns, side_px, side_px)
    order = torch.stack([torch.randperm(rows * columns, generator=generator) for _ in range(n)])
    mixed = torch.gather(flat, 2, order[:, None, :, None, None].expand_as(flat))
    return mixed.view(n, 3, rows, columns, side_px, side_px).transpose(3, 4).reshape(images.shape)


def keep_the_lightest(images: Tensor, share: float) -> Tensor:
    """Mode drop: light garments alone, of which there are as many images as before."""
    order = images.float().mean((1, 2, 3)).argsort(descending=True)
    kept = images[order[: max(1, round(share * len(images)))]]
    return kept[torch.arange(len(images)) % len(kept)]


def repeat_few(images: Tensor, count: int) -> Tensor:
    return images[torch.arange(len(images)) % count]


# The faults that a measure must see, each by rising strength.
FAULTS: dict[str, tuple[Callable[[Tensor, Any], Tensor], tuple[float, ...]]] = {
    "noise": (add_noise, (8, 24, 72)),
    "checkerboard": (add_checkerboard, (8, 24, 72)),
    "blur": (blur, (0.5, 1, 3)),
    "gray": (fade_to_gray, (0.2, 0.5, 0.9)),
    "shuffled parts": (shuffle_parts, (16, 8, 2)),
    "dropped modes": (keep_the_lightest, (0.5, 0.2, 0.05)),
    "copies": (repeat_few, (20, 5, 1)),
}


def plant(fault: str, images: Tensor) -> list[Tensor]:
    """Images with a fault, once for each of its strengths."""
    change, strengths = FAULTS[fault]
    return [change(images, strength) for strength in strengths]


def hold_out(source: Source) -> HeldOutCrops:
    """The held-out images of a source of the run in the working folder, with a sample of its training images."""
    params = config.load(EvaluateParams, "evaluate")
    rows = rows_of(read_csv(Path("data/crops/crops.csv"), CropRecord), source)
    _, statistics = split_selection(read_json(Path("metrics/detector.json")))
    detectors = {
        name: load_backbone(Path("models/detector") / name, side_px=params.features_side_px) for name in statistics
    }
    training = sample_training(rows, at_most=params.generated_images, seed=params.seed)
    selected = load_backbone(Path("models/best_detector"), side_px=params.features_side_px)
    chosen = choose_held_out(rows, params, source=source)
    return HeldOutCrops(SOURCES[source], chosen, training, "cover", selected, None, detectors, params)


def measure_faults(source: Source) -> dict[str, list[Score]]:
    """The scores of a run's training images of a source: without a fault and with each."""
    held_out = hold_out(source)
    images = held_out.pack(held_out.training, frame=FRAME)
    score = held_out.at(FRAME).score
    clean = score(images)
    return {fault: [clean, *map(score, plant(fault, images))] for fault in FAULTS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    os.chdir(parser.parse_args().repository)
    for source in SOURCES:
        rows = []
        for fault, (clean, *found) in measure_faults(source).items():
            for strength, score in zip(FAULTS[fault][1], found, strict=True):
                rows.append(
                    [
                        f"{fault}, {strength:g}",
                        f"{score.SWD / clean.SWD:.2f}",
                        *(f"{value:.4f}" for value in score.KID_by_detector.values()),
                        f"{score.product / clean.product:.2f}",
                        *(f"{value:.2f}" for value in (score.recall, score.coverage)),
                        f"{score.sharpness / clean.sharpness:.2f}",
                    ]
                )
        names = [f"KID {name}" for name in clean.KID_by_detector]
        kids = [f"{value:.4f}" for value in clean.KID_by_detector.values()]
        rows.insert(0, ["none", "1.00", *kids, "1.00", f"{clean.recall:.2f}", f"{clean.coverage:.2f}", "1.00"])
        print_table([source, "SWD, ×", *names, "product, ×", "recall", "coverage", "sharpness, ×"], rows)


if __name__ == "__main__":
    main()
