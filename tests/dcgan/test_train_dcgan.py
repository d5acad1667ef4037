"""The stage: what it writes, which images it takes, and that a killed run leaves no trace in what comes out."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen import runtime
from fashiongen.dcgan.card import render_card
from fashiongen.dcgan.history import EpochRecord
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training import train
from fashiongen.dcgan.weights import load_generator, read_card
from fashiongen.files import read_csv, read_json, sha256_file, write_csv
from fashiongen.images.decode import read_image
from fashiongen.images.manifest import CropRecord, ImageRecord, TrainingImage
from stages import train_dcgan

SETTINGS = {
    "fit": "contain",
    "side_px": 32,
    "latent_dim": 5,
    "ngf": 2,
    "ndf": 2,
    "kernel_px": 4,
    "layers_per_side": 1,
    "dropout_g": 0.0,
    "norm_d": "batch",
    "runtime": {"accelerator": "cpu", "devices": 1, "precision": "32-true"},
    "seeds": [3],
    "epochs": 4,
    "batch_size": 4,
    "loss": "bce",
    "learning_rate_g": 0.0002,
    "learning_rate_d": 0.0002,
    "beta1": 0.5,
    "flip": True,
    "augment": [],
    "r1": None,
    "ema_halflife_images": None,
    "selection": None,
    "collapse_floor": 0.3,
    "checkpoint_every_epochs": 1,
    "grid_images": 4,
    "grid_every_epochs": 2,
}
EVERY = {"label": None, "brand": None, "season": None, "min_score": 0.0, "min_side_px": 0, "draw": None, "seed": 7}
QUERIES = {
    "cropped": EVERY | {"source": "crops", "label": "full"},
    "original": EVERY | {"source": "images"},
    "subset": EVERY | {"source": "images", "draw": {"as_many_as": EVERY | {"source": "crops", "label": "full"}}},
}
PARAMS = {name: DcganParams.model_validate(SETTINGS | {"query": query}) for name, query in QUERIES.items()}
OF_EVERY_IMAGE = {"brand": "A", "board": "/a/", "season": "SS26", "title": "", "width_px": 20, "height_px": 30}


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A folder with 24 images, four of them held out; half of them were cropped."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train_dcgan, "resumable", lambda *args: runtime.resumable(*args, root=tmp_path / "checkpoints"))
    variants = {name: SETTINGS | {"query": query} for name, query in QUERIES.items()}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"dcgan": {"variants": variants}}))
    rng, images, crops = np.random.default_rng(0), [], []
    for index in range(24):
        split = "held_out" if index % 6 == 5 else "train"
        shared = {"pin_id": str(index), "split": split, **OF_EVERY_IMAGE}
        sha256 = draw_image(Path("data/pinterest/images") / f"{index:02d}.jpg", rng)
        images.append(ImageRecord(file=f"{index:02d}.jpg", sha256=sha256, **shared))
        if index % 2 == 0:
            sha256 = draw_image(Path("data/crops/images") / f"{index:02d}.png", rng)
            box = {"x_px": 0, "y_px": 0, "w_px": 20, "h_px": 30, "label": "full", "score": 0.9}
            crops.append(CropRecord(file=f"{index:02d}.png", source=f"{index:02d}.jpg", sha256=sha256, **box, **shared))
    write_csv(Path("data/pinterest/manifest.csv"), ImageRecord, images)
    write_csv(Path("data/crops/crops.csv"), CropRecord, crops)
    return tmp_path


def draw_image(path: Path, rng: np.random.Generator) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rng.integers(0, 256, (30, 20, 3), dtype=np.uint8)).save(path)
    return sha256_file(path)


def files_of(variant: str) -> dict[str, bytes]:
    folders = (Path("models/dcgan") / variant, Path("reports/dcgan") / variant)
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_the_stage_writes_networks_history_grids_and_what_they_came_from(repository):
    train_dcgan.main("cropped")
    report = repository / "reports/dcgan/cropped"
    history = read_csv(report / "history.csv", EpochRecord)
    trained_on = read_csv(report / "training_set.csv", TrainingImage)
    assert [record.epoch for record in history] == [1, 2, 3, 4]
    assert sorted(path.name for path in (report / "grids").iterdir()) == ["epoch_0002.png", "epoch_0004.png"]
    assert read_image(report / "real.png").size == read_image(report / "grids/epoch_0004.png").size
    assert [row.sha256 for row in trained_on] == [
        sha256_file(repository / "data/crops/images" / row.file) for row in trained_on
    ]
    assert read_json(report / "counts.json") == {
        "source": "crops",
        "training_images": 12,
        "images_per_epoch": 12,
        "steps": 12,
    }
    card = read_card(repository / "models/dcgan/cropped")
    assert (card.training_images, card.images_seen) == (12, 48)
    assert load_generator(repository / "models/dcgan/cropped").latent_dim == 5
    data_sha256 = sha256_file(report / "training_set.csv")
    readme = render_card(card, PARAMS["cropped"], history[-1], data_sha256=data_sha256)
    assert (repository / "models/dcgan/cropped/README.md").read_text() == readme


def test_no_held_out_image_trains_and_the_subset_is_as_large_as_the_cropped(repository):
    for variant in QUERIES:
        train_dcgan.main(variant)
    report = repository / "reports/dcgan"
    names = {
        variant: {row.file for row in read_csv(report / variant / "training_set.csv", TrainingImage)}
        for variant in QUERIES
    }
    assert {variant: len(files) for variant, files in names.items()} == {"cropped": 12, "original": 20, "subset": 12}
    assert names["subset"] < names["original"]
    assert not {Path(file).stem for files in names.values() for file in files} & {"05", "11", "17", "23"}


@pytest.mark.parametrize("epochs_before", [1, 2, 3])
def test_a_killed_stage_ends_with_the_files_of_an_uninterrupted_one(repository, monkeypatch, epochs_before):
    train_dcgan.main("subset")
    whole = files_of("subset")
    shutil.rmtree("models")

    def killed(*args):
        for number, epoch in enumerate(train(*args)):
            if number == epochs_before:
                raise KeyboardInterrupt
            yield epoch

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(train_dcgan, "train", killed)
        train_dcgan.main("subset")
    shutil.rmtree("reports")  # as DVC does before it runs a stage again
    resumed = []
    monkeypatch.setattr(train_dcgan, "train", lambda *args: (resumed.append(epoch) or epoch for epoch in train(*args)))
    train_dcgan.main("subset")
    assert len(resumed) == SETTINGS["epochs"] - epochs_before
    assert files_of("subset") == whole
    assert not [path for path in (repository / "checkpoints").rglob("*") if path.suffix != ".lock" and path.is_file()]
