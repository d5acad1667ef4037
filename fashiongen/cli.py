"""The command `fashiongen`: switch the profile, see what a run needs and what it gave, use what it trained."""

from pathlib import Path
from typing import Annotated

import typer

from fashiongen import config
from fashiongen.errors import BadArgument, FashiongenError
from fashiongen.files import new_folder, read_json

MODELS = Path("models/dcgan")
SUMMARY = Path("metrics/summary.json")
REPORT = Path("reports/index.html")

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
