"""A detector of random weights that finds something everywhere, as a model folder; images to find it in."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from fashiongen.detector.export.network_file import OUTPUTS, write_network
from fashiongen.detector.networks.faster_rcnn import FasterRCNN, build_network
from fashiongen.detector.networks.model_folder import ModelCard, write_model
from fashiongen.detector.networks.purpose import ForInference
from fashiongen.detector.params import InferParams, ModelParams

CATEGORIES = {1: "upper", 2: "lower", 3: "full"}


@pytest.fixture(scope="session")
def model(small_detector) -> ModelParams:
    """Regions from 32 px on are read from the coarser level."""
    return small_detector.model_copy(update={"roi_canonical_px": 16})


@pytest.fixture(scope="session")
def infer(small_infer) -> InferParams:
    return small_infer.model_copy(update={"batch_size": 2, "proposals": 40, "detections_per_image": 45})


@pytest.fixture(scope="session")
def study() -> dict[str, Any]:
    """Of a detector's settings, what the study has instead of the demo's."""
    return {
        "weights": "imagenet",
        "norm": "frozen_batch",
        "trainable_layers": 3,
        "roi_sampling_ratio": 0,
        "anchor_offset_frac": 0,
    }


@pytest.fixture(scope="session")
def notes() -> dict[str, str]:
    """What an exported file says about the detector."""
    return {
        "categories": '{"1": "upper", "2": "lower", "3": "full"}',
        "short_side_px": "64",
        "long_side_px": "96",
    }


@pytest.fixture(scope="session")
def build_detector(infer) -> Callable[[ModelParams], FasterRCNN]:
    """Scores and boxes differ from region to region, as a trained network's do."""
    return functools.partial(_build_detector, infer)


def _build_detector(infer: InferParams, model: ModelParams) -> FasterRCNN:
    torch.manual_seed(0)
    network = build_network("resnet18", model, ForInference(infer), categories=len(CATEGORIES)).eval()
    rng = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5, generator=rng)
        elif name.endswith("running_mean"):
            tensor.normal_(0, 0.1, generator=rng)
        elif name.endswith(("bn1.weight", "bn2.weight")):
            tensor.uniform_(0.2, 0.6, generator=rng)
        elif name.endswith("cls_logits.weight"):
            tensor.normal_(0, 0.1, generator=rng)
        elif name.endswith("cls_score.weight"):
            tensor.normal_(0, 0.5, generator=rng)
        elif name.endswith("bbox_pred.weight") and "roi" in name:
            tensor.normal_(0, 0.02, generator=rng)
    return network


@pytest.fixture(scope="session")
def network(build_detector, model) -> FasterRCNN:
    return build_detector(model)


@pytest.fixture(scope="session")
def write_detector(model, network) -> Callable[[Path], None]:
    """Writes the network into a model folder."""

    def write(folder: Path) -> None:
        card = ModelCard(engine="torchvision", backbone="resnet18", categories=CATEGORIES, model=model)
        write_model(folder, card, network.named_weights())

    return write


@pytest.fixture(scope="module")
def export(write_detector, infer, tmp_path_factory) -> Callable[[str], Path]:
    """Exports the network into a file of this name."""

    def export(name: str) -> Path:
        folder = tmp_path_factory.mktemp("written")
        write_detector(folder / "model")
        write_network(folder / name, folder / "model", infer)
        return folder / name

    return export


@pytest.fixture(scope="session")
def make_image() -> Callable[[int, int], Tensor]:
    """An image of a height and a width, as the exported networks take it."""

    def make(height: int, width: int) -> Tensor:
        rng = torch.Generator().manual_seed(1000 * height + width)
        coarse = 255 * torch.rand(1, 3, 6, 5, generator=rng)
        return functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 255)

    return make


@pytest.fixture(params=[(160, 224), (64, 96), (101, 77), (300, 130), (20, 31), (1, 1)], ids=str)
def image(request, make_image) -> Tensor:
    """Of several sizes (height, width); an export traces the first one."""
    return make_image(*request.param)


@pytest.fixture(scope="session")
def find() -> Callable[[FasterRCNN, Tensor], list[Tensor]]:
    """What the network itself finds, in a batch of one image."""

    def find(network: FasterRCNN, image: Tensor) -> list[Tensor]:
        height, width = image.shape[2:]
        with torch.inference_mode():
            [found] = network(functional.pad(image, [0, -width % 32, 0, -height % 32]), [(height, width)])
        return [found[name] for name in OUTPUTS]

    return find


@pytest.fixture
def write_image() -> Callable[..., Path]:
    """Writes an image with a structure of its own."""

    def write(path: Path, size: tuple[int, int] = (90, 120), seed: int = 0) -> Path:
        coarse = np.random.default_rng(seed).integers(0, 256, (6, 5, 3), dtype=np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(path)
        return path

    return write
