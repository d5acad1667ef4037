"""The folder of distinct images: each scraped file that is kept, and its row of the manifest."""

from pathlib import Path

from fashiongen.errors import BadInput
from fashiongen.files import copy_file
from fashiongen.images.hashing import ImageDescriptor
from fashiongen.images.manifest import ImageRecord, PinRecord
from fashiongen.images.params import DedupParams
from fashiongen.images.split import choose_split


def add_image(source: Path, folder: Path) -> str:
    """Link or copy one image into a folder; return its name there.

    Raises:
        BadInput: its name is taken: two files of one name cannot both be named by their signatures.
    """
    target = folder / source.name
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        raise BadInput(
            f"{source}: {target} is taken by another board's image; a saved image is named by the signature in "
            "pins.csv: rename this file and its row there"
        )
    try:
        target.hardlink_to(source.resolve())
    except OSError:  # another file system, or one without hard links
        copy_file(source, target)
    return target.name


def image_record(pin: PinRecord, file: str, image: ImageDescriptor, params: DedupParams) -> ImageRecord:
    """The row of the manifest for the image of a pin, with the part of the split that its signature decides."""
    return ImageRecord(
        file=file,
        pin_id=pin.pin_id,
        brand=pin.brand,
        board=pin.board,
        season=pin.season,
        title=pin.title,
        width_px=image.width_px,
        height_px=image.height_px,
        sha256=image.sha256,
        split=choose_split(pin.signature, held_out_frac=params.held_out_frac, seed=params.seed),
    )
