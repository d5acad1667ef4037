"""A generator as an ONNX file, for programs that have no PyTorch."""

from pathlib import Path

import torch

from fashiongen.dcgan.networks.families import AnyGenerator
from fashiongen.onnx_program import write_program

INPUT = "latents"  # float32 (batch, latent_dim, 1, 1), standard normal
OUTPUT = "images"  # float32 (batch, 3, height_px, width_px), RGB in [-1, 1]; the modern family can exceed it a little


def write_onnx(path: Path, generator: AnyGenerator) -> None:
    """Write a generator in evaluation mode as ONNX; any number of latents makes a batch.

    Raises:
        MissingInput: PyTorch's exporter lacks a package.
    """
    example = torch.zeros(2, generator.latent_dim, 1, 1)  # the exporter would make a batch of 1 a constant
    batch = {INPUT: {0: torch.export.Dim("batch")}}
    write_program(path, generator.cpu().eval(), example, inputs=batch, outputs=[OUTPUT])
