"""The command that fetches published initial weights for a detector."""

from pathlib import Path
from typing import Annotated

import typer

FOLDER = Path("data/weights")


def weights(
    name: Annotated[str | None, typer.Argument(help="a name of the list that the command prints without one")] = None,
    *,
    given: Annotated[Path | None, typer.Option("--from", help="a copy that you have: nothing is downloaded")] = None,
) -> None:
    """Fetch initial weights that torchvision or detectron2 publish, check them, and say how to train from them."""
    from fashiongen.detector.published_weights import (  # noqa: PLC0415  imports torch
        fetch,
        find_published,
        list_published,
    )

    if name is None:
        for one in list_published():
            typer.echo(f"{one.name:<22}{one.backbone:<18}{one.file}")
        return
    found = find_published(name)
    path, sha256 = fetch(found, FOLDER, given=given)
    stride = ", stride_in_1x1: true" if found.stride_in_1x1 else ""
    typer.echo(f"{path}: {found.backbone}, SHA-256 {sha256}")
    if not found.sha256_start:
        typer.echo("its publisher names no SHA-256: compare this one with a colleague's")
    typer.echo("to train from it, write below detector in params.yaml, and choose norm: frozen_batch or batch:")
    typer.echo(f"  per_backbone: {{{found.backbone}: {{weights: {path}, weights_sha256: {sha256}{stride}}}}}")
    typer.echo(f"to version it: dvc add {path}")
