"""The answers of the networks to what the page asks: values that are sent as JSON."""

import base64
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torchvision.transforms.functional import to_pil_image

from fashiongen.dcgan.export.samples import write_gif
from fashiongen.errors import BadInput, FashiongenError
from fashiongen.images.oklab import parse_colour
from fashiongen.studio import questions as ask
from fashiongen.studio.appearance import PARTS, describe_images, mean_rgb
from fashiongen.studio.blending import blend, choose_alike, path_between, vary
from fashiongen.studio.generators import TITLES, Generators, StudioGenerator
from fashiongen.studio.latents import decode_latent, encode_latent
from fashiongen.studio.photographs import FoundGarment, GarmentFinder
from fashiongen.studio.pictures import encode_png
from fashiongen.studio.real_garments import RealGarments
from fashiongen.studio.sliders import Slider, find_sliders
from fashiongen.studio.steering import Steered, project, recolour, take_colours

NEAREST = 3  # real garments beside a drawn one
Answer = dict[str, Any]


class Drawing:
    """The networks that draw, and those that look."""

    def __init__(self, generators: Generators, finder: GarmentFinder, real: RealGarments) -> None:
        self.generators, self._finder, self._real = generators, finder, real
        self._sliders: dict[str, list[Slider]] = {}
        self._lock = Lock()

    def variants(self) -> list[Answer]:
        """The networks to choose from."""
        return [
            {
                "name": name,
                "title": TITLES[card.source],
                "is_on_white": card.source == "cutouts",
                "height_px": card.height_px,
                "width_px": card.width_px,
                "training_images": card.training_images,
            }
            for name, card in self.generators.cards.items()
        ]

    def wall(self, question: ask.Wall) -> Answer:
        """Random garments."""
        generator = self.generators[question.variant]
        latents = generator.sample(question.start, question.count, seed=question.seed, truncation=question.truncation)
        return draw(generator, latents)

    def sliders(self, variant: str) -> list[Slider]:
        """The sliders of a variant; they are found when they are first asked for."""
        generator = self.generators[variant]
        with self._lock:
            if variant not in self._sliders:
                self._sliders[variant] = find_sliders(generator)
            return self._sliders[variant]

    def shape(self, question: ask.Shape) -> Answer:
        """Garments with sliders moved."""
        generator, latents = self._read(question.variant, question.latents)
        moved = {number: amount for number, amount in question.sliders.items() if amount}
        if moved:
            sliders = self.sliders(question.variant)
            if unknown := [number for number in moved if not 0 <= number < len(sliders)]:
                raise BadInput(f"slider {unknown[0]}: there are 0 to {len(sliders) - 1}")
            latents = latents + sum(amount * sliders[number].direction for number, amount in moved.items())
        return draw(generator, latents)

    def near(self, question: ask.Near) -> Answer:
        """Variations of a garment."""
        generator, latents = self._read(question.variant, [question.latent])
        return draw(generator, vary(latents[0], question.count, seed=question.seed))

    def alike(self, question: ask.Alike) -> Answer:
        """Garments like some and unlike others."""
        generator, latents = self._read(question.variant, [*question.liked, *question.disliked])
        liked, disliked = latents[: len(question.liked)], latents[len(question.liked) :]
        return draw(generator, choose_alike(generator, liked, disliked, question.count, seed=question.seed))

    def blend(self, question: ask.Blend) -> Answer:
        """One garment from several."""
        generator, latents = self._read(question.variant, question.latents)
        try:
            return draw(generator, blend(latents, question.weights)[None])
        except ValueError as error:
            raise BadInput(str(error)) from error

    def path(self, question: ask.Path) -> Answer:
        """The garments on the way from one to another."""
        generator, latents = self._read(question.variant, [question.first, question.last])
        return draw(generator, path_between(*latents, steps=question.steps))

    def path_gif(self, question: ask.Path) -> bytes:
        """The way from one garment to another and back, as a GIF that loops."""
        generator, latents = self._read(question.variant, [question.first, question.last])
        images = [to_pil_image(image) for image in generator.draw(path_between(*latents, steps=question.steps))]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "way.gif"
            write_gif(path, [*images, *images[-2:0:-1]])
            return path.read_bytes()

    def recolour(self, question: ask.Recolour) -> Answer:
        """A garment in another colour, and how far the network came from it."""
        generator, latents = self._read(question.variant, [question.latent])
        found = recolour(generator, latents[0], parse_colour(question.colour), question.part)
        return _draw_steered(generator, found)

    def take_colours(self, question: ask.TakeColours) -> Answer:
        """The outline of one garment in the colours of another."""
        generator, latents = self._read(question.variant, [question.shape, question.colours])
        return _draw_steered(generator, take_colours(generator, *latents))

    def details(self, question: ask.Details) -> Answer:
        """The real garments nearest to one, what the detector sees in it, and which network drew it.

        What cannot be had is said in place of it, since a garment can be looked at without it.
        """
        generator, latents = self._read(question.variant, [question.latent])
        drawn = generator.draw(latents)[0]
        answer: Answer = {"weights_sha256": generator.weights_sha256, "epoch": generator.card.kept_epoch}
        try:
            found = self._real.nearest(generator, drawn, NEAREST)
            answer["nearest"] = [
                {"image": data_uri(encode_png(to_pil_image(one.image))), "name": one.name, "distance": one.distance}
                for one in found
            ]
        except FashiongenError as error:
            answer["nearest_fault"] = str(error)
        try:
            answer["seen"] = [describe_seen(one) for one in self._finder.find_in_drawn(to_pil_image(drawn))[:3]]
        except FashiongenError as error:
            answer["seen_fault"] = str(error)
        return answer

    def photograph(self, variant: str, content: bytes) -> Answer:
        """The garment of a photograph, and the nearest one that the network can draw."""
        generator = self.generators[variant]
        cut = self._finder.cut(content, generator)
        found = project(generator, cut.target)
        return {
            "seen": describe_seen(cut.seen),
            "is_cut_out": cut.is_cut_out,
            "picture": data_uri(encode_png(cut.picture)),
            "target": data_uri(encode_png(to_pil_image(cut.target))),
            **_draw_steered(generator, found),
        }

    def _read(self, variant: str, latents: Sequence[str]) -> tuple[StudioGenerator, Float[Tensor, "n latent"]]:
        generator = self.generators[variant]
        dim = generator.card.latent_dim
        decoded = [decode_latent(text, latent_dim=dim) for text in latents]
        return generator, torch.stack(decoded) if decoded else torch.zeros(0, dim)


def draw(generator: StudioGenerator, latents: Float[Tensor, "n latent"]) -> Answer:
    """The garments of latents, each with its picture and a few words."""
    images = generator.draw(latents)
    words = describe_images(images / 255, is_on_white=generator.is_on_white)
    colours = mean_rgb(images / 255, is_on_white=generator.is_on_white)
    return {
        "garments": [
            {
                "latent": encode_latent(latent),
                "image": data_uri(encode_png(to_pil_image(image))),
                "words": text,
                "colours": {part: colours[part][place] for part in PARTS},
            }
            for place, (latent, image, text) in enumerate(zip(latents, images, words, strict=True))
        ]
    }


def _draw_steered(generator: StudioGenerator, found: Steered) -> Answer:
    return draw(generator, found.latent[None]) | {"distance": found.distance}


def describe_seen(one: FoundGarment) -> Answer:
    """What a detector saw, as the page tells it."""
    return {"label": one.label, "score": one.score, "box": one.box}


def data_uri(png: bytes) -> str:
    """A PNG as the address of a picture."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
