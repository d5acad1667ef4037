"""Duplicates among scraped images: by the site's name for an image, then by looks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from fashiongen.images.hashing import Measured
from fashiongen.images.manifest import DuplicateRecord, PinRecord
from fashiongen.images.neighbours import find_pairs
from fashiongen.images.params import DedupParams


def merge_by_name(pins: Iterable[PinRecord]) -> tuple[list[PinRecord], list[DuplicateRecord]]:
    """The first pin of each signature in the order given, and the files of the others.

    A board may show a pin twice, and two boards of a brand share a folder: the same file is no duplicate of itself.
    """
    first: dict[str, PinRecord] = {}
    removed: dict[str, DuplicateRecord] = {}
    for pin in pins:
        keeper = first.setdefault(pin.signature, pin)
        if pin.file != keeper.file:
            removed[pin.file] = DuplicateRecord(removed=pin.file, keeper=keeper.file, rule="name", distance=0)
    return list(first.values()), list(removed.values())


def find_near_duplicates(images: Mapping[str, Measured], params: DedupParams) -> list[DuplicateRecord]:
    """The files that look like a better one of the same set, each beside its keeper, sorted by name.

    Better is larger, then of more bytes, then first by name.
    """
    files = sorted(images, key=lambda file: (-area_px(images[file]), -images[file].bytes, file))
    ranked = [images[file] for file in files]
    keepers = choose_keepers(_same_pictures(ranked, params))
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
    """Removed index -> keeper, given the pairs (better, worse) of equal pictures, sorted.

    Stars, not chains: an image is only removed for a keeper that it equals itself. In A~B~C with A best, A takes B,
    and C stays, because C was never found to equal A.
    """
    keepers: dict[int, int] = {}
    for better, worse in pairs:
        if better not in keepers and worse not in keepers:
            keepers[worse] = better
    return keepers


def _same_pictures(images: Sequence[Measured], params: DedupParams) -> Iterator[tuple[int, int]]:
    """Sorted pairs of positions that show the same picture."""
    informative = np.array([i for i, image in enumerate(images) if image.contrast >= params.min_contrast], dtype=int)
    hashes = np.array([images[i].phash for i in informative], dtype=np.uint64)
    candidates = informative[find_pairs(hashes, max_hamming_distance=params.max_hamming_distance)].tolist()
    similar = ((i, j) for i, j in candidates if is_same_picture(images[i], images[j], params))
    yield from sorted([*similar, *_same_bytes(images, params)])


def _same_bytes(images: Sequence[Measured], params: DedupParams) -> Iterator[tuple[int, int]]:
    """Pairs of flat images with equal content, each with the first of its kind."""
    first: dict[str, int] = {}
    for i, image in enumerate(images):
        if image.contrast < params.min_contrast and first.setdefault(image.sha256, i) != i:
            yield first[image.sha256], i


def is_same_picture(one: Measured, other: Measured, params: DedupParams) -> bool:
    """Whether two candidates also agree in fine detail, in colour and in shape."""
    aspect = (one.width_px * other.height_px) / (one.height_px * other.width_px)
    return (
        max(aspect, 1 / aspect) <= 1 + params.max_aspect_change_frac
        and hamming_distance(one.detail_hash, other.detail_hash) <= params.max_detail_distance
        and colour_distance(one.thumbnail, other.thumbnail) <= params.max_colour_distance
    )


def hamming_distance(one: int, other: int) -> int:
    """How many bits differ."""
    return (one ^ other).bit_count()


def colour_distance(one: UInt8[ndarray, "h w 3"], other: UInt8[ndarray, "h w 3"]) -> float:
    """The mean difference of the three channels in the cell where it is largest, 0 to 255.

    The largest cell, not their mean: one pose in another colourway differs in the garment's few cells alone.
    """
    return float(np.abs(one.astype(int) - other.astype(int)).mean(axis=2).max())


def area_px(image: Measured) -> int:
    """Width times height."""
    return image.width_px * image.height_px
