"""Training repeats itself to the bit, killed or not, with either engine; what it saves loads and detects the same."""

import json
import re
from itertools import islice

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from fashiongen.detector.data.batches import FileReader, Share, TrainingBatches
from fashiongen.detector.data.targets import ImageFile
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.inference import detect, load
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.model_folder import ModelCard, write_model
from fashiongen.detector.networks.purpose import ForTraining, ForWeights
from fashiongen.detector.params import EvaluationParams
from fashiongen.detector.training.loop import train
from fashiongen.errors import CheckpointError, MissingInput, NonFiniteLoss
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams

pytestmark = pytest.mark.slow


def trained(data, model, training, checkpoint, *, engine="torchvision", precision="32-true", stop_after=None, **more):
    """The steps of a training from the seed on; left after so many records, as a kill would leave it."""
    runtime = RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision=precision, threads=None)
    fabric = build_fabric(runtime, seed=3)
    network = get_engine(engine).build("resnet18", model, ForTraining(training), categories=3)
    steps = train(network, data, model=model, train=training, fabric=fabric, checkpoint=checkpoint, **more)
    taken = list(islice(steps, stop_after))
    steps.close()
    return taken


def empty_checkpoint(folder):
    folder.mkdir()
    return Checkpoint(folder)


def saved(step, folder, model, engine):
    """The bytes of a step's weights, written as the stage writes them."""
    card = ModelCard(engine=engine, backbone="resnet18", categories={1: "upper", 2: "lower", 3: "full"}, model=model)
    write_model(folder, card, step.state.best.weights)
    return (folder / "model.safetensors").read_bytes()


def records(steps):
    return [step.record for step in steps]


@pytest.fixture(scope="session")
def recipe(data, model, training):
    return data, model, training


@pytest.fixture(scope="module")
def whole(recipe, engine, tmp_path_factory):
    """An uninterrupted training: its history and its model folder."""
    root = tmp_path_factory.mktemp("whole")
    steps = trained(*recipe, empty_checkpoint(root / "checkpoint"), engine=engine)
    saved(steps[-1], root / "model", recipe[1], engine)
    return records(steps), root / "model"


def test_history_has_a_row_every_so_many_iterations(whole, training):
    history, _ = whole
    assert [record.iteration for record in history] == [2, 4, 6]
    assert [record.lr for record in history] == pytest.approx([0.0055, 0.01, 0.001])
    for record in history:
        parts = (record.loss_classifier, record.loss_box_reg, record.loss_objectness, record.loss_rpn_box_reg)
        assert record.loss == pytest.approx(sum(parts))


