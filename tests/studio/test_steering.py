"""Optimised latents come to what was asked for, where the network can draw it."""

import pytest
import torch

from fashiongen.images.oklab import parse_colour, to_oklab
from fashiongen.studio.appearance import mean_colours, measure_appearance, soft_mask
from fashiongen.studio.steering import project, recolour, take_colours


def colour_of(generator, latent):
    images = generator.draw(latent[None]) / 255
    return mean_colours(to_oklab(images), soft_mask(images, is_on_white=True))[0]


def outline_of(generator, latent):
    found = measure_appearance(generator.draw(latent[None]) / 255, is_on_white=True)
    return [float(found[name][0]) for name in ("height", "width", "hem_width")]


@pytest.mark.parametrize("colour", ["#7a2030", "#204080", "#3a5a2a"])
def test_a_garment_takes_a_colour_and_keeps_its_outline(generator, colour):
    latent = generator.sample(0, 1, seed=3, truncation=1.0)[0]
    found = recolour(generator, latent, parse_colour(colour), "all")
    assert float((colour_of(generator, found.latent) - parse_colour(colour)).norm()) < 0.04
    assert found.distance < 0.04
    assert outline_of(generator, found.latent) == pytest.approx(outline_of(generator, latent), abs=0.06)


def test_a_colour_that_the_network_cannot_draw_is_told_by_its_distance(generator):
    """Its brightest channel is 0.8, so white is out of reach."""
    latent = generator.sample(0, 1, seed=3, truncation=1.0)[0]
    assert recolour(generator, latent, parse_colour("#ffffff"), "all").distance > 0.1


def test_colours_are_taken_and_the_outline_stays(generator):
    shape, colours = generator.sample(0, 2, seed=11, truncation=1.0)
    found = take_colours(generator, shape, colours)
    before = float((colour_of(generator, shape) - colour_of(generator, colours)).norm())
    after = float((colour_of(generator, found.latent) - colour_of(generator, colours)).norm())
    assert after < before / 3
    assert outline_of(generator, found.latent) == pytest.approx(outline_of(generator, shape), abs=0.06)


def test_a_drawn_garment_is_found_again(generator):
    target = generator.draw(generator.sample(4, 1, seed=77, truncation=1.0))[0]
    found = project(generator, target)
    assert found.distance < 0.02
    drawn = generator.draw(found.latent[None])[0]
    assert float((drawn.float() - target.float()).abs().mean()) < 5


def test_noise_is_far_from_every_garment(generator):
    noise = torch.randint(0, 256, (3, 64, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert project(generator, noise).distance > 0.2
