"""A garment's row, from cut-outs whose colours, pattern and outline are planted."""

import numpy as np
import pytest

from fashiongen.errors import CorruptImage, MissingInput
from fashiongen.trends.colours import to_oklab_points
from fashiongen.trends.garments import (
    Job,
    find_inside,
    find_season,
    measure_garment,
    read_cutout,
    read_palette,
    write_palette,
)
from fashiongen.trends.palette import Swatch
from tests.trends.conftest import crop_record, plain

NAVY, CREAM = (31, 42, 68), (244, 240, 230)


@pytest.fixture
def measure(cut_out, params):
    def measure(*pixels, **changes):
        return measure_garment(Job(cut_out(*pixels, **changes), cut_out.folder, params))

    return measure


def striped(one, other, each_px):
    pixels = plain(one, 96, 48)
    pixels[np.arange(96) // each_px % 2 == 1] = other
    return pixels


def test_a_plain_garment_has_one_colour_and_no_pattern(measure):
    row = measure(plain(NAVY), brand="Nord", season="FW26", label="full")
    assert (row.brand, row.season, row.label, row.pattern) == ("Nord", "FW26", "full", "plain")
    assert (row.palette, row.colour) == ("#1f2a44 1.00", "marine")
    (lightness, a, b), *_ = to_oklab_points(np.array([NAVY], np.uint8))
    assert (row.lightness, row.chroma) == pytest.approx((lightness, np.hypot(a, b)), abs=1e-3)
    assert (row.contrast, row.height_to_width, row.hem_to_waist) == (0, 2, 1)
    assert row.widths == " ".join(["1.00"] * 8)


@pytest.mark.parametrize(
    ("season", "pinned_on", "from_pins", "expected"),
    [
        ("FW26", "2024-03-01", True, ("FW26", "catalogue")),
        ("archive", "2024-03-01", True, ("FW24", "pin")),
        ("", "2024-10-01", True, ("SS25", "pin")),
        ("archive", "2024-03-01", False, ("archive", "none")),
        ("archive", "", True, ("archive", "none")),
    ],
)
def test_the_day_of_a_pin_counts_where_the_catalogue_names_no_season(season, pinned_on, from_pins, expected):
    record = crop_record(season=season, pinned_on=pinned_on)
    assert find_season(record, date_from_pins=from_pins) == expected


def test_two_halves_are_two_colours_and_no_pattern(measure):
    pixels = plain(NAVY)
    pixels[60:] = CREAM
    swatches = read_palette(measure(pixels).palette)
    assert [one.share for one in swatches] == pytest.approx([0.75, 0.25], abs=0.02)
    assert [one.oklab for one in swatches] == [
        pytest.approx(tuple(point), abs=0.01) for point in to_oklab_points(np.array([NAVY, CREAM], np.uint8))
    ]


@pytest.mark.parametrize("each_px", [2, 3, 4, 6])
def test_stripes_are_a_pattern(measure, each_px):
    assert measure(striped(NAVY, CREAM, each_px)).pattern == "stripes"


@pytest.mark.parametrize("difference", [0, 4, 8])
def test_noise_of_a_camera_is_none(measure, difference):
    noise = np.random.default_rng(0).integers(-difference, difference + 1, (80, 40, 1))
    assert measure((plain((120, 90, 80)) + noise).astype(np.uint8)).pattern == "plain"


def test_a_shade_from_top_to_hem_is_none(measure):
    pixels = np.repeat(np.linspace(60, 200, 80).astype(np.uint8)[:, None, None], 40, axis=1).repeat(3, axis=2)
    row = measure(pixels)
    assert row.pattern == "plain"
    assert len(read_palette(row.palette)) > 2


def test_the_edge_that_is_mixed_with_the_ground_does_not_count(measure):
    """Its pixels are of another colour here, and opaque."""
    pixels = plain(NAVY)
    pixels[[0, -1], :] = pixels[:, [0, -1]] = (255, 0, 0)
    assert measure(pixels).palette == "#1f2a44 1.00"


def test_a_thin_garment_is_measured_by_all_its_pixels():
    coverage = np.zeros((20, 9), np.uint8)
    coverage[:, 4] = 255
    assert find_inside(coverage).sum() == 20


def test_a_garment_that_is_too_small_has_no_row(measure):
    assert measure(plain(NAVY, 5, 5)) is None
    assert measure(plain(NAVY), np.zeros((80, 40), bool)) is None


def test_fewer_pixels_give_nearly_the_same_palette(cut_out, params):
    record = cut_out(striped(NAVY, CREAM, 24))
    few = params.model_copy(update={"pixels_per_garment": 64})
    one, other = (read_palette(measure_garment(Job(record, cut_out.folder, which)).palette) for which in (params, few))
    assert [a.share for a in one] == pytest.approx([b.share for b in other], abs=0.1)


def test_a_palette_comes_back_from_its_text():
    swatches = [
        Swatch(tuple(point), share)
        for point, share in zip(to_oklab_points(np.array([NAVY, CREAM], np.uint8)).tolist(), (0.61, 0.39), strict=True)
    ]
    for one, other in zip(read_palette(write_palette(swatches)), swatches, strict=True):
        assert one.share == other.share
        assert one.oklab == pytest.approx(other.oklab, abs=1e-6)


@pytest.mark.parametrize("content", [b"", b"no image", None])
def test_a_damaged_cutout_is_named_with_its_remedy(cut_out, content):
    path = cut_out.folder / cut_out(plain(NAVY)).file
    path.write_bytes(path.read_bytes()[:90] if content is None else content)
    with pytest.raises(CorruptImage, match=rf"{path.name}: does not decode .*dvc checkout data/crops"):
        read_cutout(path)


def test_a_missing_one_is_named(tmp_path):
    with pytest.raises(MissingInput, match=r"gone\.png"):
        read_cutout(tmp_path / "gone.png")
