"""While a detector trains, its AP is that of the evaluation, on images that are drawn once."""

import pytest
import torch

from fashiongen.coco.evaluation import evaluate_detections
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.inference import Detector, detect
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.purpose import ForInference, ForTraining
from fashiongen.detector.training.loop import train
from fashiongen.detector.training.validation import Validation
from fashiongen.runtime.checkpoints import Checkpoint
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams


@pytest.fixture
def measuring(world, data, model, infer, fabric):
    def build(engine, *, images=9, seed=3):
        network = get_engine(engine).build("resnet18", model, ForInference(infer), categories=3)
        options = {"model": model, "infer": infer, "fabric": fabric, "images": images, "seed": seed}
        return Validation(world, data, network, **options)

    return build


@pytest.fixture(scope="module")
def weights(data, model, training, tmp_path_factory):
    """Weights of a detector that finds something, and leaves something to be found."""
    changes = {"iterations": 45, "batch_size": 8, "steps_iterations": [40], "base_lr": 0.05, "log_every_iterations": 45}
    params = training.model_copy(update=changes)
    fabric = build_fabric(
        RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true", threads=None), seed=3
    )
    network = build_network("resnet18", model, ForTraining(params), categories=3)
    checkpoint = Checkpoint(tmp_path_factory.mktemp("checkpoint"))
    [step] = train(network, data, model=model, train=params, fabric=fabric, checkpoint=checkpoint)
    return step.state.best.weights


@pytest.fixture
def detections(data, infer, model, fabric, weights):
    """What it finds on all images."""
    network = build_network("resnet18", model, ForInference(infer), categories=3).eval()
    network.load_named_weights(weights)
    return [one for of_image in detect(Detector(network, model, infer, fabric), data.images) for one in of_image]


@pytest.fixture
def learning(model, training, weights, engine):
    """A network in training that has these weights."""
    network = get_engine(engine).build("resnet18", model, ForTraining(training), categories=3).train()
    network.load_named_weights(weights)
    return network


@pytest.mark.slow
def test_its_ap_is_the_evaluations_of_the_same_images(world, measuring, learning, detections, engine):
    validation = measuring(engine)
    ids = [image.image_id for image in validation.images]
    expected = evaluate_detections(world, detections, image_ids=ids).metrics["AP"]
    assert validation.measure_ap(learning) == pytest.approx(expected, abs=1e-6)
    assert 0.05 < expected < 0.95
    assert expected != pytest.approx(evaluate_detections(world, detections).metrics["AP"], abs=1e-3)


@pytest.mark.slow
def test_weights_are_measured_as_they_are_now_and_left_as_they_are(measuring, learning, weights, engine):
    """A predictor that sees background everywhere finds nothing; as it was, it finds again."""
    validation = measuring(engine)
    first = validation.measure_ap(learning)
    bias = "roi_heads.box_predictor.cls_score.bias"
    learning.load_named_weights(weights | {bias: torch.tensor([100.0, 0.0, 0.0, 0.0])})
    assert validation.measure_ap(learning) == 0
    learning.load_named_weights(weights)
    assert validation.measure_ap(learning) == first > 0
    assert learning.training
    found = learning.named_weights()
    assert all(torch.equal(found[name], tensor) for name, tensor in weights.items() if "bbox_pred" not in name)


def drawn(validation):
    return [image.image_id for image in validation.images]


def test_the_draw_is_fixed_by_its_seed(measuring):
    ids = drawn(measuring("torchvision"))
    assert ids == drawn(measuring("torchvision")) == sorted(set(ids))
    assert len(ids) == 9
    assert ids != drawn(measuring("torchvision", seed=4))


def test_of_fewer_images_all_are_evaluated(measuring):
    assert drawn(measuring("torchvision", images=500)) == list(range(1, 25))
