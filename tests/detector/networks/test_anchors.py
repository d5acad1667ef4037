"""Anchors have the area, ratio and stride that they are asked for, and are detectron2's."""

import pytest
import torch
from torchvision.models.detection.image_list import ImageList

from fashiongen.detector.networks.anchors import Anchors

SIZES, RATIOS, STRIDES = [20, 33, 60], [0.7, 1.0, 3.2], [8, 16, 32]
GRIDS = [(12, 9), (6, 5), (3, 3)]  # of an image of 96 x 72, which is no multiple of 32


def anchors_of(images=1, offset_frac=0.25):
    generate = Anchors(SIZES, RATIOS, strides_px=STRIDES, offset_frac=offset_frac)
    batch = ImageList(torch.zeros(images, 3, 96, 72), [(96, 72)] * images)
    return generate(batch, [torch.zeros(images, 4, *grid) for grid in GRIDS])


def levels_of(boxes):
    """Split into levels, each as (rows, columns, shapes, 4)."""
    counts = [rows * columns * len(RATIOS) for rows, columns in GRIDS]
    return [level.view(*grid, len(RATIOS), 4) for level, grid in zip(boxes.split(counts), GRIDS, strict=True)]


def test_each_has_the_area_of_its_size_and_the_ratio_of_its_shape():
    """Exactly: torchvision's own are rounded to whole pixels."""
    for level, size in zip(levels_of(anchors_of()[0]), SIZES, strict=True):
        widths, heights = level[..., 2] - level[..., 0], level[..., 3] - level[..., 1]
        torch.testing.assert_close(widths * heights, torch.full_like(widths, size**2), rtol=1e-4, atol=0)
        torch.testing.assert_close(heights / widths, torch.tensor(RATIOS).expand_as(widths), rtol=1e-4, atol=0)


@pytest.mark.parametrize("offset_frac", [0.0, 0.5])
def test_centres_lie_a_stride_apart_at_the_corner_or_in_the_middle_of_their_cells(offset_frac):
    for level, stride in zip(levels_of(anchors_of(offset_frac=offset_frac)[0]), STRIDES, strict=True):
        rows, columns = ((torch.arange(side) + offset_frac) * stride for side in level.shape[:2])
        y, x = torch.meshgrid(rows, columns, indexing="ij")
        expected = torch.stack([x, y], dim=-1)[:, :, None].expand(*level.shape[:3], 2)
        torch.testing.assert_close((level[..., :2] + level[..., 2:]) / 2, expected, rtol=0, atol=1e-4)


def test_every_image_has_the_same():
    one, other = anchors_of(images=2)
    assert torch.equal(one, other)
    assert torch.equal(one, anchors_of()[0])


@pytest.mark.parametrize("offset_frac", [0.0, 0.5])
def test_they_are_detectron2s(import_detectron2, offset_frac):
    theirs = import_detectron2("modeling.anchor_generator").DefaultAnchorGenerator(
        sizes=[[size] for size in SIZES], aspect_ratios=[RATIOS], strides=STRIDES, offset=offset_frac
    )
    expected = torch.cat([boxes.tensor for boxes in theirs([torch.zeros(1, 4, *grid) for grid in GRIDS])])
    torch.testing.assert_close(anchors_of(offset_frac=offset_frac)[0], expected, rtol=0, atol=1e-4)
