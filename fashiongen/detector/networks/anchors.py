"""The anchors: the boxes about each cell of each level of the pyramid that the proposal network refines."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList


class Anchors(AnchorGenerator):
    """Anchors of exact sizes at exact strides, as in detectron2.

    torchvision's generator rounds sizes to whole pixels, and computes a level's stride from the sides of image and
    grid: 61 px in place of 64 if the image's side is no multiple of 64.
    """

    def __init__(self, sizes_px: list[int], ratios: list[float], *, strides_px: list[int], offset_frac: float) -> None:
        super().__init__(tuple((size,) for size in sizes_px), (tuple(ratios),) * len(sizes_px))
        self.strides_px = strides_px
        self.offset_frac = offset_frac

    def generate_anchors(
        self,
        scales: Sequence[int],
        aspect_ratios: Sequence[float],
        dtype: torch.dtype = torch.float32,
        device: torch.device = torch.device("cpu"),  # noqa: B008  torchvision's signature
    ) -> Float[Tensor, "shapes 4"]:
        """Boxes (x1, y1, x2, y2) about 0 of area scale**2 and of ratio height / width."""
        sides = torch.as_tensor(scales, dtype=dtype, device=device)
        ratios = torch.as_tensor(aspect_ratios, dtype=dtype, device=device)
        widths = (sides[:, None] / ratios.sqrt()).flatten()
        heights = (sides[:, None] * ratios.sqrt()).flatten()
        return torch.stack([-widths, -heights, widths, heights], dim=1) / 2

    def forward(self, image_list: ImageList, feature_maps: list[Tensor]) -> list[Tensor]:
        """The anchors of all levels, the finest first, for each image."""
        self.set_cell_anchors(feature_maps[0].dtype, feature_maps[0].device)
        return [torch.cat(self.of_levels(feature_maps))] * len(image_list.image_sizes)

    def of_levels(self, feature_maps: list[Tensor]) -> list[Tensor]:
        """The anchors of each level, once `set_cell_anchors` was called."""
        sizes = [list(level.shape[-2:]) for level in feature_maps]
        strides = [[torch.tensor(stride, device=feature_maps[0].device)] * 2 for stride in self.strides_px]
        levels = zip(self.grid_anchors(sizes, strides), self.strides_px, strict=True)
        return [level + self.offset_frac * stride for level, stride in levels]
