"""A trained detector as one file that runs without fashiongen: ONNX for other runtimes, TorchScript for libtorch."""

import io
import json
import warnings
from pathlib import Path

import torch

from fashiongen.detector.export.portable import PortableDetector
from fashiongen.detector.networks.faster_rcnn import build_network
from fashiongen.detector.networks.model_folder import read_card, read_weights
from fashiongen.detector.networks.purpose import ForInference
from fashiongen.detector.params import InferParams
from fashiongen.errors import BadArgument
from fashiongen.files import write_bytes
from fashiongen.onnx_program import write_program

INPUT = "image"  # float32 (1, 3, height, width), RGB from 0 to 255, scaled as the file's notes say
OUTPUTS = ("boxes", "labels", "scores")  # (n, 4) xyxy in the input's pixels; (n,) from 1; (n,), best first
NOTES_FILE = "notes.json"  # in a TorchScript file, which has no field for notes
SUFFIXES = (".onnx", ".pt")
EXAMPLE_PX = (160, 224)  # height and width of the traced image; the file does not depend on them


def require_suffix(path: Path) -> None:
    """Make sure that the suffix of a file names one of the two formats.

    Raises:
        BadArgument: it names neither.
    """
    if path.suffix not in SUFFIXES:
        raise BadArgument(f"--to {path}: name a file that ends in {' or '.join(SUFFIXES)}")


def write_network(path: Path, model_folder: Path, infer: InferParams) -> None:
    """Write the detector in a model folder as ONNX (.onnx) or TorchScript (.pt), whichever engine trained it.

    The settings of `infer` for proposals, scores and suppression are part of the file.

    Raises:
        BadArgument: `path` ends in neither.
        MissingInput: there is no model.json, or PyTorch's exporter lacks a package.
        CheckpointError: the folder is incomplete, or of another version.
    """
    require_suffix(path)
    card = read_card(model_folder)
    network = build_network(card.backbone, card.model, ForInference(infer), categories=max(card.categories))
    read_weights(model_folder, network)
    portable = PortableDetector(network, size_divisor_px=card.model.size_divisor_px)
    notes = {
        "categories": json.dumps(card.categories),
        "short_side_px": str(card.model.short_side_px),
        "long_side_px": str(card.model.long_side_px),
    }
    if path.suffix == ".onnx":
        sides = {INPUT: {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}}
        write_program(path, portable, _example(), inputs=sides, outputs=OUTPUTS, notes=notes)
    else:
        write_torchscript(path, portable, notes)


def write_torchscript(path: Path, portable: PortableDetector, notes: dict[str, str]) -> None:
    """Write a detector as TorchScript for the CPU; its reader needs torchvision's operations beside PyTorch.

    The file is built in memory: on a full disk, PyTorch's own writer ends the process.
    """
    saved = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of branches that a trace leaves out and we never take; of TorchScript's age
        traced = torch.jit.trace(portable, _example(), check_trace=False)
        torch.jit.save(traced, saved, _extra_files={NOTES_FILE: json.dumps(notes)})
    write_bytes(path, _without_source_paths(saved))


def _example() -> torch.Tensor:
    return torch.linspace(0, 255, 3 * EXAMPLE_PX[0] * EXAMPLE_PX[1]).reshape(1, 3, *EXAMPLE_PX)


def _without_source_paths(saved: io.BytesIO) -> bytes:
    """A TorchScript file without this machine's paths of source files and without what the writer adds by itself."""
    saved.seek(0)
    reader = torch._C.PyTorchFileReader(saved)
    records = {name: reader.get_record(name) for name in reader.get_all_records() if not name.endswith(".debug_pkl")}
    kept = io.BytesIO()
    writer = torch._C.PyTorchFileWriter(kept)
    for name, content in records.items():
        if name not in ("version", "byteorder", ".data/serialization_id"):
            writer.write_record(name, content, len(content))
    writer.write_end_of_file()
    return kept.getvalue()
