import io

import numpy as np
import pytest
from PIL import Image

from fashiongen.sources.encoding import encode, reencode

RAMP = np.tile(np.linspace(0, 255, 80, dtype=np.uint8)[None, :, None], (120, 1, 3))


def decode(content):
    with Image.open(io.BytesIO(content)) as image:
        return image.format, np.asarray(image.convert("RGB"), dtype=float)


@pytest.mark.parametrize(("ext", "name", "error"), [("jpg", "JPEG", 2), ("png", "PNG", 0), ("webp", "WEBP", 3)])
def test_a_picture_is_encoded_in_the_format_of_its_suffix(ext, name, error):
    found, pixels = decode(encode(Image.fromarray(RAMP), ext, 95))
    assert found == name
    assert np.abs(pixels - RAMP).mean() <= error


@pytest.mark.parametrize(("ext", "name"), [("jpg", "JPEG"), ("webp", "WEBP")])
def test_a_copy_is_smaller_and_the_same_picture(ext, name):
    copy, size = reencode(encode(Image.fromarray(RAMP), "jpg", 95), ext, quality=60, scale=0.5)
    found, pixels = decode(copy)
    assert (found, pixels.shape) == (name, (60, 40, 3)) and size == (40, 60)
    assert np.abs(pixels - np.asarray(Image.fromarray(RAMP).resize(size), dtype=float)).mean() < 3
