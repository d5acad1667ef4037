"""A garment in a photograph is found, cut out, and drawn as near as the network can."""

import io

import numpy as np
import pytest
from PIL import Image

from fashiongen.errors import BadInput, CorruptImage
from fashiongen.studio.appearance import describe_images
from fashiongen.studio.photographs import read_upload
from fashiongen.studio.steering import project


def photograph(colour=(90, 30, 120), size=(300, 400)):
    """A dress of one colour in front of a white wall, with grain."""
    rng = np.random.default_rng(0)
    pixels = np.full((size[1], size[0], 3), 245.0)
    for row in range(60, 360):
        half = int(40 + (row - 60) * 0.15)
        pixels[row, 150 - half : 150 + half] = colour
    return Image.fromarray((pixels + rng.normal(0, 4, pixels.shape)).clip(0, 255).astype(np.uint8))


def encode(image, form="JPEG"):
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_garment_is_found_where_it_is(finder, generator, form):
    cut = finder.cut(encode(photograph(), form), generator)
    x, y, width, height = cut.seen.box
    assert (cut.seen.label, cut.seen.score) == ("full", pytest.approx(0.9))
    assert [x, x + width] == pytest.approx([66 / 300, 235 / 300], abs=0.04)
    assert [y, y + height] == pytest.approx([60 / 400, 360 / 400], abs=0.04)
    assert cut.target.shape == (3, 64, 32)


def test_the_network_draws_the_nearest_in_colour_and_says_how_far(finder, generator):
    cut = finder.cut(encode(photograph()), generator)
    found = project(generator, cut.target)
    assert found.distance < 0.12
    assert "purple" in describe_images(generator.draw(found.latent[None]) / 255, is_on_white=True)[0]


def test_a_picture_without_a_garment_is_said(finder, generator):
    with pytest.raises(BadInput, match="no garment was found"):
        finder.cut(encode(Image.new("RGB", (200, 300), "white")), generator)


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"no picture", encode(photograph())[:3000], b"%!PS-Adobe-3.0 EPSF-3.0\n%%EOF"]
)
def test_what_is_no_picture_is_said_without_a_path(content):
    with pytest.raises(CorruptImage, match=r"this (file is no|picture is (damaged|too large))") as caught:
        read_upload(content)
    assert not {"/", "<", "object"} & set(str(caught.value).split()) and "/" not in str(caught.value)


def test_a_drawn_garment_is_looked_at_too(finder, generator):
    image = Image.fromarray(
        generator.draw(generator.sample(0, 1, seed=1, truncation=1.0))[0].permute(1, 2, 0).contiguous().numpy()
    )
    (seen,) = finder.find_in_drawn(image)
    assert seen.box[3] > 0.4
