"""The kind of a pattern, on swatches that are drawn here, with other code than what the coefficients were fitted to."""

import cv2
import numpy as np
import pytest

from fashiongen.trends.colours import to_oklab_points
from fashiongen.trends.garments import Job, find_inside, measure_garment, spread_out
from fashiongen.trends.pattern import classify_pattern, read_coefficients
from fashiongen.trends.records import PATTERN_KINDS
from fashiongen.trends.texture import ANGLES, LARGE, SMALL, autocorrelate, choose_scale, measure_texture

HEIGHT, WIDTH = 320, 180
COLOURS = [((31, 42, 68), (244, 240, 230)), ((230, 60, 40), (250, 200, 60)), ((250, 250, 250), (20, 110, 60))]
PLAIN = [(23, 23, 26), (244, 240, 230), (184, 69, 95), (63, 79, 58)]


def grid():
    return np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)


def mix(colours, share):
    one, other = (np.array(colour, float) for colour in colours)
    return np.rint(one + (other - one) * share[..., None]).astype(np.uint8)


def stripes(colours, repeat_px, angle_deg=0.0):
    y, x = grid()
    along = x * np.cos(np.radians(angle_deg)) + y * np.sin(np.radians(angle_deg))
    return mix(colours, (along / repeat_px % 1 < 0.5).astype(float))


def checks(colours, repeat_px, angle_deg=0.0):
    y, x = grid()
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    bands = ((part / repeat_px % 1 < 0.5).astype(float) for part in (x * cosine + y * sine, y * cosine - x * sine))
    return mix(colours, sum(bands) / 2)


def dots(colours, repeat_px):
    y, x = grid()
    row = np.floor(y / repeat_px)
    across = (x / repeat_px + 0.5 * (row % 2)) % 1 - 0.5
    return mix(colours, (np.hypot(across, y / repeat_px - row - 0.5) < 0.28).astype(float))


