"""Real kills of a real scrape: the next run ends with the same files, and nothing of the killed one is left."""

import shutil
import signal
import time

import numpy as np
import psutil
import pytest
import yaml

from fashiongen.boards.browser import PROFILE_PREFIX, PROFILE_VARIABLE
from fashiongen.files import TEMPORARY

# benchmarks/scrape_kills.py strikes twenty times and more
KINDS = [signal.SIGKILL, signal.SIGTERM, "chromedriver", "chromium"]  # SIGTERM does what Ctrl-C does
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, boards_folder, params):
    """A folder to scrape in: one board whole, and the top of a long one."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "boards").mkdir()
    (folder / "boards/site").symlink_to(boards_folder.path / "site")
    entries = [
        {"brand": "Nord", "season": "FW26", "url": "/nord/runway-fw26/"},
        {"brand": "Maison Aurore", "season": "SS26", "url": "/aurore/runway-ss26/", "max_pins": 30},
    ]
    (folder / "boards/catalogue.yaml").write_text(yaml.safe_dump({"site": "standin", "boards": entries}))
    section = params.model_dump(mode="json") | {"boards": "boards"}
    (folder / "params.yaml").write_text(yaml.safe_dump({"storage": {"images_per_shard": None}, "scrape": section}))
    (folder / "tmp").mkdir()
    return folder


@pytest.fixture(scope="module")
def start(workplace, start_warm):
    environment = {"TMPDIR": str(workplace / "tmp"), "HOME": str(workplace)}
    return lambda: start_warm("stages.scrape", folder=workplace, environment=environment)


@pytest.fixture(scope="module")
def undisturbed(workplace, start):
    """The files of a run that nobody killed, and how long it took."""
    process = start()
    began = time.monotonic()
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    took_s = time.monotonic() - began
    return read_files(workplace), took_s


def read_files(workplace):
    scraped = workplace / "data/scraped"
    return {path.relative_to(scraped): path.read_bytes() for path in scraped.rglob("*") if path.is_file()}


def find_processes(workplace):
    """The drivers and browsers of this test's runs."""
    return [process for process in psutil.process_iter() if _is_of(process, workplace)]


def _is_of(process, workplace):
    try:
        return process.environ().get(PROFILE_VARIABLE, "").startswith(str(workplace))
    except psutil.Error:
        return False


def find_temporary(workplace):
    """The browsers' profiles, and files that were not written to their end."""
    return [*(workplace / "tmp").glob(f"{PROFILE_PREFIX}*"), *workplace.rglob(f"{TEMPORARY}*")]


def forget(workplace):
    """As if nothing had been scraped yet."""
    for name in ("data", ".checkpoints"):
        shutil.rmtree(workplace / name, ignore_errors=True)


def strike(workplace, process, kind):
    """Kill what the kind says; the scraper then ends, of that or at its end."""
    if isinstance(kind, signal.Signals):
        process.send_signal(kind)
    for one in find_processes(workplace) if isinstance(kind, str) else ():
        if one.name().startswith(kind):
            one.kill()
    said, _ = process.communicate(timeout=120)
    if isinstance(kind, str):
        assert process.returncode in (0, 1), said
        assert b"Traceback" not in said


def test_scrapes_that_were_killed_at_any_moment_are_followed_by_the_same_files(workplace, start, undisturbed):
    """Four bad moments one after the other, of which each finds what the last one left; then one run in peace."""
    files, took_s = undisturbed
    forget(workplace)
    random = np.random.default_rng(7)
    for kind in random.permutation(np.array(KINDS, dtype=object)):
        process = start()
        time.sleep(random.uniform(0.1, 0.9) * took_s)
        strike(workplace, process, kind)
        if process.returncode == 0:
            assert read_files(workplace) == files
            forget(workplace)
    (workplace / ".checkpoints/scrape").mkdir(parents=True, exist_ok=True)
    (workplace / ".checkpoints/scrape" / f"{TEMPORARY}half.jpg").touch()  # as of a kill while a file was written
    again = start()
    said, _ = again.communicate(timeout=120)
    assert again.returncode == 0, said
    assert read_files(workplace) == files
    assert find_processes(workplace) == find_temporary(workplace) == []
