"""Detecting goes on where it was left, and never asks again for what it found."""

import shutil
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.inference import Detector, detect, detect_by, detect_resumably
from fashiongen.detector.networks.model_folder import ModelCard, write_model
from fashiongen.detector.networks.purpose import ForInference
from fashiongen.executor.engine import map_locally
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.params import RuntimeParams


@pytest.fixture
def detector(model, infer, fabric, engine):
    """With random weights, of which every box is reported."""
    infer = infer.model_copy(update={"min_score": 0.0})
    network = get_engine(engine).build("resnet18", model, ForInference(infer), categories=3).eval()
    return Detector(network, model, infer, fabric)


@pytest.fixture
def images(data, tmp_path):
    """Copies of twelve pictures, which may be deleted."""
    return [image._replace(path=Path(shutil.copy(image.path, tmp_path))) for image in data.images[:12]]


def resume(detector, images, checkpoint, *, save_every_s):
    everything = partial(detect, detector)
    batch_size = detector.infer.batch_size
    return detect_resumably(everything, images, checkpoint, batch_size=batch_size, save_every_s=save_every_s)


@pytest.mark.slow
def test_what_was_found_before_a_kill_is_not_looked_for_again(detector, images, tmp_path):
    whole = list(detect(detector, images))
    checkpoint = Checkpoint(tmp_path)
    taken = list(islice(resume(detector, images, checkpoint, save_every_s=0.0), 8))
    assert taken == whole[:8]
    for image in images[:5]:  # the first batch
        image.path.unlink()
    assert list(resume(detector, images, checkpoint, save_every_s=0.0)) == whole


def test_all_found_is_all_there_is_to_do(detector, images, tmp_path):
    checkpoint = Checkpoint(tmp_path)
    found = list(resume(detector, images[:10], checkpoint, save_every_s=0.0))
    for image in images:
        image.path.unlink()
    assert list(resume(detector, images[:10], checkpoint, save_every_s=0.0)) == found


def test_nothing_is_saved_before_its_time(detector, images, tmp_path):
    list(islice(resume(detector, images, Checkpoint(tmp_path), save_every_s=1e6), 11))
    assert Checkpoint(tmp_path).load() is None


def test_what_was_found_is_saved_at_the_end(detector, images, tmp_path):
    found = list(resume(detector, images, Checkpoint(tmp_path), save_every_s=1e6))
    for image in images:
        image.path.unlink()
    assert list(resume(detector, images, Checkpoint(tmp_path), save_every_s=1e6)) == found


@pytest.mark.slow
def test_workers_that_load_the_detector_find_what_this_process_finds(detector, images, engine, tmp_path):
    card = ModelCard(
        engine=engine, backbone="resnet18", categories={1: "upper", 2: "lower", 3: "full"}, model=detector.model
    )
    write_model(tmp_path / "model", card, detector.network.named_weights())
    runtime = RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true", threads=None)
    found = detect_by(map_locally, tmp_path / "model", detector.infer, runtime, images)
    assert list(found) == list(detect(detector, images))
