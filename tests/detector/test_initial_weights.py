"""First weights arrive whole and in our layout, or are refused by name; a file of weights cannot run code."""

import os
import pickle
from functools import partial
from urllib.error import URLError

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional
from torchvision.models import ResNet18_Weights, resnet, resnet18

from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.initial_weights.files import caffe2_to_detectron2
from fashiongen.detector.initial_weights.load import load_initial_weights
from fashiongen.detector.initial_weights.names import to_detectron2
from fashiongen.detector.networks.backbones import NarrowResNet
from fashiongen.detector.networks.faster_rcnn import build_network, normalise
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.detector.params import ModelParams
from fashiongen.errors import CheckpointError, MissingInput
from fashiongen.files import sha256_file

pytestmark = pytest.mark.slow

PREDICTOR = "roi_heads.box_predictor."
STEM = "backbone.body.conv1.weight"


@pytest.fixture(scope="module", autouse=True)
def narrow_bodies(small_detector):
    """Every ResNet that torchvision builds here is narrow too: the files of weights are small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resnet, "ResNet", partial(NarrowResNet, divisor=small_detector.backbone_width_divisor))
        yield


@pytest.fixture(scope="module")
def model(small_detector):
    """The detector whose ResNet is the one that torchvision builds."""
    return small_detector.model_copy(update={"backbone_width_divisor": 1})


@pytest.fixture
def pretrained(model):
    """The tiny network as pretrained weights want it."""
    return model.model_copy(update={"norm": "frozen_batch"})


def from_file(model, path):
    return ModelParams.model_validate(
        model.model_dump() | {"weights": str(path), "weights_sha256": sha256_file(path), "norm": "frozen_batch"}
    )


def as_arrays(weights):
    return {name: tensor.numpy() for name, tensor in weights.items()}


def write_pickle(path, content):
    path.write_bytes(pickle.dumps(content, protocol=2))
    return path


def copied(network):
    return {name: tensor.clone() for name, tensor in network.named_weights().items()}


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_classifier_of_torchvision_becomes_the_body_and_the_rest_stays(tmp_path, model, engine, suffix):
    classifier = resnet18(weights=None).state_dict()
    path = tmp_path / f"weights{suffix}"
    (save_file if suffix == ".safetensors" else torch.save)(classifier, path)
    params = from_file(model, path)
    network = get_engine(engine).build("resnet18", params, ForWeights(), categories=3)
    before = copied(network)
    load_initial_weights(network, "resnet18", params)
    for name, value in network.named_weights().items():
        assert torch.equal(value, classifier.get(name.removeprefix("backbone.body."), before[name])), name


def test_weights_none_leaves_the_random_ones(model):
    network = build_network("resnet18", model, ForWeights(), categories=3)
    before = copied(network)
    load_initial_weights(network, "resnet18", model)
    assert all(torch.equal(value, before[name]) for name, value in network.named_weights().items())


@pytest.mark.parametrize("nested", [False, True])
def test_a_detector_of_other_categories_lends_all_but_its_predictor(tmp_path, model, pretrained, engine, nested):
    """Alone, or as the `model` of a checkpoint of torchvision's own training script."""
    donor = build_network("resnet18", pretrained, ForWeights(), categories=5).named_weights()
    path = tmp_path / "detector.pth"
    torch.save({"model": donor, "epoch": 26} if nested else donor, path)
    params = from_file(model, path)
    network = get_engine(engine).build("resnet18", params, ForWeights(), categories=3)
    before = copied(network)
    load_initial_weights(network, "resnet18", params)
    for name, value in network.named_weights().items():
        assert torch.equal(value, (before if name.startswith(PREDICTOR) else donor)[name]), name


def test_a_detector_of_torchvisions_earlier_versions_lends_its_pyramid_and_proposals_too(tmp_path, model, pretrained):
    """Its published files name each convolution of these parts without the block around it; torchvision adds that."""
    donor = build_network("resnet18", pretrained, ForWeights(), categories=90).named_weights()
    earlier = {name.replace("conv.0.0.", "conv."): tensor for name, tensor in donor.items()}
    for blocks in ("inner_blocks", "layer_blocks"):
        for level in range(2):
            for end in ("weight", "bias"):
                old, new = (f"backbone.fpn.{blocks}.{level}.{more}{end}" for more in ("", "0."))
                earlier[old] = earlier.pop(new)
    path = tmp_path / "detector.pth"
    torch.save(earlier, path)
    params = from_file(model, path)
    network = build_network("resnet18", params, ForWeights(), categories=3)
    load_initial_weights(network, "resnet18", params)
    for name, value in network.named_weights().items():
        assert name.startswith(PREDICTOR) or torch.equal(value, donor[name]), name


