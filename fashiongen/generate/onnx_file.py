"""A generator as an ONNX file, for programs that have no PyTorch."""

import importlib.util
from pathlib import Path

import torch

from fashiongen.dcgan.networks import Generator
from fashiongen.errors import MissingInput
from fashiongen.files import atomic_path

INPUT = "latents"  # float32 (batch, latent_dim, 1, 1), standard normal
OUTPUT = "images"  # float32 (batch, 3, side_px, side_px), RGB in [-1, 1]


def write_onnx(path: Path, generator: Generator) -> None:
    """Write a generator in evaluation mode as ONNX; any number of latents makes a batch.

    Raises:
        MissingInput: PyTorch's exporter lacks a package.
    """
    _require_exporter()
    example = (torch.zeros(2, generator.latent_dim, 1, 1),)  # a batch of 1 would be taken for a constant
    program = torch.onnx.export(
        generator.cpu().eval(),
        example,
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_shapes={INPUT: {0: torch.export.Dim("batch")}},
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch.onnx.export gave no program; it does with dynamo=True, its default")
    for node in program.model.graph:
        node.metadata_props.clear()  # where the source files lie on this machine
    with atomic_path(path) as temporary:
        program.save(str(temporary), external_data=False)


def _require_exporter() -> None:
    missing = [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingInput(
            f"{' and '.join(missing)}: not installed; `uv pip install onnx onnxscript` (the extra `onnx`)"
        )
