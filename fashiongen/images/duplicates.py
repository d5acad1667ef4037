"""Duplicates among scraped images: by the site's name for an image, then by perceptual hash."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fashiongen.images.comparison import Thumbnail, measure_difference
from fashiongen.images.hashing import ImageDescriptor
from fashiongen.images.manifest import DuplicateRecord, PinRecord
from fashiongen.images.neighbours import find_pairs
from fashiongen.images.params import DedupParams

ReadThumbnail = Callable[[str], Thumbnail]  # of a file, by the name that its descriptor has
KEPT_THUMBNAILS = 1000  # 50 MB


class DistinctPins(NamedTuple):
    """The pins whose images are kept, in their order, and the duplicates by rule, each sorted by name of file."""

    kept: list[PinRecord]
    by_name: list[DuplicateRecord]
    near: list[DuplicateRecord]


def find_distinct(
    pins: Iterable[PinRecord],
    images: Mapping[str, ImageDescriptor],
    params: DedupParams,
    read_thumbnail: ReadThumbnail,
) -> DistinctPins:
    """One pin for each picture; pins whose file has no descriptor, since it does not decode, are left out."""
    named, by_name = merge_by_name(pin for pin in pins if pin.file in images)
    near = find_near_duplicates({pin.file: images[pin.file] for pin in named}, params, read_thumbnail)
    removed = {row.removed for row in near}
    kept = [pin for pin in named if pin.file not in removed]
    return DistinctPins(kept, sorted(by_name, key=lambda row: row.removed), near)


def merge_by_name(pins: Iterable[PinRecord]) -> tuple[list[PinRecord], list[DuplicateRecord]]:
    """The first pin of each signature in the order given, and the files of the others.

    Two pins may name the same file (a board shows a pin twice, or two boards of a brand share a folder): then no file
    is removed.
    """
    first: dict[str, PinRecord] = {}
    removed: dict[str, DuplicateRecord] = {}
    for pin in pins:
        keeper = first.setdefault(pin.signature, pin)
        if pin.file != keeper.file:
            removed[pin.file] = DuplicateRecord(removed=pin.file, keeper=keeper.file, rule="name", distance=0)
    return list(first.values()), list(removed.values())


def find_near_duplicates(
    images: Mapping[str, ImageDescriptor], params: DedupParams, read_thumbnail: ReadThumbnail
) -> list[DuplicateRecord]:
    """The files that show the same picture as a better file, each with that one as its keeper, sorted by name.

    The better file has more pixels; of equals more bytes; of equals the first name. Only thumbnails of candidates are
    read.
    """
    files = sorted(images, key=lambda file: (-area_px(images[file]), -images[file].bytes, file))
    ranked = [images[file] for file in files]
    read = lru_cache(KEPT_THUMBNAILS)(lambda index: read_thumbnail(files[index]))
    keepers = choose_keepers(_same_pictures(ranked, params, read))
    rows = [
        DuplicateRecord(
            removed=files[removed],
            keeper=files[keeper],
            rule="near",
            distance=hamming_distance(ranked[removed].phash, ranked[keeper].phash),
        )
        for removed, keeper in keepers.items()
    ]
    return sorted(rows, key=lambda row: row.removed)


def choose_keepers(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Removed index -> index of its keeper, from the sorted pairs (better, worse) that show the same picture.

    Being the same picture is not transitive: an image is only removed for a keeper that it was compared with. With the
    pairs (A, B) and (B, C), B is removed for A, and C stays, because C was not found to be the same as A.
    """
    keepers: dict[int, int] = {}
    for better, worse in pairs:
        if better not in keepers and worse not in keepers:
            keepers[worse] = better
    return keepers


def _same_pictures(
    images: Sequence[ImageDescriptor], params: DedupParams, read_thumbnail: Callable[[int], Thumbnail]
) -> Iterator[tuple[int, int]]:
    """Sorted pairs of positions that show the same picture."""
    informative = np.array([i for i, image in enumerate(images) if image.contrast >= params.min_contrast], dtype=int)
    hashes = np.array([images[i].phash for i in informative], dtype=np.uint64)
    candidates = informative[find_pairs(hashes, max_hamming_distance=params.max_hamming_distance)].tolist()
    of_one_shape = ((i, j) for i, j in candidates if has_same_shape(images[i], images[j], params))
    similar = ((i, j) for i, j in of_one_shape if _is_same_picture(read_thumbnail(i), read_thumbnail(j), params))
    yield from sorted([*similar, *_same_bytes(images, params)])


def _same_bytes(images: Sequence[ImageDescriptor], params: DedupParams) -> Iterator[tuple[int, int]]:
    """Pairs of low-contrast images with equal bytes, each with the first such image."""
    first: dict[str, int] = {}
    for i, image in enumerate(images):
        if image.contrast < params.min_contrast and first.setdefault(image.sha256, i) != i:
            yield first[image.sha256], i


def has_same_shape(one: ImageDescriptor, other: ImageDescriptor, params: DedupParams) -> bool:
    """Whether the proportions of two images are as near as those of a picture and its crop."""
    aspect = (one.width_px * other.height_px) / (one.height_px * other.width_px)
    return max(aspect, 1 / aspect) <= 1 + params.max_aspect_change_frac


def _is_same_picture(one: Thumbnail, other: Thumbnail, params: DedupParams) -> bool:
    return measure_difference(one, other, differing_frac=params.differing_frac) <= params.max_difference


def hamming_distance(one: int, other: int) -> int:
    """How many bits differ."""
    return (one ^ other).bit_count()


def area_px(image: ImageDescriptor) -> int:
    """Width times height."""
    return image.width_px * image.height_px
