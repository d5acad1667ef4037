"""Features of regions, taken from the level of the pyramid that fits their size."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.ops import roi_align

CANONICAL_LEVEL = 4  # of a region of the canonical side: the level of stride 2**4 (Lin et al. 2017, eq. 1)


class RegionPool(nn.Module):
    """RoIAlign with the half-pixel correction (detectron2's "ROIAlignV2") over the levels of a pyramid."""

    def __init__(self, *, strides_px: list[int], side: int, sampling_ratio: int, canonical_px: int) -> None:
        super().__init__()
        self.strides_px = strides_px
        self.side = side
        self.sampling_ratio = sampling_ratio
        self.canonical_px = canonical_px

    def forward(
        self, features: dict[str, Tensor], boxes: list[Tensor], image_sizes: list[tuple[int, int]]
    ) -> Float[Tensor, "regions channels side side"]:
        """Features of the regions (x1, y1, x2, y2 in image pixels) of all images, one image after another."""
        levels = list(features.values())[: len(self.strides_px)]
        numbers = [torch.full_like(of_image[:, :1], number) for number, of_image in enumerate(boxes)]
        regions = torch.cat([torch.cat(numbers), torch.cat(boxes)], dim=1)
        chosen = self.choose_levels(regions[:, 1:])
        pooled = levels[0].new_zeros(regions.shape[0], levels[0].shape[1], self.side, self.side)
        for index, (level, stride) in enumerate(zip(levels, self.strides_px, strict=True)):
            places = torch.where(chosen == index)[0]
            of_level = roi_align(level, regions[places], self.side, 1 / stride, self.sampling_ratio, aligned=True)
            pooled = pooled.index_copy(0, places, of_level)
        return pooled

    def choose_levels(self, boxes_xyxy: Float[Tensor, "regions 4"]) -> Tensor:
        """The index into the levels for each region: one level coarser for twice the side."""
        sides = ((boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])).sqrt()
        levels = torch.floor(CANONICAL_LEVEL + torch.log2(sides / self.canonical_px + 1e-8))
        finest = self.strides_px[0].bit_length() - 1
        return levels.clamp(finest, finest + len(self.strides_px) - 1).to(torch.int64) - finest
