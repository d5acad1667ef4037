"""The images that a command names: found in folders, decoded once to know their sizes, each with a name of its own."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fashiongen.errors import CorruptImage, MissingInput
from fashiongen.images.decode import read_reduced

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")  # of the formats that boards serve


class InputImage(NamedTuple):
    """An image that decodes."""

    image_id: int  # from 1
    path: Path
    width_px: int
    height_px: int
    picture: str  # the name of the file in which its boxes are drawn


def find_images(named: Iterable[Path]) -> list[Path]:
    """The files named, whatever their names end in, and the images below the folders named; each once, folders sorted.

    Raises:
        MissingInput: one of them is not there, or no image is among them.
    """
    paths = list(named)
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise MissingInput(f"{path}: no such file or folder")
        for file in _images_below(path) if path.is_dir() else [path]:
            found.setdefault(file.resolve(), file)
    if not found:
        raise MissingInput(f"{', '.join(map(str, paths))}: no image there ({', '.join(SUFFIXES)})")
    return list(found.values())


def _images_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def measure_sizes(paths: Sequence[Path]) -> Iterator[tuple[int, int] | CorruptImage]:
    """Width and height of each image in the order given, or why it does not decode; one thread per core.

    Raises:
        MissingInput: a file is not there any more.
    """

    def measure(path: Path) -> tuple[int, int] | CorruptImage:
        try:
            return read_reduced(path, at_least_px=1).original_size  # every byte is looked at all the same
        except CorruptImage as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from threads.map(measure, paths)


def number_images(sizes: Iterable[tuple[Path, tuple[int, int]]]) -> list[InputImage]:
    """Images in the order given, with ids from 1 and names for their pictures that no two share.

    Files of one name are `look.jpg`, `look-2.jpg`, …: names that differ in case alone are one name to some systems.
    """
    taken: set[str] = set()
    counts: Counter[str] = Counter()  # of each stem: a tree may hold thousands of one name
    images = []
    for image_id, (path, (width_px, height_px)) in enumerate(sizes, start=1):
        picture = f"{path.stem}.jpg"
        while picture.lower() in taken:
            counts[path.stem.lower()] += 1
            picture = f"{path.stem}-{counts[path.stem.lower()] + 1}.jpg"
        taken.add(picture.lower())
        images.append(InputImage(image_id, path, width_px, height_px, picture))
    return images
