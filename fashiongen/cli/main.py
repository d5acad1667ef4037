"""The command `fashiongen`: switch the profile, see what a run needs and what it gave, use what it trained."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from fashiongen import config
from fashiongen.errors import BadArgument, BadInput, FashiongenError, explain_os_error
from fashiongen.files import read_json, write_json
from fashiongen.folders import new_folder

MODELS = Path("models/dcgan")
SUMMARY = Path("metrics/summary.json")
REPORT = Path("reports/index.html")
LOCKS = ("data/{profile}/dvc.lock", "dvc.lock")

DETECTOR = "best, the name of a backbone that is trained, or the path of a model folder"
Step = TypeVar("Step")
Variant = Annotated[str, typer.Argument(help="a network under dcgan.variants in params.yaml")]

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Fashion, detected, cropped and drawn anew.")


@app.command()
def profile(
    name: Annotated[str, typer.Argument(help="a file in profiles/, such as demo, street or thesis")],
    *,
    keep: Annotated[bool, typer.Option("--keep", help="move an edited params.yaml to params.yaml.bak-N first")] = False,
    discard: Annotated[bool, typer.Option("--discard", help="overwrite an edited params.yaml")] = False,
) -> None:
    """Write params.yaml from profiles/base.yaml and a profile, after validating it.

    If you edited params.yaml, the command refuses to overwrite it until you choose --keep or --discard.
    """
    if keep and discard:
        raise BadArgument("--keep and --discard: choose one")
    from fashiongen.cli.switch import switch_profile  # noqa: PLC0415  imports torch, which `--help` need not wait for

    kept = switch_profile(name, edits="keep" if keep else "discard" if discard else "refuse")
    if kept:
        typer.echo(f"the former params.yaml is now {kept}")
    typer.echo(f"params.yaml is now the {name} profile; `fashiongen doctor` says what it needs, `dvc repro` runs it")


@app.command()
def doctor() -> None:
    """Check everything that the current profile needs, and say how to get what is missing."""
    from fashiongen.cli.doctor import examine  # noqa: PLC0415
    from fashiongen.cli.whole_params import validate  # noqa: PLC0415

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
def train(
    stage: Annotated[
        str | None,
        typer.Argument(help="how far: a stage, a matrix or one of its items, as DVC names them; all if none"),
    ] = None,
    *,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="items at a time; one for each of --devices, else 1")
    ] = None,
    devices: Annotated[str | None, typer.Option(help="the numbers of GPUs to share out, such as 0,1")] = None,
    threads: Annotated[int | None, typer.Option(help="of each item; its share of the cores if none are named")] = None,
) -> None:
    """Bring the pipeline up to date as `dvc repro` does, but run the items of a matrix side by side.

    With --jobs 3 three backbones train at a time, then three variants, each with a third of the cores; with --devices
    0,1,2 each with a GPU of its own. On a processor the number of threads decides in which order a gradient is summed,
    and so its last digits, from which a training goes its own way: as good, but not the same to the byte. With
    --threads set to the number of cores it is the same as `dvc repro`'s, at some cost in time.
    """
    for name, value in (("--jobs", jobs), ("--threads", threads)):
        if value is not None and value < 1:
            raise BadArgument(f"{name} {value}: ask for 1 or more")
    from fashiongen.cli.jobs.processes import interruptible, thin_out  # noqa: PLC0415
    from fashiongen.cli.jobs.reproduction import reproduce  # noqa: PLC0415
    from fashiongen.cli.jobs.shares import find_devices  # noqa: PLC0415

    chosen = find_devices(devices) if devices is not None else []
    ran = False
    run = reproduce(Path.cwd(), stage, jobs=jobs or len(chosen) or 1, threads=threads, devices=chosen)
    try:
        with interruptible(), closing(run) as events:
            for event in thin_out(events, every_s=5.0):
                ran = True
                typer.echo(f"{event.name} | {event.text}")
    except KeyboardInterrupt:
        typer.echo("stopped; what finished is kept, and a training goes on from its last checkpoint", err=True)
        raise typer.Exit(130) from None
    if not ran:
        typer.echo("nothing is stale: the pipeline is up to date")


@app.command()
def summary() -> None:
    """Print the numbers of the last run, a line each, and where the report is."""
    for name, value in _rows(read_json(SUMMARY)):
        typer.echo(f"{name:<54}{value!s:>14}")
    typer.echo(f"report: {REPORT.resolve() if REPORT.exists() else 'not here yet: `dvc repro` writes it'}")


@app.command()
def costs() -> None:
    """Record for the report what the last run of the current profile took, and print it."""
    from fashiongen.report.table import to_text  # noqa: PLC0415
    from fashiongen.report.tables import costs_table  # noqa: PLC0415
    from fashiongen.runtime.costs import RECORDED, record  # noqa: PLC0415

    name = config.section(config.read_yaml(config.PARAMS_FILE), "profile")
    locks = [config.read_yaml(path) for lock in LOCKS if (path := Path(lock.format(profile=name))).exists()]
    recorded = record(name, {stage: run for lock in locks for stage, run in lock["stages"].items()})
    write_json(RECORDED / f"{name}.json", recorded.model_dump())
    typer.echo(to_text(costs_table(recorded)))
    typer.echo(f"on {recorded.machine}; the report shows it after the next `dvc repro`")


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
    from fashiongen.dcgan.export.samples import write_interpolation, write_samples  # noqa: PLC0415
    from fashiongen.dcgan.networks.weights import load_generator  # noqa: PLC0415

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
    from fashiongen.dcgan.export.onnx_file import write_onnx  # noqa: PLC0415
    from fashiongen.dcgan.networks.weights import load_generator  # noqa: PLC0415

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
    from fashiongen.cli.models import find_detector, load_detector  # noqa: PLC0415
    from fashiongen.detector.export.images import find_images, number_images  # noqa: PLC0415
    from fashiongen.detector.export.output import write_detections, write_images  # noqa: PLC0415

    files, folder = find_images(paths), find_detector(model)
    out = out or Path("detections") / folder.name
    with new_folder(out) as target:
        detector = load_detector(folder, engine, min_score=min_score)
        images = number_images(_readable(files))
        write_images(target / "images.json", images, detector.categories)
        found = write_detections(target, images, detector)
        garments = sum(_bar(found, "detecting", len(images)))
    typer.echo(f"{garments} garments in {len(images)} images by {folder}: {out.resolve()}")


@app.command()
def export_detector(
    model: Annotated[str, typer.Argument(help=DETECTOR)] = "best",
    *,
    to: Annotated[Path, typer.Option(help="the file to write: ONNX where it ends in .onnx, TorchScript in .pt")],
) -> None:
    """Write a trained detector, from pixels to boxes, as one ONNX or TorchScript file for images of any size."""
    from fashiongen.cli.models import find_detector  # noqa: PLC0415
    from fashiongen.detector.export.network_file import require_suffix, write_network  # noqa: PLC0415
    from fashiongen.detector.params import InferParams  # noqa: PLC0415

    require_suffix(to)
    folder = find_detector(model)
    write_network(to, folder, config.load(InferParams, "detector.infer"))
    typer.echo(f"the detector in {folder}: {to.resolve()}")


def _rows(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each value below nested mappings, and its name as DVC writes it: the keys that lead to it, joined by dots."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _rows(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _readable(files: Sequence[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Each file that decodes, and its size; a warning says which do not.

    Raises:
        BadInput: none does.
    """
    from fashiongen.detector.export.images import measure_sizes  # noqa: PLC0415

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
    except OSError as error:
        if (explained := explain_os_error(error)) is None:
            raise
        typer.echo(f"error: {explained}", err=True)
        raise SystemExit(1) from None
