"""Inspect all photographs that a catalogue lists."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fashiongen.boards.catalogue import Catalogue, Photographs
from fashiongen.boards.content import Inspector
from fashiongen.boards.events import EntryFinished, EntryOpened, Events, ImagesFound, Notice
from fashiongen.boards.output import require_apart
from fashiongen.boards.params import ScrapeParams
from fashiongen.boards.photographs import Original, inspect_original, open_photographs, read_original
from fashiongen.boards.records import count_outcomes, describe_entry
from fashiongen.errors import BadInput
from fashiongen.images.manifest import PinRecord


@dataclass(frozen=True)
class Photograph:
    """A file of the user's with its row."""

    original: Original
    record: PinRecord
    max_bytes: int

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            BadInput: it is not the file that was inspected any more.
        """
        return read_original(self.original, self.record, max_bytes=self.max_bytes)


def inspect_catalogue(catalogue: Catalogue, params: ScrapeParams, *, scraped: Path, opened: ExitStack) -> Events:
    """Inspect the photographs of all entries, one after the other; they can be read until `opened` ends.

    `scraped` is the folder that they are going to be copied into.

    Raises:
        BadInput: an entry is no folder or zip file, has no usable image, or lies in `scraped` or around it.
    """
    for entry in catalogue.photographs:
        path = entry.locate(params.boards)
        require_apart(path, scraped)
        if not path.resolve().is_relative_to(params.boards.resolve()):
            yield Notice(
                f"{path} lies outside {params.boards}, so DVC does not see when it changes: then run "
                "`dvc repro --force scrape`"
            )
        yield from _inspect_entry(entry, opened.enter_context(open_photographs(path)), params)


def _inspect_entry(entry: Photographs, originals: list[Original], params: ScrapeParams) -> Events:
    yield EntryOpened(entry.path, len(originals), "file")
    inspect = partial(
        inspect_original,
        entry=entry,
        inspector=Inspector(max_megapixels=params.max_megapixels, timeout_s=params.decode_timeout_s),
        max_bytes=params.max_bytes,
        min_side_px=params.min_side_px,
    )
    photographs: list[Photograph] = []
    with ThreadPoolExecutor(params.max_downloads) as pool:
        for original, record in zip(originals, pool.map(inspect, originals), strict=True):
            photographs.append(Photograph(original, record, params.max_bytes))
            yield ImagesFound(1)
    records = [photograph.record for photograph in photographs]
    yield EntryFinished(photographs, describe_entry(entry, entry.path, records, expected=None, ending="end"))
    if not any(record.file for record in records):
        raise BadInput(f"{entry.locate(params.boards)}: no image there can be used: {count_outcomes(records)}")
