"""Two processes on a CPU, each with half of every batch, train what one process trains with the whole."""

import csv
import os
import socket
import subprocess
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from fashiongen.detector.networks.model_folder import ModelCard
from fashiongen.detector.params import EvaluationParams, SelfTrainingParams
from fashiongen.detector.training.start import TrainingInputs
from fashiongen.errors import CorruptImage, NonFiniteLoss
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import launch
from stages import train_detector

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


@pytest.fixture
def train_on(data, photographs, world, build_params):
    """Train on so many devices with the checkpoint in a folder; the weights that are kept, and the series of losses."""

    def run(devices, folder, *, engine="torchvision", training=data, **changes):
        folder.mkdir(exist_ok=True)
        params = build_params(engine=engine, devices=devices, **changes)
        card = ModelCard(engine=engine, backbone="resnet18", categories=data.categories, model=params.model)
        inputs = TrainingInputs(params, card, training, data, photographs, world, world)
        job = (inputs, Checkpoint(folder), folder)
        weights = launch(train_detector._train_and_report, params.runtime, params.train.seed, *job)
        return weights, {path.stem: series(path) for path in (folder / "history/plots/metrics").rglob("*.tsv")}

    return run


def test_two_nodes_train_what_one_trains_and_the_first_writes(tmp_path, start_stage, train_on):
    """Each node starts its process as in a run: a new Python."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}
    processes = [
        start_stage(tmp_path / f"node{rank}", {"NODE_RANK": str(rank), **meeting}, nodes=2, iterations=2)
        for rank in (0, 1)
    ]
    _, alone = train_on(1, tmp_path / "alone", iterations=2)
    for process in processes:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output.decode()
    losses = series(tmp_path / "node0/reports/detector/resnet18/history/plots/metrics/train/loss.tsv")
    assert losses == pytest.approx(alone["loss"], rel=1e-4)
    assert (tmp_path / "node0/models/detector/resnet18/model.safetensors").exists()
    assert not (tmp_path / "node1/models").exists()


@pytest.mark.usefixtures("warm_processes")
def test_torchrun_trains_the_same_weights_as_two_devices(tmp_path, lay_out_stage, train_on, warm_commands):
    """By the command of docs/detector.md, on one node."""
    folder = tmp_path / "torchrun"
    lay_out_stage(folder, devices=2, iterations=2)
    nodes = ["--nnodes", "1", "--node-rank", "0", "--nproc-per-node", "2"]
    command = [warm_commands / "bin/torchrun", *nodes, *find_meeting(), "-m", "stages.train_detector", "resnet18"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    weights, losses = train_on(2, tmp_path / "devices", iterations=2)
    found = load_file(folder / "models/detector/resnet18/model.safetensors")
    assert found.keys() == weights.keys()
    assert [name for name in weights if not torch.equal(found[name], weights[name])] == []
    assert series(folder / "reports/detector/resnet18/history/plots/metrics/train/loss.tsv") == losses["loss"]
    assert (folder / "reports/detector/resnet18/metrics.json").is_file()
    assert list((folder / ".checkpoints/train_detector").glob("*/")) == []


def find_meeting():
    """Where the processes meet: the options of torchrun."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return ["--master-addr", "127.0.0.1", "--master-port", str(free.getsockname()[1])]


def series(path):
    with path.open() as file:
        return [float(value) for _, value in list(csv.reader(file, delimiter="\t"))[1:]]


@pytest.mark.usefixtures("warm_processes")
def test_two_processes_train_what_one_trains(engine, tmp_path, train_on):
    """Up to rounding: gradients and the batch's statistics are each a sum of two halves.

    The second step's losses tell whether the first one's gradients were the same. Later ones may part: which boxes are
    kept, and which of them are taken for a garment, jumps with the last bit of a number.
    """
    (one, losses), (two, of_two) = (
        train_on(devices, tmp_path / str(devices), engine=engine, iterations=2) for devices in (1, 2)
    )
    assert losses.keys() == of_two.keys() >= {"loss", "lr", "loss_objectness"}
    for name, values in losses.items():
        assert of_two[name][:2] == pytest.approx(values[:2], rel=1e-4), name
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor, rtol=1e-2, atol=1e-2, msg=lambda text, name=name: name + text)


@pytest.mark.usefixtures("warm_processes")
def test_two_processes_with_accumulation_and_evaluation_resume_to_the_bit(tmp_path, train_on):
    every = {
        "accumulate": 2,
        "evaluation": EvaluationParams(every_iterations=2, images=4, patience=None),
        "checkpoint_every_iterations": 2,
    }
    whole, losses = train_on(2, tmp_path / "whole", **every, iterations=4)
    train_on(2, tmp_path / "killed", **every, iterations=2)
    resumed, again = train_on(2, tmp_path / "killed", **every, iterations=4)
    assert again == losses
    assert len(losses["AP"]) == 2
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []


@pytest.mark.usefixtures("warm_processes")
def test_two_processes_give_photographs_the_same_labels_and_resume_to_the_bit(tmp_path, train_on):
    own = SelfTrainingParams(first_iteration=1, every_iterations=2, until_iteration=None, min_score=0.01)
    every = {"self_training": own.model_dump(), "checkpoint_every_iterations": 1}
    whole, losses = train_on(2, tmp_path / "whole", **every, iterations=4)
    train_on(2, tmp_path / "killed", **every, iterations=2)
    resumed, again = train_on(2, tmp_path / "killed", **every, iterations=4)
    assert again == losses
    assert len(losses["pseudo_labels"]) == 3 and min(losses["pseudo_labels"]) > 0
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []


@pytest.mark.usefixtures("warm_processes")
def test_an_error_in_the_processes_is_the_one_line_that_it_is_in_one(tmp_path, train_on):
    with pytest.raises(NonFiniteLoss, match=r"iteration \d+, images img_\d+\.png"):
        train_on(2, tmp_path, base_lr=1e9, warmup_iterations=0)


@pytest.mark.usefixtures("warm_processes")
def test_an_image_that_one_process_cannot_read_ends_the_others_that_wait_for_it(tmp_path, train_on, data):
    first, *rest = data.targets
    (tmp_path / "torn.png").write_bytes(first.image.path.read_bytes()[:100])
    torn = first._replace(image=first.image._replace(path=tmp_path / "torn.png"))
    with pytest.raises(CorruptImage, match=r"torn\.png"):
        train_on(2, tmp_path, training=data._replace(targets=[torn, *rest]), cache_images=False)
