"""What each cut-out garment looks like, in numbers."""

import io
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8
from numpy import ndarray
from PIL import Image, UnidentifiedImageError

from fashiongen.errors import CorruptImage
from fashiongen.images.manifest import CropRecord
from fashiongen.images.oklab import parse_colour
from fashiongen.images.shards import read_content
from fashiongen.trends.colours import find_families, name_colour, to_hex, to_oklab_points
from fashiongen.trends.outline import measure_outline, name_length
from fashiongen.trends.palette import Swatch, extract_palette, thin_out
from fashiongen.trends.params import TrendsParams
from fashiongen.trends.pattern import classify_pattern
from fashiongen.trends.records import GarmentRecord, SeasonSource
from fashiongen.trends.seasons import date_season, parse_season

OPAQUE = 250  # coverage of pixels that no ground is mixed into
NEAR_PX = 9  # the contrast is what differs within squares of so many pixels


class Job(NamedTuple):
    """A cut-out to measure; it can be sent to another process."""

    record: CropRecord
    folder: Path
    params: TrendsParams


def measure_garment(job: Job) -> GarmentRecord | None:
    """The row of a garment; None for one that is too small to be measured.

    Raises:
        CorruptImage: the cut-out does not decode.
    """
    rgba = read_cutout(job.folder / job.record.file)
    outline, inside = measure_outline(rgba[..., 3]), find_inside(rgba[..., 3])
    if outline is None or not inside.any():
        return None
    points = to_oklab_points(rgba[inside, :3])
    lab = spread_out(points, inside)
    points = thin_out(points, job.params.pixels_per_garment)
    palette = extract_palette(
        points, colours=job.params.palette_colours, merge_distance=job.params.merge_distance, seed=job.params.seed
    )
    mean = points.mean(axis=0)
    pattern = classify_pattern(lab, inside)
    season, season_from = find_season(job.record, date_from_pins=job.params.date_from_pins)
    return GarmentRecord(
        file=job.record.file,
        brand=job.record.brand,
        season=season,
        season_from=season_from,
        label=job.record.label,
        score=job.record.score,
        palette=write_palette(palette),
        colour=name_colour(np.array(palette[0].oklab)),
        families=write_families(palette),
        lightness=round(float(mean[0]), 4),
        chroma=round(float(np.hypot(mean[1], mean[2])), 4),
        oklab_a=round(float(mean[1]), 4),
        oklab_b=round(float(mean[2]), 4),
        contrast=round(measure_contrast(lab[..., 0], inside), 4),
        pattern=pattern.kind,
        pattern_certainty=round(pattern.certainty, 3),
        height_to_width=round(outline.height_to_width, 3),
        hem_to_waist=round(outline.hem_to_waist, 3),
        length_to_waist=round(outline.length_to_waist, 3),
        length=name_length(outline.length_to_waist),
        widths=" ".join(f"{width:.2f}" for width in outline.widths),
    )


def find_season(record: CropRecord, *, date_from_pins: bool) -> tuple[str, SeasonSource]:
    """The season of a garment, and what says so; one that its catalogue does not name may be that of its pin's day."""
    if parse_season(record.season) is not None:
        return record.season, "catalogue"
    dated = date_season(record.pinned_on) if date_from_pins else None
    return (str(dated), "pin") if dated else (record.season, "none")


def read_cutout(path: Path) -> UInt8[ndarray, "height width 4"]:
    """The pixels of a cut-out and their coverage.

    Raises:
        MissingInput: there is no such file.
        CorruptImage: it does not decode.
    """
    try:
        with Image.open(io.BytesIO(read_content(path)), formats=["PNG"]) as image:
            return np.asarray(image.convert("RGBA"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise CorruptImage(f"{path}: does not decode ({error}); run `dvc checkout data/crops`") from error


def find_inside(coverage: UInt8[ndarray, "height width"]) -> Bool[ndarray, "height width"]:
    """The pixels within the garment's edge, whose colours are mixed with the ground; all if nothing else is left."""
    opaque = coverage >= OPAQUE
    inside = cv2.erode(opaque.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0).astype(bool)
    return inside if inside.any() else opaque


def spread_out(
    points: Float32[ndarray, "n 3"], inside: Bool[ndarray, "height width"]
) -> Float32[ndarray, "height width 3"]:
    """The points at their places inside a garment, and 0 around it."""
    planes = np.zeros((*inside.shape, 3), np.float32)
    planes.reshape(-1, 3)[np.flatnonzero(inside)] = points
    return planes


def measure_contrast(lightness: Float32[ndarray, "height width"], inside: Bool[ndarray, "height width"]) -> float:
    """The root mean square difference of lightness from its mean around, over the inside of a garment.

    The lightness around it is 0.
    """
    square = (NEAR_PX, NEAR_PX)
    sums, counts = (
        cv2.blur(plane, square, borderType=cv2.BORDER_CONSTANT) for plane in (lightness, inside.astype(np.float32))
    )
    difference = lightness[inside] - sums[inside] / counts[inside]
    return float(np.sqrt((difference**2).mean()))


def write_palette(palette: list[Swatch]) -> str:
    """The palette of a row, as in `#1f2a44 0.61, #f4f0e6 0.39`."""
    colours = to_hex(np.array([swatch.oklab for swatch in palette]))
    return ", ".join(f"{colour} {swatch.share:.2f}" for colour, swatch in zip(colours, palette, strict=True))


def write_families(palette: list[Swatch]) -> str:
    """The shares of a row's families of colours, as in `blue 0.61, white 0.39`, the largest first."""
    shares: dict[str, float] = {}
    families = find_families(np.array([swatch.oklab for swatch in palette]))
    for family, swatch in zip(families, palette, strict=True):
        shares[family] = shares.get(family, 0) + swatch.share
    return ", ".join(f"{family} {share:.2f}" for family, share in sorted(shares.items(), key=lambda one: -one[1]))


def read_palette(text: str) -> list[Swatch]:
    """The swatches that a row's palette names."""
    parts = (part.split() for part in text.split(", "))
    return [Swatch(tuple(parse_colour(colour).tolist()), float(share)) for colour, share in parts]
