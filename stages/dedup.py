"""Merge the scraped folders into one folder of distinct images, with the audit of what was left out."""

import shutil
from pathlib import Path

from tqdm import tqdm

from fashiongen import config
from fashiongen.errors import BadInput, CorruptImage, TooFewImages
from fashiongen.files import read_csv, write_csv
from fashiongen.folders import fresh_folder
from fashiongen.images.duplicates import find_near_duplicates, merge_by_name
from fashiongen.images.hashing import Measured, measure_images
from fashiongen.images.manifest import CorruptRecord, DuplicateRecord, ImageRecord, PinRecord
from fashiongen.images.params import DedupParams
from fashiongen.images.split import choose_split
from stages.entry import run

SCRAPED = Path("data/scraped")
PINTEREST = Path("data/pinterest")


def main() -> None:
    params = config.load(DedupParams, "dedup")
    pins = [pin for pin in read_csv(SCRAPED / "pins.csv", PinRecord) if pin.file]
    measured, corrupt = measure({pin.file for pin in pins})
    named, by_name = merge_by_name(pin for pin in pins if pin.file in measured)
    near = find_near_duplicates({pin.file: measured[pin.file] for pin in named}, params)
    removed = {row.removed for row in near}
    kept = [pin for pin in named if pin.file not in removed]
    if not kept:
        raise TooFewImages(f"{SCRAPED}: no image is left; run `dvc repro -f scrape` and read the outcomes in pins.csv")

    fresh_folder(PINTEREST)
    records = [place(pin, measured[pin.file], params) for pin in kept]
    write_csv(PINTEREST / "manifest.csv", ImageRecord, sorted(records, key=lambda record: record.file))
    write_csv(PINTEREST / "duplicates.csv", DuplicateRecord, sorted([*by_name, *near], key=lambda row: row.removed))
    write_csv(PINTEREST / "corrupt.csv", CorruptRecord, corrupt)
    held_out = sum(record.split == "held_out" for record in records)
    print(
        f"dedup: {len(kept)} of {len(measured) + len(corrupt)} images kept ({held_out} of them held out); "
        f"left out: {len(by_name)} by name, {len(near)} by looks, {len(corrupt)} corrupt"
    )


def measure(files: set[str]) -> tuple[dict[str, Measured], list[CorruptRecord]]:
    """The looks of every file that decodes, by name, and the others with the reason."""
    names = sorted(files)
    results = dict(zip(names, tqdm(measure_images([SCRAPED / name for name in names]), total=len(names)), strict=True))
    measured = {name: result for name, result in results.items() if isinstance(result, Measured)}
    reasons = {name: str(result) for name, result in results.items() if isinstance(result, CorruptImage)}
    return measured, [CorruptRecord(file=name, reason=reason) for name, reason in reasons.items()]


def place(pin: PinRecord, image: Measured, params: DedupParams) -> ImageRecord:
    """Link or copy one image into the common folder; return its row of the manifest.

    Raises:
        BadInput: its name is taken: two files of one signature and suffix cannot both have survived.
    """
    source, target = (SCRAPED / pin.file).resolve(), PINTEREST / "images" / Path(pin.file).name
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        raise BadInput(f"{source}: {target} is taken; its name in pins.csv is not its signature")
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)
    return ImageRecord(
        file=target.name,
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


if __name__ == "__main__":
    run(main)
