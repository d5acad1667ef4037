"""Measures of drawn shapes against their closed form, and names of colours."""

import numpy as np
import pytest
import torch

from fashiongen.images.oklab import parse_colour
from fashiongen.studio.appearance import describe_images, measure_appearance, name_colour


def paint(height=48, width=12, colour=(0.6, 0.1, 0.1), hem=0, top=0):
    """A garment of one colour on white, 64 x 32 px: wider by `hem` in its lowest sixth, by `top` in its upper third."""
    image = torch.ones(3, 64, 32)
    for row in range(height):
        extra = hem if row >= height * 5 / 6 else top if row < height / 3 else 0
        half = (width + extra) // 2
        image[:, 4 + row, 16 - half : 16 + half] = torch.tensor(colour)[:, None]
    return image


def measure(image):
    return {name: float(value[0]) for name, value in measure_appearance(image[None], is_on_white=True).items()}


@pytest.mark.parametrize("height", [24, 48, 58])
@pytest.mark.parametrize("width", [8, 16])
def test_height_and_width_are_those_that_were_painted(height, width):
    found = measure(paint(height, width))
    assert found["height"] == pytest.approx(height / 64, abs=0.02)
    assert found["width"] == pytest.approx(width / 32, abs=0.01)


def test_a_wider_hem_and_wider_sleeves_are_told_apart():
    plain, hem, sleeves = (measure(image) for image in (paint(), paint(hem=8), paint(top=8)))
    assert hem["hem_width"] > plain["hem_width"] + 0.3 > hem["top_width"]
    assert sleeves["top_width"] > plain["top_width"] + 0.3 > sleeves["hem_width"]


def test_the_colour_is_the_garments_and_not_the_grounds():
    colour = (0.2, 0.3, 0.7)
    found = measure(paint(colour=colour))
    expected = parse_colour("#" + "".join(f"{round(255 * value):02x}" for value in colour))
    assert [found[name] for name in ("lightness", "red", "yellow")] == pytest.approx(expected.tolist(), abs=0.01)


def test_a_pattern_and_a_darker_lower_half_are_seen():
    plain, striped, dark_below = paint(), paint(), paint()
    striped[:, 4:52:4, 10:22] = 0.95 * torch.tensor([1.0, 0.2, 0.2])[:, None, None]
    dark_below[:, 28:52, 10:22] = 0.02
    assert measure(striped)["pattern"] > measure(plain)["pattern"] + 0.03
    assert measure(dark_below)["dark_below"] > measure(plain)["dark_below"] + 0.1


COLOURS = {
    "#ffffff": "white", "#111111": "black", "#7f7f7f": "grey", "#d02030": "red", "#7a1522": "dark red",
    "#2040c0": "blue", "#101c50": "dark blue", "#1d7a3a": "green", "#e8dcc0": "cream", "#7b5330": "brown",
    "#f2d21f": "yellow", "#7030a0": "purple", "#e0559a": "pink", "#f08020": "orange", "#20a0a0": "turquoise",
}  # fmt: skip


@pytest.mark.parametrize(("colour", "name"), COLOURS.items())
def test_colours_have_the_names_that_people_give_them(colour, name):
    assert name in name_colour(*parse_colour(colour).tolist())


def test_every_colour_has_a_name():
    rng = np.random.default_rng(0)
    for colour in rng.uniform((0, -0.4, -0.4), (1, 0.4, 0.4), size=(2000, 3)):
        assert name_colour(*colour.tolist())


def test_words_describe_each_image_and_an_empty_one_too():
    words = describe_images(torch.stack([paint(58, 10), paint(30, 22), torch.ones(3, 64, 32)]), is_on_white=True)
    assert words[0].startswith("dark red, long")
    assert words[1].startswith("dark red, short")
    assert len(words) == 3
    assert describe_images(paint()[None], is_on_white=False) != words[:1]
