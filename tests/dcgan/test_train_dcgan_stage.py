"""The stage: what it writes, which images it takes, and that a killed run leaves no trace in what comes out."""

import importlib
import shutil
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from fashiongen import config
from fashiongen.dcgan.networks.model_card import read_card
from fashiongen.dcgan.networks.sampling import sample
from fashiongen.dcgan.networks.weights import load_generator
from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.card import render_card
from fashiongen.dcgan.training.loop import train
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.dcgan.training.report import TrainingReport
from fashiongen.errors import AlreadyRunning, ConfigError
from fashiongen.files import TEMPORARY, read_csv, read_json, sha256_file
from fashiongen.images.manifest import TrainingImage
from fashiongen.images.reading.decode import read_image
from stages import train_dcgan

VARIANTS = ("cropped", "original", "subset")


def files_of(variant: str) -> dict[str, bytes]:
    folders = (Path("models/dcgan") / variant, Path("reports/dcgan") / variant)
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("trained")


@pytest.fixture
def whole(repository, trained) -> dict[str, bytes]:
    """The files of `subset` after an uninterrupted run: of one here, or a copy of those of the first one."""
    if not list(trained.iterdir()):
        train_dcgan.main("subset")
        for name in ("models", "reports"):
            shutil.copytree(name, trained / name)
    shutil.copytree(trained, repository, dirs_exist_ok=True)
    return files_of("subset")


@pytest.mark.slow
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
    readme = render_card(card, config.load(DcganParams, "dcgan.variants.cropped"), history[-1], data_sha256=data_sha256)
    assert (repository / "models/dcgan/cropped/README.md").read_text() == readme


def test_a_variant_of_cutouts_trains_on_those_whose_mask_is_ok_on_white(repository):
    """One of the twelve training crops has a torn mask."""
    train_dcgan.main("cutout")
    report = repository / "reports/dcgan/cutout"
    rows = read_csv(report / "training_set.csv", TrainingImage)
    files = [repository / "data/crops/cutouts" / row.file for row in rows]
    assert [row.sha256 for row in rows] == [sha256_file(file) for file in files]
    assert len(rows) == read_json(report / "counts.json")["training_images"] == 11
    with Image.open(files[0]) as cutout:
        red, green, blue, alpha = np.moveaxis(np.asarray(cutout).astype(float), -1, 0) / 255
    on_white = np.stack([channel * alpha + 1 - alpha for channel in (red, green, blue)], axis=-1)
    assert np.asarray(read_image(files[0])) == pytest.approx(255 * on_white, abs=1)


