"""The report as one self-contained page and as Markdown, from the same tables, figures and words."""

import hashlib
from base64 import b64encode
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from fashiongen.report import distance_tables, tables
from fashiongen.report.cropping_conclusion import conclude_cropping
from fashiongen.report.figures import Figures
from fashiongen.report.fonts import embed_font, font_path
from fashiongen.report.originality_conclusion import conclude_originality
from fashiongen.report.outline import outline_path
from fashiongen.report.pictures import embed_photograph, embed_png, enlarge
from fashiongen.report.published import Published
from fashiongen.report.report_data import GeneratorData, ReportData
from fashiongen.report.season_table import distances_table, forecasts_table, seasons_table
from fashiongen.report.series_picture import HEIGHT, WIDTH, SeriesPicture, draw_series
from fashiongen.report.sources_conclusion import conclude_sources
from fashiongen.report.style import DARK, LIGHT
from fashiongen.report.table import Table
from fashiongen.report.templating import TEMPLATES, build_environment
from fashiongen.report.trend_words import choose_shown, describe_changes, describe_leads
from fashiongen.trends.records import ALL_BRANDS
from fashiongen.trends.results import BrandTrends

GARMENT_PX = 192  # an image of the mosaic; twice what a screen gives it, for dense screens
SCRAPED_MAX_WIDTH_PX = 320
REMOVED_MAX_WIDTH_PX = 180
THUMBNAIL_MAX_WIDTH_PX = 180
SHEET_MAX_WIDTH_PX = 1400
GRID_MAX_WIDTH_PX = 1100  # a grid of 8 x 8 images of 64 px stays as it is
PLATE_CAPTIONS = {  # in the study's order
    "examples": "Examples with their boxes; the study’s figure 3.1.",
    "categories": "Images by category; the study’s figure 3.2.",
    "types": "Images by type; the study’s figure 3.3.",
}


def build_tables(report_data: ReportData, published: Published) -> dict[str, Table]:
    """Every table of the report by name, but for those of the seasons."""
    return {
        "images": tables.images_table(report_data.data, report_data.crops, published),
        "brands": tables.brands_table(report_data.crops),
        "outcomes": tables.outcomes_table(report_data.data),
        "types": tables.types_table(report_data.data, published.deepfashion),
        "detectors": tables.detector_table(report_data.detector.statistics, published.detector),
        "classes": tables.classes_table(report_data.detector.best, report_data.detector.per_class),
        "errors": tables.errors_table(report_data.detector.best, report_data.detector.errors),
        "groups": tables.groups_table(report_data.detector.best, report_data.detector.groups),
        "confusions": tables.confusion_table(report_data.detector.best, report_data.detector.confusions),
        "generators": tables.dcgan_table(report_data.dcgan.variants, published.dcgan),
        "distances": distance_tables.distances_table(report_data.dcgan),
        "sources": distance_tables.sources_table(report_data.dcgan),
        "measures": distance_tables.measures_table(report_data.dcgan),
        "copies": tables.copies_table(report_data.dcgan),
        "versions": tables.versions_table(report_data.versions),
        **({"costs": tables.costs_table(report_data.costs)} if report_data.costs else {}),
    }