def test_the_same_seed_gives_the_same_weights(whole, recipe, engine, tmp_path):
    history, folder = whole
    again = trained(*recipe, empty_checkpoint(tmp_path / "checkpoint"), engine=engine)
    assert records(again) == history
    assert saved(again[-1], tmp_path / "model", recipe[1], engine) == (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_killed_training_ends_where_an_uninterrupted_one_ends(whole, recipe, engine, tmp_path, rows):
    history, folder = whole
    data, model, training = recipe
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    at_once = training.model_copy(update={"checkpoint_every_s": 0})
    trained(data, model, at_once, checkpoint, engine=engine, stop_after=rows)
    torch.rand(1)  # the state of the global random numbers must not matter
    resumed = trained(data, model, training, checkpoint, engine=engine)
    assert [step.is_replayed for step in resumed] == [number < rows - 1 for number in range(3)]
    assert records(resumed) == history
    assert saved(resumed[-1], tmp_path / "model", model, engine) == (folder / "model.safetensors").read_bytes()


def test_a_checkpoint_by_iterations_is_written_when_they_are_done(recipe, tmp_path):
    data, model, training = recipe
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    every_four = training.model_copy(update={"checkpoint_every_iterations": 4, "checkpoint_every_s": 1e6})
    trained(data, model, every_four, checkpoint, stop_after=2)
    assert checkpoint.load() is None
    trained(data, model, every_four, checkpoint, stop_after=3)
    assert [row["iteration"] for row in checkpoint.load()["history"]] == [2, 4]


def test_workers_train_to_the_same_weights(whole, recipe, engine, tmp_path):
    history, folder = whole
    data, model, training = recipe
    from_files = training.model_copy(update={"cache_images": False, "workers": 1})
    steps = trained(data, model, from_files, empty_checkpoint(tmp_path / "checkpoint"), engine=engine)
    assert records(steps) == history
    assert saved(steps[-1], tmp_path / "model", model, engine) == (folder / "model.safetensors").read_bytes()


@pytest.fixture
def frozen(model):
    """The same network without statistics of a batch, so that a batch may come in parts; weights as they are drawn."""
    return model.model_copy(update={"norm": "frozen_batch"})


def test_gradients_of_parts_add_up_to_the_whole_batchs(data, frozen, training, tmp_path):
    steady = training.model_copy(update={"base_lr": 0.001})
    in_parts = steady.model_copy(update={"accumulate": 4})
    once, added = (
        trained(data, frozen, params, empty_checkpoint(tmp_path / str(params.accumulate)))
        for params in (steady, in_parts)
    )
    for ours, theirs in zip(records(once), records(added), strict=True):
        numbers = [record.model_dump(exclude_none=True) for record in (ours, theirs)]
        assert numbers[1] == pytest.approx(numbers[0], rel=1e-3)
    weights = added[-1].state.best.weights
    for name, tensor in once[-1].state.best.weights.items():
        torch.testing.assert_close(weights[name], tensor, rtol=1e-3, atol=1e-4, msg=lambda text, name=name: name + text)


@pytest.fixture
def watched(training):
    return training.model_copy(update={"evaluation": EvaluationParams(every_iterations=2, images=9, patience=None)})


def test_the_weights_of_the_highest_ap_are_kept(recipe, watched, whole, tmp_path):
    data, model, training = recipe
    aps = iter([0.1, 0.3, 0.2])
    steps = trained(data, model, watched, empty_checkpoint(tmp_path / "one"), measure_ap=lambda _: next(aps))
    assert [record.AP for record in records(steps)] == [0.1, 0.3, 0.2]
    plain = trained(data, model, training, empty_checkpoint(tmp_path / "two"), stop_after=2)
    wanted = plain[-1].state.best.weights
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in steps[-1].state.best.weights.items())


def test_the_best_survives_a_kill(recipe, watched, tmp_path):
    data, model, _ = recipe
    at_once = watched.model_copy(update={"checkpoint_every_s": 0})
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    aps = iter([0.4, 0.3, 0.2, 0.1])  # 0.3 is measured again: it was not saved yet
    before = trained(data, model, at_once, checkpoint, measure_ap=lambda _: next(aps), stop_after=2)
    after = trained(data, model, at_once, checkpoint, measure_ap=lambda _: next(aps))
    assert [record.AP for record in records(after)] == [0.4, 0.2, 0.1]
    wanted = before[0].state.best.weights
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in after[-1].state.best.weights.items())


def test_evaluations_without_a_higher_ap_end_the_training(recipe, watched, tmp_path):
    data, model, _ = recipe
    impatient = watched.model_copy(update={"evaluation": EvaluationParams(every_iterations=2, images=9, patience=1)})
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    steps = trained(data, model, impatient, checkpoint, measure_ap=lambda _: 0.5)
    assert [record.iteration for record in records(steps)] == [2, 4]
    again = trained(data, model, impatient, checkpoint, measure_ap=lambda _: pytest.fail("it had ended"))
    assert records(again) == records(steps)


def test_half_precision_trains_and_resumes(data, model, training, engine, tmp_path):
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    at_once = training.model_copy(update={"checkpoint_every_s": 0})
    half = {"engine": engine, "precision": "bf16-mixed"}
    trained(data, model, at_once, checkpoint, **half, stop_after=2)
    resumed = trained(data, model, training, checkpoint, **half)
    assert all(value.dtype != torch.bfloat16 for value in resumed[-1].state.best.weights.values())
    whole = trained(data, model, training, empty_checkpoint(tmp_path / "whole"), **half)
    assert records(resumed) == records(whole)