@pytest.mark.slow
def test_a_portrait_variant_that_starts_small_has_grids_of_one_size(repository, settings):
    phases = [{"height_px": 8, "epochs": 1}, {"height_px": 16, "epochs": 1}]
    changes = {"width_px": 16, "phases": phases, "grid_every_epochs": 1, "query": settings["query"]}
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["dcgan"]["variants"] = {"cropped": settings | changes}
    Path("params.yaml").write_text(yaml.safe_dump(values))
    train_dcgan.main("cropped")
    report = repository / "reports/dcgan/cropped"
    grids = [read_image(path) for path in sorted((report / "grids").iterdir())]
    assert [grid.size for grid in grids] == [read_image(report / "real.png").size] * 4
    blocks = np.asarray(grids[0])[2:34, 2:18].reshape(8, 4, 4, 4, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()  # each pixel of the first epoch is four by four large
    images = sample(load_generator(repository / "models/dcgan/cropped"), 4, seed=0)
    assert images.shape == (4, 3, 32, 16)


@pytest.mark.slow
def test_a_modern_variant_writes_networks_that_load_and_a_card_that_names_them(repository, settings):
    modern = {"family": "modern", "norm_d": "none", "kernel_px": 3, "loss": "relativistic", "width_px": 16}
    penalty = {"gamma": 1.0, "every_steps": 1, "at": "both"}
    variants = {"cropped": settings | modern | {"penalty": penalty, "phases": [{"height_px": 16, "epochs": 1}]}}
    params = yaml.safe_load(Path("params.yaml").read_text()) | {"dcgan": {"variants": variants}}
    (repository / "params.yaml").write_text(yaml.safe_dump(params))
    train_dcgan.main("cropped")
    folder = repository / "models/dcgan/cropped"
    generator = load_generator(folder)
    assert type(generator).__name__ == "ModernGenerator"
    assert sample(generator, 4, seed=0).shape == (4, 3, 32, 16)
    assert read_card(folder).generator_parameters == sum(values.numel() for values in generator.parameters())
    assert "# GAN without normalisation, after R3GAN, cropped\n" in (folder / "README.md").read_text()


@pytest.mark.slow
def test_no_held_out_image_trains_and_the_subset_is_as_large_as_the_cropped(repository):
    for variant in VARIANTS:
        train_dcgan.main(variant)
    report = repository / "reports/dcgan"
    names = {
        variant: {row.file for row in read_csv(report / variant / "training_set.csv", TrainingImage)}
        for variant in VARIANTS
    }
    assert {variant: len(files) for variant, files in names.items()} == {"cropped": 12, "original": 20, "subset": 12}
    assert names["subset"] < names["original"]
    assert not {Path(file).stem for files in names.values() for file in files} & {"05", "11", "17", "23"}


def interrupt_and_resume(monkeypatch, killed):
    """Run the stage with `killed` as its training, then again with the real one; the steps of the second run."""
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(train_dcgan, "train", killed)
        train_dcgan.main("subset")
    for folder in {path.parent for path in Path(".checkpoints").rglob("epoch_*.png")}:
        (folder / f"{TEMPORARY}grid.png").touch()  # of a kill while a grid was saved
    shutil.rmtree("reports")  # as DVC does before it runs a stage again
    steps = []
    monkeypatch.setattr(train_dcgan, "train", lambda *args: (steps.append(step) or step for step in train(*args)))
    train_dcgan.main("subset")
    return steps


@pytest.mark.slow
@pytest.mark.parametrize("epochs_before", [1, 2, 3])
def test_a_killed_stage_ends_with_the_files_of_an_uninterrupted_one(
    repository, whole, monkeypatch, settings, epochs_before
):
    shutil.rmtree("models")

    def killed(*args):
        for number, step in enumerate(train(*args)):
            if number == epochs_before:
                raise KeyboardInterrupt
            yield step

    steps = interrupt_and_resume(monkeypatch, killed)
    assert [step.is_replayed for step in steps] == [number < epochs_before for number in range(settings["epochs"])]
    assert files_of("subset") == whole
    assert not [path for path in (repository / ".checkpoints").rglob("*") if path.suffix != ".lock" and path.is_file()]


@pytest.mark.slow
def test_a_stage_that_is_killed_in_its_second_seed_does_not_train_the_first_again(repository, monkeypatch, settings):
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["dcgan"]["variants"]["subset"]["seeds"] = [3, 4]
    Path("params.yaml").write_text(yaml.safe_dump(values))
    train_dcgan.main("subset")
    whole = files_of("subset")

    def killed(images, params, *args):
        for number, step in enumerate(train(images, params, *args)):
            if params.seed == 4 and number == 1:
                raise KeyboardInterrupt
            yield step

    steps = interrupt_and_resume(monkeypatch, killed)
    assert [step.is_replayed for step in steps] == [True] * settings["epochs"] + [True] + [False] * 3
    assert files_of("subset") == whole


@pytest.mark.slow
def test_a_stage_that_is_killed_at_random_moments_ends_to_the_byte(repository, start_warm, monkeypatch):
    """The benchmark's script with real kills, of work and not of imports, and every setting that needs no detector."""
    monkeypatch.syspath_prepend(str(Path(train_dcgan.__file__).parents[1] / "benchmarks"))
    kills = importlib.import_module("stage_kills")
    work = kills.WORKS["train_dcgan"]
    work = work._replace(changes=work.changes | {"dcgan.variants.cropped.epochs": 8})
    uninterrupted, interrupted = (kills.prepare(repository / name, repository, work) for name in ("a", "b"))

    def start(folder: Path, work):
        for name in work.outputs:
            shutil.rmtree(folder / name, ignore_errors=True)
        return start_warm(*work.command, folder=folder)

    monkeypatch.setattr(kills, "start", start)
    began = time.monotonic()
    assert not kills.kill(kills.start(uninterrupted, work), after_s=300)
    seconds, whole = time.monotonic() - began, kills.outputs(uninterrupted, work)
    assert "models/dcgan/cropped/README.md" in whole
    assert kills.finish_with_kills(interrupted, work, whole, kills=3, longest_s=seconds, seed=1) >= 1


@pytest.mark.slow
def test_a_second_start_leaves_the_first_one_its_outputs(whole, monkeypatch):
    before = []

    def start_again(*args):
        for step in train(*args):
            before.append(files_of("subset"))
            with pytest.raises(AlreadyRunning, match="another process trains this"):
                train_dcgan.main("subset")
            assert files_of("subset") == before[-1]
            yield step

    monkeypatch.setattr(train_dcgan, "train", start_again)
    train_dcgan.main("subset")
    assert before[0].keys() >= {"reports/dcgan/subset/training_set.csv"}
    assert files_of("subset") == whole


@pytest.mark.slow
def test_the_first_of_several_nodes_alone_writes(whole, monkeypatch):
    """The nodes may share a disk, and the others must not empty the folders that the first one fills."""
    monkeypatch.setenv("NODE_RANK", "1")
    monkeypatch.setattr(TrainingReport, "restore", lambda report: None)
    monkeypatch.setattr(TrainingReport, "write", lambda report, step: None)  # the first process of all writes
    train_dcgan.main("subset")
    assert files_of("subset") == whole


@pytest.mark.slow
@pytest.mark.usefixtures("warm_processes")
def test_processes_that_torchrun_starts_write_what_two_devices_write(repository, start_warm):
    """From two seeds: the second training meets in the processes of the first. torchrun itself only sets variables."""
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["dcgan"]["variants"]["subset"]["seeds"] = [3, 4]
    values["dcgan"]["variants"]["subset"]["runtime"]["devices"] = 2
    Path("params.yaml").write_text(yaml.safe_dump(values))
    train_dcgan.main("subset")
    whole = files_of("subset")
    for folder in ("models", "reports"):
        shutil.rmtree(folder)
    shared = {"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", **find_meeting()}
    ranks = [{"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in (0, 1)]
    processes = [
        start_warm("stages.train_dcgan", "subset", folder=repository, environment=shared | rank) for rank in ranks
    ]
    for process in processes:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output.decode()
    assert "models/dcgan/subset/seed_4/generator.safetensors" in whole
    assert files_of("subset") == whole


def find_meeting():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}


@pytest.mark.slow
def test_a_device_that_is_not_there_leaves_the_last_run_its_outputs(whole):
    values = yaml.safe_load(Path("params.yaml").read_text())
    values["dcgan"]["variants"]["subset"]["runtime"]["precision"] = "16-mixed"
    Path("params.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ConfigError, match="16-mixed needs a GPU"):
        train_dcgan.main("subset")
    assert files_of("subset") == whole
