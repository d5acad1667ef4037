"""A network as an ONNX file, for programs that have no PyTorch."""

import importlib.util
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from fashiongen.errors import MissingInput
from fashiongen.files import atomic_path


def write_program(
    path: Path,
    network: nn.Module,
    example: Tensor,
    *,
    inputs: Mapping[str, Mapping[int, Any]],
    outputs: Sequence[str],
    notes: Mapping[str, str] | None = None,
) -> None:
    """Write a network of one input as ONNX: `inputs` gives its name and its dynamic dimensions, `notes` its metadata.

    Raises:
        MissingInput: PyTorch's exporter lacks a package.
    """
    _require_exporter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # raised by PyTorch's own packages during an export
        program = torch.onnx.export(
            network,
            (example,),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_shapes=[dict(dimensions) for dimensions in inputs.values()],
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export gave no program; it does with dynamo=True, its default")
    for node in program.model.graph:
        node.metadata_props.clear()  # paths of source files on this machine
    program.model.metadata_props.update(notes or {})
    with atomic_path(path) as temporary:
        program.save(str(temporary), external_data=False)


def _require_exporter() -> None:
    missing = [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingInput(
            f"{' and '.join(missing)}: not installed; `uv pip install onnx onnxscript` (the extra `onnx`)"
        )
