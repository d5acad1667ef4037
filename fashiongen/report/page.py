"""The report as one self-contained page and as Markdown, from the same tables, figures and words."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from fashiongen.report import tables
from fashiongen.report.dcgan_figures import loss_limits
from fashiongen.report.evidence import Evidence
from fashiongen.report.fonts import embed_font, font_path
from fashiongen.report.names import (
    backbone_name,
    count,
    decimal,
    duration,
    percent,
    query_words,
    share,
    significant,
    spell,
)
from fashiongen.report.originality_figures import draw_matches
from fashiongen.report.originality_verdict import judge_originality
from fashiongen.report.pictures import Picture, embed_photograph, embed_png, enlarge
from fashiongen.report.plots import Plot, plot_losses, plot_precision
from fashiongen.report.published import Published
from fashiongen.report.style import DARK, LIGHT
from fashiongen.report.tables import Table, to_markdown
from fashiongen.report.verdict import answer

TEMPLATES = Path(__file__).with_name("templates")
GARMENT_PX = 192  # an image of the mosaic; twice what a screen gives it, for dense screens
SCRAPED_MAX_WIDTH_PX = 320
REMOVED_MAX_WIDTH_PX = 180
SHEET_MAX_WIDTH_PX = 1400
GRID_MAX_WIDTH_PX = 1100  # a grid of 8 x 8 images of 64 px stays as it is
DATA_FIGURES = {  # the figures of reports/data in the study's order
    "examples": "Examples with their boxes; the study’s figure 3.1.",
    "categories": "Images by category; the study’s figure 3.2.",
    "types": "Images by type; the study’s figure 3.3.",
}
PROFILES = {
    "demo": "The photographs of this profile are drawn by a program, so that the whole way takes but minutes.",
    "street": "The photographs of this profile are of people in the street, from the Clothing Co-Parsing data set.",
    "thesis": "The settings and sources of this profile are the study's own.",
}


def build_tables(evidence: Evidence, published: Published) -> dict[str, Table]:
    """Every table of the report by name."""
    return {
        "images": tables.images_table(evidence.data, evidence.crops, published),
        "brands": tables.brands_table(evidence.crops),
        "outcomes": tables.outcomes_table(evidence.data),
        "types": tables.types_table(evidence.data, published.deepfashion),
        "detectors": tables.detector_table(evidence.detector.statistics, published.detector),
        "classes": tables.classes_table(evidence.detector.best, evidence.detector.per_class),
        "confusions": tables.confusion_table(evidence.detector.best, evidence.detector.confusions),
        "generators": tables.dcgan_table(evidence.dcgan.variants, published.dcgan),
        "distances": tables.distances_table(evidence.dcgan),
        "copies": tables.copies_table(evidence.dcgan),
        "versions": tables.versions_table(evidence.versions),
        **({"costs": tables.costs_table(evidence.costs)} if evidence.costs else {}),
    }


def render_page(evidence: Evidence, published: Published, charts: Mapping[str, Mapping[str, bytes]]) -> str:
    """The page as HTML that loads nothing; `charts` has the charts of each theme, by theme and chart name.

    Its content security policy lets it run the one script that is part of it, and nothing that came from outside.
    """
    environment = _environment(autoescape=True)
    script = (TEMPLATES / "lookbook.js").read_text(encoding="utf-8")
    return environment.get_template("index.html.j2").render(
        **_words(evidence, published),
        light=asdict(LIGHT),
        dark=asdict(DARK),
        fonts={style: embed_font(font_path(f"STIXGeneral{style}")) for style in ("", "Italic")},
        charts={
            name: {theme: embed_png(drawn[name]) for theme, drawn in charts.items()} for name in charts[LIGHT.name]
        },
        pictures=_embed_pictures(evidence),
        plots=_draw_plots(evidence),
        times=evidence.costs.sum_times() if evidence.costs else {},
        script=Markup(script),
        script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def render_markdown(evidence: Evidence, published: Published) -> str:
    """The report as Markdown for a file beside the folders `figures`, `data`, `crops` and `detector`."""
    return _environment(autoescape=False).get_template("report.md.j2").render(**_words(evidence, published))


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        count=count,
        decimal=decimal,
        percent=percent,
        share=share,
        duration=duration,
        significant=significant,
        backbone=backbone_name,
        query=query_words,
        spell=spell,
        markdown=to_markdown,
    )
    return environment


def _words(evidence: Evidence, published: Published) -> dict[str, Any]:
    """What both forms of the report say."""
    return {
        "evidence": evidence,
        "published": published,
        "tables": build_tables(evidence, published),
        "verdict": answer(evidence.dcgan.variants),
        "originality": judge_originality(evidence.dcgan),
        "data_figures": DATA_FIGURES,
        "profile_note": PROFILES.get(evidence.profile, ""),
        "figures_53": {name: 5.3 + 0.2 * place for place, name in enumerate(published.dcgan.variants)},
    }


def _embed_pictures(evidence: Evidence) -> dict[str, Any]:
    return {
        "garments": [
            embed_photograph(enlarge(image, GARMENT_PX), max_width_px=GARMENT_PX) for image in evidence.garments
        ],
        "data": {name: _embed_chart(evidence.data_figures[name]) for name in DATA_FIGURES},
        "scraped": [embed_photograph(image, max_width_px=SCRAPED_MAX_WIDTH_PX) for image in evidence.scraped],
        "removals": [
            [embed_photograph(image, max_width_px=REMOVED_MAX_WIDTH_PX) for image in (one.removed, one.keeper)]
            for one in evidence.removals
        ],
        "overlays": embed_photograph(evidence.detector.overlays, max_width_px=SHEET_MAX_WIDTH_PX),
        "contact_sheet": embed_photograph(evidence.contact_sheet, max_width_px=SHEET_MAX_WIDTH_PX),
        "generators": {name: _embed_generator(seen) for name, seen in evidence.generators.items()},
        "matches": {
            name: embed_photograph(draw_matches(seen.matches), max_width_px=SHEET_MAX_WIDTH_PX)
            for name, seen in evidence.originality.items()
        },
    }


def _embed_generator(seen: Any) -> dict[str, Any]:
    return {
        "real": embed_photograph(seen.real, max_width_px=GRID_MAX_WIDTH_PX),
        "grids": {epoch: embed_photograph(grid, max_width_px=GRID_MAX_WIDTH_PX) for epoch, grid in seen.grids.items()},
        "steps": {epoch: embed_photograph(row, max_width_px=GRID_MAX_WIDTH_PX) for epoch, row in seen.steps.items()},
    }


def _draw_plots(evidence: Evidence) -> dict[str, dict[str, Plot]]:
    histories = {name: seen.history for name, seen in evidence.generators.items()}
    limits = loss_limits(histories.values())
    return {
        "losses": {name: plot_losses(history, name, limits=limits) for name, history in histories.items()},
        "precision": {name: plot_precision(curve, name) for name, curve in evidence.detector.curves.items()},
    }


def _embed_chart(image: Image.Image) -> Picture:
    """A chart of an earlier stage, as the PNG that it was."""
    buffer = BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return embed_png(buffer.getvalue())
