"""The local test site, started as a program of its own: this package uses nothing of its code."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from pydantic import SecretStr

from fashiongen.boards.credentials import Credentials
from fashiongen.config import Params, parse
from fashiongen.errors import SiteError
from fashiongen.files import read_json

PROGRAM = (sys.executable, "-m", "fashiongen.sources.standin")
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0


class LocalSite(NamedTuple):
    """Where the running site is reached."""

    url: str
    image_host: str


class _Account(Params):
    email: str
    password: SecretStr


def read_account(folder: Path) -> Credentials:
    """The account that the site of a folder lets in: `account.json`.

    Raises:
        MissingInput, BadInput, ConfigError: there is no such file, or it holds no account.
    """
    path = folder / "account.json"
    account = parse(_Account, read_json(path), "account", path)
    return Credentials(account.email, account.password)


@contextmanager
def serve_locally(folder: Path, program: tuple[str, ...] = PROGRAM) -> Iterator[LocalSite]:
    """The site of `folder`, served until the block ends.

    The program ends when its stdin does, so it does not outlive this process, even when this process is killed.

    Raises:
        SiteError: the program did not start; the message ends with what the program said.
    """
    command = [*program, str(folder), "--until-stdin-ends"]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            yield _read_addresses(process, errors, folder)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    try:
        process.communicate(timeout=STOP_TIMEOUT_S)  # closes stdin
    except subprocess.TimeoutExpired:
        process.kill()


def _read_addresses(process: subprocess.Popen[bytes], errors: IO[bytes], folder: Path) -> LocalSite:
    """The lines `site ADDRESS` and `images ADDRESS` that the program prints once it answers."""
    assert process.stdout is not None
    timer = threading.Timer(START_TIMEOUT_S, process.kill)  # ends the wait for a line
    timer.start()
    try:
        lines = [process.stdout.readline().decode().split() for _ in range(2)]
    finally:
        timer.cancel()
    if [line[:1] for line in lines] != [["site"], ["images"]]:
        process.kill()
        process.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise SiteError(f"{folder}: the local test site did not start: {said[-1]}")
    return LocalSite(url=lines[0][1], image_host=lines[1][1])
