"""Where the lines of the page's plots lie."""

from xml.etree import ElementTree

import pytest

from fashiongen.coco.evaluation_records import CurvePoint
from fashiongen.dcgan.training.records import EpochRecord
from fashiongen.report.plots import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Plot,
    add_style,
    loss_limits,
    plot_losses,
    plot_precision,
    render_svg,
)
from fashiongen.report.style import DARK, LIGHT

NOT_DRAWN = {"height_px": 32, "images_seen": 9, "diversity": 1.0, "collapsed": False, "SWD": None, "KID_worst": None}


def make_plot(x, y, highest=2.0, lowest=0.0):
    return Plot("a title", "x", x, {"line": y}, lowest, highest, {})


def test_the_corners_of_the_data_are_the_corners_of_the_frame():
    plot = make_plot([1.0, 3.0], [0.0, 2.0])
    assert plot.points("line") == f"{LEFT:.1f},{HEIGHT - BOTTOM:.1f} {WIDTH - RIGHT:.1f},{TOP:.1f}"


def test_a_plot_may_begin_below_0():
    plot = make_plot([1.0, 3.0], [-2.0, 2.0], lowest=-2.0)
    assert plot.points("line") == f"{LEFT:.1f},{HEIGHT - BOTTOM:.1f} {WIDTH - RIGHT:.1f},{TOP:.1f}"
    assert min(value for value, _ in plot.y_ticks()) == -2


def test_the_middle_is_in_the_middle():
    plot = make_plot([0.0, 0.5, 1.0], [1.0, 1.0, 1.0])
    assert plot.x_px(0.5) == (LEFT + WIDTH - RIGHT) / 2
    assert plot.y_px(1.0) == (TOP + HEIGHT - BOTTOM) / 2


def test_one_place_alone_stands_in_the_middle():
    plot = make_plot([1.0], [1.0])
    assert plot.points("line").startswith(f"{(LEFT + WIDTH - RIGHT) / 2}")
    assert plot.x_ticks() == [(1.0, "1")]


@pytest.mark.parametrize(("last", "highest"), [(60, 5.8), (7, 0.31), (3000, 120.0)])
def test_ticks_are_few_and_round_and_within(last, highest):
    plot = make_plot([1.0, float(last)], [0.0, highest], highest)
    for ticks, low, high in ((plot.x_ticks(), 1, last), (plot.y_ticks(), 0, highest)):
        assert 2 <= len(ticks) <= 7
        assert all(low <= value <= high and float(written) == pytest.approx(value) for value, written in ticks)
    assert all(float(written).is_integer() for _, written in plot.x_ticks())


def test_the_cursor_reads_what_the_lines_are_drawn_from():
    row = {"D_x": 0.8, "D_G_z1": 0.25, "D_G_z2": 0.1} | NOT_DRAWN
    history = [EpochRecord(epoch=number, Loss_D=0.5, Loss_G=2.0 + number, **row) for number in (1, 2, 3)]
    data = plot_losses(history, "cropped", limits=(0.0, 5.0)).data()
    assert data["x"] == [1, 2, 3]
    assert data["x_px"] == [LEFT, (LEFT + WIDTH - RIGHT) / 2, WIDTH - RIGHT]
    assert data["values"] == {"Loss_G": [3, 4, 5], "Loss_D": [0.5] * 3, "D(x)": [0.8] * 3, "D(G(z))": [0.25] * 3}


def test_a_type_that_no_test_image_holds_has_no_line():
    curve = [CurvePoint(category="full", recall=step / 2, precision=1 - step / 4) for step in range(3)]
    assert plot_precision(curve, "resnet18").lines == {"full": [1.0, 0.75, 0.5]}


def test_the_limits_of_losses_hold_those_of_every_variant():
    row = {"D_x": 0.5, "D_G_z1": 0.5, "D_G_z2": 0.5} | NOT_DRAWN
    bce = [EpochRecord(epoch=1, Loss_D=0.5, Loss_G=2.0, **row)]
    hinge = [EpochRecord(epoch=1, Loss_D=1.5, Loss_G=-1.0, **row)]
    assert loss_limits([bce]) == pytest.approx((0, 2.1))
    assert loss_limits([bce, hinge]) == pytest.approx((-1.05, 2.1))
    low, high = loss_limits([[EpochRecord(epoch=1, Loss_D=0.0, Loss_G=0.0, **row)]])
    assert low < high


def test_a_plot_in_a_file_of_its_own_is_xml_with_both_themes_and_a_key():
    plot = Plot("a <title>", "epoch", [1.0, 2.0], {"one": [0.0, 1.0], "two": [1.0, 0.0]}, 0.0, 1.0, {})
    root = ElementTree.fromstring(add_style(render_svg(plot)))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.attrib["aria-label"] == "a <title>: one, two"
    style = root[0].text
    assert all(colour in style for theme in (LIGHT, DARK) for colour in (theme.paper, *theme.series[:2]))
    assert [text.text for text in root.iter() if "key" in text.get("class", "")] == ["one", "two"]
    assert [line.get("points") for line in root.iter() if "line" in line.get("class", "").split()] == [
        plot.points("one"),
        plot.points("two"),
    ]


def test_a_training_of_one_epoch_draws_a_point():
    """A polyline of one point would show nothing."""
    root = ElementTree.fromstring(render_svg(make_plot([1.0], [1.0])))
    drawn = [(dot.get("cx"), dot.get("cy")) for dot in root.iter("{http://www.w3.org/2000/svg}circle")]
    assert drawn == [tuple(make_plot([1.0], [1.0]).points("line").split(","))]
