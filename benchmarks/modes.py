"""Count how many of 1,000 known kinds of images a generator finds, as StackedMNIST does (Metz et al. 2017).

    python benchmarks/modes.py --family modern dcgan --seconds 480

An image has a digit in each of its three colour channels, so there are 1,000 kinds, or modes. Pillow draws the digits,
shifted, turned, and of different size and thickness; nothing is downloaded. A small classifier, trained first, reads
the digits of generated images. If all kinds are equally frequent, the KL divergence from the uniform distribution is 0;
of n images it is about 999 / 2n by chance. Each training takes about `--seconds` of processor time, in one thread.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from phases import MODERN
from PIL import Image, ImageDraw, ImageFont
from study import read_study
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torchvision.transforms.functional import pil_to_tensor

from fashiongen.dcgan.networks.sampling import render_grid, sample
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.loop import DcganStep, train
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric

SIDE_PX, DIGITS, CHANNELS = 32, 10, 3
MODES = DIGITS**CHANNELS
GLYPHS = 400  # of each digit
TIMED_IMAGES = 256  # an epoch of so many tells what an image costs
CLASSIFIER_STEPS, CLASSIFIER_BATCH = 400, 256
SHOWN = 64
SETTINGS: dict[str, dict[str, Any]] = {
    "dcgan": {"ngf": 32, "ndf": 32, "learning_rate_g": 0.0004, "learning_rate_d": 0.0004},
    "modern": MODERN,
}
SHARED: dict[str, Any] = read_study() | {
    "height_px": SIDE_PX,
    "width_px": SIDE_PX,
    "batch_size": 16,
    "ema_halflife_images": 2000.0,
    "checkpoint_every_epochs": 100_000,
    "runtime": {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": "32-true", "threads": None},
}


def draw_glyphs(count: int, rng: torch.Generator) -> Tensor:
    """`count` images of each digit, uint8 (10, count, 32, 32), white on black."""
    return torch.stack([torch.stack([draw_digit(digit, rng) for _ in range(count)]) for digit in range(DIGITS)])


def draw_digit(digit: int, rng: torch.Generator) -> Tensor:
    """A digit of 18 to 24 px, at most 3 px off the middle, turned by at most 12 degrees, with thin or thick lines."""
    height, right, down, degrees, thick = torch.rand(5, generator=rng).tolist()
    picture = Image.new("L", (SIDE_PX, SIDE_PX))
    place = (SIDE_PX / 2 + 6 * right - 3, SIDE_PX / 2 + 6 * down - 3)
    font = ImageFont.load_default(18 + 6 * height)
    ImageDraw.Draw(picture).text(place, str(digit), fill=255, font=font, anchor="mm", stroke_width=int(thick < 0.5))
    return pil_to_tensor(picture.rotate(24 * degrees - 12, Image.Resampling.BILINEAR))[0]


def stack_digits(glyphs: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Images of three digits drawn at random, uint8 (count, 3, 32, 32)."""
    digits = torch.randint(DIGITS, (count, CHANNELS), generator=rng)
    return glyphs[digits, torch.randint(glyphs.shape[1], (count, CHANNELS), generator=rng)]


def train_classifier(glyphs: Tensor, rng: torch.Generator, *, steps: int = CLASSIFIER_STEPS) -> nn.Module:
    """A network that reads the digit of one channel, float (n, 1, 32, 32) in [0, 1]."""
    classifier = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()),
        *(nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(64 * 16, DIGITS)),
    )
    optimizer = torch.optim.Adam(classifier.parameters(), lr=2e-3)
    for _ in range(steps):
        digits = torch.randint(DIGITS, (CLASSIFIER_BATCH,), generator=rng)
        chosen = torch.randint(glyphs.shape[1], (CLASSIFIER_BATCH,), generator=rng)
        loss = cross_entropy(classifier(glyphs[digits, chosen][:, None] / 255), digits)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return classifier.eval()


@torch.inference_mode()
def read_digits(classifier: nn.Module, images: Tensor) -> Tensor:
    """The digits of uint8 images (n, 3, 32, 32), as (n, 3)."""
    parts = [classifier(part[:, None] / 255).argmax(1) for part in torch.split(images.flatten(0, 1), 1024)]
    return torch.cat(parts).view(-1, CHANNELS)


def count_modes(digits: Tensor) -> tuple[int, float]:
    """How many of the 1,000 kinds there are, and the KL divergence of their frequencies from equal ones."""
    kinds = digits @ torch.tensor([DIGITS**2, DIGITS, 1])
    frequencies = torch.bincount(kinds, minlength=MODES).double() / len(kinds)
    return int((frequencies > 0).sum()), torch.special.xlogy(frequencies, frequencies * MODES).sum().item()


def start(images: Tensor, family: str, *, seed: int, epochs: int) -> Iterator[DcganStep]:
    """A training of the family."""
    params = TrainingParams.model_validate(SHARED | SETTINGS[family] | {"seed": seed, "epochs": epochs})
    with TemporaryDirectory() as folder:
        yield from train(images, params, build_fabric(params.runtime, seed=seed), Checkpoint(Path(folder)), None)


def train_for(images: Tensor, family: str, *, seed: int, seconds: float) -> tuple[DcganStep, float]:
    """The last epoch of a training for about so many processor seconds, and how many it took."""
    first_s, second_s = [time.process_time() for _ in start(images[:TIMED_IMAGES], family, seed=seed, epochs=2)]
    epoch_s = (second_s - first_s) * len(images) / TIMED_IMAGES
    began = time.process_time()
    *_, last = start(images, family, seed=seed, epochs=max(1, round(seconds / epoch_s)))
    return last, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[7])
    parser.add_argument("--seconds", type=float, default=480)
    parser.add_argument("--images", type=int, default=10_240, help="for training; a training has whole epochs of them")
    parser.add_argument("--samples", type=int, default=25_000)
    parser.add_argument("--out", type=Path, help="a folder for a grid of images of each training")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = torch.Generator().manual_seed(0)
    glyphs, unseen = draw_glyphs(GLYPHS, rng), draw_glyphs(GLYPHS // 4, rng)
    classifier = train_classifier(glyphs, rng)
    known = torch.arange(DIGITS)[:, None].expand(unseen.shape[:2])
    read = read_digits(classifier, unseen.view(-1, 1, SIDE_PX, SIDE_PX).expand(-1, CHANNELS, -1, -1))
    print(f"the classifier reads {100 * (read[:, 0] == known.flatten()).double().mean():.2f} % of unseen digits\n")
    images = stack_digits(glyphs, options.images, rng)
    print("images | seed | modes | KL | diversity | images shown | processor s")
    print("--- | ---: | ---: | ---: | ---: | ---: | ---:")
    modes, divergence = count_modes(read_digits(classifier, stack_digits(glyphs, options.samples, rng)))
    print(f"real |  | {modes} | {divergence:.3f} | 1.00 |  | ", flush=True)
    for family in options.family:
        for seed in options.seeds:
            last, seconds = train_for(images, family, seed=seed, seconds=options.seconds)
            generated = sample(last.state.trainer.ema_generator, options.samples, seed=1)
            modes, divergence = count_modes(read_digits(classifier, generated))
            record = last.record
            shown = f"{record.diversity:.2f} | {record.images_seen:,} | {seconds:.0f}"
            print(f"{family} | {seed} | {modes} | {divergence:.3f} | {shown}", flush=True)
            if options.out is not None:
                options.out.mkdir(parents=True, exist_ok=True)
                render_grid(generated[:SHOWN]).save(options.out / f"{family}_{seed}.png")


if __name__ == "__main__":
    main()
