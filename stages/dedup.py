"""Merge the scraped folders into one folder of distinct images, and list what was left out and why."""

from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.errors import CorruptImage, TooFewImages
from fashiongen.executor.engine import MapItems, open_executor
from fashiongen.executor.params import ExecutorParams
from fashiongen.files import read_csv, write_csv
from fashiongen.folders import fresh_folder
from fashiongen.images.collection import add_images, image_record
from fashiongen.images.duplicates import find_distinct
from fashiongen.images.hashing import ImageDescriptor, describe_images, read_thumbnail
from fashiongen.images.manifest import CorruptRecord, DuplicateRecord, ImageRecord, PinRecord
from fashiongen.images.params import DedupParams, StorageParams
from stages.entry import run

SCRAPED = Path("data/scraped")
PINTEREST = Path("data/pinterest")


def main() -> None:
    """Write data/pinterest: the distinct images, their manifest, duplicates.csv and corrupt.csv."""
    params = config.load(DedupParams, "dedup")
    storage = config.load(StorageParams, "storage")
    pins = [pin for pin in read_csv(SCRAPED / "pins.csv", PinRecord) if pin.file]
    with open_executor(config.load(ExecutorParams, "executor")) as map_items:
        images, corrupt = describe_files(sorted({pin.file for pin in pins}), map_items)
        kept, by_name, near = find_distinct(pins, images, params, lambda file: read_thumbnail(SCRAPED / file))
        if not kept:
            raise TooFewImages(
                f"{SCRAPED / 'pins.csv'}: no image is left: {len(pins)} pins name a file, and {len(corrupt)} of these "
                "do not decode; read the column `outcome` there, then run `dvc repro -f scrape`"
            )
        folder, sources = fresh_folder(PINTEREST), [SCRAPED / pin.file for pin in kept]
        files = add_images(sources, folder / "images", images_per_shard=storage.images_per_shard, map_items=map_items)
    records = [image_record(pin, files[SCRAPED / pin.file], images[pin.file], params) for pin in kept]
    write_csv(folder / "manifest.csv", ImageRecord, sorted(records, key=lambda record: record.file))
    write_csv(folder / "duplicates.csv", DuplicateRecord, sorted([*by_name, *near], key=lambda row: row.removed))
    write_csv(folder / "corrupt.csv", CorruptRecord, corrupt)
    held_out = sum(record.split == "held_out" for record in records)
    print(
        f"dedup: {len(kept)} of {len(images) + len(corrupt)} images kept ({held_out} of them held out); "
        f"left out: {len(by_name)} by name, {len(near)} by perceptual hash, {len(corrupt)} corrupt"
    )


def describe_files(names: list[str], map_items: MapItems) -> tuple[dict[str, ImageDescriptor], list[CorruptRecord]]:
    """The descriptors of the files below data/scraped that decode, by name, and the others with the reason."""
    described = describe_images([SCRAPED / name for name in names], map_items)
    results = zip(names, tqdm(described, total=len(names)), strict=True)
    images: dict[str, ImageDescriptor] = {}
    corrupt: list[CorruptRecord] = []
    for name, result in results:
        if isinstance(result, CorruptImage):
            corrupt.append(CorruptRecord(file=name, reason=str(result)))
        else:
            images[name] = result
    return images, corrupt


if __name__ == "__main__":
    run(main)
