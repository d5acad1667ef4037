"""A tree in DeepFashion's own format: images in item folders, and text files whose every byte follows the original.

    Anno_coarse/list_category_cloth.txt   a count, a header, then the name padded to 15 columns and the type
    Anno_coarse/list_category_img.txt     a count, a header, then the path padded to 71 columns and the category's row
    Anno_coarse/list_bbox.txt             ... and four zero-padded integers
    Eval/list_eval_partition.txt          ... and train, val or test
    Img/img/<item>/img_00000001.jpg

Some rows are wrong on purpose, in the ways in which the original is; `defects.json` says which:
`{"<kind>": [path, ...], "count_line": {"file": ..., "says": ..., "rows": ...}}`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from fashiongen.config import Params
from fashiongen.demo.categories import CATEGORIES
from fashiongen.demo.items import Shot
from fashiongen.demo.pictures import Box
from fashiongen.files import write_bytes, write_json, write_text

NAME_COLUMNS, PATH_COLUMNS = 15, 71
NOT_AN_IMAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>\n"


class DefectParams(Params):
    """How many rows are made wrong, by kind; no row is wrong twice."""

    reversed_boxes: int
    boxes_past_the_edge: int
    degenerate_boxes: int
    missing_images: int
    truncated_images: int
    not_images: int
    rows_fewer_than_counted: int


class PartitionParams(Params):
    """The official partition's shares; the rest is test."""

    train_frac: float
    val_frac: float


def write_tree(
    root: Path, truth: Path, shots: Sequence[Shot], defects: DefectParams, partition: PartitionParams, *, seed: int
) -> None:
    """Write images, annotations and the list of planted defects."""
    rng = np.random.default_rng([seed, 3])
    planted = _choose_defects(rng, [shot.path for shot in shots], defects)
    kinds = {path: kind for kind, paths in planted.items() for path in paths}
    for shot in shots:
        _write_image(root / "Img" / shot.path, shot.content, kinds.get(shot.path))
    boxes = [(shot.path, _write_box(_spoil_box(shot, kinds.get(shot.path)))) for shot in shots]
    says = len(shots) + defects.rows_fewer_than_counted
    _write_rows(root / "Anno_coarse/list_bbox.txt", "image_name  x_1  y_1  x_2  y_2", boxes, says)
    labels = [(shot.path, str(shot.label)) for shot in shots]
    _write_rows(root / "Anno_coarse/list_category_img.txt", "image_name  category_label", labels, len(shots))
    _write_rows(
        root / "Eval/list_eval_partition.txt",
        "image_name  evaluation_status",
        _partition(rng, shots, partition),
        len(shots),
    )
    _write_categories(root / "Anno_coarse/list_category_cloth.txt")
    count_line = {"file": "Anno_coarse/list_bbox.txt", "says": says, "rows": len(shots)}
    write_json(truth, {**planted, "count_line": count_line})


def _choose_defects(rng: np.random.Generator, paths: Sequence[str], defects: DefectParams) -> dict[str, list[str]]:
    counts = {kind: count for kind, count in defects if kind != "rows_fewer_than_counted"}
    order = iter(rng.permutation(len(paths)))
    return {kind: sorted(paths[next(order)] for _ in range(count)) for kind, count in counts.items()}


def _write_image(path: Path, content: bytes, defect: str | None) -> None:
    if defect == "missing_images":
        return
    if defect == "truncated_images":
        content = content[: len(content) * 2 // 3]
    if defect == "not_images":
        content = NOT_AN_IMAGE
    write_bytes(path, content)


def _spoil_box(shot: Shot, defect: str | None) -> Box:
    x1, y1, x2, y2 = shot.box
    if defect == "reversed_boxes":
        return x2, y2, x1, y1
    if defect == "boxes_past_the_edge":
        width, height = shot.size
        return x1, y1, width + 2, height + 2
    if defect == "degenerate_boxes":
        return x1, y1, x1 + 1, y2
    return shot.box


def _write_box(box: Box) -> str:
    return " ".join(f"{value:03d}" for value in box)


def _partition(rng: np.random.Generator, shots: Sequence[Shot], partition: PartitionParams) -> list[tuple[str, str]]:
    """Whole items go to train, val or test, as in the official partition."""
    items = sorted({Path(shot.path).parent.name for shot in shots})
    draw = dict(zip(items, rng.random(len(items)), strict=True))
    edges = (partition.train_frac, partition.train_frac + partition.val_frac)
    names = ("train", "val", "test")
    return [(shot.path, names[int(np.searchsorted(edges, draw[Path(shot.path).parent.name]))]) for shot in shots]


def _write_rows(path: Path, header: str, rows: Iterable[tuple[str, str]], count: int) -> None:
    lines = [str(count), header, *(f"{name:<{PATH_COLUMNS}}{value}" for name, value in rows)]
    write_text(path, "\n".join(lines) + "\n")


def _write_categories(path: Path) -> None:
    rows = [f"{category.name:<{NAME_COLUMNS}}{category.type}" for category in CATEGORIES]
    write_text(path, "\n".join([str(len(rows)), "category_name  category_type", *rows]) + "\n")
