"""Real kills of a real scrape: the next run ends with the same files, and nothing of the killed one is left."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
import yaml

from fashiongen.boards.browser import PROFILE_PREFIX, PROFILE_VARIABLE

MOMENTS = np.random.default_rng(7).uniform(0.3, 0.9, 1).round(2).tolist()
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, boards_folder, params):
    folder = tmp_path_factory.mktemp("killed")
    section = params.model_dump(mode="json") | {"boards": str(boards_folder.path)}
    (folder / "params.yaml").write_text(yaml.safe_dump({"scrape": section}))
    (folder / "tmp").mkdir()
    return folder


@pytest.fixture(scope="module")
def start(workplace):
    def start():
        environment = os.environ | {"TMPDIR": str(workplace / "tmp"), "HOME": str(workplace)}
        command = [sys.executable, "-m", "stages.scrape"]
        return subprocess.Popen(
            command, cwd=workplace, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start


@pytest.fixture(scope="module")
def undisturbed(workplace, start):
    """The files of a run that nobody killed, and how long it took."""
    began = time.monotonic()
    process = start()
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    took_s = time.monotonic() - began
    return read_files(workplace), took_s


def read_files(workplace):
    scraped = workplace / "data/scraped"
    return {path.relative_to(scraped): path.read_bytes() for path in scraped.rglob("*") if path.is_file()}


def find_left(workplace):
    """The profiles and the processes of browsers that this test's runs started."""
    profiles = list((workplace / "tmp").glob(f"{PROFILE_PREFIX}*"))
    return profiles, [process for process in psutil.process_iter() if _is_of(process, workplace)]


def _is_of(process, workplace):
    try:
        return process.environ().get(PROFILE_VARIABLE, "").startswith(str(workplace))
    except psutil.Error:
        return False


def wait_for(workplace, name):
    """The processes of that name, once the browser of a run has its profile and some time to work."""
    end_s = time.monotonic() + 60
    while not (found := [one for one in find_left(workplace)[1] if one.name().startswith(name)]):
        assert time.monotonic() < end_s, f"no process of this run is called {name}"
        time.sleep(0.05)
    time.sleep(1.0)
    return found


def forget(workplace):
    """As if nothing had been scraped yet."""
    for name in ("data", ".checkpoints"):
        subprocess.run(["rm", "-rf", str(workplace / name)], check=True)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_scraper_that_was_killed_is_followed_by_the_same_files(workplace, start, undisturbed, moment):
    files, took_s = undisturbed
    forget(workplace)
    process = start()
    time.sleep(moment * took_s)
    process.kill()
    process.communicate()
    again = start()
    _, error = again.communicate(timeout=120)
    assert again.returncode == 0, error
    assert read_files(workplace) == files
    assert find_left(workplace) == ([], [])


def test_a_scraper_that_was_asked_to_end_leaves_no_browser(workplace, start):
    forget(workplace)
    process = start()
    wait_for(workplace, "chromedriver")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert find_left(workplace) == ([], [])


@pytest.mark.parametrize("name", ["chromedriver"])
def test_a_driver_or_a_browser_that_dies_is_followed_by_the_same_files(workplace, start, undisturbed, name):
    files, _ = undisturbed
    forget(workplace)
    process = start()
    for one in wait_for(workplace, name):
        one.kill()
    process.communicate(timeout=120)
    again = start()
    _, error = again.communicate(timeout=120)
    assert again.returncode == 0, error
    assert read_files(workplace) == files
    assert find_left(workplace) == ([], [])
