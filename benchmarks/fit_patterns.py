"""Fit the kinds of patterns to drawn garments, and write the coefficients to fashiongen/trends/patterns.json.

    python benchmarks/fit_patterns.py --folder /tmp/garments

None of the garments is one of the demo's, so that `trends.py` compares with garments that were not fitted to. A fifth
is held out first, to print how right the kinds are on garments that are drawn like these; the coefficients are fitted
to all. Those of the small scale are fitted to the same garments at heights from 48 to 96 px. Drawing takes half an hour
of a core; --folder keeps what was drawn for the next time.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from measure import describe_machine, print_table
from numpy import ndarray
from pattern_garments import FitGarment, draw_garment
from PIL import Image
from torch import nn
from torch.nn import functional

from fashiongen.files import write_text
from fashiongen.trends.colours import to_oklab_points
from fashiongen.trends.garments import find_inside, spread_out
from fashiongen.trends.pattern import COEFFICIENTS, Coefficients, score_kinds, standardise
from fashiongen.trends.records import PATTERN_KINDS
from fashiongen.trends.texture import LARGE, SMALL, Features, Scale, measure_texture, trim

ROUNDS, DIGITS = 400, 4
HELD_OUT = 5  # each fifth
SMALL_PX = (48, 96)  # the longer side of small cut-outs, least and most


def load_garment(folder: Path | None, seed: int, number: int) -> FitGarment:
    """A garment that was drawn before, or else is drawn and kept."""
    kept = sorted(folder.glob(f"{seed}_{number}_*.png")) if folder else []
    if kept:
        with Image.open(kept[0]) as image:
            return FitGarment(kept[0].stem.split("_")[2], np.asarray(image))
    garment = draw_garment(seed, number)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(garment.rgba).save(folder / f"{seed}_{number}_{garment.kind}.png", compress_level=1)
    return garment


def measure(rgba: UInt8[ndarray, "height width 4"], scale: Scale) -> Features:
    """The features of a cut-out."""
    inside = find_inside(rgba[..., 3])
    lab, box = spread_out(to_oklab_points(rgba[inside, :3]), inside), trim(inside)
    return measure_texture(lab[box], inside[box], scale)


def shrink(rgba: UInt8[ndarray, "height width 4"], rng: np.random.Generator) -> UInt8[ndarray, "rows columns 4"]:
    """The cut-out as a smaller picture has it."""
    side_px = int(rng.integers(SMALL_PX[0], SMALL_PX[1] + 1))
    height, width = rgba.shape[:2]
    size = tuple(max(1, round(side * side_px / max(height, width))) for side in (width, height))
    return np.asarray(Image.fromarray(rgba).resize(size, Image.Resampling.BOX))


def fit(
    features: Float[ndarray, "n features"], kinds: Int[ndarray, " n"], names: tuple[str, ...], decay: float
) -> Coefficients:
    """Coefficients with the least cross entropy, plus `decay` times the sum of the squared weights (L-BFGS)."""
    start = np.zeros((len(names), len(PATTERN_KINDS)))
    scaled = Coefficients(names, features.mean(axis=0), features.std(axis=0) + 1e-9, start, start[0])
    inputs, targets = torch.from_numpy(standardise(features, scaled)), torch.from_numpy(kinds)
    torch.manual_seed(0)
    layer = nn.Linear(len(names), len(PATTERN_KINDS), dtype=torch.float64)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = functional.cross_entropy(layer(inputs), targets) + decay * layer.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return scaled._replace(weights=layer.weight.detach().numpy().T, intercepts=layer.bias.detach().numpy())


def classify(features: Float[ndarray, "n features"], fitted: Coefficients) -> Int[ndarray, " n"]:
    return score_kinds(features, fitted).argmax(axis=1)


def write_coefficients(fitted: Coefficients) -> str:
    """A scale's part of the JSON, with a line for each feature."""
    columns = zip(fitted.names, fitted.means, fitted.deviations, fitted.weights, strict=True)
    lines = [
        f'      "{name}": '
        + json.dumps(
            {
                "mean": round(float(mean), DIGITS),
                "deviation": round(float(deviation), 2 * DIGITS),
                **{kind: round(float(weight), DIGITS) for kind, weight in zip(PATTERN_KINDS, weights, strict=True)},
            }
        )
        for name, mean, deviation, weights in columns
    ]
    intercepts = {
        kind: round(float(value), DIGITS) for kind, value in zip(PATTERN_KINDS, fitted.intercepts, strict=True)
    }
    rows = ",\n".join(lines)
    return f'{{\n    "intercepts": {json.dumps(intercepts)},\n    "features": {{\n{rows}\n    }}\n  }}'


def fit_scale(scale: Scale, rows: list[Features], kinds: Int[ndarray, " n"], decay: float) -> Coefficients:
    """The coefficients of a scale; prints how right those are that do not know a fifth of the garments."""
    names, features = tuple(rows[0]), np.array([list(row.values()) for row in rows])
    held_out = np.arange(len(kinds)) % HELD_OUT == 0
    found = classify(features[held_out], fit(features[~held_out], kinds[~held_out], names, decay))
    print_table(
        [f"of garments drawn like these, {scale.name}", "held out", "right"],
        [
            [kind, str(len(of)), f"{np.mean(of == place):.2f}"]
            for place, kind in enumerate(PATTERN_KINDS)
            if len(of := found[kinds[held_out] == place])
        ],
    )
    return fit(features, kinds, names, decay)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--garments", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=4200, help="of the drawings; the demo's is 7")
    parser.add_argument("--decay", type=float, default=1e-3)
    parser.add_argument("--folder", type=Path, help="for the drawn garments")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    kinds, rows = [], {LARGE: list[Features](), SMALL: list[Features]()}
    for number in range(options.garments):
        garment = load_garment(options.folder, options.seed, number)
        kinds.append(PATTERN_KINDS.index(garment.kind))
        rows[LARGE].append(measure(garment.rgba, LARGE))
        rows[SMALL].append(measure(shrink(garment.rgba, np.random.default_rng([options.seed, number, 1])), SMALL))
    print(describe_machine("cpu"))
    parts = [
        f'  "{scale.name}": {write_coefficients(fit_scale(scale, of_scale, np.array(kinds), options.decay))}'
        for scale, of_scale in rows.items()
    ]
    write_text(COEFFICIENTS, "{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main()
