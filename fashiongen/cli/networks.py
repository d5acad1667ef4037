"""Commands that use the trained networks: draw images, find garments, export a network."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from fashiongen import config
from fashiongen.cli import arguments
from fashiongen.errors import BadArgument, BadInput, FashiongenError
from fashiongen.folders import new_folder

MODELS = Path("models/dcgan")

DETECTOR = "best, the name of a trained backbone, or the path of a model folder"
Step = TypeVar("Step")
Variant = Annotated[
    str, typer.Argument(help="a variant under dcgan.variants in params.yaml", callback=arguments.require_slug)
]


def generate(
    variant: Variant,
    *,
    n: Annotated[int, typer.Option("-n", help="how many images")] = 64,
    seed: Annotated[
        int, typer.Option(help="an image depends on this seed and on its number alone", callback=arguments.require_seed)
    ] = 7,
    grid: Annotated[bool, typer.Option("--grid", help="write all of them as one picture, too")] = False,
    interpolate: Annotated[
        bool, typer.Option("--interpolate", help="write a GIF that moves from image to image, too")
    ] = False,
    frames: Annotated[int, typer.Option(help="number of frames of the GIF")] = 96,
    transparent: Annotated[
        bool,
        typer.Option("--transparent", help="no white around the garments; of a variant that trains on cut-outs"),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="a new folder; default: generated/VARIANT-seedN")] = None,
) -> None:
    """Draw new images with a trained variant, as PNG files in a new folder."""
    arguments.require_positive("-n", n)
    arguments.require_positive("--frames", frames)
    from fashiongen.dcgan.export.samples import write_interpolation, write_samples  # noqa: PLC0415
    from fashiongen.dcgan.networks.model_card import read_card  # noqa: PLC0415
    from fashiongen.dcgan.networks.weights import load_generator  # noqa: PLC0415

    model = _find_model(variant)
    if transparent and (source := read_card(model).source) != "cutouts":
        raise BadArgument(
            f"--transparent: {variant} trains on {source}, which have a background; choose a variant of cutouts"
        )
    generator = load_generator(model)
    out = out or Path("generated") / f"{variant}-seed{seed}"
    with new_folder(out) as folder:
        write_samples(folder, generator, n, seed=seed, grid=grid, transparent=transparent)
        if interpolate:
            write_interpolation(folder, generator, seed=seed, frames=frames)
    typer.echo(f"{n} images by {variant}: {out.resolve()}")


def export(
    variant: Variant,
    *,
    to: Annotated[Path, typer.Option(help="the ONNX file to write")],
) -> None:
    """Write the generator of a trained variant as an ONNX file, which takes any number of latents."""
    from fashiongen.dcgan.export.onnx_file import write_onnx  # noqa: PLC0415
    from fashiongen.dcgan.networks.weights import load_generator  # noqa: PLC0415

    write_onnx(to, load_generator(_find_model(variant)))
    typer.echo(f"the generator of {variant}: {to.resolve()}")


def detect(
    paths: Annotated[list[Path], typer.Argument(metavar="IMAGE|FOLDER...", help="images, and folders of images")],
    *,
    model: Annotated[str, typer.Option(help=DETECTOR)] = "best",
    min_score: Annotated[float, typer.Option(help="leave out boxes with a lower score; 0 to 1")] = 0.5,
    engine: Annotated[
        str | None, typer.Option(help="torchvision or detectron2; default: the one that trained it")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="a new folder; default: detections/MODEL")] = None,
) -> None:
    """Find garments in images: COCO results, and a picture of each image with its boxes, in a new folder."""
    if not 0 <= min_score <= 1:
        raise BadArgument(f"--min-score {min_score}: ask for 0 to 1")
    from fashiongen.cli.models import find_detector, load_detector  # noqa: PLC0415
    from fashiongen.detector.export.images import find_images, number_images  # noqa: PLC0415
    from fashiongen.detector.export.output import write_detections, write_images  # noqa: PLC0415

    (files, passed_over), folder = find_images(paths), find_detector(model)
    if passed_over:
        kinds = ", ".join(f"{count} {suffix or 'without a suffix'}" for suffix, count in passed_over.most_common())
        typer.echo(f"passed over: {kinds}; name a file to have it read whatever its suffix", err=True)
    out = out or Path("detections") / folder.name
    with new_folder(out) as target:
        detector = load_detector(folder, engine, min_score=min_score)
        images = number_images(_readable(files))
        write_images(target / "images.json", images, detector.categories)
        found = write_detections(target, images, detector)
        garments = sum(_bar(found, "detecting", len(images)))
    typer.echo(f"{garments} garments in {len(images)} images by {folder}: {out.resolve()}")


def export_detector(
    model: Annotated[str, typer.Argument(help=DETECTOR)] = "best",
    *,
    to: Annotated[Path, typer.Option(help="the file to write: .onnx for ONNX, .pt for TorchScript")],
) -> None:
    """Write a trained detector, from pixels to boxes, as one ONNX or TorchScript file for images of any size."""
    from fashiongen.cli.models import find_detector  # noqa: PLC0415
    from fashiongen.detector.export.network_file import require_suffix, write_network  # noqa: PLC0415
    from fashiongen.detector.params import InferParams  # noqa: PLC0415

    require_suffix(to)
    folder = find_detector(model)
    write_network(to, folder, config.load(InferParams, "detector.infer"))
    typer.echo(f"the detector in {folder}: {to.resolve()}")


def _readable(files: Sequence[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Each file that decodes, and its size; a warning says which do not.

    Raises:
        BadInput: none does.
    """
    from fashiongen.detector.export.images import decode_sizes  # noqa: PLC0415

    readable = 0
    for file, size in zip(files, _bar(decode_sizes(files), "reading", len(files)), strict=True):
        if isinstance(size, FashiongenError):
            typer.echo(f"warning: left out: {size}", err=True)
        else:
            readable += 1
            yield file, size
    if not readable:
        raise BadInput(f"none of the {len(files)} images decodes")


def _bar(steps: Iterable[Step], name: str, total: int) -> Iterable[Step]:
    """A progress bar, if stderr is a terminal."""
    from tqdm import tqdm  # noqa: PLC0415

    return tqdm(steps, name, total, disable=None)


def _find_model(variant: str) -> Path:
    from fashiongen.dcgan.variants import find_variant  # noqa: PLC0415

    return find_variant(MODELS, variant, list(config.section(config.read_yaml(config.PARAMS_FILE), "dcgan.variants")))
