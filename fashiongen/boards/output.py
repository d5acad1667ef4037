"""The folder that a scrape writes: its tables and `images/`. Files of the user's there are never deleted."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fashiongen.boards.events import Collected
from fashiongen.errors import BadInput
from fashiongen.files import TEMPORARY, read_csv, write_csv
from fashiongen.folders import OF_THE_FILE_SYSTEM
from fashiongen.images.manifest import BoardRecord, PinRecord

TABLE = "pins.csv"
BOARDS_TABLE = "boards.csv"
IMAGES = "images"
CLUTTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # files that systems write into folders that are viewed


def require_own_files(folder: Path) -> None:
    """Refuse a folder with files that no scrape wrote there.

    A file is a scrape's if the folder's pins.csv has a row for it with its number of bytes.

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
        is_scraped = path.exists() and sizes.get(name) == path.stat().st_size  # may be a link into DVC's cache
        if not (is_table or is_temporary or is_scraped):
            yield name


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


def write_scrape(folder: Path, images: Sequence[Collected], entries: Sequence[BoardRecord]) -> None:
    """Replace what the last scrape wrote into `folder` by the rows and the files of `images`, and the rows of entries.

    Raises:
        BadInput: `folder` holds files that no scrape wrote, or a photograph changed since it was inspected.
    """
    replace_table(folder, [image.record for image in images])
    write_csv(folder / BOARDS_TABLE, BoardRecord, entries)
    for image in images:
        image.save(folder)


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
