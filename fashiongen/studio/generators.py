"""The trained generators that the studio draws with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from fashiongen.dcgan.networks.families import AnyGenerator
from fashiongen.dcgan.networks.model_card import CARD, ModelCard, read_card
from fashiongen.dcgan.networks.sampling import sample_latents, to_uint8
from fashiongen.dcgan.networks.weights import load_generator
from fashiongen.errors import MissingInput
from fashiongen.files import sha256_file
from fashiongen.images.pack import Frame
from fashiongen.images.select import Source

BLOCK = 16  # images in each pass through a network: with another number, the last bits of an image can differ
WEIGHTS = "generator.safetensors"
TITLES: dict[Source, str] = {  # of networks, by what they were trained on
    "cutouts": "Garments on white",
    "crops": "Garments with their background",
    "images": "Whole photographs",
}


@dataclass(frozen=True)
class StudioGenerator:
    """A trained generator, and what identifies it."""

    card: ModelCard
    weights_sha256: str
    network: AnyGenerator
    _lock: Lock = field(default_factory=Lock, compare=False)  # one request computes at a time, with all cores

    @property
    def name(self) -> str:
        """The variant."""
        return self.card.variant

    @property
    def frame(self) -> Frame:
        """The size of its images."""
        return self.card.frame

    @property
    def is_on_white(self) -> bool:
        """Whether it draws garments on a white ground, as the cut-outs that it was trained on."""
        return self.card.source == "cutouts"

    def sample(self, start: int, count: int, *, seed: int, truncation: float) -> Float[Tensor, "count latent"]:
        """The latents from number `start` (0 is the first) of a seed, scaled by `truncation`.

        With a truncation of 1 they are those that `fashiongen generate` draws from.
        """
        return sample_latents(start + count, latent_dim=self.card.latent_dim, seed=seed)[start:].flatten(1) * truncation

    @torch.inference_mode()
    def draw(self, latents: Float[Tensor, "n latent"]) -> UInt8[Tensor, "n 3 height width"]:
        """The image of each latent; on one machine the same bytes, whatever else is drawn with it."""
        padded = torch.zeros(-(-len(latents) // BLOCK) * BLOCK, self.card.latent_dim)
        padded[: len(latents)] = latents
        with self._lock:
            blocks = [to_uint8(self.network(block[..., None, None])) for block in torch.split(padded, BLOCK)]
        return torch.cat(blocks)[: len(latents)]

    def render(self, latents: Float[Tensor, "n latent"]) -> Float[Tensor, "n 3 height width"]:
        """The images from 0 to 1, with gradients to the latents."""
        images: Float[Tensor, "n 3 height width"] = (self.network(latents[..., None, None]) + 1) / 2
        return images

    def alone(self) -> Lock:
        """Held by who computes for long: others wait, as in `draw`."""
        return self._lock


class Generators:
    """The trained variants below a folder of models; each is loaded when it is first asked for."""

    def __init__(self, models: Path, *, first: Sequence[str] = ()) -> None:
        """`first` are the variants that stand first, in this order.

        Raises:
            MissingInput: there is none.
            CheckpointError: a model card is broken.
        """
        found = sorted(path.parent for path in models.glob(f"*/{CARD}"))
        order = {name: place for place, name in enumerate(first)}
        self._folders = {
            folder.name: folder for folder in sorted(found, key=lambda one: (order.get(one.name, len(order)), one.name))
        }
        self.cards = {name: read_card(folder) for name, folder in self._folders.items()}
        if not self.cards:
            raise MissingInput(f"{models}: no network is trained yet; run `make repro`, or `dvc pull models/dcgan`")
        self._loaded: dict[str, StudioGenerator] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> StudioGenerator:
        """The generator of a variant.

        Raises:
            MissingInput: there is no such variant, or its weights are gone.
            CheckpointError: its weights do not fit its card.
        """
        if name not in self._folders:
            raise MissingInput(f"{name!r}: no trained variant; there are {', '.join(self._folders)}")
        with self._lock:
            if name not in self._loaded:
                folder = self._folders[name]
                network = load_generator(folder).requires_grad_(False)
                self._loaded[name] = StudioGenerator(self.cards[name], sha256_file(folder / WEIGHTS), network)
            return self._loaded[name]
