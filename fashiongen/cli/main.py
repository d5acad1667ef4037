"""The command `fashiongen`: switch the profile, check what a run needs, run it, and use the trained networks."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from fashiongen import config
from fashiongen.cli import arguments
from fashiongen.cli.networks import detect, export, export_detector, generate
from fashiongen.cli.studio import studio
from fashiongen.cli.trends import trends
from fashiongen.cli.weights import weights
from fashiongen.errors import BadArgument, FashiongenError, explain_refusal
from fashiongen.files import read_json, write_json

SUMMARY = Path("metrics/summary.json")
REPORT = Path("reports/index.html")
LOCKS = ("data/{profile}/dvc.lock", "dvc.lock")


app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Train garment detectors and garment generators, and use them."
)


@app.command()
def profile(
    name: Annotated[
        str,
        typer.Argument(
            help="a file in profiles/, such as demo, street, atelier or thesis", callback=arguments.require_slug
        ),
    ],
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
def doctor(
    *,
    site: Annotated[
        bool,
        typer.Option("--site", help="open the catalogue's site, and look for all that the scraper looks for there"),
    ] = False,
) -> None:
    """Check everything that the current profile needs, and say how to get what is missing."""
    from fashiongen.cli.doctor import examine  # noqa: PLC0415
    from fashiongen.cli.whole_params import read_params  # noqa: PLC0415

    values = read_params()
    if site:
        _examine_site()
        return
    findings = list(examine(values, Path.cwd()))
    for finding in findings:
        typer.echo(f"{finding.state:<9}{finding.subject:<17}{finding.detail}")
    missing = [finding.subject for finding in findings if finding.state == "missing"]
    if missing:
        typer.echo(f"profile {values['profile']}: missing: {', '.join(missing)}", err=True)
        raise typer.Exit(1)


def _examine_site() -> None:
    from fashiongen.boards.catalogue import read_catalogue  # noqa: PLC0415
    from fashiongen.boards.login import COOKIES  # noqa: PLC0415
    from fashiongen.boards.params import ScrapeParams  # noqa: PLC0415
    from fashiongen.cli.site_probe import probe_site  # noqa: PLC0415

    params = config.load(ScrapeParams, "scrape")
    missing = []
    for probe in probe_site(read_catalogue(params.boards), params, cookies=COOKIES):
        state = "ok" if probe.is_found else "missing" if probe.is_needed else "optional"
        typer.echo(f"{state:<9}{probe.name:<17}{probe.selector}: {probe.detail}")
        missing += [probe.name] if state == "missing" else []
    if missing:
        typer.echo(
            f"not found: {', '.join(missing)}; correct them in fashiongen/boards/selectors.py (docs/boards.md)",
            err=True,
        )
        raise typer.Exit(1)


@app.command()
def login(
    *, minutes: Annotated[int, typer.Option(help="how long the window stays open for you to sign in")] = 10
) -> None:
    """Open a window in which you sign in to Pinterest yourself, and keep the session for the scraper.

    For an account that must pass a captcha or a code: the scraper bypasses neither.
    """
    arguments.require_positive("--minutes", minutes)
    from fashiongen.boards.catalogue import PINTEREST  # noqa: PLC0415
    from fashiongen.boards.login import COOKIES, sign_in_by_hand  # noqa: PLC0415

    typer.echo(f"sign in to {PINTEREST} in the window that opens now; it closes by itself")
    sign_in_by_hand(PINTEREST, cookies=COOKIES, patience_s=minutes * 60)
    typer.echo(f"signed in; the session is in {COOKIES}, which is as secret as your password")


@app.command()
def train(
    stage: Annotated[
        str | None,
        typer.Argument(
            help="the last stage to run: a stage, a matrix or one of its items, as DVC names them; default: all"
        ),
    ] = None,
    *,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="stages at the same time; default: one per GPU, or per core")
    ] = None,
    devices: Annotated[str | None, typer.Option(help="the numbers of the GPUs to use, such as 0,1")] = None,
) -> None:
    """Bring the pipeline up to date as `dvc repro` does, but run stages that do not need each other side by side.

    With --jobs 3, three backbones train at the same time, then three variants, each with a third of the cores. With
    --devices 0,1,2 each has its own GPU. The results are those of `dvc repro` to the byte where the profile's
    runtime.threads is a number. Where it is null, a training has its share of the cores; that changes the order in
    which gradients are summed, and so their last digits.
    """
    arguments.require_positive("--jobs", jobs)
    from fashiongen.cli.jobs.processes import interruptible, thin_out  # noqa: PLC0415
    from fashiongen.cli.jobs.reproduction import reproduce  # noqa: PLC0415
    from fashiongen.cli.jobs.shares import choose_jobs, find_devices  # noqa: PLC0415
    from fashiongen.cli.whole_params import read_params  # noqa: PLC0415
    from fashiongen.costs import read_costs  # noqa: PLC0415

    values = read_params()  # refuses now what a stage would refuse after hours
    costs = read_costs(str(values["profile"]))
    expected_s = {name: cost.wall_s for name, cost in costs.stages.items()} if costs else {}
    chosen = find_devices(devices) if devices is not None else []
    ran = False
    run = reproduce(Path.cwd(), stage, jobs=jobs or choose_jobs(chosen), devices=chosen, expected_s=expected_s)
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
    """Print the metrics of the last run, one per line, and the path of the report."""
    for name, value in _rows(read_json(SUMMARY)):
        typer.echo(f"{name:<54}{value!s:>14}")
    typer.echo(f"report: {REPORT.resolve() if REPORT.exists() else 'not here yet: `dvc repro` writes it'}")


@app.command()
def costs() -> None:
    """Record and print what time, memory and disk the last run of the current profile took; the report shows it."""
    from fashiongen.costs import RECORDED, record  # noqa: PLC0415
    from fashiongen.report.table import to_text  # noqa: PLC0415
    from fashiongen.report.tables import costs_table  # noqa: PLC0415

    name = config.require_slug(str(config.section(config.read_yaml(config.PARAMS_FILE), "profile")), "profile")
    locks = [config.read_yaml(path) for lock in LOCKS if (path := Path(lock.format(profile=name))).exists()]
    recorded = record(name, {stage: run for lock in locks for stage, run in lock["stages"].items()})
    write_json(RECORDED / f"{name}.json", recorded.model_dump())
    typer.echo(to_text(costs_table(recorded)))
    typer.echo(f"on {recorded.machine}; the report shows it after the next `dvc repro`")


for command in (generate, export, detect, export_detector, trends, studio, weights):
    app.command()(command)


def _rows(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each value below nested mappings, and its name as DVC writes it: the keys that lead to it, joined by dots."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _rows(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def main() -> None:
    """Run the command; an expected error is one line on stderr and status 1."""
    try:
        app()
    except FashiongenError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
    except (OSError, MemoryError, RuntimeError) as error:
        if (explained := explain_refusal(error)) is None:
            raise
        typer.echo(f"error: {explained}", err=True)
        raise SystemExit(1) from None
