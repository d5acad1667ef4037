"""The command that serves the studio: where it finds the networks, the garments and the detector."""

import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

COLLECTION = Path("models/studio.sqlite")  # beside the models, where no stage writes
USUAL_PORT = 8420


def studio(
    *,
    host: Annotated[
        str, typer.Option(help="the address to serve; by default only this machine reaches it")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one")] = USUAL_PORT,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="do not open the page")] = False,
    collection: Annotated[Path, typer.Option(help="the file of what you keep")] = COLLECTION,
) -> None:
    """Explore, shape, mix and keep garments in the browser, drawn by the trained networks."""
    from fashiongen.cli.studio_parts import build_studio  # noqa: PLC0415  imports torch, which `--help` need not wait for
    from fashiongen.studio.guard import is_loopback  # noqa: PLC0415
    from fashiongen.studio.server import address_of, listen, serve  # noqa: PLC0415

    app = build_studio(collection, host=host)
    with listen(host, port) as listener:
        address = address_of(listener)

        def when_up() -> None:
            typer.echo(f"studio: {address} (Ctrl-C ends it)")
            if not is_loopback(host):
                typer.echo("warning: everyone who reaches this machine can use the studio and its collection", err=True)
            if not no_browser:
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

        serve(app, listener, when_up=when_up)
    typer.echo(f"studio: ended; what you kept is in {collection.resolve()}")
