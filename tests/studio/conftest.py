"""A network whose garments are known in closed form, and a studio of it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from torch import nn

from fashiongen import config
from fashiongen.crops.params import CropParams
from fashiongen.dcgan.networks.dcgan import Discriminator, Generator, initialise_weights
from fashiongen.dcgan.networks.model_card import ModelCard
from fashiongen.dcgan.networks.weights import save_networks
from fashiongen.detector.inference import Detector
from fashiongen.detector.networks.contract import DetectorNetwork
from fashiongen.errors import MissingInput
from fashiongen.images.select import QueryParams, Source
from fashiongen.runtime.devices import build_fabric
from fashiongen.runtime.params import RuntimeParams
from fashiongen.studio.app import build_app
from fashiongen.studio.collection import Collection
from fashiongen.studio.drawing import Drawing
from fashiongen.studio.generators import Generators, StudioGenerator
from fashiongen.studio.kept_garments import KeptGarments
from fashiongen.studio.photographs import GarmentFinder
from fashiongen.studio.real_garments import RealGarments

ROOT = Path(__file__).parent.parent.parent

HEIGHT_PX, WIDTH_PX, LATENT_DIM = 64, 32, 8
# What each value of a latent does, and how much the inner layer says of it.
RED, GREEN, BLUE, LENGTH, BREADTH, HEM, NOTHING, SILENT = range(LATENT_DIM)
SCALES = (6.0, 5.0, 4.0, 8.0, 3.0, 2.0, 0.2, 0.0)

SHAPE = {
    "family": "dcgan",
    "height_px": HEIGHT_PX,
    "width_px": WIDTH_PX,
    "latent_dim": LATENT_DIM,
    "ngf": 2,
    "ndf": 2,
    "kernel_px": 4,
    "layers_per_side": 1,
    "dropout_g": 0.0,
    "norm_d": "batch",
}
OF_CARD = {
    "variant": "cutout",
    "seed": 7,
    "epochs": 3,
    "kept_epoch": 3,
    "images_seen": 30,
    "training_images": 10,
    "fit": "contain",
    "generator_parameters": 1,
    "discriminator_parameters": 1,
}


class Inner(nn.Module):
    """A small map of features: each value of the latent, scaled."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return latents.flatten(1).mul(latents.new_tensor(SCALES))[..., None, None].expand(-1, -1, 4, 2).contiguous()


class Painter(nn.Module):
    """From these features a skirt of one colour on white."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        values = features[:, :, 0, 0] / features.new_tensor(SCALES).clamp(min=1e-6)
        colour = torch.sigmoid(values[:, [RED, GREEN, BLUE]]) * 0.8
        length = 0.7 + 0.06 * values[:, LENGTH].clamp(-3, 3)
        breadth = 0.4 + 0.05 * values[:, BREADTH].clamp(-3, 3)
        hem = 0.1 * values[:, HEM].clamp(-3, 3)
        rows, columns = torch.linspace(0, 1, HEIGHT_PX), torch.linspace(-1, 1, WIDTH_PX)
        along = rows[None, :, None] / length[:, None, None]
        widths = breadth[:, None, None] * (1 + hem[:, None, None] * along)
        inside = torch.sigmoid((widths - columns[None, None, :].abs()) * 40) * torch.sigmoid((1 - along) * 40)
        return 2 * (1 - inside[:, None] * (1 - colour[..., None, None])) - 1


class PlantedGenerator(Generator):
    """A generator whose directions are known."""

    def __init__(self, shape: ModelCard) -> None:
        super().__init__(shape)
        self.main = nn.Sequential(Inner(), Painter())


class Caller:
    """Asks an application without a server in between."""

    def __init__(self, app: Any, address: str = "http://127.0.0.1:8420") -> None:
        self.app, self.address = app, address

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=self.address) as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())


@pytest.fixture(scope="session")
def card(query_all: Callable[[Source], QueryParams]) -> ModelCard:
    return ModelCard(**SHAPE, **OF_CARD, query=query_all("cutouts"))


@pytest.fixture(scope="session")
def generator(card: ModelCard) -> StudioGenerator:
    return StudioGenerator(card, "0" * 64, PlantedGenerator(card).eval().requires_grad_(False))


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path / "models" / "studio.sqlite")


class PlantedNetwork(DetectorNetwork):
    """Finds the dark part of a picture, as a full-length garment with a score of 0.9; in a white one nothing."""

    def forward(self, images: Any, sizes: Any, targets: Any = None, seeds: Any = None) -> Any:
        found = []
        for image, (height, width) in zip(images, sizes, strict=True):
            rows, columns = torch.nonzero(image[:, :height, :width].amin(dim=0) < 200, as_tuple=True)
            box = [[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]] if len(rows) else []
            found.append(
                {
                    "boxes": torch.tensor(box, dtype=torch.float32).reshape(-1, 4),
                    "labels": torch.full((len(box),), 3),
                    "scores": torch.full((len(box),), 0.9),
                }
            )
        return found

    def named_weights(self) -> dict[str, torch.Tensor]:
        return {}

    def load_named_weights(self, weights: Any) -> None:
        pass


@pytest.fixture(scope="session")
def finder(small_detector: Any, small_infer: Any) -> GarmentFinder:
    infer = small_infer.model_copy(update={"batch_size": 1})
    runtime = RuntimeParams(accelerator="cpu", devices=1, nodes=1, precision="32-true", threads=None)
    crop = config.load(CropParams, "crop", path=ROOT / "params.yaml")
    detector = Detector(PlantedNetwork(), small_detector, infer, build_fabric(runtime, seed=0))
    return GarmentFinder(lambda: detector, crop)


def find_nothing(variant: str) -> list[Path]:
    raise MissingInput(f"reports/dcgan/{variant}: not there; `dvc pull` it")


@pytest.fixture(scope="session")
def models(
    card: ModelCard, query_all: Callable[[Source], QueryParams], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder of two variants with random networks."""
    folder = tmp_path_factory.mktemp("models")
    for name, source in (("cropped", "crops"), ("cutout", "cutouts")):
        changes = {"ngf": 16, "latent_dim": 100, "variant": name, "query": query_all(source)}
        own = card.model_copy(update=changes)
        networks = Generator(own), Discriminator(own)
        for network in networks:
            initialise_weights(network, torch.Generator().manual_seed(3))
        with torch.no_grad():
            for weights in networks[0].parameters():
                if weights.ndim == 4:
                    weights.mul_(4)  # images of many levels
        save_networks(folder / name, *(network.state_dict() for network in networks), own)
    return folder


@pytest.fixture
def generators(models: Path, generator: StudioGenerator) -> Generators:
    """The two variants; `cutout` draws the planted garments."""
    found = Generators(models, first=["cutout"])
    found.cards["cutout"] = generator.card
    found._loaded["cutout"] = generator
    return found


@pytest.fixture
def kept_garments(generators: Generators, collection: Collection) -> KeptGarments:
    return KeptGarments(generators, collection)


@pytest.fixture
def app(generators: Generators, collection: Collection, kept_garments: KeptGarments, finder: GarmentFinder) -> Any:
    drawing = Drawing(generators, finder, RealGarments(lambda: Path("absent"), find_nothing, side_px=64))
    return build_app(drawing, kept_garments, collection, host="127.0.0.1")
