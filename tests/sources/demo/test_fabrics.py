import numpy as np
import pytest

from fashiongen.sources.demo.brands import BRANDS
from fashiongen.sources.demo.fabrics import PATTERNS, Fabric, colour_cloth
from fashiongen.sources.demo.prints import PRINTS

RED, WHITE, GREEN = (0.8, 0.1, 0.1), (1.0, 1.0, 1.0), (0.1, 0.6, 0.2)


def swatch(pattern, *, repeat=0.1, angle=0.0, span=0.4, pixels=160):
    fabric = Fabric(pattern, (RED, WHITE, GREEN), repeat, angle, 0.0, 0.0, 1)
    at = (np.arange(pixels, dtype=np.float32) + 0.5) * span / pixels
    return colour_cloth(fabric, at[None], at[:, None], span / pixels)


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_every_pattern_gives_a_colour_to_each_pixel(pattern):
    rgb = swatch(pattern)
    assert rgb.shape == (160, 160, 3) and rgb.min() >= 0 and rgb.max() <= 1.2


@pytest.mark.parametrize("pattern", sorted(set(PATTERNS) - {"plain", "gradient", "ribs"}))
def test_patterns_repeat_after_their_repeat(pattern):
    """A shift by two repeats (dots are staggered) changes nothing."""
    rgb = swatch(pattern)
    assert np.abs(rgb[:, 80:] - rgb[:, :80]).mean() < 0.02


def test_stripes_are_half_one_colour_and_half_the_other():
    assert swatch("stripes").mean(axis=(0, 1)) == pytest.approx(np.mean([RED, WHITE], axis=0), abs=0.01)


def test_turned_stripes_run_across():
    upright, turned = swatch("stripes"), swatch("stripes", angle=np.pi / 2)
    assert np.ptp(upright[0], axis=0).max() > 0.5 and np.ptp(upright[:, 0], axis=0).max() < 0.01
    assert np.ptp(turned[:, 0], axis=0).max() > 0.5 and np.ptp(turned[0], axis=0).max() < 0.01


def test_a_print_seen_from_afar_is_its_mean_colour():
    near, far = swatch("floral"), swatch("floral", span=4.0, repeat=0.05)
    assert far.mean(axis=(0, 1)) == pytest.approx(near.mean(axis=(0, 1)), abs=0.06)
    assert far.std(axis=(0, 1)).max() < near.std(axis=(0, 1)).max()


def test_every_brand_uses_existing_patterns_with_enough_colours():
    for brand in BRANDS:
        for design in brand.prints:
            assert design.pattern in PATTERNS
            assert len(design.colours) >= (3 if design.pattern in PRINTS else 2)
