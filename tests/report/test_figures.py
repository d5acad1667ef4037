"""Charts and sheets: the same bytes for the same numbers, in either theme, without a date."""

import io
import re
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from fashiongen.report import figures as module
from fashiongen.report.distance_figure import render_distances
from fashiongen.report.figures import Figures
from fashiongen.report.fonts import embed_font, font_path
from fashiongen.report.page import SHEET_MAX_WIDTH_PX, render_markdown, render_page
from fashiongen.report.pictures import draw_mosaic, draw_pair, embed_photograph, embed_png, enlarge
from fashiongen.report.style import DARK, LIGHT, THEMES


def decode(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.fixture(scope="module")
def drawn_again(report_data, published) -> tuple[Figures, Counter]:
    """The same figures, and how often each function drew."""
    calls = Counter()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("render_svg", "render_average_precision", "render_distances", "render_nearest", "draw_matches"):
            patch.setattr(module, name, count_calls(getattr(module, name), calls))
        return module.draw_figures(report_data, published), calls


def count_calls(function, calls: Counter):
    def counted(*arguments, **named):
        calls[function.__name__] += 1
        return function(*arguments, **named)

    return counted


@pytest.mark.slow
def test_the_files_are_the_same_bytes_each_time_and_carry_neither_date_nor_version(figures, drawn_again):
    files = figures.files()
    assert drawn_again[0].files() == files
    pictures = [name for name in files if name.endswith(".png")]
    assert [name for name in pictures if not decode(files[name]).info.keys() <= {"dpi"}] == []


@pytest.mark.slow
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_a_chart_lies_on_its_themes_paper(figures, theme):
    for drawn in figures.charts.values():
        assert decode(drawn[theme.name]).convert("RGB").getpixel((2, 2)) == tuple(bytes.fromhex(theme.paper[1:]))


@pytest.mark.slow
def test_every_figure_is_shown_and_none_is_drawn_twice(drawn_again, report_data, published):
    """Each file is linked by the Markdown; the page holds every plot, chart, plate and match."""
    figures, calls = drawn_again
    files = figures.files()
    page = render_page(report_data, published, figures)
    text = render_markdown(report_data, published)
    assert calls == {
        "render_svg": len(figures.plots),
        "render_average_precision": len(THEMES),
        "render_distances": len(THEMES),
        "render_nearest": len(THEMES) * len(report_data.generators),
        "draw_matches": len(report_data.generators),
    }
    assert set(re.findall(r"\(figures/(.*?)\)", text)) == files.keys()
    charts = [content for drawn in figures.charts.values() for content in drawn.values()]
    assert all(page.count(embed_png(content).uri) == 1 for content in [*charts, *figures.plates.values()])
    assert all(page.count(plot.svg) == 1 for plot in figures.plots.values())
    sheets = [embed_photograph(sheet, max_width_px=SHEET_MAX_WIDTH_PX) for sheet in figures.matches.values()]
    assert all(sheet.uri in page for sheet in sheets)


def test_distances_below_zero_stay_inside_the_chart(made_up):
    """An unbiased estimate of a small distance can fall below zero: its point must not be cut off."""
    below = made_up.make_score(-0.02, 0.001, precision=0.9, recall=0.9, density=1, coverage=0.9)
    chart = np.asarray(decode(render_distances({"real": below}, LIGHT)).convert("RGB"))
    color = np.array(list(bytes.fromhex(LIGHT.series[0][1:])))
    drawn = (chart == color).all(axis=-1)
    assert drawn.any()
    assert not drawn[:, [0, -1]].any()


def test_a_pair_holds_both_grids_pixel_by_pixel(made_up):
    left, right = made_up.draw_grid(1), made_up.draw_grid(2)
    sheet = draw_pair(left, right, ("real", "generated"))
    top, bottom = sheet.height - 28 - left.height, sheet.height - 28
    assert sheet.crop((28, top, 28 + left.width, bottom)).tobytes() == left.tobytes()
    assert sheet.crop((sheet.width - 28 - right.width, top, sheet.width - 28, bottom)).tobytes() == right.tobytes()


def test_a_mosaic_has_rows_with_gaps_of_four(made_up):
    pictures = [made_up.draw_garment(number) for number in range(5)]
    sheet = draw_mosaic(pictures, columns=3)
    assert sheet.size == (3 * 20 - 4, 2 * 20 - 4)
    assert sheet.crop((20, 20, 36, 36)).tobytes() == pictures[4].tobytes()


@pytest.mark.parametrize(("size", "expected"), [((32, 64), (96, 192)), ((64, 32), (96, 48)), ((16, 16), (96, 96))])
def test_an_enlarged_image_keeps_its_proportions(size, expected):
    assert enlarge(Image.new("RGB", size), 96).size == expected


def test_a_photograph_is_made_smaller_but_never_larger():
    wide = embed_photograph(Image.new("RGB", (400, 100)), max_width_px=200)
    narrow = embed_photograph(Image.new("RGB", (40, 10)), max_width_px=200)
    assert (wide.width_px, wide.height_px, narrow.width_px, narrow.height_px) == (200, 50, 40, 10)


def test_a_font_is_cut_to_what_the_page_needs():
    path = font_path("STIXGeneral")
    assert len(embed_font(path)) < path.stat().st_size / 5
    assert embed_font(path) == embed_font(path)
