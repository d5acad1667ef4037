"""The originals behind the pins: drawn in parallel, each unlike every other, encoded as they were uploaded."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import imagehash
import numpy as np
from PIL import Image

from fashiongen.sources.boards import sign
from fashiongen.sources.demo.brands import Brand
from fashiongen.sources.demo.pictures import Box, paint_pin
from fashiongen.sources.encoding import Ext, encode, reencode


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

    signature: str
    ext: Ext
    content: bytes
    size: tuple[int, int]
    kind: str
    box: Box | None
    phash: int  # 64-bit perceptual hash


def draw_original(plan: OriginalPlan) -> Original:
    """Draw and encode one picture."""
    rng = np.random.default_rng([*plan.seed, plan.attempt])
    picture = paint_pin(rng, plan.brand, plan.venue, plan.size, plan.kind)
    content = encode(picture.image, plan.ext, plan.quality)
    return Original(sign(content), plan.ext, content, plan.size, plan.kind, picture.box, perceptual_hash(picture.image))


def draw_unlike(
    plans: Sequence[OriginalPlan],
    min_distance: int,
    draw: Callable[[Iterable[OriginalPlan]], Iterator[Original]],
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
    ext: Ext = "webp" if webp else "jpg"
    content, size = reencode(source.content, ext, quality=quality, scale=scale)
    box = None if source.box is None else _scaled(source.box, size[0] / source.size[0], size[1] / source.size[1])
    with Image.open(io.BytesIO(content)) as smaller:
        return Original(sign(content), ext, content, size, source.kind, box, perceptual_hash(smaller))


def _scaled(box: Box, across: float, down: float) -> Box:
    return round(box[0] * across), round(box[1] * down), round(box[2] * across), round(box[3] * down)


def perceptual_hash(image: Image.Image) -> int:
    """The 64-bit pHash of a picture."""
    return int(str(imagehash.phash(image)), 16)
