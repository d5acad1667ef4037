"""A repository in which the stage trains, and the settings of the smallest training."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen.files import sha256_file, write_csv
from fashiongen.images.manifest import CropRecord, ImageRecord

EVERY = {"label": None, "brand": None, "season": None, "min_score": 0.0, "min_side_px": 0, "draw": None, "seed": 7}
QUERIES = {
    "cropped": EVERY | {"source": "crops", "label": "full"},
    "original": EVERY | {"source": "images"},
    "cutout": EVERY | {"source": "cutouts", "label": "full"},
    "subset": EVERY | {"source": "images", "draw": {"as_many_as": EVERY | {"source": "crops", "label": "full"}}},
}
OF_EVERY_IMAGE = {"brand": "A", "board": "/a/", "season": "SS26", "title": "", "width_px": 20, "height_px": 30}


@pytest.fixture(scope="session")
def training_values() -> dict[str, Any]:
    """Of the smallest training from one seed."""
    return {
        "family": "dcgan",
        "height_px": 32,
        "width_px": 32,
        "latent_dim": 5,
        "ngf": 4,
        "ndf": 4,
        "kernel_px": 4,
        "layers_per_side": 1,
        "dropout_g": 0.0,
        "norm_d": "batch",
        "runtime": {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": "32-true", "threads": None},
        "seed": 3,
        "epochs": 4,
        "phases": [],
        "batch_size": 8,
        "loss": "bce",
        "learning_rate_g": 0.002,
        "learning_rate_d": 0.002,
        "beta1": 0.5,
        "beta2": 0.999,
        "schedule": None,
        "flip": True,
        "augment": [],
        "augment_prob": 1.0,
        "penalty": None,
        "ema_halflife_images": None,
        "selection": None,
        "collapse_floor": 0.3,
        "checkpoint_every_epochs": 1,
    }


@pytest.fixture
def settings() -> dict[str, Any]:
    """Of a variant on every image: all but its query are the other variants' too."""
    return {
        "fit": "contain",
        "family": "dcgan",
        "height_px": 32,
        "width_px": 32,
        "latent_dim": 5,
        "ngf": 2,
        "ndf": 2,
        "kernel_px": 4,
        "layers_per_side": 1,
        "dropout_g": 0.0,
        "norm_d": "batch",
        "runtime": {"accelerator": "cpu", "devices": 1, "nodes": 1, "precision": "32-true", "threads": None},
        "seeds": [3],
        "epochs": 4,
        "phases": [],
        "batch_size": 4,
        "loss": "bce",
        "learning_rate_g": 0.0002,
        "learning_rate_d": 0.0002,
        "beta1": 0.5,
        "beta2": 0.999,
        "schedule": None,
        "flip": True,
        "augment": [],
        "augment_prob": 1.0,
        "penalty": None,
        "ema_halflife_images": None,
        "selection": None,
        "collapse_floor": 0.3,
        "checkpoint_every_epochs": 1,
        "grid_images": 4,
        "grid_every_epochs": 2,
        "query": QUERIES["original"],
    }


@pytest.fixture
def repository(tmp_path, monkeypatch, settings) -> Path:
    """A folder with 24 images, four of them held out; half of them were cropped."""
    monkeypatch.chdir(tmp_path)
    variants = {name: settings | {"query": query} for name, query in QUERIES.items()}
    executor = {"engine": "local", "address": None, "workers": None}
    params = {"executor": executor, "detector": {"backbones": []}, "dcgan": {"variants": variants}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    rng, images, crops = np.random.default_rng(0), [], []
    for index in range(24):
        split = "held_out" if index % 6 == 5 else "train"
        shared = {"pin_id": str(index), "split": split, **OF_EVERY_IMAGE}
        sha256 = draw_image(Path("data/pinterest/images") / f"{index:02d}.jpg", rng)
        images.append(ImageRecord(file=f"{index:02d}.jpg", sha256=sha256, **shared))
        if index % 2 == 0:
            sha256 = draw_image(Path("data/crops/images") / f"{index:02d}.png", rng)
            box = {"x_px": 0, "y_px": 0, "w_px": 20, "h_px": 30, "label": "full", "score": 0.9}
            box |= describe_cutout(Path("data/crops/cutouts") / f"{index:02d}.png", rng if index else None)
            crops.append(CropRecord(file=f"{index:02d}.png", source=f"{index:02d}.jpg", sha256=sha256, **box, **shared))
    write_csv(Path("data/pinterest/manifest.csv"), ImageRecord, images)
    write_csv(Path("data/crops/crops.csv"), CropRecord, crops)
    return tmp_path


def describe_cutout(path: Path, rng: np.random.Generator | None) -> dict[str, Any]:
    """The columns of a crop's cut-out, which is drawn; without `rng` its mask is torn and there is none."""
    if rng is None:
        failed = {"cutout_width_px": None, "cutout_height_px": None, "cutout_sha256": None}
        return {"mask": "torn", "mask_certainty": 0.5, **failed}
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rng.integers(0, 256, (30, 15, 4), dtype=np.uint8)).save(path)
    size = {"cutout_width_px": 15, "cutout_height_px": 30, "cutout_sha256": sha256_file(path)}
    return {"mask": "ok", "mask_certainty": 0.9, **size}


def draw_image(path: Path, rng: np.random.Generator) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rng.integers(0, 256, (30, 20, 3), dtype=np.uint8)).save(path)
    return sha256_file(path)
