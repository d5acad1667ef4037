"""The folder that a scrape writes: its tables and `images/`. Files of the user's there are never deleted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from fashiongen.boards.events import Collected
from fashiongen.errors import BadInput
from fashiongen.executor.blocks import split
from fashiongen.files import TEMPORARY, read_csv, write_bytes, write_csv
from fashiongen.folders import OF_THE_FILE_SYSTEM
from fashiongen.images.manifest import BoardRecord, PinRecord
from fashiongen.images.shards import is_shard, list_shard, name_shard, open_shard

TABLE = "pins.csv"
BOARDS_TABLE = "boards.csv"
IMAGES = "images"
CLUTTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # files that systems write into folders that are viewed


def require_own_files(folder: Path) -> None:
    """Refuse a folder with files that no scrape wrote there.

    A file is a scrape's if the folder's pins.csv has a row for it with its number of bytes; a shard, if it has one for
    each of its images.

    Raises:
        BadInput: there are other files; the message says how many, names one, and says what to do.
    """
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        raise BadInput(f"{folder}: not a folder; move it away, or create the folder that it links to")
    foreign = sorted(_find_foreign(folder))
    if foreign:
        raise BadInput(
            f"{folder}: {len(foreign)} files there were not written by a scrape, such as {foreign[0]}, and would be "
            "lost: move them to a folder of their own and list that folder under photographs in a catalogue.yaml "
            "(docs/own-photographs.md), or delete them"
        )


def require_apart(photographs: Path, scraped: Path) -> None:
    """Refuse photographs that lie in the folder of scraped images, which a scrape empties, or around it.

    Raises:
        BadInput: one folder holds the other.
    """
    resolved, emptied = photographs.resolve(), scraped.resolve()
    if resolved.is_relative_to(emptied) or emptied.is_relative_to(resolved):
        raise BadInput(
            f"{photographs}: overlaps {scraped}, which this stage empties; move the photographs to another folder"
        )


def _find_foreign(folder: Path) -> Iterator[str]:
    sizes = _read_sizes(folder)
    for path in _list_files(folder):
        name = path.relative_to(folder).as_posix()
        is_table = name in (TABLE, BOARDS_TABLE) and bool(sizes)
        is_temporary = path.name.startswith(TEMPORARY) or path.name in CLUTTER  # left by a killed write, for example
        is_scraped = path.exists() and _has_sizes(folder, path, sizes)  # may be a link into DVC's cache
        if not (is_table or is_temporary or is_scraped):
            yield name


def _has_sizes(folder: Path, path: Path, sizes: Mapping[str, int | None]) -> bool:
    """Whether the table names a file, or each image of a shard, with its number of bytes."""
    try:
        found = list_shard(path) if is_shard(path) else {path: path.stat().st_size}
    except BadInput:
        return False
    return bool(found) and all(sizes.get(image.relative_to(folder).as_posix()) == size for image, size in found.items())


def _read_sizes(folder: Path) -> dict[str, int | None]:
    """The size in bytes of each file in the table; empty if there is no table that a scrape wrote."""
    if not (folder / TABLE).is_file():
        return {}
    try:
        return {row.file: row.bytes for row in read_csv(folder / TABLE, PinRecord)}
    except (BadInput, ValueError):  # for example a table in another encoding
        return {}


def _list_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]


def write_scrape(
    folder: Path, images: Sequence[Collected], entries: Sequence[BoardRecord], *, images_per_shard: int | None
) -> None:
    """Replace what the last scrape wrote into `folder` by the rows and the files of `images`, and the rows of entries.

    The files of each brand are written into its shards where `images_per_shard` is a number.

    Raises:
        BadInput: `folder` holds files that no scrape wrote, or a photograph changed since it was inspected.
    """
    files = {image.record.file: image for image in images if image.record.file}  # a board may show an image twice
    shards = {} if images_per_shard is None else _plan_shards(files, images_per_shard)
    places = {file: f"{shard}/{Path(file).name}" for shard, of_shard in shards.items() for file in of_shard}
    records = [image.record for image in images]
    replace_table(folder, [row.model_copy(update={"file": places.get(row.file, row.file)}) for row in records])
    write_csv(folder / BOARDS_TABLE, BoardRecord, entries)
    for shard, of_shard in shards.items():
        with open_shard(folder / shard) as add:
            for file in of_shard:
                add(Path(file).name, files[file].read())
    for file, image in files.items():
        if file not in places:
            write_bytes(folder / file, image.read())


def _plan_shards(files: Iterable[str], images_per_shard: int) -> dict[str, Sequence[str]]:
    """The files of each shard, both with their folder; those of a brand are filled in the order of names."""
    shards: dict[str, Sequence[str]] = {}
    for brand, of_brand in groupby(sorted(files), key=lambda file: Path(file).parent.as_posix()):
        for number, block in enumerate(split(list(of_brand), images_per_shard)):
            shards[f"{brand}/{name_shard(number)}"] = block
    return shards


def write_incomplete(folder: Path, images: Sequence[Collected], entries: Sequence[BoardRecord]) -> None:
    """Write the tables of a scrape that failed, without its images: the archive has these."""
    write_csv(folder / TABLE, PinRecord, [image.record for image in images])
    write_csv(folder / BOARDS_TABLE, BoardRecord, entries)


def replace_table(folder: Path, records: Iterable[PinRecord]) -> None:
    """Delete the last scrape's images, and write the table of those that the caller then puts there.

    The new table replaces the old one after the images are deleted and before the new ones are written. So after a kill
    at any point `require_own_files` still accepts the folder.

    Raises:
        BadInput: as `require_own_files`.
    """
    require_own_files(folder)
    for path in _list_files(folder):
        if path != folder / TABLE:
            path.unlink()
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if path.name not in OF_THE_FILE_SYSTEM:
            path.rmdir()
    write_csv(folder / TABLE, PinRecord, records)
    (folder / IMAGES).mkdir()
