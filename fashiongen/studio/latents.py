"""A garment's latent as text, in records and between server and page."""

import base64
import binascii

import torch
from jaxtyping import Float
from torch import Tensor

from fashiongen.errors import BadInput

FARTHEST = 100.0  # of one value; normal ones stay below 6


def encode_latent(latent: Float[Tensor, " latent"]) -> str:
    """The values as float32 in little-endian order, in base64: equal text means equal bits."""
    values = latent.detach().cpu().contiguous().numpy().astype("<f4")
    return base64.b64encode(values.tobytes()).decode()


def decode_latent(text: str, *, latent_dim: int) -> Float[Tensor, " latent"]:
    """The inverse of `encode_latent`.

    Raises:
        BadInput: the text is no latent of `latent_dim` finite values.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"a latent is not base64 ({error})") from error
    if len(content) != 4 * latent_dim:
        raise BadInput(f"a latent has {len(content)} bytes, and this network's have {4 * latent_dim}")
    values = torch.frombuffer(bytearray(content), dtype=torch.float32)
    if not values.isfinite().all() or values.abs().max() > FARTHEST:
        raise BadInput(f"a latent has values that are no numbers from -{FARTHEST:g} to {FARTHEST:g}")
    return values
