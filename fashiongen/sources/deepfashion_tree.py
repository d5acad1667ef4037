"""Write a tree as DeepFashion's authors lay it out: their text files byte for byte, padded columns and all.

Anno_coarse/list_category_cloth.txt   a count, a header, then the name padded to 15 columns and the type
Anno_coarse/list_category_img.txt     a count, a header, then the path padded to 71 columns and the category's row
Anno_coarse/list_bbox.txt             ... and four zero-padded integers
Eval/list_eval_partition.txt          ... and train, val or test
Img/img/<item>/img_00000001.jpg
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from fashiongen.files import write_text
from fashiongen.sources.categories import CATEGORY_LABELS, CATEGORY_TYPES, TYPE_NUMBERS

Partition = Literal["train", "val", "test"]

CATEGORY_COLUMN = 15  # columns before the value, trailing space included
PATH_COLUMN = 71


class LabelledImage(NamedTuple):
    """One row of each annotation file; the coordinates may be as wrong as the real files' are."""

    path: str  # as the text files name it: img/<Item_Name>/img_00000001.jpg
    category: str
    box_xyxy: tuple[int, int, int, int]
    partition: Partition


def image_file(root: Path, path: str) -> Path:
    """Where the image that the text files call `path` lies in the tree at `root`."""
    return root / "Img" / path


def split_officially(n: int, fractions: dict[Partition, float], rng: np.random.Generator) -> list[Partition]:
    """A shuffled partition of `n` images whose shares are `fractions`; rounding goes to the first of them."""
    counts = {name: round(n * fraction) for name, fraction in fractions.items()}
    first, *_ = counts
    counts[first] += n - sum(counts.values())
    drawn = [name for name, count in counts.items() for _ in range(count)]
    return [drawn[place] for place in rng.permutation(n)]


def write_tree(root: Path, images: Sequence[LabelledImage], *, overcounted_boxes: int = 0) -> None:
    """Write the four text files for `images` under `root`, all 50 categories listed; the caller writes the images.

    The first line of list_bbox.txt claims `overcounted_boxes` more rows than there are.
    """
    coarse = root / "Anno_coarse"
    categories = [f"{_pad(name, CATEGORY_COLUMN)}{TYPE_NUMBERS[kind]}" for name, kind in CATEGORY_TYPES.items()]
    _write_table(coarse / "list_category_cloth.txt", "category_name  category_type", categories)
    _write_table(
        coarse / "list_bbox.txt", "image_name  x_1  y_1  x_2  y_2", map(_box_row, images), overcount=overcounted_boxes
    )
    _write_table(coarse / "list_category_img.txt", "image_name  category_label", map(_category_row, images))
    partition = root / "Eval" / "list_eval_partition.txt"
    _write_table(partition, "image_name  evaluation_status", map(_partition_row, images))


def _write_table(path: Path, header: str, rows: Iterable[str], *, overcount: int = 0) -> None:
    lines = list(rows)
    write_text(path, "\n".join([str(len(lines) + overcount), header, *lines]) + "\n")


def _pad(name: str, columns: int) -> str:
    return f"{name:<{columns - 1}} "


def _box_row(image: LabelledImage) -> str:
    return _pad(image.path, PATH_COLUMN) + " ".join(f"{value:03d}" for value in image.box_xyxy)


def _category_row(image: LabelledImage) -> str:
    return f"{_pad(image.path, PATH_COLUMN)}{CATEGORY_LABELS[image.category]}"


def _partition_row(image: LabelledImage) -> str:
    return f"{_pad(image.path, PATH_COLUMN)}{image.partition}"