@pytest.mark.parametrize("suffix", [".pkl", ".pth"])
def test_a_detector_of_detectron2_lends_all_but_its_predictor(tmp_path, model, pretrained, engine, suffix):
    donor = copied(build_network("resnet18", pretrained, ForWeights(), categories=5))
    theirs = to_detectron2(donor, first_layer=3)
    path = tmp_path / f"model_final{suffix}"
    if suffix == ".pkl":
        write_pickle(path, {"model": as_arrays(theirs), "__author__": "Detectron2 Model Zoo"})
    else:
        torch.save({"model": theirs, "iteration": 9}, path)
    params = from_file(model, path)
    network = get_engine(engine).build("resnet18", params, ForWeights(), categories=3)
    before = copied(network)
    load_initial_weights(network, "resnet18", params)
    for name, value in network.named_weights().items():
        if name != STEM:
            assert torch.equal(value, (before if name.startswith(PREDICTOR) else donor)[name]), name


def test_a_detectron2_predictor_of_as_many_categories_is_taken_in_our_order_or_not_at_all(tmp_path, model, pretrained):
    """Its background is the last class, ours the first: taken as it is, each class would begin as another."""
    donor = copied(build_network("resnet18", pretrained, ForWeights(), categories=3))
    content = {"model": as_arrays(to_detectron2(donor, first_layer=3))}
    params = from_file(model, write_pickle(tmp_path / "model_final.pkl", content))
    network = build_network("resnet18", params, ForWeights(), categories=3)
    before = copied(network)
    load_initial_weights(network, "resnet18", params)
    scores = network.named_weights()[f"{PREDICTOR}cls_score.weight"]
    assert any(torch.equal(scores, weights[f"{PREDICTOR}cls_score.weight"]) for weights in (donor, before))


@pytest.mark.parametrize(
    ("backbone", "std_bgr"), [("resnet50", [1.0, 1.0, 1.0]), ("resnext50_32x4d", [57.375, 57.12, 58.395])]
)
def test_the_stem_of_detectron2_sees_in_our_pixels_what_it_saw_in_its_own(tmp_path, model, backbone, std_bgr):
    """Its ResNets read BGR less its mean, its ResNeXts divide that too; ours read RGB of ImageNet's unit variance."""
    classifier = getattr(resnet, backbone)(weights=None)
    network = build_network(backbone, model.model_copy(update={"norm": "frozen_batch"}), ForWeights(), categories=3)
    body = {f"backbone.body.{name}": value for name, value in classifier.state_dict().items()}
    theirs = to_detectron2(network.named_weights() | body, first_layer=3)
    params = from_file(model, write_pickle(tmp_path / "model_final.pkl", {"model": as_arrays(theirs)}))
    load_initial_weights(network, backbone, params)
    rgb = torch.randint(0, 256, (2, 3, 20, 20), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    mean_bgr = [103.53, 116.28, 123.675]  # detectron2's defaults
    bgr = (rgb.flip(1) - torch.tensor(mean_bgr).view(3, 1, 1)) / torch.tensor(std_bgr).view(3, 1, 1)
    with torch.no_grad():
        expected = functional.conv2d(bgr, classifier.conv1.weight, stride=2, padding=3)
        found = network.body.conv1(normalise(rgb))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * float(expected.std()))


def test_torchvisions_weights_in_detectron2s_dress_keep_their_stem(tmp_path, model):
    """Its ImageNetPretrained/torchvision/R-50.pkl: converted names, but RGB of ImageNet's unit variance as ever."""
    classifier = resnet18(weights=None).state_dict()
    network = build_network("resnet18", model, ForWeights(), categories=3)
    named = network.named_weights() | {f"backbone.body.{name}": value for name, value in classifier.items()}
    theirs = as_arrays(to_detectron2(named, first_layer=3))
    prefix = "backbone.bottom_up."
    bare = {name.removeprefix(prefix): array for name, array in theirs.items() if name.startswith(prefix)}
    content = {"model": bare, "__author__": "torchvision", "matching_heuristics": True}
    params = from_file(model, write_pickle(tmp_path / "R-18.pkl", content))
    load_initial_weights(network, "resnet18", params)
    assert torch.equal(network.body.layer4[1].conv2.weight, classifier["layer4.1.conv2.weight"])
    assert torch.equal(network.body.conv1.weight, classifier["conv1.weight"])


