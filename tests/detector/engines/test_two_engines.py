"""One model, two engines: the same weights find the same boxes, and cost the same losses, with either library."""

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

from fashiongen.detector.data.batches import FileReader, InferenceBatches, Share, TrainingBatches
from fashiongen.detector.data.targets import ImageFile, Target
from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.networks.purpose import ForInference, ForTraining, ForWeights
from fashiongen.detector.params import ModelParams

pytestmark = [
    pytest.mark.skipif(find_spec("detectron2") is None, reason="detectron2 is not installed"),
    pytest.mark.filterwarnings("ignore"),  # its own, of PyTorch's newer versions
    pytest.mark.slow,
]
STUDY = ["resnet50", "resnet101", "resnext101_32x8d"]
BOX_PX, SCORE = 1e-3, 1e-5


@pytest.fixture
def study(model):
    """The study's network, whole; images smaller than its."""
    return ModelParams.model_validate(
        model.model_dump()
        | {
            "weights": "imagenet",
            "norm": "frozen_batch",
            "trainable_layers": 3,
            "fpn_layers": [1, 2, 3, 4],
            "fpn_channels": 256,
            "box_head_dim": 1024,
            "roi_sampling_ratio": 0,
            "anchor_sizes_px": [32, 64, 128, 256, 512],
            "anchor_ratios": [0.5, 1.0, 2.0],
            "short_side_px": 256,
            "long_side_px": 427,
        }
    )


@pytest.fixture
def photographs(tmp_path):
    """Three real photographs where there are some, else three with a structure of their own."""
    given = os.environ.get("FASHIONGEN_CCP")
    if given:
        return [ImageFile(n, path) for n, path in enumerate(sorted((Path(given) / "photos").glob("*.jpg"))[:3])]
    rng = np.random.default_rng(0)
    for number, size in enumerate([(300, 500), (400, 300), (333, 335)]):
        coarse = Image.fromarray(rng.integers(0, 256, (9, 7, 3), dtype=np.uint8))
        coarse.resize(size, Image.Resampling.BICUBIC).save(tmp_path / f"{number}.png")
    return [ImageFile(number, tmp_path / f"{number}.png") for number in range(3)]


def enliven(network):
    """Random weights and statistics under which scores and boxes differ from region to region, as trained ones do."""
    rng = torch.Generator().manual_seed(0)
    weights = {name: tensor.clone() for name, tensor in network.named_weights().items()}
    for name, tensor in weights.items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5, generator=rng)
        elif name.endswith("running_mean"):
            tensor.normal_(0, 0.1, generator=rng)
        elif name.endswith(("bn1.weight", "bn2.weight", "bn3.weight")):
            tensor.uniform_(0.2, 0.6, generator=rng)
        elif name.endswith("cls_logits.weight"):
            tensor.normal_(0, 0.1, generator=rng)
        elif name.endswith("cls_score.weight"):
            tensor.normal_(0, 0.5, generator=rng)
        elif "bbox_pred.weight" in name and "roi" in name:
            tensor.normal_(0, 0.02, generator=rng)
    for end in ("weight", "bias"):
        weights[f"roi_heads.box_predictor.bbox_pred.{end}"][:4] = 0  # of the background, which detectron2 does not have
    network.load_named_weights(weights)
    return network


def build_both(backbone, model, purpose):
    """The network of either engine with the same weights."""
    first = enliven(get_engine("torchvision").build(backbone, model, purpose, categories=3))
    second = get_engine("detectron2").build(backbone, model, purpose, categories=3)
    second.load_named_weights(first.named_weights())
    return first, second


@pytest.mark.parametrize("backbone", STUDY)
def test_the_same_boxes_and_scores_on_photographs(backbone, study, infer, photographs):
    infer = infer.model_copy(update={"proposals": 300, "detections_per_image": 50})
    networks = build_both(backbone, study, ForInference(infer))
    [batch] = InferenceBatches(photographs, study, infer.model_copy(update={"batch_size": 3}))[0]
    with torch.inference_mode():
        found = [network.eval()(batch.images, batch.sizes) for network in networks]
    for ours, theirs in zip(*found, strict=True):
        assert len(ours["boxes"]) == len(theirs["boxes"]) > 20
        torch.testing.assert_close(theirs["scores"], ours["scores"], rtol=0, atol=SCORE)
        assert find_each(ours, theirs) == []
        assert find_each(theirs, ours) == []


def find_each(first, second):
    """The places of `first` that have no counterpart in `second`; the last may be cut off, equals may change places."""
    clear = torch.where(first["scores"] > first["scores"][-1] + SCORE)[0].tolist()
    same = [
        (second["labels"] == first["labels"][place])
        & ((second["boxes"] - first["boxes"][place]).abs().amax(1) <= BOX_PX)
        & ((second["scores"] - first["scores"][place]).abs() <= SCORE)
        for place in clear
    ]
    return [place for place, found in zip(clear, same, strict=True) if not found.any()]


@pytest.mark.parametrize("backbone", [*STUDY, "resnet18", "resnet34"])
@pytest.mark.parametrize("stride_in_1x1", [False, True])
def test_weights_come_back_as_they_went(backbone, study, stride_in_1x1):
    study = study.model_copy(update={"stride_in_1x1": stride_in_1x1})
    first, second = build_both(backbone, study, ForWeights())
    sent, returned = first.named_weights(), second.named_weights()
    assert sent.keys() == returned.keys()
    assert [name for name in sent if not torch.equal(sent[name], returned[name])] == []


@pytest.mark.parametrize(
    "changes", [*({"box_loss": kind} for kind in ("l1", "smooth_l1", "giou")), {"ignore_unlabelled_above": 0.2}]
)
@pytest.mark.parametrize("norm", ["batch", "frozen_batch"])
def test_the_same_losses_and_gradients(study, training, photographs, changes, norm):
    """The draws of boxes are seeded alike, so that even they agree."""
    model = study if norm == "frozen_batch" else study.model_copy(update={"norm": "batch", "trainable_layers": 5})
    training = training.model_copy(
        update={"rpn_batch_per_image": 64, "roi_batch_per_image": 32, "proposals": 100, **changes}
    )
    boxes = np.array([[60, 40, 180, 220]], dtype=np.float32)
    targets = [Target(image, boxes, np.array([1 + number])) for number, image in enumerate(photographs)]
    reader = FileReader(model)
    [batch] = TrainingBatches(targets, reader, training, divisor_px=32, share=Share(0, 1))[0]
    losses, gradients = [], []
    for network in build_both("resnet18", model, ForTraining(training)):
        of_network = network.train()(batch.images, batch.sizes, batch.targets, batch.seeds)
        sum(of_network.values()).backward()
        losses.append({name: loss.item() for name, loss in of_network.items()})
        gradients.append(sum(float(p.grad.square().sum()) for p in network.parameters() if p.grad is not None))
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert gradients[1] == pytest.approx(gradients[0], rel=1e-3)


def test_strides_differ_where_the_weights_want_it(study):
    """MSRA's ResNet reads its pixels at other places than torchvision's: with one's weights the other sees worse."""
    images = functional.interpolate(torch.rand(1, 3, 8, 8), 64, mode="bicubic")
    bodies = []
    for stride_in_1x1 in (False, True):
        network = get_engine("torchvision").build(
            "resnet50", study.model_copy(update={"stride_in_1x1": stride_in_1x1}), ForWeights(), categories=3
        )
        bodies.append(enliven(network).body.eval())
    first, second = (list(body(images).values())[-1] for body in bodies)
    assert first.shape == second.shape
    assert not torch.allclose(first, second)
