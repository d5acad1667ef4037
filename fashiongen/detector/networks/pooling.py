"""Features of regions, pooled from the level of the pyramid that suits their size."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import roi_align

CANONICAL_LEVEL = 4  # of a region of the canonical side: the level of stride 2**4 (Lin et al. 2017, eq. 1)


class Regions(NamedTuple):
    """The regions of all images, one image after another."""

    images: Int64[Tensor, " regions"]  # index of each region's image in the batch
    boxes_xyxy: Float[Tensor, "regions 4"]  # in image pixels
    levels: Int64[Tensor, " regions"]  # index of the level that each is pooled from


class RegionPool(nn.Module):
    """RoIAlign with the half-pixel correction (detectron2's "ROIAlignV2") over the levels of a pyramid.

    In training it is computed in another way, whose gradients take a fifth of the time on a CPU.
    """

    def __init__(self, *, strides_px: list[int], side: int, sampling_ratio: int, canonical_px: int) -> None:
        super().__init__()
        self.strides_px = strides_px
        self.side = side
        self.sampling_ratio = sampling_ratio
        self.canonical_px = canonical_px

    def forward(
        self, features: dict[str, Tensor], boxes: list[Tensor], image_sizes: list[tuple[int, int]]
    ) -> Float[Tensor, "regions channels side side"]:
        """Features of the regions (x1, y1, x2, y2 in image pixels) of all images, one image after another.

        In training every region must lie inside its image.
        """
        levels = list(features.values())[: len(self.strides_px)]
        numbers = [torch.full_like(of_image[:, 0], number, dtype=torch.int64) for number, of_image in enumerate(boxes)]
        together = torch.cat(boxes)
        regions = Regions(torch.cat(numbers), together, self.choose_levels(together))
        if self.training and self.sampling_ratio:  # 0: the number of samples differs between regions
            return self._sum_rows(levels, regions)
        return self._align(levels, regions)

    def choose_levels(self, boxes_xyxy: Float[Tensor, "regions 4"]) -> Int64[Tensor, " regions"]:
        """The index into the levels for each region: one level coarser for twice the side."""
        sides = ((boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])).sqrt()
        levels = torch.floor(CANONICAL_LEVEL + torch.log2(sides / self.canonical_px + 1e-8))
        finest = self.strides_px[0].bit_length() - 1
        return levels.clamp(finest, finest + len(self.strides_px) - 1).to(torch.int64) - finest

    def _align(self, levels: list[Tensor], regions: Regions) -> Float[Tensor, "regions channels side side"]:
        """torchvision's operation, level by level."""
        pooled = levels[0].new_zeros(regions.levels.shape[0], levels[0].shape[1], self.side, self.side)
        numbered = torch.cat([regions.images[:, None].to(regions.boxes_xyxy), regions.boxes_xyxy], dim=1)
        for index, (level, stride) in enumerate(zip(levels, self.strides_px, strict=True)):
            places = torch.where(regions.levels == index)[0]
            of_level = roi_align(level, numbered[places], self.side, 1 / stride, self.sampling_ratio, aligned=True)
            pooled = pooled.index_copy(0, places, of_level)
        return pooled

    def _sum_rows(self, levels: list[Tensor], regions: Regions) -> Float[Tensor, "regions channels side side"]:
        """The same result, as sums of weighted rows of a table that has a row for each cell of each level."""
        table = torch.cat([level.permute(0, 2, 3, 1).flatten(end_dim=2) for level in levels])
        shapes = torch.tensor([level.shape[2:] for level in levels], device=table.device)
        areas = shapes.prod(dim=1)
        starts = len(levels[0]) * (areas.cumsum(0) - areas)
        heights, widths = shapes[regions.levels].unbind(1)
        strides = torch.tensor(self.strides_px, device=table.device)[regions.levels]
        left, top, right, bottom = (regions.boxes_xyxy / strides[:, None]).unbind(1)
        rows, row_weights = self._neighbours(top, bottom, heights)
        columns, column_weights = self._neighbours(left, right, widths)
        firsts = starts[regions.levels] + regions.images * areas[regions.levels]
        rows = firsts[:, None, None] + rows * widths[:, None, None]
        places = rows[:, :, None, :, None] + columns[:, None, :, None, :]
        weights = row_weights[:, :, None, :, None] * column_weights[:, None, :, None, :]
        sums = functional.embedding_bag(
            places.flatten(end_dim=2).flatten(start_dim=1),
            table,
            per_sample_weights=weights.flatten(end_dim=2).flatten(start_dim=1),
            mode="sum",
        )
        return sums.reshape(-1, self.side, self.side, table.shape[1]).permute(0, 3, 1, 2)

    def _neighbours(
        self, low: Float[Tensor, " regions"], high: Float[Tensor, " regions"], count: Int64[Tensor, " regions"]
    ) -> tuple[Int64[Tensor, "regions side neighbours"], Float[Tensor, "regions side neighbours"]]:
        """Along one axis: the cells from which each of a region's `side` bins is interpolated, and their weights.

        `low` and `high` are the region's ends in cells of its level, which has `count` cells.
        """
        samples = self.side * self.sampling_ratio
        steps = (torch.arange(samples, device=low.device) + 0.5) / samples
        last = (count - 1)[:, None]
        at = (low[:, None] - 0.5 + steps * (high - low)[:, None]).clamp(min=0).minimum(last)
        before = at.floor()
        after_weight = at - before
        neighbours = torch.stack([before, (before + 1).minimum(last)], dim=-1).long()
        weights = torch.stack([1 - after_weight, after_weight], dim=-1) / self.sampling_ratio
        shape = (len(low), self.side, 2 * self.sampling_ratio)
        return neighbours.reshape(shape), weights.reshape(shape)
