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


def test_scrapes_that_were_killed_are_followed_by_the_same_files_and_leave_nothing(workplace, start, undisturbed):
    """One after the other, as on a bad day: SIGKILL, a driver that dies, SIGTERM; then one is left in peace."""
    files, took_s = undisturbed
    forget(workplace)
    process = start()
    time.sleep(np.random.default_rng(7).uniform(0.3, 0.9) * took_s)
    process.kill()
    process.communicate()
    forget(workplace)
    process = start()
    for one in wait_for(workplace, "chromedriver"):
        one.kill()
    time.sleep(0.5)
    process.kill()
    process.communicate()
    process = start()
    wait_for(workplace, "chromedriver")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert find_left(workplace) == ([], [])
    again = start()
    _, error = again.communicate(timeout=120)
    assert again.returncode == 0, error
    assert read_files(workplace) == files
    assert find_left(workplace) == ([], [])
