"""`fashiongen studio` as a process: its address, its end, kills, two of them, a full disk."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from fashiongen.studio.collection import Collection
from fashiongen.studio.records import Question
from tests.studio.test_collection import record

ROOT = Path(__file__).parent.parent.parent
WAIT_S = 60

pytestmark = pytest.mark.slow


@pytest.fixture
def project(models, tmp_path):
    """A folder with two trained variants and nothing else."""
    folder = tmp_path / "project"
    shutil.copytree(models, folder / "models/dcgan")
    shutil.copy(ROOT / "params.yaml", folder / "params.yaml")
    return folder


class Studio:
    """A studio that runs, and someone who uses it."""

    def __init__(self, command, folder):
        self.process = subprocess.Popen(
            [*command, "studio", "--no-browser", "--port", "0"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        match = re.fullmatch(r"studio: (http://127\.0\.0\.1:\d+) \(Ctrl-C ends it\)\n", line)
        assert match, line + self.process.stderr.read()
        self.address = match[1]

    def ask(self, name, question):
        return httpx.post(f"{self.address}/api/{name}", json=question, headers={"origin": self.address}, timeout=WAIT_S)

    def keep(self, start, count=1, client="me"):
        """Keeps garments from a number of wall 1 on; gives the status of each."""
        wall = {"variant": "cutout", "seed": 1, "truncation": 1, "start": start, "count": count}
        garments = self.ask("wall", wall).json()["garments"]
        questions = [
            {"garments": [{"variant": "cutout", "latent": one["latent"], "edits": []}], "client": client}
            for one in garments
        ]
        return [self.ask("keep", question).status_code for question in questions]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start(project, warm_commands):
    """Starts a studio of the project."""
    return lambda: Studio([warm_commands / "bin/fashiongen"], project)


def test_it_says_its_address_answers_this_machine_alone_and_ends_with_ctrl_c(project):
    with Studio([Path(sys.prefix) / "bin/fashiongen"], project) as studio:
        assert httpx.get(studio.address).status_code == 200
        assert httpx.get(studio.address, headers={"host": "evil.example"}).status_code == 403
        port = int(studio.address.rpartition(":")[2])
        addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in addresses:
            if not address.startswith("127."):
                with pytest.raises(OSError, match="refused"):
                    socket.create_connection((address, port), timeout=5)
        assert studio.keep(0) == [200]
        studio.process.send_signal(signal.SIGINT)
        out, err = studio.process.communicate(timeout=WAIT_S)
    assert (studio.process.returncode, err) == (0, "")
    assert "what you kept is in" in out
    assert Collection(project / "models/studio.sqlite").find(Question())[0] == 1


def test_two_studios_and_twenty_clients_share_a_collection(start):
    with ExitStack() as stack:
        studios = [stack.enter_context(start()) for _ in range(2)]

        def use(client):
            return studios[client % 2].keep(client, client=f"client-{client}")

        with ThreadPoolExecutor(20) as pool:
            found = list(pool.map(use, range(20)))
        assert found == [[200]] * 20
        answers = [studio.ask("find", {}).json()["total"] for studio in studios]
    assert answers == [20, 20]


def test_a_kill_loses_at_most_the_last_click(project, start):
    with start() as studio, ThreadPoolExecutor(1) as pool:
        statuses = []
        clicks = pool.submit(lambda: [statuses.extend(studio.keep(place)) for place in range(1000)])
        while len(statuses) < 5:
            time.sleep(0.01)
        studio.process.kill()
        with pytest.raises(httpx.HTTPError):
            clicks.result()
    total, garments = Collection(project / "models/studio.sqlite").find(Question(count=500))
    assert total == len(garments)
    assert len(statuses) <= total <= len(statuses) + 1


FULL_DISK = """
import sqlite3
from pathlib import Path
from fashiongen.studio.collection import Collection
from fashiongen.studio.records import KeptGarment, Question
collection = Collection(Path("small/studio.sqlite"))
garment = KeptGarment.model_validate_json({record!r})
kept = 0
try:
    for kept in range(1000):
        collection.add([garment.model_copy(update={{"latent": str(kept)}})], [bytes(5000)], client="me", text="Kept")
except sqlite3.OperationalError as error:
    print(error.sqlite_errorname, kept == collection.find(Question())[0] > 5)
"""


def test_a_full_disk_keeps_what_was_there(run_with_mounts):
    program = FULL_DISK.format(record=record(0).model_dump_json())
    found = run_with_mounts("mkdir small && mount -t tmpfs -o size=600k none small", program)
    assert (found.returncode, found.stdout) == (0, "SQLITE_FULL True\n"), found.stderr


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda folder: shutil.rmtree(folder / "models"), "make repro"),
        (lambda folder: (folder / "models/studio.sqlite").write_text("no database"), "studio.sqlite: no collection"),
        (lambda folder: (folder / "models/dcgan/cutout/model.json").write_text("{}"), "model.json"),
        (lambda folder: (folder / "params.yaml").unlink(), "params.yaml"),
    ],
    ids=["nothing trained", "no collection", "a broken card", "no params"],
)
def test_what_stops_it_is_one_line(project, call, monkeypatch, change, expected):
    monkeypatch.chdir(project)
    change(project)
    status, _, err = call("studio", "--no-browser", "--port", "0")
    assert status == 1
    assert expected in err
    assert len(err.splitlines()) == 1


def test_a_taken_port_is_said(project, call, monkeypatch):
    monkeypatch.chdir(project)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert call("studio", "--no-browser", "--port", str(port)) == (
            1,
            "",
            f"error: 127.0.0.1:{port} is taken by another program; choose another --port\n",
        )