def caffe2_name(name):
    """A weight of a classifier of torchvision as Detectron's first version names it."""
    if name.startswith("fc."):
        return {"fc.weight": "fc1000_w", "fc.bias": "fc1000_b"}[name]
    *place, part, end = name.split(".")
    if place and place[-1] == "downsample":
        place, part = place[:-1], {"0": "conv_1", "1": "bn_1"}[part]
        branch = "branch1"
    else:
        branch = f"branch2{'abc'[int(part[-1]) - 1]}"
    normalised = part.startswith("bn")
    end = {"weight": "s" if normalised else "w", "bias": "b"}[end]
    if not place:
        return f"res_conv1_bn_{end}" if normalised else "conv1_w"
    stage, block = int(place[0].removeprefix("layer")) + 1, place[1]
    return f"res{stage}_{block}_{branch}_{'bn_' if normalised else ''}{end}"


def caffe2_weights(classifier):
    """Its files hold no statistics of normalisations."""
    return {caffe2_name(name): value.detach() for name, value in classifier.named_parameters()}


@pytest.mark.parametrize("backbone", ["resnet18", "resnet50"])
def test_names_of_caffe2_are_read_as_detectron2_reads_them(backbone, import_detectron2):
    convert = import_detectron2("checkpoint.c2_model_loading").convert_basic_c2_names
    names = list(caffe2_weights(getattr(resnet, backbone)(weights=None)))
    assert {"conv1_w", "res_conv1_bn_s", "res2_0_branch2a_w", "res2_0_branch2a_bn_b"} < set(names)
    assert [caffe2_to_detectron2(name) for name in names] == convert(names)


@pytest.mark.parametrize("old_numpy", [False, True])
@pytest.mark.parametrize("in_blobs", [False, True])
def test_a_resnet_of_caffe2_becomes_the_body(tmp_path, model, in_blobs, old_numpy):
    """Its normalisations are a scale and a shift, and do nothing else to what goes through them."""
    classifier = resnet18(weights=None)
    for value in classifier.parameters():
        value.data.uniform_(0.5, 1.5)
    arrays = as_arrays(caffe2_weights(classifier))
    arrays |= {"conv1_b": arrays["res_conv1_bn_b"], "conv1_w_momentum": arrays["conv1_w"]}
    path = write_pickle(tmp_path / "R-18.pkl", {"blobs": arrays, "cfg": "MODEL: x"} if in_blobs else arrays)
    if old_numpy:
        path.write_bytes(path.read_bytes().replace(b"numpy._core", b"numpy.core"))
    params = from_file(model, path)
    network = build_network("resnet18", params, ForWeights(), categories=3)
    load_initial_weights(network, "resnet18", params)
    weights = network.body.state_dict()
    for name, value in classifier.named_parameters():
        assert name in ("conv1.weight", "fc.weight", "fc.bias") or torch.equal(weights[name], value), name
    maps = torch.randn(1, 64, 4, 4)
    expected = maps * classifier.bn1.weight.view(64, 1, 1) + classifier.bn1.bias.view(64, 1, 1)
    torch.testing.assert_close(network.body.bn1(maps), expected)


def test_a_missing_file_is_named(tmp_path, model):
    absent = model.model_copy(update={"weights": str(tmp_path / "absent.pth"), "weights_sha256": "0" * 64})
    with pytest.raises(MissingInput, match=r"absent\.pth"):
        load_initial_weights(build_network("resnet18", absent, ForWeights(), categories=3), "resnet18", absent)


def test_a_file_of_another_checksum_is_refused_with_both(tmp_path, model):
    torch.save(resnet18(weights=None).state_dict(), tmp_path / "weights.pth")
    params = from_file(model, tmp_path / "weights.pth").model_copy(update={"weights_sha256": "ab" * 32})
    with pytest.raises(CheckpointError, match=rf"{sha256_file(tmp_path / 'weights.pth')}.*{'ab' * 32}"):
        load_initial_weights(build_network("resnet18", params, ForWeights(), categories=3), "resnet18", params)


class Command:
    """Runs a command when it is unpickled."""

    def __init__(self, call, text):
        self.call, self.text = call, text

    def __reduce__(self):
        return self.call, (self.text,)


