"""Which settings of the generators are worth their time: an ablation at equal processor time, with several seeds.

    python benchmarks/generator_ablation.py --repository . --source cutouts --seconds 1200 --out ablation

Run it in a repository whose demo or street profile has run. Each setting changes one thing in phases without a penalty,
or joins what was better alone. It trains on the run's training images of a source, 64 x 32 px or of another
`--height-px`, in one thread, for about `--seconds` of processor time: the epochs follow from the time of one epoch in
each phase, which is measured first. What it draws is measured as `evaluate` measures generators, against the run's
held-out images of the same source. Each training adds a line to `<out>/<source>.jsonl` and is not repeated if that line
is there, so a stopped run goes on; the Markdown table of the means over the seeds is printed at the end, also of a run
with `--settings` of which all lines are there.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

import torch
from measure import print_table
from phases import BASELINE, Setting, train_for
from planted_faults import hold_out

from fashiongen.dcgan.networks.sampling import render_grid, sample
from fashiongen.evaluation.nearest_images import TrainingImages, count_copies
from fashiongen.evaluation.originality import describe_images, measure_originality
from fashiongen.evaluation.real_crops import HeldOutCrops
from fashiongen.evaluation.records import NEAREST, Score
from fashiongen.images.pack import Frame
from stages.image_sources import SOURCES

NEXT_PHASE_FRAC = 0.7  # of the last phase's time that a further doubling of the height takes
SAMPLES, SHOWN = 512, 24
ONE_PHASE = "one phase"
PHASES = {16: 0.1, 32: 0.2, 64: 0.7}
R1: dict[str, Any] = {"penalty": {"gamma": 0.1, "every_steps": 16, "at": "real"}}
LONG_EMA: dict[str, Any] = {"ema_halflife_images": 5000.0}
LONGEST_EMA: dict[str, Any] = {"ema_halflife_images": 10_000.0}
STRONG_R1: dict[str, Any] = {"penalty": R1["penalty"] | {"gamma": 1.0}}
HALF_RATES: dict[str, Any] = {"learning_rate_g": 0.0004, "learning_rate_d": 0.0004}
SETTINGS: dict[str, Setting] = {
    ONE_PHASE: Setting({64: 1.0}, {}),
    "16, 32, 64 px, no penalty": Setting(PHASES, {}),
    "half the rates": Setting(PHASES, HALF_RATES),
    "DiffAugment: colour, translation": Setting(PHASES, {"augment": ["colour", "translation"]}),
    "ngf, ndf 48": Setting(PHASES, {"ngf": 48, "ndf": 48}),
    "two layers a side": Setting(PHASES, {"layers_per_side": 2}),
    "batches of 8": Setting(PHASES, {"batch_size": 8}),
    "EMA 5,000 images": Setting(PHASES, LONG_EMA),
    "R1, gamma 0.1, every 16 steps": Setting(PHASES, R1),
    "R1 and EMA 5,000 images": Setting(PHASES, R1 | LONG_EMA),
    "R1, EMA 5,000 images, half the rates": Setting(PHASES, R1 | LONG_EMA | HALF_RATES),
    "R1, EMA 10,000 images, half the rates": Setting(PHASES, R1 | LONGEST_EMA | HALF_RATES),
    "R1, gamma 1, EMA 10,000 images, half the rates": Setting(PHASES, STRONG_R1 | LONGEST_EMA | HALF_RATES),
    "R1, EMA 10,000 images, half the rates, two layers a side": Setting(
        PHASES, R1 | LONGEST_EMA | HALF_RATES | {"layers_per_side": 2}
    ),
    "dropout 0.2 in G": Setting(PHASES, {"dropout_g": 0.2}),
    "more time on small images": Setting({16: 0.2, 32: 0.4, 64: 0.4}, {}),
}


class Result(NamedTuple):
    """What one training drew."""

    setting: str
    seed: int
    images_shown: int
    processor_s: float
    near_copies: int
    score: dict[str, Any]  # a Score


def at_height(setting: Setting, frame: Frame, seed: int) -> Setting:
    """A setting for images of 64 px, for a frame: where it has phases, each doubling of the height is one more."""
    shares, height_px = dict(setting.shares), max(setting.shares)
    while height_px < frame.height_px:
        share = shares.pop(height_px)
        if shares:  # smaller ones go before it, so that it stays one of them
            shares[height_px] = share * (1 - NEXT_PHASE_FRAC)
            share *= NEXT_PHASE_FRAC
        height_px *= 2
        shares[height_px] = share
    return Setting(shares, setting.changes | {"height_px": frame.height_px, "width_px": frame.width_px, "seed": seed})


def run_settings(held_out: HeldOutCrops, folder: Path, frame: Frame, options: argparse.Namespace) -> Iterator[Result]:
    """Train each setting with each seed, unless its line is there, and add the line."""
    table = options.out / f"{options.source}.jsonl"
    known = [Result(**json.loads(line)) for line in table.read_text().splitlines()] if table.is_file() else []
    yield from known
    done = {(one.setting, one.seed) for one in known}
    images = held_out.pack(held_out.training, frame=frame)
    described = TrainingImages(held_out.extractor, held_out.fit)
    paths = [folder / crop.file for crop in held_out.training]
    for seed in options.seeds:
        for name in options.settings:
            if (name, seed) in done:
                continue
            last, seconds = train_for(images, at_height(SETTINGS[name], frame, seed), options.seconds)
            drawn = sample(last.state.trainer.ema_generator, SAMPLES, seed=1)
            features = held_out.extractor.extract(drawn)
            score = held_out.at(frame).score(drawn, features)
            found = measure_originality(
                describe_images(drawn, features), described.describe(paths, frame=frame), held_out.params, k=NEAREST
            )
            copies = count_copies(found).near_copies
            result = Result(name, seed, last.record.images_seen, round(seconds), copies, score.model_dump())
            with table.open("a") as lines:
                lines.write(json.dumps(result._asdict()) + "\n")
            slug = "".join(letter if letter.isalnum() else "_" for letter in name)
            render_grid(drawn[:SHOWN]).save(options.out / f"{options.source}-{slug}-{seed}.png")
            yield result


def tabulate(results: Sequence[Result], real: Score) -> None:
    """The means over the seeds; × is what is over the real images' value, as a share of that of one phase."""
    bands = list(real.SWD_by_band)
    header = ["setting", "seeds", "images shown", *(f"SWD {band} px" for band in bands), "×", "KID, worst", "KID, best"]
    rows = [
        [
            *("the real training images", "", ""),
            *(f"{real.SWD_by_band[band]:.0f}" for band in bands),
            *("", f"{real.KID_worst:.3f}", f"{min(real.KID_by_detector.values()):.3f}"),
            *(f"{real.recall:.2f}", f"{real.coverage:.2f}", "", f"{real.sharpness:.0f}"),
        ]
    ]
    groups = {name: [one for one in results if one.setting == name] for name in SETTINGS}
    excess = {
        name: fmean(
            max(0.0, one.score["SWD_by_band"][band] - real.SWD_by_band[band]) for one in of for band in bands[:2]
        )
        for name, of in groups.items()
        if of
    }
    for name, of in groups.items():
        if not of:
            continue
        scores = [Score(**one.score) for one in of]
        rows.append(
            [name, str(len(of)), f"{fmean(one.images_shown for one in of):,.0f}"]
            + [spread([score.SWD_by_band[band] for score in scores], 0) for band in bands]
            + [f"{excess[name] / excess[ONE_PHASE]:.2f}" if ONE_PHASE in excess else ""]
            + [spread([score.KID_worst for score in scores], 3)]
            + [spread([min(score.KID_by_detector.values()) for score in scores], 3)]
            + [f"{fmean(score.recall for score in scores):.2f}", f"{fmean(score.coverage for score in scores):.2f}"]
            + [f"{fmean(one.near_copies for one in of):.0f}", f"{fmean(score.sharpness for score in scores):.0f}"]
        )
    print_table([*header, "recall", "coverage", "near-copies", "sharpness"], rows)


def spread(values: Sequence[float], digits: int) -> str:
    """The mean, and the standard deviation over the seeds."""
    deviation = f" ± {stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{fmean(values):.{digits}f}{deviation}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--source", choices=SOURCES, default="cutouts")
    parser.add_argument("--height-px", type=int, default=BASELINE["height_px"], help="of the images; half of it wide")
    parser.add_argument("--seconds", type=float, default=1200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out = options.out.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    os.chdir(options.repository)
    torch.set_num_threads(1)
    frame, held_out = Frame(options.height_px, options.height_px // 2), hold_out(options.source)
    render_grid(held_out.pack(held_out.training[:SHOWN], frame=frame)).save(options.out / f"{options.source}-real.png")
    results = list(run_settings(held_out, SOURCES[options.source], frame, options))
    real = held_out.score_training(frame)
    assert real is not None  # the run's own evaluation has it
    tabulate(results, real)


if __name__ == "__main__":
    main()
