"""The command `fashiongen`: switch the profile, see what a run needs and what it gave, use what it trained."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from fashiongen import config
from fashiongen.errors import BadArgument, BadInput, FashiongenError
from fashiongen.files import new_folder, read_json

MODELS = Path("models/dcgan")
SUMMARY = Path("metrics/summary.json")
REPORT = Path("reports/index.html")

DETECTOR = "best, the name of a backbone that is trained, or the path of a model folder"
Step = TypeVar("Step")
Variant = Annotated[str, typer.Argument(help="a network under dcgan.variants in params.yaml")]

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Fashion, detected, cropped and drawn anew.")


@app.command()
def profile(name: str = typer.Argument(help="demo, street or thesis: a file in profiles/")) -> None:
    """Validate a profile and copy it over params.yaml."""
    from fashiongen.profiles import validate  # noqa: PLC0415  imports torch, which `--help` need not wait for

    path = config.profile_path(name)
    validate(config.read_yaml(path), path)
    config.switch_profile(name)
    typer.echo(f"params.yaml is now the {name} profile; `fashiongen doctor` says what it needs, `dvc repro` runs it")


@app.command()
def doctor() -> None:
    """Say what the current profile needs: what is there, what is missing, and the remedy for it."""
    from fashiongen.doctor import examine  # noqa: PLC0415
    from fashiongen.profiles import validate  # noqa: PLC0415

    values = config.read_yaml(config.PARAMS_FILE)
    validate(values, config.PARAMS_FILE)
    findings = list(examine(values, Path.cwd()))
    for finding in findings:
        typer.echo(f"{finding.state:<9}{finding.subject:<17}{finding.detail}")
    missing = [finding.subject for finding in findings if finding.state == "missing"]
    if missing:
        typer.echo(f"profile {values['profile']}: missing: {', '.join(missing)}", err=True)
        raise typer.Exit(1)


@app.command()
def summary() -> None:
    """Print the numbers of the last run, a line each, and where the report is."""
    for group, values in read_json(SUMMARY).items():
        for name, value in values.items():
            typer.echo(f"{group + '.' + name:<28}{value!s:>14}")
    typer.echo(f"report: {REPORT.resolve() if REPORT.exists() else 'not here yet: `dvc repro` writes it'}")


@app.command()
def generate(
    variant: Variant,
    *,
    n: Annotated[int, typer.Option("-n", help="how many images")] = 64,
    seed: Annotated[int, typer.Option(help="seed and number together name an image")] = 7,
    grid: Annotated[bool, typer.Option("--grid", help="also all of them in one picture")] = False,
    interpolate: Annotated[
        bool, typer.Option("--interpolate", help="also a GIF that goes from one to another")
    ] = False,
    frames: Annotated[int, typer.Option(help="of the GIF")] = 96,
    out: Annotated[Path | None, typer.Option(help="a new folder; generated/VARIANT-seedN where none is named")] = None,
) -> None:
    """Draw new images with a trained variant, as PNG files in a new folder."""
    for name, value in (("-n", n), ("--frames", frames)):
        if value < 1:
            raise BadArgument(f"{name} {value}: ask for 1 or more")
    from fashiongen.dcgan.weights import load_generator  # noqa: PLC0415
    from fashiongen.generate.samples import write_interpolation, write_samples  # noqa: PLC0415

    generator = load_generator(_find_model(variant))
    out = out or Path("generated") / f"{variant}-seed{seed}"
    with new_folder(out) as folder:
        write_samples(folder, generator, n, seed=seed, grid=grid)
        if interpolate:
            write_interpolation(folder, generator, seed=seed, frames=frames)
    typer.echo(f"{n} images by {variant}: {out.resolve()}")


@app.command()
def export(
    variant: Variant,
    *,
    to: Annotated[Path, typer.Option(help="the ONNX file to write")],
) -> None:
    """Write the generator of a trained variant as an ONNX file, which takes any number of latents."""
    from fashiongen.dcgan.weights import load_generator  # noqa: PLC0415
    from fashiongen.generate.onnx_file import write_onnx  # noqa: PLC0415

    write_onnx(to, load_generator(_find_model(variant)))
    typer.echo(f"the generator of {variant}: {to.resolve()}")


@app.command()
def detect(
    paths: Annotated[list[Path], typer.Argument(metavar="IMAGE|FOLDER...", help="images, and folders of images")],
    *,
    model: Annotated[str, typer.Option(help=DETECTOR)] = "best",
    min_score: Annotated[float, typer.Option(help="leave out boxes of a lower score, 0 to 1")] = 0.5,
    engine: Annotated[str | None, typer.Option(help="torchvision or detectron2; by default what trained it")] = None,
    out: Annotated[Path | None, typer.Option(help="a new folder; detections/MODEL where none is named")] = None,
) -> None:
    """Find garments in images: COCO results, and a picture of each image with its boxes, in a new folder."""
    if not 0 <= min_score <= 1:
        raise BadArgument(f"--min-score {min_score}: ask for 0 to 1")
    from fashiongen.detections.images import find_images, number_images  # noqa: PLC0415
    from fashiongen.detections.models import find_detector, load_detector  # noqa: PLC0415
    from fashiongen.detections.output import write_detections, write_images  # noqa: PLC0415

    files, folder = find_images(paths), find_detector(model)
    out = out or Path("detections") / folder.name
    with new_folder(out) as target:
        detector = load_detector(folder, engine)
        images = number_images(_readable(files))
        write_images(target / "images.json", images, detector.categories)
        found = write_detections(target, images, detector, min_score=min_score)
        garments = sum(_bar(found, "detecting", len(images)))
    typer.echo(f"{garments} garments in {len(images)} images by {folder}: {out.resolve()}")


@app.command()
def export_detector(
    model: Annotated[str, typer.Argument(help=DETECTOR)] = "best",
    *,
    to: Annotated[Path, typer.Option(help="the file to write: ONNX where it ends in .onnx, TorchScript in .pt")],
) -> None:
    """Write a trained detector, from pixels to boxes, as one ONNX or TorchScript file for images of any size."""
    from fashiongen.detections.models import find_detector  # noqa: PLC0415
    from fashiongen.detections.network_file import require_suffix, write_network  # noqa: PLC0415
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
    from fashiongen.detections.images import measure_sizes  # noqa: PLC0415

    readable = 0
    for file, size in zip(files, _bar(measure_sizes(files), "reading", len(files)), strict=True):
        if isinstance(size, FashiongenError):
            typer.echo(f"warning: left out: {size}", err=True)
        else:
            readable += 1
            yield file, size
    if not readable:
        raise BadInput(f"none of the {len(files)} images decodes")


def _bar(steps: Iterable[Step], name: str, total: int) -> Iterable[Step]:
    """A progress bar, where someone is looking."""
    from tqdm import tqdm  # noqa: PLC0415

    return tqdm(steps, name, total, disable=None)


def _find_model(variant: str) -> Path:
    from fashiongen.dcgan.variants import find_variant  # noqa: PLC0415

    return find_variant(MODELS, variant, list(config.section(config.read_yaml(config.PARAMS_FILE), "dcgan.variants")))


def main() -> None:
    """Run the command; an expected error is one line on stderr and status 1."""
    try:
        app()
    except FashiongenError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
