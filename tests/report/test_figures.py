"""Charts and sheets: the same bytes for the same numbers, in either theme, without a date."""

import io

import numpy as np
import pytest
from PIL import Image

from fashiongen.evaluation.measurements import Epoch, Score
from fashiongen.report.dcgan_figures import loss_limits, render_distances, render_losses
from fashiongen.report.figures import render_charts, render_sheets
from fashiongen.report.fonts import embed_font, font_path
from fashiongen.report.pictures import embed_photograph, render_mosaic, render_pair
from fashiongen.report.style import DARK, LIGHT


def decode(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_charts_are_the_same_bytes_each_time_and_carry_neither_date_nor_version(evidence, published):
    first, second = (render_charts(evidence, published, LIGHT) for _ in range(2))
    assert first == second
    assert [name for name, content in first.items() if decode(content).info.keys() != {"dpi"}] == []


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_a_chart_lies_on_its_themes_paper(theme, made_up):
    chart = decode(render_losses(made_up.make_history(5, 0), "cropped", theme, limits=(0.0, 3.5))).convert("RGB")
    assert chart.getpixel((2, 2)) == tuple(bytes.fromhex(theme.paper[1:]))


def test_the_limits_of_losses_hold_those_of_every_variant():
    row = {"D_x": 0.5, "D_G_z1": 0.5, "D_G_z2": 0.5}
    bce = [Epoch(epoch=1, Loss_D=0.5, Loss_G=2.0, **row)]
    hinge = [Epoch(epoch=1, Loss_D=1.5, Loss_G=-1.0, **row)]
    assert loss_limits([bce]) == pytest.approx((0, 2.1))
    assert loss_limits([bce, hinge]) == pytest.approx((-1.05, 2.1))
    low, high = loss_limits([[Epoch(epoch=1, Loss_D=0.0, Loss_G=0.0, **row)]])
    assert low < high


def test_a_training_of_one_epoch_shows_points(made_up):
    line, point = (
        np.asarray(decode(render_losses(made_up.make_history(n, 0), "x", LIGHT, limits=(0.0, 3.5))).convert("RGB"))
        for n in (2, 1)
    )
    color = np.array(list(bytes.fromhex(LIGHT.series[1][1:])))
    assert (line == color).all(axis=-1).any()
    assert (point == color).all(axis=-1).any()


def test_distances_below_zero_stay_inside_the_chart():
    """An unbiased estimate of a small distance can fall below zero: its point must not be cut off."""
    below = Score(KID=-0.02, KID_std=0.001, precision=0.9, recall=0.9, density=1, coverage=0.9)
    chart = np.asarray(decode(render_distances({"real": below}, LIGHT)).convert("RGB"))
    color = np.array(list(bytes.fromhex(LIGHT.series[0][1:])))
    drawn = (chart == color).all(axis=-1)
    assert drawn.any()
    assert not drawn[:, [0, -1]].any()


def test_a_pair_holds_both_grids_pixel_by_pixel(made_up):
    left, right = made_up.draw_grid(1), made_up.draw_grid(2)
    sheet = decode(render_pair(left, right, ("real", "generated")))
    top, bottom = sheet.height - 28 - left.height, sheet.height - 28
    assert sheet.crop((28, top, 28 + left.width, bottom)).tobytes() == left.tobytes()
    assert sheet.crop((sheet.width - 28 - right.width, top, sheet.width - 28, bottom)).tobytes() == right.tobytes()


def test_a_mosaic_has_rows_with_gaps_of_four(made_up):
    pictures = [made_up.draw_garment(number) for number in range(5)]
    sheet = decode(render_mosaic(pictures, columns=3))
    assert sheet.size == (3 * 20 - 4, 2 * 20 - 4)
    assert sheet.crop((20, 20, 36, 36)).tobytes() == pictures[4].tobytes()


def test_a_photograph_is_made_smaller_but_never_larger():
    wide = embed_photograph(Image.new("RGB", (400, 100)), max_width_px=200)
    narrow = embed_photograph(Image.new("RGB", (40, 10)), max_width_px=200)
    assert (wide.width_px, wide.height_px, narrow.width_px, narrow.height_px) == (200, 50, 40, 10)


def test_sheets_are_named_after_their_variants(evidence):
    variants = ("cropped", "original", "subset")
    names = {f"{sheet}_{variant}" for sheet in ("real_and_generated", "originality") for variant in variants}
    assert render_sheets(evidence).keys() == names | {"cropped_and_subset", "garments", "boards"}


def test_a_font_is_cut_to_what_the_page_needs():
    path = font_path("STIXGeneral")
    assert len(embed_font(path)) < path.stat().st_size / 5
    assert embed_font(path) == embed_font(path)
