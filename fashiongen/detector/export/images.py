"""The images that a command names: found in folders, decoded once for their sizes, each with a unique name."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fashiongen.errors import BadInput, CorruptImage, MissingInput
from fashiongen.images.reading.decode import SUFFIXES, read_reduced
from fashiongen.images.shards import is_shard, list_shard

MAX_NAME_BYTES = 255  # of a file on the usual file systems, in UTF-8


class InputImage(NamedTuple):
    """An image that decodes."""

    image_id: int  # from 1
    path: Path
    width_px: int
    height_px: int
    picture: str  # file name of the picture with its boxes


class FoundImages(NamedTuple):
    """What was found of the files and folders that were named."""

    paths: list[Path]  # each once
    passed_over: Counter[str]  # files in the folders that are no images by their suffix, by that suffix in lower case


def find_images(named: Iterable[Path]) -> FoundImages:
    """The files named, of any suffix, and the images below the folders named and in their shards, sorted by name.

    Raises:
        MissingInput: one of them is not there, or no image is among them.
    """
    paths = list(named)
    found: dict[Path, Path] = {}
    others: dict[Path, str] = {}
    for path in paths:
        if not path.exists():
            raise MissingInput(f"{path}: no such file or folder")
        for file in _list_files(path):
            if path == file or file.suffix.lower() in SUFFIXES:
                found.setdefault(file.resolve(), file)
            else:
                others[file.resolve()] = file.suffix.lower()
    if not found:
        raise MissingInput(f"{', '.join(map(str, paths))}: no image there ({', '.join(SUFFIXES)})")
    return FoundImages(list(found.values()), Counter(suffix for file, suffix in others.items() if file not in found))


def _list_files(path: Path) -> Iterator[Path]:
    for file in sorted(filter(Path.is_file, path.rglob("*"))) if path.is_dir() else [path]:
        try:
            yield from list_shard(file) if is_shard(file) else [file]
        except BadInput:  # a zip file of the user's that has a shard's name
            yield file


def decode_sizes(paths: Sequence[Path]) -> Iterator[tuple[int, int] | CorruptImage]:
    """Width and height of each image in the order given, or why it does not decode; one thread per core.

    Raises:
        MissingInput: a file is not there any more.
    """

    def measure(path: Path) -> tuple[int, int] | CorruptImage:
        try:
            return read_reduced(path, at_least_px=1).original_size  # reduced, but every byte is decoded
        except CorruptImage as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from threads.map(measure, paths)


def number_images(sizes: Iterable[tuple[Path, tuple[int, int]]]) -> list[InputImage]:
    """Images in the order given, with ids from 1 and a name for the picture of each that no other has.

    Files of the same name become `look.jpg`, `look-2.jpg`, …; names that differ only in case count as the same, since
    some file systems do not tell them apart.
    """
    taken: set[str] = set()
    counts: Counter[str] = Counter()  # of each stem: a tree may hold thousands of files of the same name
    images = []
    for image_id, (path, (width_px, height_px)) in enumerate(sizes, start=1):
        picture = _picture_name(path.stem, "")
        while picture.lower() in taken:
            counts[path.stem.lower()] += 1
            picture = _picture_name(path.stem, f"-{counts[path.stem.lower()] + 1}")
        taken.add(picture.lower())
        images.append(InputImage(image_id, path, width_px, height_px, picture))
    return images


def _picture_name(stem: str, number: str) -> str:
    """`stem` and `number` as the name of a JPEG, where the end of a long stem is cut off."""
    ending = f"{number}.jpg"
    kept = stem
    while len(os.fsencode(kept + ending)) > MAX_NAME_BYTES:
        kept = kept[:-1]
    return kept + ending
