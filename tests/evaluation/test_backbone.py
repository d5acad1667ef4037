"""Features are torchvision's pooled activations of the trained weights, whatever the images' size and type."""

import pytest
import torch
from torchvision.models import resnet18

from fashiongen.detector.engines.engine import get_engine
from fashiongen.detector.networks.model_folder import ModelCard, write_model
from fashiongen.detector.networks.purpose import ForWeights
from fashiongen.evaluation.metrics.backbone import load_backbone
from fashiongen.files import sha256_file


@pytest.fixture(params=["torchvision", "detectron2"])
def engine(request):
    """Each engine that is installed."""
    if request.param == "detectron2":
        pytest.importorskip("detectron2")
    return request.param


@pytest.fixture
def folder(small_detector, engine, tmp_path):
    """A model folder of either engine, as wide as torchvision's ResNet, with statistics as if it had trained."""
    model = small_detector.model_copy(update={"backbone_width_divisor": 1})
    network = get_engine(engine).build("resnet18", model, ForWeights(), categories=3)
    weights = {name: tensor.clone() for name, tensor in network.named_weights().items()}
    for name, tensor in weights.items():
        if name.endswith(("running_mean", "running_var")):
            tensor.uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(0))
    categories = {1: "upper", 2: "lower", 3: "full"}
    card = ModelCard(engine=engine, backbone="resnet18", categories=categories, model=model)
    write_model(tmp_path / "model", card, weights)
    return tmp_path / "model"


@pytest.mark.slow
def test_they_are_a_resnets_pooled_activations(folder):
    extractor = load_backbone(folder, side_px=64)
    classifier = resnet18(weights=None)
    classifier.load_state_dict(extractor.module.body.state_dict(), strict=False)
    classifier.fc = torch.nn.Identity()
    images = torch.randint(0, 256, (3, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    mean, std = (torch.tensor(v)[:, None, None] for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    expected = classifier.eval()((images / 255 - mean) / std)
    assert torch.allclose(extractor.module(images), expected, atol=1e-4)


@pytest.mark.slow
def test_bytes_and_fractions_are_the_same_image(folder):
    extractor = load_backbone(folder, side_px=64)
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(extractor.module(images), extractor.module(images / 255), atol=1e-4)


@pytest.mark.slow
def test_any_size_gives_one_row_an_image(folder):
    extractor = load_backbone(folder, side_px=96)
    assert extractor.module(torch.zeros(4, 3, 20, 50, dtype=torch.uint8)).shape == (4, 512)


@pytest.mark.slow
def test_it_is_named_by_backbone_and_weights_and_learns_nothing(folder):
    extractor = load_backbone(folder, side_px=64)
    assert extractor.name == f"resnet18-{sha256_file(folder / 'model.safetensors')[:12]}"
    assert not extractor.module.training
    assert not any(parameter.requires_grad for parameter in extractor.module.parameters())
