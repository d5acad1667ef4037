"""The joined tables: one labelled garment per image, and the part of the split that it is in."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

import numpy as np

from fashiongen.deepfashion.annotations import Annotations, BoxXyxy, Category
from fashiongen.deepfashion.params import SplitName

Part = Literal["train", "val", "unused"]
OFFICIAL_PARTS: dict[str, Part] = {"train": "train", "val": "val", "test": "unused"}


class Item(NamedTuple):
    """One labelled garment, with its box as in the file."""

    image_id: int  # its row in list_bbox.txt, from 1, whatever the split
    image_name: str
    box_xyxy: BoxXyxy
    category: Category


def join_items(annotations: Annotations) -> tuple[list[Item], list[str]]:
    """The images that all tables name, in the order of list_bbox.txt, and sorted the names that some table lacks."""
    named = [set(annotations.boxes.rows), set(annotations.labels.rows)]
    if annotations.partition is not None:
        named.append(set(annotations.partition.rows))
    common = set.intersection(*named)
    items = [
        Item(image_id, name, box, annotations.labels.rows[name])
        for image_id, (name, box) in enumerate(annotations.boxes.rows.items(), start=1)
        if name in common
    ]
    return items, sorted(set.union(*named) - common)


def split_items(
    items: Sequence[Item], split: SplitName, annotations: Annotations, *, train_frac: float, seed: int
) -> list[Part]:
    """The part of each item.

    `random` draws images, as the study did: photographs of one garment may be in both parts. `item` draws whole item
    folders. `official` takes the benchmark's partition and leaves its test images unused.
    """
    rng = np.random.default_rng(seed)
    train_size = round(train_frac * len(items))
    match split:
        case "random":
            return split_by_image(len(items), train_size, rng)
        case "item":
            return split_by_folder(items, train_size, rng)
        case "official":
            partition = annotations.partition.rows if annotations.partition else {}
            return [OFFICIAL_PARTS[partition[item.image_name]] for item in items]


def split_by_image(size: int, train_size: int, rng: np.random.Generator) -> list[Part]:
    """The part of each of `size` images; exactly `train_size` of them, drawn at random, are for training."""
    drawn = set(rng.permutation(size)[:train_size].tolist())
    return ["train" if place in drawn else "val" for place in range(size)]


def split_by_folder(items: Sequence[Item], train_size: int, rng: np.random.Generator) -> list[Part]:
    """The part of each item: folders are drawn until they hold `train_size` images; no garment is in both parts."""
    folders = [PurePosixPath(item.image_name).parent.as_posix() for item in items]
    names, sizes = np.unique(folders, return_counts=True)
    order = rng.permutation(len(names))
    before = np.cumsum(sizes[order]) - sizes[order]
    drawn = set(names[order[before < train_size]].tolist())
    return ["train" if folder in drawn else "val" for folder in folders]
