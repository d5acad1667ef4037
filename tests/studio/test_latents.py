"""A latent survives as text, bit for bit, and nothing else is taken for one."""

import base64

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.errors import BadInput
from fashiongen.studio.latents import decode_latent, encode_latent

VALUES = st.floats(min_value=-100, max_value=100, width=32)


@given(st.lists(VALUES, min_size=1, max_size=200))
def test_encoding_and_decoding_give_the_same_bits(values):
    latent = torch.tensor(values)
    decoded = decode_latent(encode_latent(latent), latent_dim=len(values))
    assert decoded.numpy().tobytes() == latent.numpy().tobytes()


def as_text(values, dtype="<f4"):
    return base64.b64encode(np.array(values, dtype).tobytes()).decode()


@pytest.mark.parametrize(
    "text",
    [
        *("", "?", "AAAA=A==", "é" * 16, as_text([1, 2]), as_text([1, 2, 3, 4]), as_text([1, 2, 3], "<f8")),
        *(as_text([np.nan, 0, 0]), as_text([0, np.inf, 0]), as_text([101, 0, 0])),
    ],
)
def test_what_is_no_latent_is_refused(text):
    with pytest.raises(BadInput, match="latent"):
        decode_latent(text, latent_dim=3)