def render_page(report_data: ReportData, published: Published, figures: Figures) -> str:
    """The page as HTML that loads nothing.

    Its content security policy lets it run the one script that is part of it, and nothing that came from outside.
    """
    script = (TEMPLATES / "lookbook.js").read_text(encoding="utf-8")
    return (
        build_environment(autoescape=True)
        .get_template("index.html.j2")
        .render(
            **_words(report_data, published),
            light=asdict(LIGHT),
            dark=asdict(DARK),
            fonts={style: embed_font(font_path(f"STIXGeneral{style}")) for style in ("", "Italic")},
            charts={
                name: {theme: embed_png(content) for theme, content in drawn.items()}
                for name, drawn in figures.charts.items()
            },
            pictures=_embed_pictures(report_data, figures),
            plots={name: drawn.plot for name, drawn in figures.plots.items()},
            svgs={name: Markup(drawn.svg) for name, drawn in figures.plots.items()},
            series_of={one.brand: _draw_all_series(one) for one in report_data.trends},
            series_size=(WIDTH, HEIGHT),
            times=report_data.costs.sum_times() if report_data.costs else {},
            script=Markup(script),
            script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def render_markdown(report_data: ReportData, published: Published) -> str:
    """The report as Markdown for a file beside the folders `figures`, `data`, `crops` and `detector`."""
    return build_environment(autoescape=False).get_template("report.md.j2").render(**_words(report_data, published))


def _words(report_data: ReportData, published: Published) -> dict[str, Any]:
    """What both forms of the report say."""
    return {
        "report_data": report_data,
        "published": published,
        "tables": build_tables(report_data, published),
        "conclusion": conclude_cropping(report_data.dcgan.variants),
        "own_kind": conclude_sources(report_data.dcgan.variants),
        "originality": conclude_originality(report_data.dcgan),
        "plate_captions": PLATE_CAPTIONS,
        "all_brands": ALL_BRANDS,
        "outline": outline_path,
        "boxes_table": tables.boxes_table,
        "seasons_of": {one.brand: seasons_table(one.brand, one.seasons) for one in report_data.trends},
        "forecasts_of": {one.brand: forecasts_table(one) for one in report_data.trends},
        "distances": distances_table(report_data.distances),
        "changes_of": {
            one.brand: [*describe_changes(one), *describe_leads(one.brand, one.leads)] for one in report_data.trends
        },
        "figures_53": {name: 5.3 + 0.2 * place for place, name in enumerate(published.dcgan.variants)},
    }


def _embed_pictures(report_data: ReportData, figures: Figures) -> dict[str, Any]:
    return {
        "garments": [
            embed_photograph(enlarge(image, GARMENT_PX), max_width_px=GARMENT_PX)
            for image in report_data.generators[report_data.headline_variant].generated
        ],
        "plates": {name: embed_png(content) for name, content in figures.plates.items()},
        "scraped": [embed_photograph(image, max_width_px=SCRAPED_MAX_WIDTH_PX) for image in report_data.scraped],
        "removals": [
            [embed_photograph(image, max_width_px=REMOVED_MAX_WIDTH_PX) for image in (one.removed, one.keeper)]
            for one in report_data.removals
        ],
        "predictions": [
            {
                "small": embed_photograph(one.image, max_width_px=THUMBNAIL_MAX_WIDTH_PX),
                "large": embed_photograph(one.image, max_width_px=one.image.width),
            }
            for one in report_data.detector.predictions
        ],
        "contact_sheet": embed_photograph(report_data.contact_sheet, max_width_px=SHEET_MAX_WIDTH_PX),
        "cutout_sheet": report_data.cutout_sheet
        and embed_photograph(report_data.cutout_sheet, max_width_px=SHEET_MAX_WIDTH_PX),
        "generators": {name: _embed_generator(seen) for name, seen in report_data.generators.items()},
        "seasons": {
            one.brand: [[embed_png(content) for content in season.examples] for season in one.seasons]
            for one in report_data.trends
        },
        "proposals": {
            one.brand: [embed_png(proposal.picture) for proposal in one.proposals] for one in report_data.trends
        },
        "matches": {
            name: embed_photograph(sheet, max_width_px=SHEET_MAX_WIDTH_PX) for name, sheet in figures.matches.items()
        },
    }


def _draw_all_series(trends: BrandTrends) -> dict[str, SeriesPicture]:
    """The measures that are shown of a brand, by their titles."""
    shown = choose_shown(trends)
    return {measure: draw_series(trends.read_series(measure), trends.forecasts.get(measure)) for measure in shown}


def _embed_generator(seen: GeneratorData) -> dict[str, Any]:
    return {
        "real": embed_photograph(seen.real, max_width_px=GRID_MAX_WIDTH_PX),
        "grids": {epoch: embed_photograph(grid, max_width_px=GRID_MAX_WIDTH_PX) for epoch, grid in seen.grids.items()},
        "steps": {epoch: embed_photograph(row, max_width_px=GRID_MAX_WIDTH_PX) for epoch, row in seen.steps.items()},
    }
