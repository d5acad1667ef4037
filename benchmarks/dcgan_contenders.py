"""One contender of benchmarks/dcgan.py. Its settings are JSON on the command line; it prints a line per epoch.

The lines have the form of the PyTorch example, `[epoch/epochs][step/steps] …`, so that one parser times all contenders.
"""

import json
import runpy
import sys
import time
from itertools import chain, count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from measure import read_peak_mib
from torch import nn
from torch.optim import Adam
from torch.utils.data import DataLoader, TensorDataset

from fashiongen.dcgan.networks.dcgan import Discriminator, Generator, initialise_weights
from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.params import TrainingParams
from fashiongen.dcgan.training.batches import draw_batches
from fashiongen.dcgan.training.loop import train
from fashiongen.dcgan.training.schedule import values_at
from fashiongen.dcgan.training.step import train_step
from fashiongen.dcgan.training.trainer import DcganTrainer
from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.evaluation.metrics.params import QualityParams
from fashiongen.evaluation.metrics.score import KIDScorer
from fashiongen.images.pack import pack_images
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric

WARM_UP_STEPS = 2
QUALITY = QualityParams(generated_images=512, kid_subsets=50, kid_subset_size=100, seed=0)


def run_example(script: str, *arguments: str) -> None:
    """Run an unchanged script with its own command line."""
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


def run_plain(params: TrainingParams, folder: Path) -> None:
    """A plain loop of the study's recipe: float32, a DataLoader, probabilities, and losses read in every step."""
    device = torch.device("cuda" if params.runtime.accelerator == "cuda" else "cpu")
    loader = DataLoader(TensorDataset(decode(folder, params)), batch_size=params.batch_size, shuffle=True)
    generator, discriminator = Generator(params).to(device), Discriminator(params).to(device)
    for network in (generator, discriminator):
        initialise_weights(network, torch.Generator(device).manual_seed(params.seed))
    optimizer_g, optimizer_d = (
        Adam(network.parameters(), lr=params.learning_rate_g, betas=(params.beta1, 0.999))
        for network in (generator, discriminator)
    )
    bce = nn.BCELoss()
    for epoch in range(params.epochs):
        for step, (pixels,) in enumerate(loader):
            real = pixels.to(device).float() / 127.5 - 1
            ones, zeros = torch.ones(len(real), device=device), torch.zeros(len(real), device=device)
            discriminator.zero_grad()
            loss_real = bce(discriminator(real), ones)
            loss_real.backward()
            fake = generator(torch.randn(len(real), params.latent_dim, 1, 1, device=device))
            loss_fake = bce(discriminator(fake.detach()), zeros)
            loss_fake.backward()
            optimizer_d.step()

            generator.zero_grad()
            loss_g = bce(discriminator(fake), ones)
            loss_g.backward()
            optimizer_g.step()
            report(epoch, params, step, len(loader), ((loss_real + loss_fake).item(), loss_g.item()))
        with TemporaryDirectory() as kept:
            torch.save([generator.state_dict(), discriminator.state_dict()], Path(kept) / "networks.pt")


def run_ours(params: TrainingParams, folder: Path, detector: Path | None) -> None:
    """Run this project's training, which saves a checkpoint after each epoch, as the others save their networks.

    With a detector, print the KID of the last generator's images against the training images.
    """
    fabric = build_fabric(params.runtime, seed=params.seed)
    images = decode(folder, params)
    steps = len(images) // params.batch_size
    with TemporaryDirectory() as kept:
        for number, step in enumerate(train(images, params, fabric, Checkpoint(Path(kept)), None)):
            report(number, params, steps - 1, steps, (step.record.Loss_D, step.record.Loss_G))
    if detector is not None:
        kid = KIDScorer(images, load_backbone(detector, side_px=params.height_px), QUALITY)
        print(f"KID: {kid(sample(step.state.trainer.ema_generator, QUALITY.generated_images, seed=params.seed)):.6f}")


def run_growth(params: TrainingParams, images: int, steps: int) -> None:
    """Time `steps` training steps of this project on `images` random images."""
    fabric = build_fabric(params.runtime, seed=params.seed)
    rng = torch.Generator().manual_seed(params.seed)
    pixels = torch.randint(256, (images, 3, *params.frame), dtype=torch.uint8, generator=rng)
    pixels, trainer = fabric.to_device(pixels), DcganTrainer(params, fabric)
    started = 0.0
    batches = chain.from_iterable(draw_batches(pixels, params, rng) for _ in count())
    for step, (real, latents) in enumerate(islice(batches, WARM_UP_STEPS + steps)):
        losses = train_step(trainer, real, latents, params, fabric, step=step, values=values_at(params, done_frac=0.0))
        if step + 1 == WARM_UP_STEPS:
            losses.tolist()  # waits for the device
            started = time.perf_counter()
    losses.tolist()
    print(f"images/s: {steps * params.batch_size / (time.perf_counter() - started):.3f}")


def decode(folder: Path, params: TrainingParams) -> torch.Tensor:
    """Pack the folder's images as the project does, and print how long that took."""
    started = time.perf_counter()
    images = pack_images(sorted(folder.iterdir()), frame=params.frame, fit="cover")
    print(f"decoded in: {time.perf_counter() - started:.3f}", flush=True)
    return torch.from_numpy(images)


def report(epoch: int, params: TrainingParams, step: int, steps: int, losses: tuple[float, float]) -> None:
    """Print a line in the form of the example."""
    print(f"[{epoch}/{params.epochs}][{step}/{steps}] Loss_D: {losses[0]:.4f} Loss_G: {losses[1]:.4f}", flush=True)


def report_memory() -> None:
    """Print the peak resident memory of this process and its peak GPU memory, without loader workers."""
    print(f"peak MiB: {read_peak_mib():.0f}")
    if torch.cuda.is_initialized():
        print(f"GPU MiB: {torch.cuda.max_memory_reserved() / 2**20:.0f}")


def main(contender: str, *arguments: str) -> None:
    """Run one contender, and print its memory."""
    if contender == "example":
        run_example(*arguments)
    else:
        settings: dict[str, Any] = json.loads(arguments[0])
        params = TrainingParams.model_validate(settings.pop("params"))
        if contender == "growth":
            run_growth(params, **settings)
        else:
            folder, detector = Path(settings["folder"]), settings.get("detector")
            if contender == "plain":
                run_plain(params, folder)
            else:
                run_ours(params, folder, detector and Path(detector))
    report_memory()


if __name__ == "__main__":
    main(*sys.argv[1:])
