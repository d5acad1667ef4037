"""The folder of distinct images: each scraped file that is kept, and its row of the manifest."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from fashiongen.errors import BadInput
from fashiongen.executor.blocks import split
from fashiongen.executor.engine import MapItems
from fashiongen.files import remove_unfinished, write_bytes
from fashiongen.images.hashing import ImageDescriptor
from fashiongen.images.manifest import ImageRecord, PinRecord
from fashiongen.images.params import DedupParams
from fashiongen.images.shards import name_shard, read_content, write_shard
from fashiongen.images.split import choose_split


def add_images(
    sources: Sequence[Path], folder: Path, *, images_per_shard: int | None, map_items: MapItems
) -> dict[Path, str]:
    """Link or copy images into an empty folder, or write them into its shards; return where each is below it.

    Shards are filled in the order of the images' names, so files sort in the same order in both layouts.

    Raises:
        BadInput: two images have one name: they cannot both be named by their signatures.
    """
    named = _name_images(sources, folder)
    if images_per_shard is None:
        for name, source in named.items():
            _add_image(source, folder / name)
        return {source: name for name, source in named.items()}
    blocks = split([named[name] for name in sorted(named)], images_per_shard)
    shards = {name_shard(number): block for number, block in enumerate(blocks)}
    for _ in map_items(_write_shard, [(folder / shard, block) for shard, block in shards.items()]):
        pass
    remove_unfinished(folder)  # what a killed worker was writing; another one has written it
    return {source: f"{shard}/{source.name}" for shard, block in shards.items() for source in block}


def _name_images(sources: Sequence[Path], folder: Path) -> Mapping[str, Path]:
    """The images by their names."""
    named: dict[str, Path] = {}
    for source in sources:
        if source.name in named:
            raise BadInput(
                f"{source}: {folder / source.name} is taken by another board's image; a saved image is named by the "
                "signature in pins.csv: rename this file and its row there"
            )
        named[source.name] = source
    return named


def _add_image(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    try:
        target.hardlink_to(source.resolve())
    except OSError:  # another file system, one without hard links, or a shard
        write_bytes(target, read_content(source))


def _write_shard(job: tuple[Path, Sequence[Path]]) -> None:
    write_shard(*job)


def image_record(pin: PinRecord, file: str, image: ImageDescriptor, params: DedupParams) -> ImageRecord:
    """The row of the manifest for the image of a pin, with the part of the split that its signature decides."""
    return ImageRecord(
        file=file,
        pin_id=pin.pin_id,
        brand=pin.brand,
        board=pin.board,
        season=pin.season,
        pinned_on=pin.pinned_on,
        title=pin.title,
        width_px=image.width_px,
        height_px=image.height_px,
        sha256=image.sha256,
        split=choose_split(pin.signature, held_out_frac=params.held_out_frac, seed=params.seed),
    )
