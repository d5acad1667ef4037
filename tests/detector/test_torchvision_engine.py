"""Training repeats itself to the bit, killed or not; what it saves loads and detects the same."""

import json

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from fashiongen.detector.engine import get_engine
from fashiongen.detector.engines.torchvision_engine import detect, load, train
from fashiongen.detector.network import build_network, inference_options
from fashiongen.detector.targets import ImageFile
from fashiongen.errors import CheckpointError, ConfigError, MissingInput, NonFiniteLoss
from fashiongen.runtime import Checkpoint, RuntimeParams, build_fabric


def trained(data, model, training, checkpoint, *, precision="32-true", stop_after=None):
    """The steps of a training from the seed on; left after so many rows, as a kill would leave it."""
    fabric = build_fabric(RuntimeParams(accelerator="cpu", devices=1, precision=precision), seed=3)
    steps = train(data, backbone="resnet18", model=model, train=training, fabric=fabric, checkpoint=checkpoint)
    taken = []
    for step in steps:
        taken.append(step)
        if len(taken) == stop_after:
            steps.close()
            break
    return taken


def empty_checkpoint(folder):
    folder.mkdir()
    return Checkpoint(folder)


def weights(step, folder):
    step.save(folder)
    return load_file(folder / "model.safetensors")


@pytest.fixture
def recipe(data, model, training):
    return data, model, training


@pytest.fixture(scope="module")
def whole(data, model, training, tmp_path_factory):
    """An uninterrupted training: its history and its model folder."""
    root = tmp_path_factory.mktemp("whole")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    steps = trained(data, model, training, empty_checkpoint(root / "checkpoint"))
    torch.set_num_threads(threads)
    steps[-1].save(root / "model")
    return [step.record for step in steps], root / "model"


def test_history_has_a_row_every_so_many_iterations(whole, training):
    history, _ = whole
    assert [record.iteration for record in history] == [2, 4, 6]
    assert [record.lr for record in history] == pytest.approx([0.0055, 0.01, 0.001])
    for record in history:
        parts = (record.loss_classifier, record.loss_box_reg, record.loss_objectness, record.loss_rpn_box_reg)
        assert record.loss == pytest.approx(sum(parts))


