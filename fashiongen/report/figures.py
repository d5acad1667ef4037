"""Every figure of the report by name: charts in a theme, and sheets of pictures."""

from collections.abc import Mapping

from fashiongen.evaluation.measurements import Score
from fashiongen.report.dcgan_figures import loss_limits, render_distances, render_losses
from fashiongen.report.detector_figures import render_average_precision, render_precision_recall
from fashiongen.report.evidence import Evidence
from fashiongen.report.originality_figures import render_matches, render_nearest
from fashiongen.report.pictures import enlarge, render_mosaic, render_pair
from fashiongen.report.published import Published
from fashiongen.report.style import Theme
from fashiongen.report.tables import REAL

GARMENT_PX = 128
GARMENT_COLUMNS = 8
BOARD_COLUMNS = 6


def render_charts(evidence: Evidence, published: Published, theme: Theme) -> dict[str, bytes]:
    """The charts as PNG: average precision, precision over recall, each variant's losses, all kinds of distances."""
    detector = evidence.detector
    return {
        "average_precision": render_average_precision(detector.statistics, published.detector, theme),
        "precision_recall": render_precision_recall(detector.curves[detector.best], detector.best, theme),
        **_render_all_losses(evidence, theme),
        "distances": render_distances(_scores(evidence), theme),
        **{f"nearest_{name}": render_nearest(seen, name, theme) for name, seen in evidence.originality.items()},
    }


def _render_all_losses(evidence: Evidence, theme: Theme) -> dict[str, bytes]:
    histories = {name: generator.history for name, generator in evidence.generators.items()}
    limits = loss_limits(histories.values())
    return {f"losses_{name}": render_losses(history, name, theme, limits=limits) for name, history in histories.items()}


def _scores(evidence: Evidence) -> Mapping[str, Score]:
    real = evidence.dcgan.yardstick.training_crops
    return {**evidence.dcgan.variants, **({REAL: real} if real else {})}


def render_sheets(evidence: Evidence) -> dict[str, bytes]:
    """The sheets as PNG: for each variant real beside generated and nearest matches, and what they share."""
    generators = evidence.generators
    sheets = {
        f"real_and_generated_{name}": render_pair(seen.real, seen.generated, ("real", f"generated, {name}"))
        for name, seen in generators.items()
    }
    if {"cropped", "subset"} <= generators.keys():
        left, right = generators["cropped"].generated, generators["subset"].generated
        sheets["cropped_and_subset"] = render_pair(left, right, ("generated, cropped", "generated, subset"))
    garments = [enlarge(image, GARMENT_PX) for image in evidence.garments]
    return {
        **sheets,
        **{f"originality_{name}": render_matches(seen.matches) for name, seen in evidence.originality.items()},
        "garments": render_mosaic(garments, columns=GARMENT_COLUMNS),
        "boards": render_mosaic(evidence.scraped, columns=BOARD_COLUMNS),
    }
