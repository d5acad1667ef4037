"""Photographs that a detector labels itself join its training; which ones, and when, repeats to the bit."""

import shutil
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from fashiongen.detector.data.targets import read_targets
from fashiongen.detector.data.unlabelled import list_photographs
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.model_folder import ModelCard
from fashiongen.detector.networks.purpose import ForInference, ForTraining
from fashiongen.detector.params import SelfTrainingParams
from fashiongen.detector.training.loop import train
from fashiongen.detector.training.self_training import Teacher
from fashiongen.detector.training.start import TrainingInputs, leave_out, list_dependencies
from fashiongen.errors import MissingInput
from fashiongen.files import write_csv
from fashiongen.images.manifest import ImageRecord
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams

EARLY = SelfTrainingParams(first_iteration=2, every_iterations=2, until_iteration=None, min_score=0.01)


@pytest.fixture
def build_teacher(photographs, model, infer, fabric):
    def build(own, engine="torchvision"):
        network = get_engine(engine).build("resnet18", model, ForInference(infer), categories=3)
        return Teacher(photographs, network, own, model=model, infer=infer, fabric=fabric)

    return build


@pytest.fixture
def learn(data, model, training, build_teacher, tmp_path):
    """The records of a training with photographs, and its weights, in a folder that keeps its checkpoint."""

    def run(name, own=EARLY, *, stop_after=None, engine="torchvision", **changes):
        params = training.model_copy(update={"self_training": own, "checkpoint_every_s": 0, **changes})
        runtime = RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true", threads=None)
        fabric = build_fabric(runtime, seed=3)
        network = get_engine(engine).build("resnet18", model, ForTraining(params), categories=3)
        teacher = None if own is None else build_teacher(own, engine)
        (tmp_path / name).mkdir(exist_ok=True)
        checkpoint = Checkpoint(tmp_path / name)
        steps = train(network, data, model=model, train=params, fabric=fabric, checkpoint=checkpoint, teacher=teacher)
        taken = list(islice(steps, stop_after))
        steps.close()
        return [step.record for step in taken], taken[-1].state.best.weights

    return run


def differing(one, other):
    return [name for name in one if not torch.equal(one[name], other[name])]


@pytest.mark.slow
def test_photographs_change_the_training_from_the_first_labels_on(learn):
    alone, weights = learn("alone", own=None)
    joined, changed = learn("joined")
    assert [record.pseudo_labels for record in alone] == [None] * 3
    assert [record.pseudo_labels is not None for record in joined] == [False, True, True]
    assert joined[0] == alone[0]
    assert joined[1].loss != alone[1].loss
    assert differing(weights, changed)


@pytest.mark.slow
def test_a_detector_that_is_sure_of_nothing_learns_what_it_learns_alone(learn):
    alone, weights = learn("alone", own=None)
    unsure, same = learn("unsure", own=EARLY.model_copy(update={"min_score": 1.0}))
    assert [record.pseudo_labels for record in unsure] == [None, 0, 0]
    assert [record.loss for record in unsure] == [record.loss for record in alone]
    assert differing(weights, same) == []


@pytest.mark.slow
@pytest.mark.parametrize("rows", [2, 3, 5])
def test_a_training_killed_before_or_after_labels_ends_where_one_in_peace_ends(learn, engine, rows):
    """Labels are made before the iterations 2 and 4, they go before 5, and a checkpoint is written after each."""
    own = EARLY.model_copy(update={"until_iteration": 5})
    options = {"own": own, "engine": engine, "log_every_iterations": 1}
    whole, weights = learn("whole", **options)
    learn("killed", **options, stop_after=rows + 1)
    resumed, same = learn("killed", **options)
    assert resumed == whole
    assert differing(weights, same) == []


@pytest.mark.slow
def test_in_the_last_iterations_the_labelled_images_teach_alone(learn):
    """From iteration 4 on the batches are those of a training without photographs, from other weights."""
    always, _ = learn("always")
    until, _ = learn("until", own=EARLY.model_copy(update={"until_iteration": 4}))
    assert until[:2] == always[:2]
    assert until[2].loss != always[2].loss


