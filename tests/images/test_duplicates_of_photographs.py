"""Copies of real photographs are found, and other pictures stay; benchmarks/duplicates.py has more of both."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from fashiongen import config
from fashiongen.cli.profiles import read_profile
from fashiongen.images.duplicates import find_near_duplicates
from fashiongen.images.hashing import describe_image, read_thumbnail
from fashiongen.images.params import DedupParams

PHOTOGRAPHS = 12
PROFILES = Path(__file__).parents[2] / "profiles"


def crop(image):
    width, height = image.size
    return image.crop((round(0.025 * width), round(0.025 * height), round(0.975 * width), round(0.975 * height)))


def put_badge(image):
    badged, side = image.copy(), 0.08 * image.width
    ImageDraw.Draw(badged).ellipse(
        (image.width - 1.3 * side, 0.3 * side, image.width - 0.3 * side, 1.3 * side), fill="red"
    )
    return badged


def recolour(image):
    """The middle third in another hue: a garment in another colour."""
    hue, saturation, value = image.convert("HSV").split()
    turned = hue.point([(level + 90) % 256 for level in range(256)])
    strong = saturation.point([max(level, 140) for level in range(256)])
    other = Image.merge("HSV", (turned, strong, value)).convert("RGB")
    width, height = image.size
    box = (width // 3, height // 3, 2 * width // 3, 2 * height // 3)
    changed = image.copy()
    changed.paste(other.crop(box), box)
    return changed


COPIES: dict[str, Callable] = {
    "smaller": lambda image: image.resize((236, round(236 * image.height / image.width))),
    "cropped": crop,
    "framed": lambda image: ImageOps.expand(image, 12, "white"),
    "badge": put_badge,
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
}
OTHERS: dict[str, Callable] = {"mirrored": ImageOps.mirror, "recoloured": recolour}


@pytest.fixture(scope="module")
def params():
    return config.parse(DedupParams, config.section(read_profile("demo", PROFILES), "dedup"), "dedup", PROFILES)


@pytest.fixture
def found(link_ccp, tmp_path, params):
    """The names of what a change made of each photograph, if it was removed as a duplicate of that photograph."""
    photographs = sorted((link_ccp(PHOTOGRAPHS) / "photos").glob("*.jpg"))[:PHOTOGRAPHS]

    def find(change):
        for path in photographs:
            with Image.open(path) as opened:
                image = opened.convert("RGB")
            image.save(tmp_path / f"{path.stem}.png")
            change(image).save(tmp_path / f"{path.stem}-changed.jpg", quality=80)
        images = {path.name: describe_image(path) for path in tmp_path.glob("*-changed.jpg")}
        images |= {path.name: describe_image(path) for path in tmp_path.glob("*.png")}
        rows = find_near_duplicates(images, params, lambda name: read_thumbnail(tmp_path / name))
        assert all(row.removed.partition(".")[0].split("-")[0] in row.keeper for row in rows)
        return len(rows)

    return find


@pytest.mark.parametrize("name", COPIES)
def test_copies_are_found(found, name):
    assert found(COPIES[name]) >= PHOTOGRAPHS - 1


@pytest.mark.parametrize("name", OTHERS)
def test_other_pictures_stay(found, name):
    assert found(OTHERS[name]) == 0
