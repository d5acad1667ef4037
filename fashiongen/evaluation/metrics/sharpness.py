"""How sharp images are: a number that falls with blur and rises with grain."""

import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn import functional

LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue: ITU-R BT.601, as Pillow's
LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))


def sharpness(images: UInt8[Tensor, "n 3 height width"]) -> float:
    """The mean absolute Laplacian of the luminance, 0 to 1,020; compare it among images of one size."""
    luminance = torch.einsum("nchw,c->nhw", images.float(), torch.tensor(LUMINANCE))
    kernel = torch.tensor(LAPLACIAN).view(1, 1, 3, 3)
    return functional.conv2d(luminance[:, None], kernel).abs().mean().item()
