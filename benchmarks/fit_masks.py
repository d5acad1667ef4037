"""Fit the network of the masks, and write its weights to fashiongen/crops/mask_network.safetensors.

    python benchmarks/fit_masks.py --ccp data/street/ccp

It is fitted to two thirds of the photographs of Clothing Co-Parsing that have a label map, and to drawings that are not
the demo's. `cutouts.py` measures on the other third and on the demo's. Boxes are moved at random as a detector's are,
colours are changed, half of the windows are mirrored.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from jaxtyping import Float, Float32
from mask_examples import Example, draw_examples, move_box, read_examples, reduce
from measure import describe_machine
from numpy import ndarray
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from fashiongen.crops.mask_network import SIZE, WEIGHTS, MaskNetwork, find_window, view

LONG_SIDE_PX = 480  # of the examples in memory
DRAWINGS, DRAWN_FRAC = 500, 0.25  # how many there are, and their share of what is shown
BATCH_SIZE, LEARNING_RATE, WEIGHT_DECAY, HALF_LIFE_STEPS = 16, 3e-3, 1e-3, 350
MOVED_FRAC = 0.05  # of the box's sides: the deviation of each edge
PERSON_WEIGHT = 0.3  # of the person's loss


def collect(folder: Path, seed: int) -> tuple[list[Example], Float[ndarray, " n"]]:
    """The examples, and how often each is shown: full-length garments more often than others."""
    photographs = [reduce(one, LONG_SIDE_PX) for one in read_examples(folder, held_back=False, min_area_frac=0.25)]
    drawings = [reduce(one, LONG_SIDE_PX) for one in draw_examples(DRAWINGS, seed=seed, kinds=("full", "upper"))]
    weights = np.array([2.0 if one.garment_type == "full" else 1.0 for one in photographs])
    shares = [(1 - DRAWN_FRAC) * weights / weights.sum(), np.full(len(drawings), DRAWN_FRAC / len(drawings))]
    return photographs + drawings, np.concatenate(shares)


def sample_view(example: Example, rng: np.random.Generator) -> Float32[ndarray, "7 height width"]:
    """What the network sees of an example (4 planes), the true masks of garment and person, and whether the person's is
    known.
    """
    bbox = move_box(example.bbox, MOVED_FRAC, rng)
    window, inside = find_window(bbox, size=(example.image.shape[1], example.image.shape[0]))
    seen = view(example.image[window.rows, window.columns], inside).numpy()
    masks = [
        np.zeros(seen.shape[1:], np.float32)
        if mask is None
        else cv2.resize(mask[window.rows, window.columns].astype(np.float32), SIZE, interpolation=cv2.INTER_AREA)
        for mask in (example.garment, example.person)
    ]
    known = np.full(seen.shape[1:], example.person is not None, np.float32)
    planes = np.stack([*change_colours(seen[:3], rng), seen[3], *masks, known]).astype(np.float32)
    return np.ascontiguousarray(planes[..., ::-1]) if rng.random() < 0.5 else planes


def change_colours(
    planes: Float32[ndarray, "3 height width"], rng: np.random.Generator
) -> Float32[ndarray, "3 height width"]:
    """Other light, contrast, tint and saturation, sometimes gray, noise or blur; colours are from -0.5 to 0.5."""
    gamma, contrast, saturation = (float(np.exp(rng.normal(0, deviation))) for deviation in (0.25, 0.2, 0.35))
    tint = np.exp(rng.normal(0, 0.08, (3, 1, 1))).astype(np.float32)
    changed = (((planes + 0.5) ** gamma - 0.5) * contrast + float(rng.normal(0.5, 0.08))) * tint
    gray = changed.mean(axis=0)
    changed = gray + (changed - gray) * (0.0 if rng.random() < 0.08 else saturation)
    if rng.random() < 0.3:
        changed = changed + 0.03 * float(rng.random()) * rng.standard_normal(changed.shape, np.float32)
    if rng.random() < 0.25:
        changed = np.stack([cv2.GaussianBlur(plane, (3, 3), 0) for plane in changed])
    return np.asarray(changed.clip(0, 1) - 0.5, np.float32)


def measure_loss(
    logits: Float[Tensor, "n height width"], truth: Float[Tensor, "n height width"]
) -> Float[Tensor, " n"]:
    """Cross entropy, and half of one minus the intersection over union of probabilities."""
    entropy = binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(dim=(1, 2))
    found = logits.sigmoid()
    shared = (found * truth).sum(dim=(1, 2))
    union = found.sum(dim=(1, 2)) + truth.sum(dim=(1, 2)) - shared
    return entropy + 0.5 * (1 - (shared + 1) / (union + 1))


def fit(
    network: MaskNetwork, examples: Sequence[Example], shares: Float[ndarray, " n"], steps: int, seed: int
) -> Iterator[float]:
    """Fit the network for so many batches; yield the loss of each. At the end it has its averaged weights."""
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.1)
    decay = torch.optim.swa_utils.get_ema_multi_avg_fn(0.5 ** (1 / HALF_LIFE_STEPS))
    average = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=decay, use_buffers=True)
    for _ in range(steps):
        chosen = rng.choice(len(examples), BATCH_SIZE, p=shares)
        batch = torch.from_numpy(np.stack([sample_view(examples[number], rng) for number in chosen]))
        logits = network(batch[:, :4].contiguous(memory_format=torch.channels_last))
        garment, person = measure_loss(logits[:, 0], batch[:, 4]), measure_loss(logits[:, 1], batch[:, 5])
        loss = (garment + PERSON_WEIGHT * batch[:, 6, 0, 0] * person).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        yield loss.item()
    network.load_state_dict(average.module.state_dict())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ccp", type=Path, required=True, help="a copy of Clothing Co-Parsing")
    parser.add_argument("--steps", type=int, default=5000, help="batches")
    parser.add_argument("--seed", type=int, default=4300, help="of the drawings and of the fit; the demo's is 7")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(options.seed)
    examples, shares = collect(options.ccp, options.seed)
    network = MaskNetwork().to(memory_format=torch.channels_last)
    print(describe_machine("cpu"))
    print(f"{len(examples)} examples, {sum(one.numel() for one in network.parameters())} parameters")
    losses = []
    for loss in fit(network, examples, shares, options.steps, options.seed):
        losses.append(loss)
        if len(losses) % 250 == 0:
            print(f"{len(losses)} of {options.steps} batches: mean loss of the last 250 {np.mean(losses[-250:]):.3f}")
    save_file({name: value.half().contiguous() for name, value in network.state_dict().items()}, WEIGHTS)


if __name__ == "__main__":
    main()
