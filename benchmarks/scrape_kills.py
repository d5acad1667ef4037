"""Check that a scrape that is killed at random moments is followed by the same files, and that nothing of it is left.

    python benchmarks/scrape_kills.py --kills 20

Run it in a repository whose profile has boards of the local test site. One run is left in peace. Then each kill begins
with an empty folder: after a random part of that run's time the scraper, its driver or its browser gets SIGKILL, or
the scraper SIGTERM or SIGINT. The run that follows must write the same files, and no process, profile of a browser or
temporary file may be left.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
import yaml
from measure import print_table

from fashiongen.boards.browser import BROWSERS, PROFILE_PREFIX, PROFILE_VARIABLE
from fashiongen.files import TEMPORARY

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = {"driver": ("chromedriver",), "browser": BROWSERS}  # the names of what a run starts
KINDS = ("scraper", *PROCESSES, "SIGTERM", "SIGINT")  # what gets SIGKILL, or which signal the scraper gets


def prepare(folder: Path, repository: Path) -> None:
    """A folder in which the stage can run, with its own params.yaml."""
    section = yaml.safe_load((repository / "params.yaml").read_text())["scrape"]
    section["boards"] = str((repository / section["boards"]).resolve())
    (folder / "params.yaml").write_text(yaml.safe_dump({"scrape": section}))
    (folder / "tmp").mkdir()


def start(folder: Path) -> subprocess.Popen[bytes]:
    env = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp"), "HOME": str(folder)}
    env["FASHIONGEN_CHECKPOINTS"] = ".checkpoints"
    command = [sys.executable, "-m", "stages.scrape"]
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(folder: Path) -> dict[str, bytes]:
    """Scrape to the end, and read what was written."""
    process = start(folder)
    _, said = process.communicate()
    if process.returncode:
        raise SystemExit(f"the stage ended with status {process.returncode}: {said.decode()[-2000:]}")
    scraped = folder / "data/scraped"
    return {str(path.relative_to(scraped)): path.read_bytes() for path in scraped.rglob("*") if path.is_file()}


def find_processes(folder: Path) -> list[psutil.Process]:
    """The drivers and browsers that a run in the folder started."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(PROFILE_VARIABLE, "").startswith(str(folder)):
                found.append(process)
        except psutil.Error:
            pass  # it has ended, or is another user's
    return found


def strike(folder: Path, process: subprocess.Popen[bytes], kind: str) -> None:
    """Kill what the kind says, and wait until the scraper has ended, by that or by itself."""
    if kind.startswith("SIG"):
        process.send_signal(signal.Signals[kind])
    elif kind == "scraper":
        process.kill()
    else:
        for one in find_processes(folder):
            if one.name() in PROCESSES[kind]:
                one.kill()
    process.communicate()


def find_left(folder: Path) -> list[str]:
    """What a run has left behind: processes, profiles, temporary files."""
    paths = [*(folder / "tmp").glob(f"{PROFILE_PREFIX}*"), *folder.rglob(f"{TEMPORARY}*")]
    return [*(f"process {one.name()}" for one in find_processes(folder)), *map(str, paths)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    rng, kills, same, clean = random.Random(arguments.seed), Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        prepare(folder, arguments.repository)
        began_s = time.monotonic()
        expected = finish(folder)
        whole_s = time.monotonic() - began_s
        print(f"undisturbed | {whole_s:.1f} s | {len(expected)} files", flush=True)
        for number in range(arguments.kills):
            for name in ("data", ".checkpoints"):
                shutil.rmtree(folder / name, ignore_errors=True)
            kind, after_s = KINDS[number % len(KINDS)], rng.uniform(0.0, whole_s)
            process = start(folder)
            time.sleep(after_s)
            strike(folder, process, kind)
            kills[kind] += 1
            same[kind] += finish(folder) == expected
            left = find_left(folder)
            clean[kind] += not left
            print(f"{kind} | {after_s:.1f} s | {', '.join(left) or 'nothing is left'}", flush=True)
    rows = [[kind, *(str(counts[kind]) for counts in (kills, same, clean))] for kind in KINDS]
    print_table(["killed", "kills", "same files after", "nothing left"], rows)
    if same != kills or clean != kills:
        raise SystemExit("not the same after kills, or something is left")


if __name__ == "__main__":
    main()
