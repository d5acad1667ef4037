"""Two processes on a CPU, each with half of every batch, train what one process trains with the whole."""

import functools
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from fashiongen.dcgan.params import DcganParams
from fashiongen.dcgan.training.loop import TrainingResult
from fashiongen.dcgan.training.report import TrainingReport
from fashiongen.errors import NonFiniteLoss
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import launch
from stages import train_dcgan

SMALL_FIRST = [{"height_px": 8, "epochs": 1}, {"height_px": 16, "epochs": 2}]
MODERN = {
    "family": "modern",
    "norm_d": "none",
    "kernel_px": 3,
    "loss": "relativistic",
    "penalty": {"gamma": 0.1, "every_steps": 1, "at": "both"},
    "schedule": {
        "burn_in_frac": 0.5,
        "learning_rate_end_frac": 0.5,
        "gamma_end_frac": 0.1,
        "beta2_end": 0.99,
        "augment_prob_end": 1.0,
    },
}
EVERY_SETTING = {"augment": ["colour", "translation", "cutout"], "dropout_g": 0.2, "norm_d": "spectral"}


@pytest.fixture
def train_on(settings):
    """Train on so many devices from the checkpoint in a folder, where there is one; the last epoch."""
    return functools.partial(
        _train_on, settings | {"penalty": {"gamma": 0.1, "every_steps": 3, "at": "real"}, "ema_halflife_images": 20.0}
    )


def _train_on(settings: dict[str, Any], devices: int, folder: Path, **changes) -> TrainingResult:
    runtime = {"accelerator": "cpu", "devices": devices, "nodes": 1, "precision": "32-true", "threads": None}
    params = DcganParams.model_validate(settings | {"runtime": runtime} | changes)
    noise = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (20, 3, 32, 32), dtype=torch.uint8, generator=noise)
    folder.mkdir(exist_ok=True)
    shutil.rmtree(folder / "report", ignore_errors=True)  # as DVC does before it resumes a stage
    report = TrainingReport(folder / "report", folder / "kept", params, seed=3)
    return launch(train_dcgan._train_and_report, params.runtime, 3, images, None, Checkpoint(folder), report, desc="")


def weights_of(result: TrainingResult) -> dict[str, torch.Tensor]:
    states = (result.best.weights, result.discriminator)
    return {f"{index} {name}": tensor for index, state in enumerate(states) for name, tensor in state.items()}


@pytest.mark.slow
@pytest.mark.usefixtures("warm_processes")
@pytest.mark.parametrize(
    "changes",
    [
        {"norm_d": "spectral", "loss": "hinge"},
        {"phases": SMALL_FIRST},
        MODERN | {"phases": SMALL_FIRST},
        {"loss": "relativistic"},
    ],
)
def test_two_processes_train_what_one_trains(tmp_path, train_on, changes):
    """Up to rounding: a sum of two halves. Dropout and augmentation are left out, which draw in each process.

    Phases end with epochs of the whole networks, as without phases.
    """
    one, two = (train_on(devices, tmp_path / str(devices), **changes) for devices in (1, 2))
    for ours, theirs in zip(one.history, two.history, strict=True):
        numbers = [record.model_dump(exclude={"SWD", "KID_worst"}) for record in (ours, theirs)]
        assert numbers[1] == pytest.approx(numbers[0], rel=2e-3)
    of_one, of_two = weights_of(one), weights_of(two)
    for name, tensor in of_one.items():
        torch.testing.assert_close(of_two[name], tensor, rtol=1e-2, atol=2e-4, msg=lambda text, name=name: name + text)
    names = {path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*")}
    assert names == {path.relative_to(tmp_path / "2") for path in (tmp_path / "2").rglob("*")}


@pytest.mark.slow
@pytest.mark.usefixtures("warm_processes")
def test_two_processes_resume_to_the_bit(tmp_path, train_on):
    whole = train_on(2, tmp_path / "whole", **EVERY_SETTING)
    train_on(2, tmp_path / "killed", **EVERY_SETTING, epochs=2)
    resumed = train_on(2, tmp_path / "killed", **EVERY_SETTING)
    assert resumed.history == whole.history
    of_whole, of_resumed = weights_of(whole), weights_of(resumed)
    assert [name for name in of_whole if not torch.equal(of_whole[name], of_resumed[name])] == []


@pytest.mark.slow
@pytest.mark.usefixtures("warm_processes")
def test_networks_larger_than_a_pipe_come_back(tmp_path, train_on):
    """64 KiB is what a queue between processes takes before somebody reads."""
    weights = weights_of(train_on(2, tmp_path, ngf=16, ndf=16, epochs=1))
    assert sum(tensor.nbytes for tensor in weights.values()) > 2**18


@pytest.mark.slow
@pytest.mark.usefixtures("warm_processes")
def test_an_error_in_the_processes_is_the_one_line_that_it_is_in_one(tmp_path, train_on):
    with pytest.raises(NonFiniteLoss, match="not finite"):
        train_on(2, tmp_path, learning_rate_d=1e12)