@pytest.mark.parametrize("wrapped", [lambda evil: evil, lambda evil: {"model": {STEM: evil}, "__author__": "x"}])
@pytest.mark.parametrize("call", [os.system, eval], ids=["system", "eval"])
@pytest.mark.parametrize("suffix", [".pkl", ".pth"])
def test_a_file_that_would_run_code_is_refused_and_runs_none(tmp_path, model, suffix, call, wrapped):
    text = f"touch {tmp_path / 'ran'}" if call is os.system else f"open({str(tmp_path / 'ran')!r}, 'w').close()"
    path = tmp_path / f"weights{suffix}"
    evil = wrapped(Command(call, text))
    if suffix == ".pkl":
        write_pickle(path, evil)
    else:
        torch.save(evil, path)
    params = from_file(model, path)
    with pytest.raises(CheckpointError, match=rf"weights{suffix}: holds no weights"):
        load_initial_weights(build_network("resnet18", params, ForWeights(), categories=3), "resnet18", params)
    assert not (tmp_path / "ran").exists()
    pickle.loads(path.read_bytes()) if suffix == ".pkl" else torch.load(path, weights_only=False)
    assert (tmp_path / "ran").exists()  # which a trusting reader does


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("resnet18", "resnet34"),
        ("resnet18", "resnet50"),
        ("resnet34", "resnet18"),
        ("resnet50", "resnext50_32x4d"),
    ],
)
def test_weights_of_another_body_are_refused(tmp_path, model, theirs, ours):
    """Shallower, of other blocks, deeper, or grouped otherwise."""
    torch.save(getattr(resnet, theirs)(weights=None).state_dict(), tmp_path / "weights.pth")
    params = from_file(model, tmp_path / "weights.pth")
    with pytest.raises(CheckpointError, match=r"weights\.pth"):
        load_initial_weights(build_network(ours, params, ForWeights(), categories=3), ours, params)


def test_a_detector_of_another_width_is_refused_with_both_shapes(tmp_path, model, pretrained, small_detector):
    wider = pretrained.model_copy(update={"fpn_channels": 48})
    torch.save(build_network("resnet18", wider, ForWeights(), categories=3).named_weights(), tmp_path / "weights.pth")
    params = from_file(model, tmp_path / "weights.pth")
    channels = 256 // small_detector.backbone_width_divisor
    with pytest.raises(CheckpointError, match=rf"weights\.pth does not fit.*\[48, {channels}, 1, 1\] there and \[32,"):
        load_initial_weights(build_network("resnet18", params, ForWeights(), categories=3), "resnet18", params)


@pytest.mark.parametrize("content", [b"", b"not weights", [1, 2], {"model": {}}])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".pkl"])
def test_a_file_that_holds_no_weights_is_refused(tmp_path, model, suffix, content):
    path = tmp_path / f"weights{suffix}"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif suffix == ".pkl":
        write_pickle(path, content)
    else:
        torch.save(content, path)
    params = from_file(model, path)
    with pytest.raises(CheckpointError, match=rf"weights{suffix}"):
        load_initial_weights(build_network("resnet18", params, ForWeights(), categories=3), "resnet18", params)


def test_without_a_network_the_remedy_is_the_file_and_its_folder(model, pretrained, monkeypatch, tmp_path):
    def unreachable(*_args, **_options):
        raise URLError("no route")

    monkeypatch.setattr(ResNet18_Weights.IMAGENET1K_V1.__class__, "get_state_dict", unreachable)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    params = pretrained.model_copy(update={"weights": "imagenet"})
    with pytest.raises(MissingInput) as caught:
        load_initial_weights(build_network("resnet18", params, ForWeights(), categories=3), "resnet18", params)
    assert ResNet18_Weights.IMAGENET1K_V1.url in str(caught.value)
    assert str(tmp_path / "hub" / "checkpoints") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_imagenets_weights_become_the_body(pretrained, monkeypatch):
    classifier = resnet18(weights=None).state_dict()
    monkeypatch.setattr(ResNet18_Weights.IMAGENET1K_V1.__class__, "get_state_dict", lambda *_, **__: classifier)
    params = pretrained.model_copy(update={"weights": "imagenet"})
    network = build_network("resnet18", params, ForWeights(), categories=3)
    load_initial_weights(network, "resnet18", params)
    assert all(torch.equal(value, classifier[name]) for name, value in network.body.state_dict().items())