def test_the_same_seed_gives_the_same_weights(whole, data, model, training, tmp_path):
    history, folder = whole
    again = trained(data, model, training, empty_checkpoint(tmp_path / "checkpoint"))
    assert [step.record for step in again] == history
    again[-1].save(tmp_path / "model")
    assert (tmp_path / "model/model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_killed_training_ends_where_an_uninterrupted_one_ends(whole, recipe, tmp_path, rows):
    history, folder = whole
    data, model, training = recipe
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    trained(data, model, training.model_copy(update={"checkpoint_every_s": 0}), checkpoint, stop_after=rows)
    resumed = trained(data, model, training, checkpoint)
    assert [step.record for step in resumed] == history
    resumed[-1].save(tmp_path / "model")
    assert (tmp_path / "model/model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()


def test_workers_train_to_the_same_weights(whole, data, model, training, tmp_path):
    history, folder = whole
    from_files = training.model_copy(update={"cache_images": False, "workers": 1})
    steps = trained(data, model, from_files, empty_checkpoint(tmp_path / "checkpoint"))
    assert [step.record for step in steps] == history
    steps[-1].save(tmp_path / "model")
    assert (tmp_path / "model/model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()


def test_half_precision_trains_and_resumes(data, model, training, tmp_path):
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    at_once = training.model_copy(update={"checkpoint_every_s": 0})
    trained(data, model, at_once, checkpoint, precision="bf16-mixed", stop_after=1)
    resumed = trained(data, model, training, checkpoint, precision="bf16-mixed")
    assert all(value.dtype != torch.bfloat16 for value in weights(resumed[-1], tmp_path / "model").values())


def test_a_loss_that_is_not_finite_ends_the_training(data, model, training, tmp_path):
    diverging = training.model_copy(update={"base_lr": 1e9, "warmup_iterations": 0})
    with pytest.raises(NonFiniteLoss, match="base_lr"):
        trained(data, model, diverging, empty_checkpoint(tmp_path / "checkpoint"))


def test_a_model_folder_says_what_it_is(whole):
    card = json.loads((whole[1] / "model.json").read_text())
    assert (card["engine"], card["backbone"]) == ("torchvision", "resnet18")
    assert card["categories"] == {"1": "upper", "2": "lower", "3": "full"}


def test_every_image_has_its_detections_in_its_own_pixels(whole, data, model, infer, fabric):
    """The pictures are 64 x 96; seen at half the size, boxes still lie in the pictures' pixels."""
    detector = load(whole[1], infer=infer.model_copy(update={"score_floor": 0.0}), fabric=fabric)
    found = list(detect(detector, data.images))
    assert len(found) == len(data.images)
    for target, detections in zip(data.targets, found, strict=True):
        assert {detection.image_id for detection in detections} == {target.image.image_id}
        scores = [detection.score for detection in detections]
        assert scores == sorted(scores, reverse=True)
        assert len(detections) <= infer.detections_per_image
        for x, y, width, height in (detection.bbox for detection in detections):
            assert x >= 0
            assert y >= 0
            assert x + width <= 64 + 1e-3
            assert y + height <= 96 + 1e-3


def test_a_larger_copy_of_an_image_gives_boxes_as_much_larger(whole, data, infer, fabric, tmp_path):
    """A copy of three times the size is scaled back to the same picture."""
    with Image.open(data.images[0].path) as image:
        image.resize((192, 288), Image.Resampling.BOX).save(tmp_path / "larger.png")
    with Image.open(tmp_path / "larger.png") as image:
        image.resize((64, 96), Image.Resampling.BILINEAR).save(tmp_path / "same.png")
    detector = load(whole[1], infer=infer.model_copy(update={"score_floor": 0.0}), fabric=fabric)
    small, large = detect(detector, [ImageFile(1, tmp_path / name) for name in ("same.png", "larger.png")])
    assert len(small) == len(large) > 0
    for before, after in zip(small, large, strict=True):
        assert after.bbox == pytest.approx([3 * value for value in before.bbox], abs=0.1)


def test_batches_do_not_change_what_is_found(whole, data, infer, fabric):
    found = []
    for batch_size in (1, 7):
        params = infer.model_copy(update={"score_floor": 0.0, "batch_size": batch_size})
        found.append(
            [one for image in detect(load(whole[1], infer=params, fabric=fabric), data.images) for one in image]
        )
    for one, other in zip(*found, strict=True):
        assert one.bbox == pytest.approx(other.bbox, abs=0.01)
        assert one.score == pytest.approx(other.score, abs=1e-4)


def test_a_weak_box_is_not_reported(whole, data, infer, fabric):
    detector = load(whole[1], infer=infer.model_copy(update={"score_floor": 1.0}), fabric=fabric)
    assert list(detect(detector, data.images[:3])) == [(), (), ()]


def test_a_loaded_network_has_the_trained_weights(whole, model, infer, fabric):
    loaded = load(whole[1], infer=infer, fabric=fabric).network.state_dict()
    fresh = build_network("resnet18", model, categories=3, options=inference_options(infer)).state_dict()
    kept = load_file(whole[1] / "model.safetensors")
    assert loaded.keys() == kept.keys() == fresh.keys()
    assert all(torch.equal(value, kept[name]) for name, value in loaded.items())


def test_a_folder_without_a_model_is_named(infer, fabric, tmp_path):
    with pytest.raises(MissingInput, match=r"model\.json"):
        load(tmp_path, infer=infer, fabric=fabric)


def test_weights_of_another_network_are_refused(whole, infer, fabric, tmp_path):
    card = json.loads((whole[1] / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({**card, "backbone": "resnet34"}))
    (tmp_path / "model.safetensors").write_bytes((whole[1] / "model.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        load(tmp_path, infer=infer, fabric=fabric)


@pytest.mark.parametrize("content", [b"", b"no weights"])
def test_truncated_weights_are_refused(whole, infer, fabric, tmp_path, content):
    (tmp_path / "model.json").write_bytes((whole[1] / "model.json").read_bytes())
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        load(tmp_path, infer=infer, fabric=fabric)


def test_a_card_of_another_version_is_refused(infer, fabric, tmp_path):
    (tmp_path / "model.json").write_text('{"engine": "torchvision"}')
    with pytest.raises(CheckpointError, match=r"model\.json"):
        load(tmp_path, infer=infer, fabric=fabric)


def test_an_unknown_engine_is_told_the_known_ones():
    with pytest.raises(ConfigError, match=r"'caffe2'.*torchvision"):
        get_engine("caffe2")
