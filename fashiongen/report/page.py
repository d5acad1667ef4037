"""The report as one self-contained page and as Markdown, from the same tables, figures and words."""

import hashlib
from base64 import b64encode
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from fashiongen.report import tables
from fashiongen.report.evidence import Evidence, GeneratorEvidence
from fashiongen.report.figures import Figures
from fashiongen.report.fonts import embed_font, font_path
from fashiongen.report.originality_verdict import judge_originality
from fashiongen.report.pictures import embed_photograph, embed_png, enlarge
from fashiongen.report.published import Published
from fashiongen.report.style import DARK, LIGHT
from fashiongen.report.table import Table
from fashiongen.report.templating import TEMPLATES, build_environment
from fashiongen.report.verdict import answer

GARMENT_PX = 192  # an image of the mosaic; twice what a screen gives it, for dense screens
SCRAPED_MAX_WIDTH_PX = 320
REMOVED_MAX_WIDTH_PX = 180
SHEET_MAX_WIDTH_PX = 1400
GRID_MAX_WIDTH_PX = 1100  # a grid of 8 x 8 images of 64 px stays as it is
PLATE_CAPTIONS = {  # in the study's order
    "examples": "Examples with their boxes; the study’s figure 3.1.",
    "categories": "Images by category; the study’s figure 3.2.",
    "types": "Images by type; the study’s figure 3.3.",
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


def render_page(evidence: Evidence, published: Published, figures: Figures) -> str:
    """The page as HTML that loads nothing.

    Its content security policy lets it run the one script that is part of it, and nothing that came from outside.
    """
    script = (TEMPLATES / "lookbook.js").read_text(encoding="utf-8")
    return (
        build_environment(autoescape=True)
        .get_template("index.html.j2")
        .render(
            **_words(evidence, published),
            light=asdict(LIGHT),
            dark=asdict(DARK),
            fonts={style: embed_font(font_path(f"STIXGeneral{style}")) for style in ("", "Italic")},
            charts={
                name: {theme: embed_png(content) for theme, content in drawn.items()}
                for name, drawn in figures.charts.items()
            },
            pictures=_embed_pictures(evidence, figures),
            plots={name: drawn.plot for name, drawn in figures.plots.items()},
            svgs={name: Markup(drawn.svg) for name, drawn in figures.plots.items()},
            times=evidence.costs.sum_times() if evidence.costs else {},
            script=Markup(script),
            script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def render_markdown(evidence: Evidence, published: Published) -> str:
    """The report as Markdown for a file beside the folders `figures`, `data`, `crops` and `detector`."""
    return build_environment(autoescape=False).get_template("report.md.j2").render(**_words(evidence, published))


def _words(evidence: Evidence, published: Published) -> dict[str, Any]:
    """What both forms of the report say."""
    return {
        "evidence": evidence,
        "published": published,
        "tables": build_tables(evidence, published),
        "verdict": answer(evidence.dcgan.variants),
        "originality": judge_originality(evidence.dcgan),
        "plate_captions": PLATE_CAPTIONS,
        "figures_53": {name: 5.3 + 0.2 * place for place, name in enumerate(published.dcgan.variants)},
    }


def _embed_pictures(evidence: Evidence, figures: Figures) -> dict[str, Any]:
    return {
        "garments": [
            embed_photograph(enlarge(image, GARMENT_PX), max_width_px=GARMENT_PX)
            for image in evidence.generators[evidence.cover].generated
        ],
        "plates": {name: embed_png(content) for name, content in figures.plates.items()},
        "scraped": [embed_photograph(image, max_width_px=SCRAPED_MAX_WIDTH_PX) for image in evidence.scraped],
        "removals": [
            [embed_photograph(image, max_width_px=REMOVED_MAX_WIDTH_PX) for image in (one.removed, one.keeper)]
            for one in evidence.removals
        ],
        "overlays": embed_photograph(evidence.detector.overlays, max_width_px=SHEET_MAX_WIDTH_PX),
        "contact_sheet": embed_photograph(evidence.contact_sheet, max_width_px=SHEET_MAX_WIDTH_PX),
        "generators": {name: _embed_generator(seen) for name, seen in evidence.generators.items()},
        "matches": {
            name: embed_photograph(sheet, max_width_px=SHEET_MAX_WIDTH_PX) for name, sheet in figures.matches.items()
        },
    }


def _embed_generator(seen: GeneratorEvidence) -> dict[str, Any]:
    return {
        "real": embed_photograph(seen.real, max_width_px=GRID_MAX_WIDTH_PX),
        "grids": {epoch: embed_photograph(grid, max_width_px=GRID_MAX_WIDTH_PX) for epoch, grid in seen.grids.items()},
        "steps": {epoch: embed_photograph(row, max_width_px=GRID_MAX_WIDTH_PX) for epoch, row in seen.steps.items()},
    }