def test_a_loss_that_is_not_finite_ends_the_training_and_names_the_images(data, model, training, engine, tmp_path):
    diverging = training.model_copy(update={"base_lr": 1e15, "warmup_iterations": 0})
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    with pytest.raises(NonFiniteLoss, match="base_lr") as caught:
        trained(data, model, diverging, checkpoint, engine=engine)
    named = re.search(r"iteration (\d+), images (.+?): ", str(caught.value))
    batches = TrainingBatches(data.targets, FileReader(model), diverging, divisor_px=32, share=Share(0, 1))
    assert named[2].split(", ") == batches.image_names(int(named[1]) - 1)


def test_weights_that_a_step_ruined_never_replace_a_good_checkpoint(data, model, training, engine, tmp_path):
    """The loss of an iteration is of the weights before its step, so it is still finite where they no longer are."""
    checkpoint = empty_checkpoint(tmp_path / "checkpoint")
    every = training.model_copy(update={"checkpoint_every_s": 0, "log_every_iterations": 1, "warmup_iterations": 0})
    trained(data, model, every, checkpoint, engine=engine, stop_after=3)
    good = checkpoint.path.read_bytes()
    ruined = every.model_copy(update={"base_lr": 1e40})
    with pytest.raises(NonFiniteLoss, match=r"iteration 3: .* is not finite; the last checkpoint is kept"):
        trained(data, model, ruined, checkpoint, engine=engine)
    assert checkpoint.path.read_bytes() == good


def test_the_engines_detect_the_same_with_what_either_of_them_trained(whole, data, infer, fabric, import_detectron2):
    """The other engine reads the folder, and finds the same boxes (to 1e-3 px) and scores (to 1e-5)."""
    import_detectron2("layers")
    candid = infer.model_copy(update={"min_score": 0.0, "nms_iou": 1.0, "detections_per_image": 20})
    one, other = (
        [
            found
            for of_image in detect(load(whole[1], infer=candid, fabric=fabric, engine=name), data.images)
            for found in of_image
        ]
        for name in ("torchvision", "detectron2")
    )
    assert len(one) == len(other) > 0
    for ours, theirs in zip(one, other, strict=True):
        assert (ours.image_id, ours.category_id) == (theirs.image_id, theirs.category_id)
        assert ours.bbox == pytest.approx(theirs.bbox, abs=1e-3)
        assert ours.score == pytest.approx(theirs.score, abs=1e-5)


def test_a_model_folder_says_what_it_is(whole, engine):
    card = json.loads((whole[1] / "model.json").read_text())
    assert (card["engine"], card["backbone"]) == (engine, "resnet18")
    assert card["categories"] == {"1": "upper", "2": "lower", "3": "full"}


def test_every_image_has_its_detections_in_its_own_pixels(whole, data, model, infer, fabric):
    """The pictures are 64 x 96; seen at half the size, boxes still lie in the pictures' pixels."""
    detector = load(whole[1], infer=infer.model_copy(update={"min_score": 0.0}), fabric=fabric)
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
    detector = load(whole[1], infer=infer.model_copy(update={"min_score": 0.0}), fabric=fabric)
    small, large = detect(detector, [ImageFile(1, tmp_path / name) for name in ("same.png", "larger.png")])
    assert len(small) == len(large) > 0
    for before, after in zip(small, large, strict=True):
        assert after.bbox == pytest.approx([3 * value for value in before.bbox], abs=0.1)


def test_batches_do_not_change_what_is_found(whole, data, infer, fabric):
    found = []
    for batch_size in (1, 7):
        params = infer.model_copy(update={"min_score": 0.0, "batch_size": batch_size})
        found.append(
            [one for image in detect(load(whole[1], infer=params, fabric=fabric), data.images) for one in image]
        )
    for one, other in zip(*found, strict=True):
        assert one.bbox == pytest.approx(other.bbox, abs=0.01)
        assert one.score == pytest.approx(other.score, abs=1e-4)


def test_a_weak_box_is_not_reported(whole, data, infer, fabric):
    detector = load(whole[1], infer=infer.model_copy(update={"min_score": 1.0}), fabric=fabric)
    assert list(detect(detector, data.images[:3])) == [(), (), ()]


def test_a_loaded_network_has_the_trained_weights(whole, model, infer, fabric):
    loaded = load(whole[1], infer=infer, fabric=fabric).network.named_weights()
    fresh = build_network("resnet18", model, ForWeights(), categories=3).state_dict()
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
