"""A small network that says where in a box its garment is.

`mask_network.safetensors` has its weights; `benchmarks/fit_masks.py` fits and writes them.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from numpy import ndarray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import interpolate, pixel_shuffle, pixel_unshuffle

from fashiongen.crops.boxes import PixelBox, enclosing_box

WEIGHTS: Final = Path(__file__).parent / "mask_network.safetensors"
MARGIN_FRAC: Final = 0.2  # of the box's longer side, on each side: the surroundings that the network sees
SIZE: Final = (96, 128)  # width and height of what it sees, whatever the shape of the box
WIDTHS: Final = (16, 24, 40, 48)  # channels at a half, a quarter, an eighth and a sixteenth of the size


class Coverage(NamedTuple):
    """Probabilities, 0 to 1, that a pixel belongs to the garment and to the person with all that is worn."""

    garment: Float32[ndarray, "height width"]
    person: Float32[ndarray, "height width"]


class MaskNetwork(nn.Module):
    """A U-Net (Ronneberger et al. 2015) whose ways up are added, not appended: half of the parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _convolve(4 * 4, WIDTHS[0])
        steps = list(pairwise(WIDTHS))
        self.down = nn.ModuleList(
            nn.Sequential(_convolve(narrow, wide, stride=2), _convolve(wide, wide)) for narrow, wide in steps
        )
        self.lateral = nn.ModuleList(nn.Conv2d(wide, narrow, 1) for narrow, wide in steps)
        self.up = nn.ModuleList(_convolve(narrow, narrow) for narrow, _ in steps)
        self.head = nn.Conv2d(WIDTHS[0], 4 * 2, 1)

    def forward(self, seen: Float[Tensor, "n 4 height width"]) -> Float[Tensor, "n 2 height width"]:
        """Logits of garment and person, from what `view` gives."""
        features = [self.stem(pixel_unshuffle(seen, 2))]
        for down in self.down:
            features.append(down(features[-1]))
        merged = features.pop()
        for lateral, up in zip(reversed(self.lateral), reversed(self.up), strict=True):
            merged = up(features.pop() + interpolate(lateral(merged), scale_factor=2.0))
        logits: Float[Tensor, "n 2 height width"] = pixel_shuffle(self.head(merged), 2)
        return logits


def _convolve(narrow: int, wide: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(narrow, wide, 3, stride, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU())


def find_window(bbox: tuple[float, float, float, float], *, size: tuple[int, int]) -> tuple[PixelBox, PixelBox]:
    """The pixels of an image of `size` (width, height) around a box (x, y, width, height), and the box in these."""
    margin = MARGIN_FRAC * max(bbox[2:])
    window = enclosing_box(bbox, size=size, margins=(margin, margin))
    x, y, width, height = bbox
    return window, enclosing_box((x - window.left, y - window.top, width, height), size=window.size)


def view(image: UInt8[ndarray, "height width 3"], box: PixelBox) -> Float32[Tensor, "4 128 96"]:
    """What the network sees of an RGB image around a box: three colours and the box, each from -0.5 to 0.5."""
    inside = np.zeros(image.shape[:2], np.uint8)
    inside[box.rows, box.columns] = 255
    planes = cv2.resize(np.dstack([image, inside]), SIZE, interpolation=cv2.INTER_AREA)
    return torch.from_numpy(planes.astype(np.float32) / 255 - 0.5).permute(2, 0, 1)


def estimate_coverage(image: UInt8[ndarray, "height width 3"], box: PixelBox) -> Coverage:
    """The probabilities at the pixels of an RGB image, which is the box with `MARGIN_FRAC` around it."""
    seen = view(image, box)
    with torch.inference_mode():
        found, mirrored = load_network()(torch.stack([seen, seen.flip(-1)])).sigmoid()
    mean = ((found + mirrored.flip(-1)) / 2).numpy()
    size = (image.shape[1], image.shape[0])
    garment, person = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in mean)
    return Coverage(np.asarray(garment), np.asarray(person))


@cache
def load_network() -> MaskNetwork:
    """The network with the weights of this version, which are kept in half precision."""
    network = MaskNetwork()
    network.load_state_dict(load_file(WEIGHTS))
    return network.eval().requires_grad_(False)
