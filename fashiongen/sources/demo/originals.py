"""The originals behind the pins: drawn in parallel, each unlike every other, encoded as they were uploaded."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import imagehash
import numpy as np
from PIL import Image

from fashiongen.sources.demo.brands import Brand
from fashiongen.sources.demo.pictures import paint_pin
from fashiongen.sources.encoding import Ext, encode, reencode
from fashiongen.sources.planting import Box, Picture, sign


@dataclass(frozen=True)
class OriginalPlan:
    """What is to be drawn."""

    brand: Brand
    venue: str
    kind: str
    size: tuple[int, int]
    ext: Ext
    quality: int
    seed: tuple[int, ...]
    attempt: int = 0


@dataclass(frozen=True)
class Original:
    """An uploaded file."""

    picture: Picture
    content: bytes
    phash: int  # 64-bit perceptual hash


def draw_original(plan: OriginalPlan) -> Original:
    """Draw and encode one picture."""
    rng = np.random.default_rng([*plan.seed, plan.attempt])
    painted = paint_pin(rng, plan.brand, plan.venue, plan.size, plan.kind)
    content = encode(painted.image, plan.ext, plan.quality)
    picture = Picture(sign(content), plan.ext, *plan.size, plan.kind, painted.box)
    return Original(picture, content, perceptual_hash(painted.image))


def draw_unlike(
    plans: Sequence[OriginalPlan],
    min_distance: int,
    draw: Callable[[Sequence[OriginalPlan]], Iterator[Original]],
) -> Iterator[Original]:
    """Originals whose perceptual hashes differ by at least `min_distance` bits, each pair of them.

    `draw` maps plans to originals in their order, perhaps in several processes. A picture that comes out too close to
    an earlier one is drawn again from another seed, until it does not.
    """
    hashes: list[int] = []
    for plan, original in zip(plans, draw(plans), strict=True):
        attempt, accepted = 0, original
        while any((accepted.phash ^ other).bit_count() < min_distance for other in hashes):
            attempt += 1
            accepted = draw_original(replace(plan, attempt=attempt))
        hashes.append(accepted.phash)
        yield accepted


def upload_again(source: Original, scale: float, *, webp: bool, quality: int) -> Original:
    """The same picture as a new upload: smaller, in another quality or format."""
    before = source.picture
    ext: Ext = "webp" if webp else "jpg"
    content, (width_px, height_px) = reencode(source.content, ext, quality=quality, scale=scale)
    box = before.box and _scale(before.box, width_px / before.width_px, height_px / before.height_px)
    picture = Picture(sign(content), ext, width_px, height_px, before.kind, box, near_to=before.signature)
    with Image.open(io.BytesIO(content)) as smaller:
        return Original(picture, content, perceptual_hash(smaller))


def _scale(box: Box, across: float, down: float) -> Box:
    return round(box[0] * across), round(box[1] * down), round(box[2] * across), round(box[3] * down)


def perceptual_hash(image: Image.Image) -> int:
    """The 64-bit pHash of a picture."""
    return int(str(imagehash.phash(image)), 16)