@pytest.mark.slow
def test_workers_read_the_photographs_too(learn):
    """At the only scale, memory and files give the same pixels."""
    whole, weights = learn("memory")
    read, same = learn("files", cache_images=False, workers=1)
    assert read == whole
    assert differing(weights, same) == []


@pytest.mark.slow
def test_sure_labels_are_right(learn, photographs, model, training, build_teacher):
    """On photographs whose truth is known: of a detector that has learned this world, most boxes and types are."""
    changes = {"iterations": 120, "batch_size": 8, "steps_iterations": [100], "base_lr": 0.05}
    _, weights = learn("alone", own=None, **changes, log_every_iterations=120)
    network = build_network("resnet18", model, ForTraining(training), categories=3)
    network.load_named_weights(weights)
    teacher = build_teacher(EARLY.model_copy(update={"min_score": 0.5}))
    labelled = teacher.list_targets(teacher.label(network))
    root = photographs[0].path.parents[1]
    truth = {target.image.path: target for target in read_targets(root / "annotations_2.json", root).targets}
    assert len(labelled) >= 7
    pairs = [(target, truth[target.image.path]) for target in labelled]
    assert np.mean([target.labels[0] == known.labels[0] for target, known in pairs]) >= 0.8
    offsets = [np.abs(target.boxes_xyxy - known.boxes_xyxy).max() for target, known in pairs]
    assert np.median(offsets) <= 10  # px, of pictures of 64 x 96


def test_labels_are_due_at_the_first_iteration_and_every_so_many_after_it(build_teacher):
    teacher = build_teacher(
        SelfTrainingParams(first_iteration=3, every_iterations=2, until_iteration=None, min_score=0.5)
    )
    assert [iteration for iteration in range(9) if teacher.is_due(iteration)] == [3, 5, 7]
    teacher.params = SelfTrainingParams(first_iteration=3, every_iterations=2, until_iteration=7, min_score=0.5)
    assert [iteration for iteration in range(9) if teacher.is_due(iteration)] == [3, 5]
    assert [teacher.is_over(iteration) for iteration in (6, 7, 8)] == [False, True, True]


class TestWhatThePhotographsAre:
    def test_those_of_the_train_split_where_there_is_a_manifest(self, tmp_path, photographs):
        shutil.copytree(photographs[0].path.parent, tmp_path / "images")
        names = sorted(path.name for path in (tmp_path / "images").iterdir())
        rows = [describe(name, "held_out" if place % 3 == 0 else "train") for place, name in enumerate(names)]
        write_csv(tmp_path / "manifest.csv", ImageRecord, rows)
        (tmp_path / "images/stray.png").write_bytes(b"")
        found = list_photographs(tmp_path)
        assert [image.path.name for image in found] == [name for place, name in enumerate(names) if place % 3]
        assert len({image.image_id for image in found}) == len(found)

    def test_every_image_file_below_it_where_there_is_none(self, tmp_path, photographs):
        for number, name in enumerate(["b.JPG", "deep/er/a.webp", "notes.md", "c.tiff", ".DS_Store"]):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(bytes([number]))
        found = [image.path.relative_to(tmp_path).as_posix() for image in list_photographs(tmp_path)]
        assert found == ["b.JPG", "c.tiff", "deep/er/a.webp"]

    def test_an_empty_folder_is_refused_with_the_remedy(self, tmp_path):
        with pytest.raises(MissingInput, match=r"detector\.unlabelled"):
            list_photographs(tmp_path)

    def test_a_training_depends_on_them_only_where_it_labels(self, build_params, data, photographs, world):
        on, off = build_params(self_training=EARLY.model_dump()), build_params()
        card = ModelCard(engine="torchvision", backbone="resnet18", categories=data.categories, model=on.model)
        inputs = TrainingInputs(on, card, data, data, photographs, world, world)
        fewer = leave_out(inputs, {photographs[0].path})
        assert [image.path for image in fewer.photographs] == [image.path for image in photographs[1:]]
        assert list_dependencies(fewer) != list_dependencies(inputs)
        without = replace(inputs, params=off, photographs=[])
        assert list_dependencies(without)["photographs"] != list_dependencies(inputs)["photographs"]


def describe(name, split):
    values = dict.fromkeys(ImageRecord.model_fields, "")
    return ImageRecord(**values | {"file": name, "width_px": 64, "height_px": 96, "split": split})
