"""Every figure of the report by name, each drawn once: for the page, and for the files that the Markdown links."""

from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from fashiongen.report.distance_figure import render_distances
from fashiongen.report.distance_tables import scores_of
from fashiongen.report.label_figures import render_categories, render_examples, render_types
from fashiongen.report.originality_figures import draw_matches, render_nearest
from fashiongen.report.pictures import draw_mosaic, draw_pair, enlarge, to_png
from fashiongen.report.plots import Plot, add_style, loss_limits, plot_losses, plot_precision, render_svg
from fashiongen.report.precision_figure import render_average_precision
from fashiongen.report.published import Published
from fashiongen.report.report_data import ReportData
from fashiongen.report.style import LIGHT, THEMES, Theme

GARMENT_PX = 128
GARMENT_COLUMNS = 8
BOARD_COLUMNS = 6
EXAMPLE_COLUMNS = 4


@dataclass(frozen=True)
class DrawnPlot:
    """A line plot, and the SVG element that draws it."""

    plot: Plot
    svg: str


@dataclass(frozen=True)
class Figures:
    """All figures by the names of their files."""

    plots: Mapping[str, DrawnPlot]
    charts: Mapping[str, Mapping[str, bytes]]  # PNG by theme
    plates: Mapping[str, bytes]  # PNG in the light theme, of the labelled images
    matches: Mapping[str, Image.Image]  # generated images beside their nearest training images
    sheets: Mapping[str, Image.Image]  # grids of images; the page shows their images one by one

    def files(self) -> dict[str, bytes]:
        """The content of each file below reports/figures by its name; charts in the light theme."""
        light = {name: drawn[LIGHT.name] for name, drawn in self.charts.items()}
        sheets = {name: to_png(sheet) for name, sheet in {**self.matches, **self.sheets}.items()}
        return {
            **{f"{name}.svg": add_style(drawn.svg).encode() for name, drawn in self.plots.items()},
            **{f"{name}.png": content for name, content in {**light, **self.plates, **sheets}.items()},
        }


def draw_figures(report_data: ReportData, published: Published) -> Figures:
    """Every figure of the report."""
    charts = {theme.name: _render_charts(report_data, published, theme) for theme in THEMES}
    plots = {**_plot_losses(report_data), **_plot_precision(report_data)}
    return Figures(
        plots={name: DrawnPlot(plot, render_svg(plot)) for name, plot in plots.items()},
        charts={name: {theme: drawn[name] for theme, drawn in charts.items()} for name in charts[LIGHT.name]},
        plates={
            "examples": render_examples(report_data.labels.examples, columns=EXAMPLE_COLUMNS),
            "categories": render_categories(report_data.labels.categories),
            "types": render_types(report_data.labels.types),
        },
        matches={
            f"matches_{name}": draw_matches(seen.originality.matches) for name, seen in report_data.generators.items()
        },
        sheets=_draw_sheets(report_data),
    )


def _render_charts(report_data: ReportData, published: Published, theme: Theme) -> dict[str, bytes]:
    """Average precision, distances to held-out crops, and of each variant the distances to training images."""
    return {
        "average_precision": render_average_precision(report_data.detector.statistics, published.detector, theme),
        "distances": render_distances(scores_of(report_data.dcgan, "crops"), theme),
        **{
            f"nearest_{name}": render_nearest(seen.originality.record, name, theme)
            for name, seen in report_data.generators.items()
        },
    }


def _plot_losses(report_data: ReportData) -> dict[str, Plot]:
    histories = {name: seen.history for name, seen in report_data.generators.items()}
    limits = loss_limits(histories.values())
    return {f"losses_{name}": plot_losses(history, name, limits=limits) for name, history in histories.items()}


def _plot_precision(report_data: ReportData) -> dict[str, Plot]:
    curves = report_data.detector.curves
    return {f"precision_recall_{name}": plot_precision(curve, name) for name, curve in curves.items()}


def _draw_sheets(report_data: ReportData) -> dict[str, Image.Image]:
    """Sheets of images: for each variant real beside generated ones, the study's figure 5.9 (cropped beside subset),
    the headline variant's images, and images from the boards.
    """
    generators = report_data.generators
    sheets = {
        f"real_and_generated_{name}": draw_pair(seen.real, seen.shown_grid, ("real", f"generated, {name}"))
        for name, seen in generators.items()
    }
    if {"cropped", "subset"} <= generators.keys():
        left, right = generators["cropped"].shown_grid, generators["subset"].shown_grid
        sheets["cropped_and_subset"] = draw_pair(left, right, ("generated, cropped", "generated, subset"))
    garments = [enlarge(image, GARMENT_PX) for image in generators[report_data.headline_variant].generated]
    return {
        **sheets,
        "garments": draw_mosaic(garments, columns=GARMENT_COLUMNS),
        "boards": draw_mosaic(report_data.scraped, columns=BOARD_COLUMNS),
    }