def flowers(colours, size_px, seed=0):
    """Five round petals around a centre, with two leaves, at places that do not overlap much."""
    rng = np.random.default_rng(seed)
    image = np.full((HEIGHT, WIDTH, 3), colours[0], np.uint8)
    for y in np.arange(0, HEIGHT + size_px, 2.6 * size_px):
        for x in np.arange(0, WIDTH + size_px, 2.6 * size_px):
            centre, turn = np.array([x, y]) + rng.normal(0, 0.4 * size_px, 2), rng.uniform(0, 7)
            for leaf in (0.4, 2.2):
                end = centre + 1.4 * size_px * np.array([np.cos(turn + leaf), np.sin(turn + leaf)])
                cv2.line(image, *(tuple(map(int, at)) for at in (centre, end)), (60, 120, 70), int(size_px // 3), 16)
            for petal in turn + np.arange(5) * 2 * np.pi / 5:
                at = centre + 0.55 * size_px * np.array([np.cos(petal), np.sin(petal)])
                cv2.circle(image, tuple(map(int, at)), int(0.42 * size_px), colours[1], -1, 16)
            cv2.circle(image, tuple(map(int, centre)), int(0.25 * size_px), (250, 230, 120), -1, 16)
    return image


def classify(rgb, covered=None):
    coverage = np.full(rgb.shape[:2], 255, np.uint8) if covered is None else covered.astype(np.uint8) * 255
    return classify_pattern(*read_oklab(rgb, find_inside(coverage)))


def read_oklab(rgb, inside):
    """What the kind is told from: OKLab within the garment, and its mask."""
    return spread_out(to_oklab_points(rgb[inside]), inside), inside


def shrink(rgb, height):
    """The same swatch in a smaller picture."""
    return cv2.resize(rgb, (round(rgb.shape[1] * height / rgb.shape[0]), height), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize(("repeat_px", "angle_deg"), [(12, 0), (24, 0), (24, 90), (40, 45), (30, 20)])
def test_stripes_of_any_angle(colours, repeat_px, angle_deg):
    assert classify(stripes(colours, repeat_px, angle_deg)).kind == "stripes"


@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize(("repeat_px", "angle_deg"), [(16, 0), (28, 0), (28, 45), (40, 0)])
def test_checks(colours, repeat_px, angle_deg):
    assert classify(checks(colours, repeat_px, angle_deg)).kind == "checks"


@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize("repeat_px", [14, 20, 32])
def test_dots(colours, repeat_px):
    assert classify(dots(colours, repeat_px)).kind == "dots"


@pytest.mark.parametrize("colours", [COLOURS[0], COLOURS[2]])  # yellow ones on red are taken for dots
@pytest.mark.parametrize("size_px", [12, 16])
def test_flowers(colours, size_px):
    assert classify(flowers(colours, size_px)).kind == "floral"


@pytest.mark.parametrize("colour", PLAIN)
def test_one_colour_is_plain(colour):
    found = classify(mix((colour, colour), np.zeros((HEIGHT, WIDTH))))
    assert found.kind == "plain"
    assert found.certainty > 0.5


@pytest.mark.parametrize("colour", PLAIN[1:])
@pytest.mark.parametrize("strength", [0.1, 0.3])
def test_light_and_folds_alone_are_plain(colour, strength):
    """A shade from side to side, and folds that open towards the hem."""
    y, x = grid()
    light = 1 - strength * (x / WIDTH) - 0.3 * strength * np.sin(x / 14 + y / 90) * y / HEIGHT
    assert classify(np.rint(np.array(colour) * light[..., None]).astype(np.uint8)).kind == "plain"


@pytest.mark.parametrize("deviation", [1, 2, 3])
def test_noise_of_a_camera_is_plain(deviation):
    noise = np.random.default_rng(0).normal(0, deviation, (HEIGHT, WIDTH, 3))
    assert classify(np.clip(np.array(PLAIN[2]) + noise, 0, 255).astype(np.uint8)).kind == "plain"


@pytest.mark.parametrize("swatch", [stripes(COLOURS[0], 30, 20), checks(COLOURS[1], 28), flowers(COLOURS[2], 16)])
def test_a_mirror_changes_no_feature(swatch):
    """Cells of a grid of pixels and the components' counts stay; sums in another order differ by rounding."""
    inside = np.ones(swatch.shape[:2], bool)
    one, other = (
        measure_texture(*read_oklab(np.ascontiguousarray(rgb), inside), LARGE) for rgb in (swatch, swatch[:, ::-1])
    )
    assert one == pytest.approx(other, rel=0.02, abs=0.02)


def test_what_lies_around_the_garment_does_not_count():
    covered = np.zeros((HEIGHT, WIDTH), bool)
    covered[20:300, 30:150] = True
    swatch = stripes(COLOURS[0], 24)
    other = np.where(covered[..., None], swatch, 255 - swatch)
    assert classify(swatch, covered) == classify(other, covered)


@pytest.mark.parametrize("repeat_px", [16, 24])
def test_the_correlation_repeats_with_the_stripes(repeat_px):
    """Across them it is that of a square wave, 1 at each repeat and -1 between; along them it is 1."""
    _, x = np.mgrid[0:160, 0:160]
    plane = np.where(x % repeat_px < repeat_px / 2, 1, -1).astype(np.float32)
    correlation = autocorrelate(plane, np.ones(plane.shape, bool), LARGE.reach_px)
    across, along = correlation[0], correlation[ANGLES // 2]
    assert across[repeat_px // 2 - 1] == pytest.approx(-1, abs=1e-3)
    assert across[repeat_px - 1] == pytest.approx(1, abs=1e-3)
    assert along == pytest.approx(np.ones_like(along), abs=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 40), (64, 24), (9, 9), (700, 3)])
@pytest.mark.parametrize("is_uniform", [True, False])
def test_any_size_has_an_answer(size, is_uniform):
    level = np.full(size, 120) if is_uniform else np.random.default_rng(0).integers(0, 256, size)
    found = classify_pattern(*read_oklab(np.dstack([level] * 3).astype(np.uint8), np.ones(size, bool)))
    assert found.kind in PATTERN_KINDS
    assert 1 / len(PATTERN_KINDS) <= found.certainty <= 1
    assert found.kind == "plain" or not is_uniform


def test_one_pixel_of_many_is_enough():
    inside = np.zeros((64, 30), bool)
    inside[40, 7] = True
    assert classify_pattern(*read_oklab(np.full((64, 30, 3), 255, np.uint8), inside)).kind == "plain"


def test_the_coefficients_are_of_the_features_that_there_are():
    swatch = read_oklab(np.full((30, 20, 3), 255, np.uint8), np.ones((30, 20), bool))
    for scale in (LARGE, SMALL):
        assert read_coefficients()[scale.name].names == tuple(measure_texture(*swatch, scale))


@pytest.mark.parametrize(("side_px", "scale"), [(1, SMALL), (96, SMALL), (97, LARGE), (900, LARGE)])
def test_the_longer_side_chooses_the_scale(side_px, scale):
    assert choose_scale(np.ones((side_px, 20), bool)) == choose_scale(np.ones((20, side_px), bool)) == scale


@pytest.mark.parametrize("height", [64, 90])
@pytest.mark.parametrize(
    ("swatch", "kind"),
    [
        (stripes(COLOURS[0], 40, 90), "stripes"),
        (checks(COLOURS[0], 40), "checks"),
        (dots(COLOURS[0], 32), "dots"),
        (mix((PLAIN[2], PLAIN[2]), np.zeros((HEIGHT, WIDTH))), "plain"),
    ],
)
def test_a_small_picture_tells_wide_patterns_too(swatch, kind, height):
    assert classify(shrink(swatch, height)).kind == kind


@pytest.mark.parametrize(("swatch", "kind"), [(stripes(COLOURS[0], 24, 90), "stripes"), (dots(COLOURS[1], 24), "dots")])
def test_a_garments_row_has_its_kind(cut_out, params, swatch, kind):
    row = measure_garment(Job(cut_out(swatch), cut_out.folder, params))
    assert row.pattern == kind
    assert 0.3 < row.pattern_certainty <= 1
