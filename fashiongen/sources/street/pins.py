"""Photographs that have tags only, as pins."""

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from fashiongen.errors import CorruptImage
from fashiongen.sources.encoding import reencode
from fashiongen.sources.planting import Picture, PlannedPin, store_image
from fashiongen.sources.street.ccp import Photograph, read_image_tags

NOT_WORN: Final = {"null", "skin", "hair"}


def pin_photographs(photographs: Iterable[Photograph], tags: tuple[str, ...], site: Path) -> Iterator[PlannedPin]:
    """A pin for each photograph, titled by its tags; the file is stored on the site as it is."""
    for photograph in photographs:
        content = photograph.image.read_bytes()
        worn = [tag for tag in read_image_tags(photograph.annotation, tags) if tag not in NOT_WORN]
        size = _read_size(photograph.image, content)
        yield PlannedPin(
            picture=Picture(store_image(site, content, "jpg"), "jpg", *size, kind="", box=None),
            title=", ".join(worn),
            description="",
            link=f"https://street.example/{photograph.name}",
            kind_of_pin="image",
        )


def copy_pictures(
    pins: Sequence[PlannedPin], site: Path, *, quality: int, scale: float
) -> dict[PlannedPin, PlannedPin]:
    """Each pin, and a pin of its near-duplicate: the picture resized, encoded again and stored on the site."""
    copies = {}
    for pin in pins:
        original = pin.picture
        content = (site / "images" / f"{original.signature}.{original.ext}").read_bytes()
        again, size = reencode(content, "jpg", quality=quality, scale=scale)
        signature = store_image(site, again, "jpg")
        copies[pin] = pin._replace(
            picture=Picture(signature, "jpg", *size, original.kind, box=None, near_to=original.signature)
        )
    return copies


def _read_size(path: Path, content: bytes) -> tuple[int, int]:
    """The image's (width, height)."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except (OSError, ValueError, SyntaxError) as error:
        raise CorruptImage(f"{path}: not an image ({error}); fetch it again") from error
