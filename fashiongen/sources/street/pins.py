"""Photographs that have tags only, as pictures to be pinned."""

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from fashiongen.errors import CorruptImage
from fashiongen.sources.boards import Picture, store_image
from fashiongen.sources.encoding import reencode
from fashiongen.sources.street.ccp import Photograph, read_image_tags

NOT_WORN: Final = {"null", "skin", "hair"}


def pin_photographs(photographs: Iterable[Photograph], tags: tuple[str, ...], site: Path) -> Iterator[Picture]:
    """A picture for each photograph, its file stored on the site as it is; what it shows is told by its tags alone."""
    for photograph in photographs:
        content = photograph.image.read_bytes()
        width_px, height_px = _size(photograph.image, content)
        worn = [tag for tag in read_image_tags(photograph.annotation, tags) if tag not in NOT_WORN]
        yield Picture(
            signature=store_image(site, content, "jpg"),
            ext="jpg",
            width_px=width_px,
            height_px=height_px,
            title=", ".join(worn),
            link=f"https://street.example/{photograph.name}",
            kind="",
            box="",
        )


def copy_pictures(pictures: Sequence[Picture], site: Path, *, quality: int, scale: float) -> dict[Picture, Picture]:
    """Each picture's near-duplicate, encoded again and stored on the site."""
    copies = {}
    for picture in pictures:
        content = (site / "images" / f"{picture.signature}.{picture.ext}").read_bytes()
        copy, (width_px, height_px) = reencode(content, "jpg", quality=quality, scale=scale)
        copies[picture] = picture._replace(
            signature=store_image(site, copy, "jpg"), ext="jpg", width_px=width_px, height_px=height_px
        )
    return copies


def _size(path: Path, content: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except (OSError, ValueError, SyntaxError) as error:
        raise CorruptImage(f"{path}: not an image ({error}); fetch it again") from error
