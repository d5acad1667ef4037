"""The report's tables of distances between generated and held-out real images."""

from typing import Final, get_args

from fashiongen.evaluation.records import DcganMetrics, Reference, Score
from fashiongen.report.names import SOURCE_NAMES, backbone_name, count, decimal, significant
from fashiongen.report.table import Column, Table


def distances_table(dcgan: DcganMetrics) -> Table:
    """Each variant's distance to the held-out images of its reference, and that of real training images."""
    scores = all_scores(dcgan)
    rows = (
        (
            *_labels(name, reference, dcgan),
            significant(row.KID),
            significant(row.KID_std),
            *(decimal(getattr(row, key), 2) for key in _SHARES),
        )
        for name, reference, row in scores
    )
    columns = (*_label_columns(dcgan), Column("KID"), Column("std over subsets"), *(Column(key) for key in _SHARES))
    return Table(f"Distance to held-out real {_reference_names(dcgan)}", columns, tuple(rows))


_SHARES: Final = ("precision", "recall", "density", "coverage")


def sources_table(dcgan: DcganMetrics) -> Table:
    """Each variant beside real images of the source that it trains on, the nearest first."""
    rows = sorted(
        ((name, row.own_source) for name, row in dcgan.variants.items() if row.own_source is not None),
        key=lambda pair: pair[1].distance,
    )
    columns = (
        Column("images"),
        Column("compared with"),
        *(Column(title, "distance of patches") for title in ("generated", "real")),
        *(Column(title, "KID, largest") for title in ("generated", "real")),
        Column("times as far as real"),
    )
    cells = (
        (
            name,
            f"{count(own.held_out)} {SOURCE_NAMES[own.source]}",
            decimal(own.SWD, 0),
            decimal(own.SWD_of_real, 0),
            significant(own.KID_worst),
            significant(own.KID_worst_of_real),
            decimal(own.distance, 1),
        )
        for name, own in rows
    )
    return Table("Distance to held-out real images of the own kind", columns, tuple(cells))


_PUBLISHED: Final = {"KID_inception": "KID", "FID": "FID"}  # the measures that publications give, and their titles


def measures_table(dcgan: DcganMetrics) -> Table:
    """What one KID does not see: the distance of patches by band, KID by each detector, and sharpness; KID and FID in
    Inception's features if any score has them.
    """
    scores = all_scores(dcgan)
    published = [
        (key, title) for key, title in _PUBLISHED.items() if any(getattr(row, key) is not None for _, _, row in scores)
    ]
    bands = sorted({band for _, _, row in scores for band in row.SWD_by_band}, key=int, reverse=True)
    detectors = list(scores[0][2].KID_by_detector)
    rows = (
        (
            *_labels(name, reference, dcgan),
            *(decimal(row.SWD_by_band.get(band), 0) for band in bands),
            *(significant(row.KID_by_detector[detector]) for detector in detectors),
            *(significant(getattr(row, key)) for key, _ in published),
            decimal(row.sharpness, 1),
        )
        for name, reference, row in scores
    )
    columns = (
        *_label_columns(dcgan),
        *(Column(f"{band} px", "distance of patches") for band in bands),
        *(Column(backbone_name(detector), "KID in the features of") for detector in detectors),
        *(Column(title, "Inception") for _, title in published),
        Column("sharpness"),
    )
    title = f"Distance to held-out real {_reference_names(dcgan)}, by scale and by detector"
    return Table(title, columns, tuple(rows))


def all_scores(dcgan: DcganMetrics) -> list[tuple[str, Reference, Score]]:
    """The name, reference and score of each variant, and of real training images where there are enough.

    Those with one reference stand together: only these can be compared.
    """
    return [
        (name, reference, score)
        for reference in get_args(Reference)
        for name, score in scores_of(dcgan, reference).items()
    ]


def scores_of(dcgan: DcganMetrics, reference: Reference) -> dict[str, Score]:
    """The scores with one reference, by variant, and at the end those of real training images."""
    scores: dict[str, Score] = {
        name: variant for name, variant in dcgan.variants.items() if variant.reference == reference
    }
    real = dcgan.training_score(reference)
    if real is not None:
        scores[f"real {SOURCE_NAMES[reference]}"] = real
    return scores


def _label_columns(dcgan: DcganMetrics) -> tuple[Column, ...]:
    """The first columns: what is measured, and where there are two references, which it is compared with."""
    return (Column("images"),) if dcgan.cutout_settings is None else (Column("images"), Column("compared with"))


def _labels(name: str, reference: Reference, dcgan: DcganMetrics) -> tuple[str, ...]:
    return (name,) if dcgan.cutout_settings is None else (name, f"held-out {SOURCE_NAMES[reference]}")


def _reference_names(dcgan: DcganMetrics) -> str:
    return "crops" if dcgan.cutout_settings is None else "crops or cut-outs"
