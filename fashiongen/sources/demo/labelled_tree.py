"""The shots as a tree in DeepFashion's format, with whole items in train, val or test.

Some rows are wrong on purpose, as rows of the original are; `defects.json` lists them:
`{"<kind>": [path, ...], "count_line": {"file": ..., "says": ..., "rows": ...}}`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fashiongen.config import Params
from fashiongen.files import write_bytes, write_json
from fashiongen.sources.deepfashion_tree import LabelledImage, Partition, image_file, write_tree
from fashiongen.sources.demo.items import Shot
from fashiongen.sources.planting import Box

NOT_AN_IMAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>\n"


class DefectParams(Params):
    """How many rows are made wrong, by kind; no row has two defects."""

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


def write_labelled_tree(
    root: Path, truth: Path, shots: Sequence[Shot], defects: DefectParams, partition: PartitionParams, *, seed: int
) -> None:
    """Write images, annotations and the list of planted defects."""
    rng = np.random.default_rng([seed, 3])
    planted = _choose_defects(rng, [shot.path for shot in shots], defects)
    kinds = {path: kind for kind, paths in planted.items() for path in paths}
    for shot in shots:
        _write_image(image_file(root, shot.path), shot.content, kinds.get(shot.path))
    boxes = [_spoil_box(shot, kinds.get(shot.path)) for shot in shots]
    statuses = _split_items(rng, shots, partition)
    rows = [
        LabelledImage(shot.path, shot.category, box, status)
        for shot, box, status in zip(shots, boxes, statuses, strict=True)
    ]
    write_tree(root, rows, overcounted_boxes=defects.rows_fewer_than_counted)
    says = len(rows) + defects.rows_fewer_than_counted
    count_line = {"file": "Anno_coarse/list_bbox.txt", "says": says, "rows": len(rows)}
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


def _split_items(rng: np.random.Generator, shots: Sequence[Shot], partition: PartitionParams) -> list[Partition]:
    """The partition of each shot: whole items go to train, val or test, as in the official one."""
    items = sorted({Path(shot.path).parent.name for shot in shots})
    draw = dict(zip(items, rng.random(len(items)), strict=True))
    edges = (partition.train_frac, partition.train_frac + partition.val_frac)
    names: tuple[Partition, ...] = ("train", "val", "test")
    return [names[int(np.searchsorted(edges, draw[Path(shot.path).parent.name]))] for shot in shots]
