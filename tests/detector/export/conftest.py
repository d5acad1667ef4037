"""A detector of random weights that finds something everywhere, as a model folder; images to find it in."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

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
def infer() -> InferParams:
    return InferParams(batch_size=2, workers=0, proposals=40, min_score=0.05, nms_iou=0.5, detections_per_image=45)


@pytest.fixture(scope="session")
def network(model, infer) -> FasterRCNN:
    """Scores and boxes differ from region to region, as a trained network's do."""
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
def write_detector(model, network) -> Callable[[Path], None]:
    """Writes the network into a model folder."""

    def write(folder: Path) -> None:
        card = ModelCard(engine="torchvision", backbone="resnet18", categories=CATEGORIES, model=model)
        write_model(folder, card, network.named_weights())

    return write


@pytest.fixture
def write_image() -> Callable[..., Path]:
    """Writes an image with a structure of its own."""

    def write(path: Path, size: tuple[int, int] = (90, 120), seed: int = 0) -> Path:
        coarse = np.random.default_rng(seed).integers(0, 256, (6, 5, 3), dtype=np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(path)
        return path

    return write


@pytest.fixture(autouse=True)
def one_thread():
    """Test processes share the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
