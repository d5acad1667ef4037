"""The conclusion whether the generators copy, from near-copies among generated images and among training images."""

from fashiongen.evaluation.comparisons import CopyComparison, compare_copies, has_copy
from fashiongen.evaluation.records import DcganMetrics, VariantMetrics
from fashiongen.report.cropping_conclusion import Conclusion
from fashiongen.report.names import count, decimal, share


def conclude_originality(dcgan: DcganMetrics) -> Conclusion:
    """The conclusion for all variants, with some sentences for each."""
    generated = dcgan.measurement_settings.generated_images
    found = {name: compare_copies(row, generated=generated) for name, row in dcgan.variants.items()}
    copying = [name for name, row in dcgan.variants.items() if found[name].is_clear or has_copy(row)]
    sentences = [_describe(name, row, found[name], generated) for name, row in dcgan.variants.items()]
    return Conclusion(_headline(copying, sum(row.near_copies for row in dcgan.variants.values())), tuple(sentences))


def _headline(copying: list[str], near_copies: int) -> str:
    if copying:
        *others, last = copying
        return f"Yes: {', '.join(others)} and {last} do." if others else f"Yes: {last} does."
    return "No more than the training images resemble each other." if near_copies else "No: not one near-copy."


def _describe(name: str, row: VariantMetrics, found: CopyComparison, generated: int) -> str:
    near, training_near = share(found.near / generated), share(found.training_near / row.images)
    return (
        f"The generator {name} {_summarise(row, found)}. By {found.rule}, {near} of its {count(generated)} images are "
        f"near-copies of a training image, and {training_near} of its {count(row.images)} training images are as near "
        f"to another training image. The median distance of its images to the nearest training image is "
        f"{decimal(row.nearest_ratio, 2)} times the median between training images, the smallest distance "
        f"{decimal(row.closest_ratio, 2)} times."
    )


def _summarise(row: VariantMetrics, found: CopyComparison) -> str:
    if found.is_clear:
        return "copies: it has clearly more near-copies than the training images have among themselves"
    if has_copy(row):
        return "made at least one copy, but no more near-copies than the training images have among themselves"
    return "shows no copying"
