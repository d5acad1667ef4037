"""The command `fashiongen`: switch the profile, see what a run needs, and what the last one gave."""

from pathlib import Path

import typer

from fashiongen import config
from fashiongen.errors import FashiongenError
from fashiongen.files import read_json

SUMMARY = Path("metrics/summary.json")
REPORT = Path("reports/index.html")

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
    typer.echo(f"report: {REPORT.resolve()}")


def main() -> None:
    """Run the command; an expected error is one line on stderr and status 1."""
    try:
        app()
    except FashiongenError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
